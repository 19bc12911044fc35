"""A changed value leaves the rest of a programme's text as its author wrote it."""

from __future__ import annotations

import pytest

from bridge.programme.issues import Loc
from bridge.programme.rewriting import rewritten
from bridge.programme.source import Plain, read_yaml

TEXT = """\
# Acme's programme
programme: Acme
currency: EUR

points:
  rules:
    # what everybody gets
    base: {per_amount: {points: 1, each: 1.50}} # since 2024
    fast:
      multiply: 2 # twice
      when: {category: 'Nuts & bolts'}
tiers:
  silver: {name: Silver, reach: {items: 1000}}
"""


@pytest.mark.parametrize(
    ("loc", "value", "was", "is_now"),
    [
        (
            ("points", "rules", "base"),
            {"per_amount": {"points": "2", "each": "1.50"}},
            "{points: 1, each: 1.50}} # since 2024",
            "{points: 2, each: 1.50}} # since 2024",
        ),
        (
            ("points", "rules", "fast", "multiply"),
            "2.5",
            "multiply: 2 # twice",
            "multiply: 2.5 # twice",
        ),
        (
            ("tiers", "gold"),
            {"name": "Gold", "reach": {"items": "5000"}},
            "reach: {items: 1000}}\n",
            "reach: {items: 1000}}\n  gold:\n    name: Gold\n    reach: {items: 5000}\n",
        ),
        (("currency",), "yes", "currency: EUR", "currency: yes"),
        (
            ("points", "rules", "fast"),
            None,
            "    fast:\n      multiply: 2 # twice\n      when: {category: 'Nuts & bolts'}\n",
            "",
        ),
        (
            ("referrals",),
            {"referrer": {"points": "500"}},
            "reach: {items: 1000}}\n",
            "reach: {items: 1000}}\nreferrals:\n  referrer: {points: 500}\n",
        ),
    ],
)
def test_only_what_changed_is_written_anew(loc: Loc, value: Plain, was: str, is_now: str) -> None:
    assert TEXT.count(was) == 1
    assert rewritten(TEXT, {loc: value}) == TEXT.replace(was, is_now)


def test_a_key_that_yaml_takes_for_a_number_is_found() -> None:
    text = "tiers:\n  2024: {name: Old} # of that year\n"
    found = rewritten(text, {("tiers", "2024", "name"): "007"})
    assert read_yaml(found, "").plain() == {"tiers": {"2024": {"name": "007"}}}
    assert "# of that year" in found


def test_a_text_that_cannot_be_kept_is_given_up() -> None:
    shared = "a: &x {points: 1}\nb: *x\n"
    assert rewritten(shared, {("a", "points"): "2"}) == "", "it would change b as well"
    assert rewritten("- a list\n", {("a",): "2"}) == ""
    assert rewritten("", {("a",): "2"}) == ""
