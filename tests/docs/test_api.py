"""The requests that the guide to the API shows fit the operations there are."""

from __future__ import annotations

import json
import re
import shlex
from urllib.parse import parse_qsl, urlsplit

import pytest
from documents import DOCS, blocks, table_below

from bridge.web.api.operations import Operation
from bridge.web.api.problems import TITLES
from bridge.web.api.serving import operations

GUIDE = DOCS / "how-to" / "api.md"
REQUESTS = [
    shlex.split(line)
    for block in blocks(GUIDE)
    for line in block.text.splitlines()
    if line.startswith("curl ")
]


def operation(method: str, path: str) -> Operation:
    found = [
        one
        for one in operations()
        if one.method == method and re.fullmatch(re.sub(r"{\w+}", r"\\d+", one.path), path)
    ]
    assert len(found) == 1, (method, path)
    return found[0]


@pytest.mark.parametrize("words", REQUESTS, ids=lambda words: words[-1])
def test_a_request_of_the_guide_fits_its_operation(words: list[str]) -> None:
    address = urlsplit(words[-1].removeprefix("$BRIDGE"))
    assert "Authorization: Bearer $TOKEN" in words
    if "--json" not in words:
        operation("GET", address.path).query.model_validate(dict(parse_qsl(address.query)))
        return
    body = operation("POST", address.path).body
    assert body is not None
    body.model_validate(json.loads(words[words.index("--json") + 1]))
    assert any(word.startswith("Idempotency-Key: ") for word in words)


def test_the_guide_shows_reading_and_changing() -> None:
    assert {"--json" in words for words in REQUESTS} == {True, False}


def test_every_status_that_an_operation_describes_is_explained() -> None:
    told = {
        int(status)
        for row in table_below(GUIDE, "| status | what to do |")
        for status in row[0].split(", ")
    }
    not_of_operations = {405, 413, 429}
    assert told == set(TITLES) - not_of_operations
