"""The sandbox answers what the live shop answered.

Every due exchange is played twice: as recorded with ids mapped, and again with other product
numbers, names, e-mails and ids. Status, keys, types and every value are compared; see
``shopware_replay.comparing`` for what "equal" means, ``shopware_replay.preparing`` for what is
put into the shop beforehand, ``shopware_replay.playing`` for two headers the recordings lack.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from shopware_replay.asking import Client
from shopware_replay.playing import Player
from shopware_replay.recording import AS_RECORDED, DUE, Renaming, exchanges

from connectors.sandbox.server import RunningSandbox
from connectors.shopware.sandbox import SANDBOX

EXEMPT: dict[tuple[str, int], str] = {}
"""Exchanges that are not compared, by scenario and number, each with its reason."""

RENAMED = (
    ("359613", "480275"),
    ("B2B-1029", "XQ-77"),
    ("B2B-1056", "XQ-78"),
    ("B2B-1032", "XQ-79"),
    ("Circular saw", "Table saw"),
    ("Degreaser", "Solvent"),
    ("Nitrile gloves", "Vinyl gloves"),
    ("Gold", "Platinum"),
    ("Silver", "Copper"),
    ("Bronze", "Tin"),
    ("Berta", "Wilma"),
    ("Muster GmbH", "Beispiel AG"),
    ("Variant product", "Jacket"),
    ("Colour", "Shade"),
    ("buyer", "einkauf"),
    ("Gustav", "Otto"),
    ("Good saw", "Bad saw, really"),
)


@pytest.fixture(scope="module")
def recorded_shop() -> Iterator[RunningSandbox]:
    """Of the recorded shop's size before the scenarios: 60 products, 46 customers."""
    with SANDBOX.serve(products=60, customers=46) as running:
        yield running


@pytest.fixture
def client(recorded_shop: RunningSandbox) -> Iterator[Client]:
    recorded_shop.reset()
    client = Client(recorded_shop.url)
    yield client
    client.close()


def _differences(client: Client, scenario: str, renaming: Renaming) -> list[str]:
    found = Player(client, scenario, renaming).play()
    names = {one.index: str(one) for one in exchanges(scenario)}
    return [
        f"{names[index]}: {difference}"
        for index, differences in found.items()
        for difference in differences
        if (scenario, index) not in EXEMPT
    ]


@pytest.mark.parametrize("scenario", DUE)
def test_answers_are_those_of_the_live_shop(client: Client, scenario: str) -> None:
    assert _differences(client, scenario, AS_RECORDED) == []


@pytest.mark.parametrize("scenario", DUE)
def test_with_other_names_numbers_and_ids_as_well(
    client: Client, recorded_shop: RunningSandbox, scenario: str
) -> None:
    known = re.findall(r"[0-9a-f]{32}", json.dumps(recorded_shop.dump()))
    renaming = Renaming(RENAMED, frozenset(known))
    assert _differences(client, scenario, renaming) == []


def test_at_most_five_percent_are_exempt() -> None:
    due = {(scenario, one.index) for scenario in DUE for one in exchanges(scenario)}
    assert set(EXEMPT) <= due
    assert len(EXEMPT) * 20 <= len(due)
