"""Whatever is written, the answer is messages, never a stack trace."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.programme.issues import ProgrammeError
from bridge.programme.loading import load

NAMES = [
    "programme",
    "currency",
    "timezone",
    "prices_are",
    "groups",
    "price_lists",
    "name",
    "names",
    "base",
    "existing",
    "members",
    "move_from",
    "emails",
    "companies",
    "file",
    "rule",
    "group",
    "vat_id",
    "email_domain",
    "since",
    "stores",
    "policy",
    "take_over",
    "prices",
    "rules",
    "hold",
    "category",
    "sku",
    "exclude",
    "tiers",
    "from",
    "price",
    "percent",
    "gold",
    "*",
    "A",
    "points",
    "segments",
    "tiers",
    "companies",
    "rates",
    "basis",
    "expire",
    "months",
    "caps",
    "when",
    "per_amount",
    "per_item",
    "multiply",
    "each",
    "spend_steps",
    "at",
    "rfm",
    "reach",
    "spend",
    "window",
    "rate",
    "redemption",
    "step",
    "values",
    "automatic",
    "store",
    "amount",
    "give",
    "valid",
    "days",
    "order",
    "basket",
    "share",
    "on",
    "birthday",
    "together",
    "instant",
    "until",
    "friend",
    "referrer",
    "owner",
    "stock",
    "product",
    "invited",
]
VALUES = ["EUR", "gold", "yes", "net", "1", "9.90", "-1", "1,5", "", "p.csv", "x@y.de", "😀", "*"]

scalars = st.none() | st.booleans() | st.integers() | st.sampled_from(VALUES) | st.text(max_size=5)
anything = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=12,
)


def check(text: str, table: str = "") -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "p.csv").write_bytes(table.encode("utf-8", "surrogatepass"))
        path = Path(folder, "programme.yaml")
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        try:
            loaded = load(path)
        except ProgrammeError as error:
            assert error.problems
            assert all(problem.message for problem in error.problems)
        else:
            assert loaded.document.name


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_any_text(text: str) -> None:
    check(text)


@settings(max_examples=100, deadline=None)
@given(anything)
def test_any_structure(value: Any) -> None:
    check(json.dumps(value))


def filled(entry: Any, group: Any) -> str:
    head = {"programme": "A", "currency": "EUR"}
    groups = {"gold": {"name": "Gold", "base": "General"}, "other": group}
    return json.dumps(head | {"groups": groups, "price_lists": {"b2b": entry}})


entries = st.dictionaries(st.sampled_from(NAMES), anything, max_size=5).map(
    lambda entry: {"groups": ["gold"]} | entry
)


@settings(max_examples=150, deadline=None)
@given(entries, anything)
def test_any_price_list_and_group(entry: Any, group: Any) -> None:
    check(filled(entry, group))


@settings(max_examples=50, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["points", "segments", "tiers", "companies", "rates"]),
        anything | st.dictionaries(st.sampled_from(NAMES), anything, max_size=4),
        max_size=3,
    ),
    st.dictionaries(st.sampled_from(NAMES), anything, max_size=4),
)
def test_any_points_and_tiers(sections: Any, rule: Any) -> None:
    head = {"programme": "A", "currency": "EUR"}
    check(json.dumps(head | sections))
    check(json.dumps(head | {"points": {"rules": {"gold": rule}}, "tiers": {"gold": rule}}))


@settings(max_examples=50, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["redemption", "referrals", "joining"]),
        anything | st.dictionaries(st.sampled_from(NAMES), anything, max_size=5),
        max_size=3,
    ),
    st.dictionaries(st.sampled_from(NAMES), anything, max_size=5),
)
def test_any_rewards(sections: Any, offer: Any) -> None:
    head = {"programme": "A", "currency": "EUR"}
    check(json.dumps(head | sections))
    of_each = ["next_purchase", "campaigns", "gifts", "partners", "rewards"]
    check(json.dumps(head | {section: {"gold": offer} for section in of_each}))


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.lists(st.sampled_from([*VALUES, "sku", "from", '"', "\0"]), max_size=5).map(",".join),
        max_size=4,
    ).map("\n".join),
    st.booleans(),
)
def test_any_table(table: str, has_header: bool) -> None:
    head = "sku,from,price,percent\n" if has_header else ""
    check(filled({"groups": ["gold"], "file": "p.csv"}, None), head + table)
