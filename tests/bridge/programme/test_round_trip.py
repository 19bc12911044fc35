"""Hypothesis: what is written out is read back, and bad rows never take good ones along."""

from __future__ import annotations

import string
import tempfile
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

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
        points=draw(points),
        segments=draw(segments),
        tiers=draw(tier_levels),
        companies=draw(
            st.just({}) | texts.map(lambda name: {"x": {"name": name, "holds_points": True}})
        ),
        rates=draw(rates),
        **draw(rewards),
    )


whole = st.integers(1, 1_000_000)
positive = st.decimals(Decimal("0.000001"), Decimal(99999), places=6)
days = st.dates(date(2020, 1, 1), date(2030, 1, 1))
days_of_year = days.filter(lambda day: (day.month, day.day) != (2, 29)).map("{:%m-%d}".format)
steps = st.sets(st.integers(1, 999), min_size=1, max_size=3).map(
    lambda found: [{"at": at, "points": at + 1} for at in sorted(found)]
)
line_kinds = st.one_of(
    st.builds(lambda p, e: {"per_amount": {"points": p, "each": e}}, positive, positive),
    st.builds(lambda n: {"per_item": n}, whole),
    st.builds(lambda n: {"per_order": n}, whole),
    st.builds(lambda n, s: {"multiply": n + 1, "stack": s}, positive, st.booleans()),
)
other_kinds = st.one_of(
    st.builds(
        lambda s, n: {"bought_together": {"sku": s, "points": n}},
        st.lists(texts, min_size=2, max_size=3, unique=True),
        whole,
    ),
    st.builds(lambda n: {"first_order": n}, whole),
    st.builds(lambda n: {"nth_order": {"every": n, "points": n}}, whole),
    st.builds(lambda s: {"spend_steps": s}, steps),
    st.builds(lambda d, n: {"calendar": {"day": d, "points": n}}, days_of_year, whole),
    st.builds(lambda k, n: {"activity": {"name": f"x-{k}", "points": n}}, keys, whole),
    st.builds(lambda n: {"membership_years": {"points": n, "every": 2}}, whole),
)
people = st.fixed_dictionaries(
    {"group": st.lists(texts, min_size=1, max_size=2)},
    optional={"company": st.lists(texts, max_size=2)},
)
lines_meant = st.fixed_dictionaries(
    {"sku": st.lists(texts, min_size=1, max_size=2)},
    optional={"category": st.lists(texts, max_size=2), "worth": positive},
)
terms = st.fixed_dictionaries({}, optional={"from": days, "share": st.integers(1, 100)})


@st.composite
def earning_rules(draw: st.DrawFn) -> dict[str, Any]:
    about_lines = draw(st.booleans())
    rule = draw(line_kinds if about_lines else other_kinds) | draw(terms)
    if draw(st.booleans()):
        rule["when"] = draw(people | (people if not about_lines else lines_meant))
    return rule


points = st.none() | st.fixed_dictionaries(
    {},
    optional={
        "name": texts,
        "basis": st.fixed_dictionaries(
            {}, optional={"price": st.sampled_from(Basis), "shipping": st.booleans()}
        ),
        "rounding": st.sampled_from([{"to": "up"}, {"per": "order"}]),
        "ripen": st.builds(lambda n: {"after": "paid", "days": n}, st.integers(0, 99)),
        "expire": st.one_of(
            st.builds(lambda n: {"months": n, "from": "earned"}, st.integers(1, 99)),
            st.builds(
                lambda d, n: {"yearly": d, "after_years": n}, days_of_year, st.integers(0, 5)
            ),
        ),
        "guests": st.just("collect"),
        "exclude": st.fixed_dictionaries({}, optional={"sku": st.lists(texts, max_size=2)}),
        "caps": st.fixed_dictionaries({}, optional={"order": whole, "day": whole}),
        "rules": st.dictionaries(keys, earning_rules(), max_size=3),
    },
)
segments = st.dictionaries(
    keys,
    st.one_of(
        st.builds(lambda n, s: {"rfm": {"orders": n, "spend": s, "months": 3}}, whole, positive),
        st.builds(lambda c: {"companies": c}, st.lists(texts, min_size=1, max_size=2)),
    ),
    max_size=2,
)
tier_levels = st.lists(st.integers(1, 999), max_size=3, unique=True).map(
    lambda levels: {
        f"t{level}": {
            "name": f"Tier {level}",
            "reach": [{"spend": level}, {"orders": level}],
            "window": {"months": 12},
            "grace": {"days": 30},
        }
        for level in sorted(levels)
    }
)
rates = st.lists(days, max_size=3, unique=True).map(
    lambda found: [{"currency": "CHF", "from": day, "rate": Decimal("1.05")} for day in found]
)

