SHELL := /bin/sh
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEMO ?=
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-fast lint format types imports check texts screenshots bench chaos lock clean

help: ## list what make can do here
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

setup: $(STAMP) ## make .venv with everything the project needs

demo: $(STAMP) ## run the main job on two sandbox shops (DEMO=--exit: end by itself)
	$(BIN)/loyalty-bridge demo $(DEMO)

test: $(STAMP) ## run all tests (ARGS="-k groups" narrows them)
	$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)

lint: $(STAMP) ## ruff: style and common mistakes
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP) ## mypy, strict
	$(BIN)/mypy

imports: $(STAMP) ## which package may import which
	$(BIN)/lint-imports

check: lint types imports ## all linters

format: $(STAMP) ## let ruff lay out the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

texts: $(STAMP) ## bring the catalogues of translations up to date with the code
	$(BIN)/python -m bridge.languages.collecting

screenshots: $(STAMP) ## draw the pictures of README and guides anew, from the demo's shops
	$(BIN)/python -m tests.browser.pictures

bench: $(STAMP) ## measure speed and memory, as ratios within one run
	$(BIN)/python -m tests.bench $(ARGS)

chaos: $(STAMP) ## the long fault and crash runs
	HYPOTHESIS_PROFILE=explore $(BIN)/python -m pytest -m chaos tests $(ARGS)

lock: ## resolve pyproject.toml anew into requirements.lock
	$(PYTHON) -m venv $(VENV)-lock
	$(VENV)-lock/bin/python -m pip install --quiet --disable-pip-version-check pip-tools
	$(VENV)-lock/bin/pip-compile --quiet --upgrade --extra dev --generate-hashes --allow-unsafe --strip-extras \
		--all-build-deps --no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
		--output-file requirements.lock pyproject.toml
	rm -rf $(VENV)-lock

clean: ## remove .venv and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
