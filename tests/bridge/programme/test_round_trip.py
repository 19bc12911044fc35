"""Hypothesis: what is written out is read back, and bad rows never take good ones along."""

from __future__ import annotations

import string
import tempfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.programme.canonical import canonical_text, parse_canonical
from bridge.programme.document import (
    Group,
    Hold,
    MemberRule,
    Members,
    Policy,
    PriceList,
    Programme,
    Rule,
)
from bridge.programme.loading import LoadedProgramme, load
from bridge.programme.tiers import Tier
from bridge.programme.writing import dump
from connectors.base import Basis

AWKWARD = ["no", "null", "~", "00123", "1e5", "- a", "#x", "a: b", "*", "&a", "!t", '"', "'", "{}"]
texts = st.one_of(
    st.sampled_from(AWKWARD),
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=20)
    .map(str.strip)
    .filter(bool),
)
keys = st.from_regex(r"[a-z0-9]{1,5}(-[a-z0-9]{1,5}){0,2}", fullmatch=True)
words = st.text(string.ascii_lowercase, min_size=1, max_size=8)
emails = st.builds("{}@{}.com".format, words, words)
prices = st.decimals(Decimal("0.000001"), Decimal(999999), places=6)
percents = st.decimals(Decimal("0.01"), Decimal(100), places=2)


@st.composite
def ladders(draw: st.DrawFn, group: str | None = None, currency: str | None = None) -> list[Tier]:
    quantities = sorted(draw(st.sets(st.integers(1, 10_000), min_size=1, max_size=4)))
    if draw(st.booleans()):
        values = sorted(draw(st.lists(percents, min_size=4, max_size=4)))
        pairs = zip(quantities, values, strict=False)
        return [Tier(q, percent=value, group=group, currency=currency) for q, value in pairs]
    values = sorted(draw(st.lists(prices, min_size=4, max_size=4)), reverse=True)
    pairs = zip(quantities, values, strict=False)
    return [Tier(q, value, group=group, currency=currency) for q, value in pairs]


@st.composite
def tiers(draw: st.DrawFn, groups: list[str]) -> list[Tier]:
    found = draw(ladders())
    if draw(st.booleans()):
        found += draw(ladders(group=draw(st.sampled_from(groups))))
    if draw(st.booleans()):
        found += draw(ladders(currency="CHF"))
    return found


@st.composite
def price_lists(draw: st.DrawFn, groups: list[str]) -> PriceList:
    rules = st.builds(
        Rule,
        category=st.lists(texts, min_size=1, max_size=2),
        sku=st.lists(texts, max_size=2),
        exclude=st.lists(texts, max_size=2),
        tiers=tiers(groups),
        hold=st.booleans(),
    )
    holds = st.builds(Hold, sku=texts, group=st.none() | st.sampled_from(groups))
    return draw(
        st.builds(
            PriceList,
            groups=st.just(groups),
            stores=st.lists(keys, max_size=2, unique=True),
            currency=st.sampled_from([None, "EUR", "USD"]),
            prices_are=st.none() | st.sampled_from(Basis),
            policy=st.sampled_from(Policy),
            take_over=st.booleans(),
            prices=st.dictionaries(texts, tiers(groups), max_size=3),
            hold=st.lists(holds, max_size=2),
            rules=st.lists(rules, max_size=2),
        )
    )


by_installation = st.dictionaries(st.just("*") | keys, texts, min_size=1, max_size=2)
member_rules = st.builds(
    MemberRule,
    group=st.lists(texts, min_size=1, max_size=2),
    vat_id=st.none() | st.booleans(),
    email_domain=st.lists(words.map("{}.de".format), max_size=2),
    since=st.none() | st.dates(date(2000, 1, 1), date(2030, 1, 1)),
)
members = st.builds(
    Members,
    emails=st.lists(emails, max_size=2),
    companies=st.lists(texts, max_size=2),
    rule=st.none() | member_rules,
)


