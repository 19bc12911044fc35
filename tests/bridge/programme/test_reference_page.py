"""The examples of the reference pages on the programme do what the pages say."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from bridge.programme.loading import LoadedProgramme

REFERENCE = Path(__file__).parents[3] / "docs" / "reference"
PAGES = tuple(
    REFERENCE / f"{name}.md" for name in ("programme", "programme-points", "programme-rewards")
)


class Block(NamedTuple):
    kind: str
    text: str


class Example(NamedTuple):
    yaml: Block
    files: dict[str, str]
    output: list[str]


def blocks() -> list[Block]:
    text = "\n".join(page.read_text("utf-8") for page in PAGES)
    fences = re.finditer(r"^```(\S[^\n]*)\n(.*?)^```$", text, re.M | re.S)
    return [Block(fence[1], fence[2]) for fence in fences]


def examples(kind: str) -> Iterator[Example]:
    """Each YAML block with the CSV files and the output that follow it."""
    example: Example | None = None
    for block in blocks():
        if block.kind.startswith("yaml"):
            if example and example.yaml.kind == kind:
                yield example
            example = Example(block, {}, [])
        elif block.kind.startswith("csv ") and example:
            example.files[block.kind.removeprefix("csv ")] = block.text
        elif block.kind == "text" and example:
            example.output.extend(block.text.splitlines())
    if example and example.yaml.kind == kind:
        yield example


GOOD = list(examples("yaml"))
STOPPED = list(examples("yaml stops"))


def test_the_pages_have_examples_of_each_kind() -> None:
    kinds = {block.kind.partition(" ")[0] for block in blocks()}
    assert kinds == {"yaml", "csv", "text"}
    assert len(GOOD) >= 10


@pytest.mark.parametrize("example", GOOD, ids=range(len(GOOD)))
def test_an_example_loads_without_a_problem(
    example: Example, loaded: Callable[..., LoadedProgramme]
) -> None:
    found = loaded(example.yaml.text, example.files)
    assert found.problems == ()
    assert found.document.groups


@pytest.mark.parametrize("example", STOPPED, ids=range(len(STOPPED)))
def test_an_example_that_stops_says_what_its_page_says(
    example: Example, refused: Callable[..., list[str]]
) -> None:
    assert refused(example.yaml.text) == example.output


def test_the_example_with_bad_rows_says_what_the_page_says(
    loaded: Callable[..., LoadedProgramme],
) -> None:
    (example,) = examples("yaml leaves out")
    found = loaded(example.yaml.text)
    assert [str(problem) for problem in found.problems] == example.output
    assert list(found.document.price_lists["b2b"].prices) == ["B2B-1003"]