cents = st.decimals(Decimal("0.01"), Decimal(9999), places=2)
lasting = st.one_of(
    st.builds(lambda n: {"days": n}, st.integers(1, 99)),
    st.builds(lambda n: {"months": n}, st.integers(1, 99)),
)
offers = st.fixed_dictionaries(
    {},
    optional={
        "when": people,
        "stores": st.lists(keys, max_size=2, unique=True),
        "from": st.dates(date(2020, 1, 1), date(2024, 1, 1)),
        "until": st.dates(date(2025, 1, 1), date(2030, 1, 1)),
    },
)
discounts = st.one_of(
    st.builds(lambda n: {"amount": n}, cents),
    st.builds(lambda n: {"percent": n, "maximum": 9}, percents),
)
vouchers = st.builds(
    lambda offer, fields: offer | fields,
    offers,
    st.fixed_dictionaries(
        {"give": discounts}, optional={"basket": cents, "valid": lasting, "label": texts}
    ),
)
occasions = st.one_of(
    st.sampled_from([{"sign_up": True}, {"birthday": True}]),
    st.builds(lambda day: {"calendar": day}, days_of_year),
    st.builds(lambda n: {"quiet_days": n}, st.integers(1, 999)),
    st.just({"on": date(2024, 6, 1)}),
)
rewards = st.fixed_dictionaries(
    {},
    optional={
        "redemption": st.builds(
            lambda offer, n, more: (
                offer | {"rate": {"points": 100 * n, "amount": n}, "values": [n, 2 * n]} | more
            ),
            offers,
            st.integers(1, 99),
            st.fixed_dictionaries(
                {}, optional={"returned": st.just("never"), "of_order": percents}
            ),
        ),
        "next_purchase": st.dictionaries(
            keys,
            st.builds(lambda offer, n: offer | {"order": n, "after_days": 3}, vouchers, positive),
            max_size=2,
        ),
        "campaigns": st.dictionaries(
            keys, st.builds(lambda offer, occasion: offer | occasion, vouchers, occasions)
        ),
        "gifts": st.dictionaries(
            keys,
            st.builds(lambda offer, s, n: offer | {"sku": s, "basket": n}, offers, texts, cents),
            max_size=2,
        ),
        "referrals": st.builds(
            lambda give, n: {"friend": {"give": give}, "referrer": {"points": n}},
            discounts,
            whole,
        ),
        "partners": st.dictionaries(
            keys,
            st.builds(
                lambda offer, e, n: offer | {"owner": e, "points": n, "each": 1},
                offers,
                emails,
                positive,
            ),
            max_size=1,
        ),
        "rewards": st.dictionaries(
            keys, st.builds(lambda t, n: {"name": t, "points": n, "stock": n - 1}, texts, whole)
        ),
        "joining": st.one_of(
            st.just({"invited": True}),
            st.builds(lambda s, n: {"product": {"sku": s, "months": n}}, texts, st.integers(1, 99)),
            st.builds(lambda who: {"when": who}, people),
        ),
    },
)


def reloaded(text: str) -> LoadedProgramme:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "programme.yaml")
        path.write_text(text, encoding="utf-8")
        return load(path)


@settings(max_examples=75, deadline=None)
@given(programmes())
def test_what_is_dumped_is_read_back_equal(programme: Programme) -> None:
    again = reloaded(dump(programme))
    assert again.document == programme
    assert again.text == canonical_text(programme)


@settings(max_examples=50, deadline=None)
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


@settings(max_examples=75, deadline=None)
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