@st.composite
def programmes(draw: st.DrawFn) -> Programme:
    names = draw(st.lists(keys, min_size=1, max_size=3, unique=True))
    groups = {
        key: Group(
            name=f"Group {position}",
            base=draw(by_installation),
            existing=draw(st.booleans()),
            members=draw(st.none() | members),
            move_from=draw(
                st.dictionaries(st.just("*") | keys, st.lists(texts, max_size=2), max_size=2)
            ),
        )
        for position, key in enumerate(names)
    }
    return Programme(
        name=draw(texts),
        currency="EUR",
        timezone=draw(st.sampled_from(["UTC", "Europe/Berlin"])),
        prices_are=draw(st.sampled_from(Basis)),
        groups=groups,
        price_lists=draw(st.dictionaries(keys, price_lists(names), max_size=2)),
    )


def reloaded(text: str) -> LoadedProgramme:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "programme.yaml")
        path.write_text(text, encoding="utf-8")
        return load(path)


@settings(max_examples=150, deadline=None)
@given(programmes())
def test_what_is_dumped_is_read_back_equal(programme: Programme) -> None:
    again = reloaded(dump(programme))
    assert again.document == programme
    assert again.text == canonical_text(programme)


@settings(max_examples=100, deadline=None)
@given(programmes())
def test_the_canonical_form_keeps_everything(programme: Programme) -> None:
    text = canonical_text(programme)
    assert parse_canonical(text) == programme
    assert canonical_text(parse_canonical(text)) == text


@pytest.mark.parametrize(
    ("price", "written"), [("9.9", "9.90"), ("9", "9.00"), ("0.125", "0.125"), ("1E+2", "100.00")]
)
def test_prices_are_written_as_they_are_read(price: str, written: str) -> None:
    entry = PriceList(groups=("a",), prices={"A": (Tier(1, Decimal(price)),)})
    programme = Programme(name="P", currency="EUR", price_lists={"l": entry})
    assert f"- {{from: 1, price: {written}}}" in dump(programme)


BAD_ROWS = [
    "{sku},1,0,",
    "{sku},0,3,",
    "{sku},1,3,5",
    "{sku},1,,",
    "{sku},1,,101",
    "{sku},x,3,",
    "{sku},1,1.1234567,",
    "{sku},2,,50\n{sku},2,,50",
    "{sku},1,3,\n{sku},2,4,",
    '{sku},1,"3,50",',
    "{sku},1,3,,extra",
]


@settings(max_examples=150, deadline=None)
@given(
    good=st.dictionaries(words.map("G-{}".format), ladders(), min_size=1, max_size=6),
    bad=st.dictionaries(words.map("B-{}".format), st.sampled_from(BAD_ROWS), max_size=6),
    mixed=st.randoms(),
)
def test_bad_rows_never_remove_good_ones(good: dict, bad: dict, mixed) -> None:
    lines = [
        f"{sku},{tier.quantity},{_cell(tier.price)},{_cell(tier.percent)}"
        for sku, ladder in good.items()
        for tier in ladder
    ]
    lines += [row.format(sku=sku) for sku, row in bad.items()]
    mixed.shuffle(lines)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "p.csv").write_text("\n".join(["sku,from,price,percent", *lines]))
        path = Path(folder, "programme.yaml")
        path.write_text(
            "programme: A\ncurrency: EUR\ngroups: {g: {name: G, base: B}}\n"
            "price_lists: {l: {groups: g, file: p.csv}}\n"
        )
        entry = load(path).document.price_lists["l"]
    expected = {
        sku: {(t.quantity, t.price, t.percent) for t in ladder} for sku, ladder in good.items()
    }
    found = {
        sku: {(t.quantity, t.price, t.percent) for t in ladder}
        for sku, ladder in entry.prices.items()
    }
    assert found == expected
    held = set(bad)
    assert {hold.sku for hold in entry.hold} == held


def _cell(number: Decimal | None) -> str:
    return "" if number is None else format(number, "f")
