"""The file that says what stands for what."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bridge.programme.issues import ProgrammeError
from bridge.programme_templates.choices import read_choices
from bridge.programme_templates.places import Kind


def test_a_name_of_a_group_stands_for_all_kinds_of_groups() -> None:
    found = read_choices("group: {Dealers: ~, Gold: our-gold}\nsku: {1: 2}", "n.yaml", Decimal(2))
    kinds = (Kind.SHOP_GROUP, Kind.ANY_GROUP, Kind.GROUP)
    assert found.names == {
        **{(kind, "Dealers"): None for kind in kinds},
        **{(kind, "Gold"): "our-gold" for kind in kinds},
        (Kind.SKU, "1"): "2",
    }
    assert found.factor == 2
    assert read_choices("", "n.yaml").names == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("shop: {a: b}", 'n.yaml:1 shop: "shop" is not known'),
        ("\nstore: a", "n.yaml:2 store: must say what stands for each name"),
        ("store: {a: [b, c]}", "n.yaml:1 store.a: must be one name"),
        ("- a", "n.yaml: must be sections"),
    ],
)
def test_what_cannot_be_used_says_where(text: str, said: str) -> None:
    with pytest.raises(ProgrammeError) as caught:
        read_choices(text, "n.yaml")
    assert str(caught.value).startswith(said)
