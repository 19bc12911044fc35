"""Sentences: English for logs and commands, and still to be said in another language."""

from __future__ import annotations

import ast
import copy
import json
from pathlib import Path

import pytest

from connectors import magento, shopware
from connectors.base import Platform
from connectors.errors import Forbidden, Unreachable
from connectors.sentences import Sentence, joined, restored, say, sentence, stored, text_of

ROOT = Path(magento.__file__).parents[2]
GERMAN = {
    "%(name)s has %(count)s orders.": "%(name)s hat %(count)s Bestellungen.",
    "Try again.": "Noch einmal.",
    "because of %(why)s": "wegen %(why)s",
    "rain": "Regen",
}


def german(text: str) -> str:
    return say(
        text, lambda pattern: GERMAN.get(pattern, pattern), lambda n: f"{n:,}".replace(",", ".")
    )


def test_it_is_its_english_text_and_can_be_said_otherwise() -> None:
    told = sentence("%(name)s has %(count)s orders.", name="Ada", count=1200)
    assert told == "Ada has 1,200 orders."
    assert german(told) == "Ada hat 1.200 Bestellungen."
    assert german("plain") == "plain"


def test_sentences_stand_within_and_behind_each_other() -> None:
    why = sentence("because of %(why)s", why=sentence("rain"))
    both = joined(why, "", sentence("Try again."))
    assert both == "because of rain Try again."
    assert german(both) == "wegen Regen Noch einmal."


def test_it_is_kept_as_json_with_what_is_filled_in_cleaned() -> None:
    told = joined(sentence("because of %(why)s", why="secret"), sentence("Try again."))
    kept = json.loads(json.dumps(stored(told, lambda text: text.replace("secret", "***"))))
    back = restored(kept)
    assert back == "because of *** Try again."
    assert german(back) == "wegen *** Noch einmal."
    assert restored("plain") == "plain" and restored(stored("plain")) == "plain"
    assert german(copy.deepcopy(told)) == "wegen secret Noch einmal."


def test_of_an_error_its_text_is_filled_in() -> None:
    error = Forbidden(sentence("rain"), where="GET /x", advice=sentence("Try again."))
    assert str(error) == "rain (GET /x). Try again."
    assert german(text_of(error)) == "Regen (GET /x). Noch einmal."
    assert german(sentence("because of %(why)s", why=error)).startswith("wegen Regen (GET /x).")
    assert text_of(ValueError("plain")) == "plain"
    assert isinstance(Unreachable("No").text, Sentence)


@pytest.mark.parametrize("platform", [magento.PLATFORM, shopware.PLATFORM])
def test_what_a_platform_asks_for_can_be_said_in_every_language(platform: Platform) -> None:
    texts = [one.text for one in (*platform.credentials, *platform.questions)]
    for credential in platform.credentials:
        texts += [*credential.labels, *credential.steps]
    assert [one for one in texts if not isinstance(one, Sentence)] == []


def test_no_finding_is_a_plain_text() -> None:
    """A plain one would stand in English on every page."""
    plain = []
    folders = ("connectors/magento", "connectors/shopware", "bridge/installations")
    for path in (one for folder in folders for one in sorted((ROOT / folder).rglob("*.py"))):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Finding":
                texts = [*node.args[2:], *(one.value for one in node.keywords)]
                plain += [
                    f"{path.name}:{one.lineno}"
                    for one in texts
                    if isinstance(one, ast.JoinedStr)
                    or (isinstance(one, ast.Constant) and one.value)
                ]
    assert plain == []
