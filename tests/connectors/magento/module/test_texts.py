"""Everything that a shopper or an admin reads is there in each language.

What the routes answer (Model/Api) is read by the bridge, in English, and is not translated.
"""

from __future__ import annotations

import csv
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path

import pytest

MODULE = Path(__file__).parents[4] / "connectors" / "magento" / "module"
LANGUAGES = ("en_US", "de_DE", "it_IT", "pl_PL", "ja_JP", "th_TH", "fa_IR")
_CALL = re.compile(r"\b__\(\s*('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")")
_PLACE = re.compile(r"%\d+")


def of_code() -> Iterator[str]:
    for path in [*MODULE.rglob("*.php"), *MODULE.rglob("*.phtml")]:
        if path.relative_to(MODULE).parts[:2] != ("Model", "Api"):
            for literal in _CALL.findall(path.read_text("utf-8")):
                yield re.sub(r"\\(['\"\\])", r"\1", literal[1:-1])


def of_node(node: ElementTree.Element, translated: str) -> Iterator[str]:
    for name in translated.replace(",", " ").split():
        child = node.find(name)
        text = (
            node.text if name == "true" else node.get(name, None if child is None else child.text)
        )
        if text and text.strip():
            yield text.strip()


def of_xml() -> Iterator[str]:
    for path in MODULE.rglob("*.xml"):
        for node in ElementTree.parse(path).getroot().iter():  # noqa: S314 (our own files)
            translated = node.get("translate")
            if translated is not None:
                yield from of_node(node, translated)
            if "layout" in path.parts and node.tag == "title" and node.text:
                yield node.text.strip()


MAGENTOS_OWN = {"Enabled", "General", "None"}
"""Said by Magento itself, and translated by its own packages. A module's catalogue holds for all
pages of a shop: a word that others use as well must not be given another sense by us."""
PHRASES = {*of_code(), *of_xml()} - MAGENTOS_OWN


def catalogue(language: str) -> list[list[str]]:
    with (MODULE / "i18n" / f"{language}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_there_are_phrases_of_every_kind() -> None:
    assert {"Loyalty points", "Points", "Buy more and save", "You save per piece"} <= PHRASES


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_phrase_is_there_and_no_other(language: str) -> None:
    rows = catalogue(language)
    keys = [row[0] for row in rows]

    assert all(len(row) == 2 and row[1].strip() for row in rows)
    assert len(keys) == len(set(keys))
    assert set(keys) == PHRASES
    for phrase, said in rows:
        assert sorted(_PLACE.findall(phrase)) == sorted(_PLACE.findall(said)), phrase


def test_other_languages_are_no_english() -> None:
    same = {"%1 %2", "%1: %2", "Loyalty Bridge", "Level", "Status"}
    for language in LANGUAGES[1:]:
        left = {phrase for phrase, said in catalogue(language) if phrase == said}
        assert left <= same, (language, left - same)


def test_there_is_no_other_catalogue() -> None:
    assert {path.stem for path in (MODULE / "i18n").glob("*.csv")} == set(LANGUAGES)
