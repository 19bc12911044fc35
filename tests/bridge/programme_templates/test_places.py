"""No name in a programme is overlooked: what another workspace calls otherwise is found."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from agency import APPLE

from bridge.programme.document import Programme
from bridge.programme.loading import load_text
from bridge.programme.rewards_references import skus_named, stores_named
from bridge.programme_templates.mapping import lean, names_in
from bridge.programme_templates.places import NAMES, Kind, Place, rewritten
from bridge.programme_templates.sections import SECTIONS, cut, filled

PROGRAMME = load_text(APPLE, "programme.yaml").document
TEMPLATE = cut(PROGRAMME, SECTIONS)


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield name
            yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)
    elif isinstance(value, str):
        yield value


def test_a_template_holds_no_people() -> None:
    told = list(texts(lean(TEMPLATE, Programme.model_fields)))
    assert not [one for one in told if "@" in one]
    assert "friends" not in told and "tree" in TEMPLATE.gifts
    assert TEMPLATE.companies == {} and TEMPLATE.partners == {}
    assert TEMPLATE.groups["gold"].members is not None
    assert TEMPLATE.groups["gold"].members.companies == ()
    assert {*filled(PROGRAMME)} == {*SECTIONS} - {"identity", "rates"}


def test_everything_of_the_client_is_found_and_gets_another_name() -> None:
    """Each thing of the client's shops has its name in it."""

    def other(_place: Place, name: str, _loc: object) -> str:
        return name.replace("apple", "pear").replace("Apple", "Pear").replace("APPLE", "PEAR")

    fields = rewritten(lean(TEMPLATE, SECTIONS), NAMES, other)
    assert not [one for one in texts(fields) if "apple" in one.casefold()]


def test_it_finds_what_the_programmes_own_checks_find() -> None:
    found = names_in(lean(TEMPLATE, SECTIONS))
    named = {
        loc[:-1] if isinstance(loc[-1], int) else loc for locs in found.values() for loc in locs
    }

    def without_place(loc: tuple[str | int, ...]) -> tuple[str | int, ...]:
        return loc[:-1] if isinstance(loc[-1], int) else loc

    for loc, name in stores_named(TEMPLATE):
        assert without_place(loc) in named and (Kind.STORE, name) in found
    for loc, sku, _offer in skus_named(TEMPLATE):
        assert without_place(loc) in named and (Kind.SKU, sku) in found


def test_what_names_something_that_is_not_there_goes_whole() -> None:
    """A condition that lost its only store would hold in every store."""

    def without(*gone: str) -> dict[str, Any]:
        return rewritten(
            lean(TEMPLATE, SECTIONS), NAMES, lambda _p, name, _l: None if name in gone else name
        )

    stores = without("apple-m2/apple-de")
    assert "more" not in stores["points"]["rules"] and "base" in stores["points"]["rules"]
    assert "list" not in stores.get("price_lists", {}) and "referrals" not in stores
    assert "automatic" not in stores["redemption"]
    sku = without("APPLE-2")
    assert "pair" not in sku["points"]["rules"] and "pair" not in sku["campaigns"]
    assert "hold" not in sku["price_lists"]["list"]
    assert "exclude" not in sku["price_lists"]["list"]["rules"][0]
    group = without("Apple Growers")
    assert "growers" not in group["groups"] and "members" not in group["groups"]["gold"]
    assert "welcome" not in group["campaigns"] and "pair" in group["campaigns"]
    dealers = without("Apple Dealers")
    assert dealers["points"]["exclude"] == {"sku": ["APPLE-GIFT"]}
    gift = without("APPLE-GIFT")
    assert "gifts" not in gift and "joining" not in gift
