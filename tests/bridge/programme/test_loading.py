"""What stops a programme, and what only leaves out one ladder."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from bridge.programme.canonical import parse_canonical
from bridge.programme.document import Hold
from bridge.programme.issues import ProgrammeError
from bridge.programme.loading import LoadedProgramme, load
from bridge.programme.tiers import Tier
from connectors.base import Severity

Load = Callable[..., LoadedProgramme]
Refuse = Callable[..., list[str]]


def prices(head: str, *lines: str) -> str:
    body = "\n".join(f"      {line}" for line in lines)
    return f"{head}price_lists:\n  b2b:\n    groups: [gold, silver]\n    prices:\n{body}\n"


# -- what is read as it was meant ------------------------------------------------------------


def test_prices_are_exact_and_skus_stay_as_written(loaded: Load, head: str) -> None:
    text = prices(
        head,
        "00123: [{from: 1, price: 0.1}, {from: 010, price: 0.000001}]",
        "1e5: [{from: 1, price: 12345678.123456}]",
        "no: [{from: 1, percent: 7.5}]",
        "2024-01-01: [{from: 1, price: 1}]",
    )
    found = loaded(text).document.price_lists["b2b"].prices
    assert list(found) == ["00123", "1e5", "no", "2024-01-01"]
    assert found["00123"] == (Tier(1, Decimal("0.1")), Tier(10, Decimal("0.000001")))
    assert found["1e5"][0].price == Decimal("12345678.123456")
    assert found["no"][0] == Tier(1, percent=Decimal("7.5"))


def test_yes_and_no_are_understood_where_they_are_asked_for(loaded: Load) -> None:
    text = "programme: A\ncurrency: EUR\ngroups:\n  vip: {name: No, existing: yes}\n"
    group = loaded(text).document.groups["vip"]
    assert group.existing is True
    assert group.name == "No"


def test_a_setting_holds_everywhere_or_by_installation(loaded: Load) -> None:
    text = """\
programme: A
currency: EUR
groups:
  gold:
    name: Gold
    names: {magento-de: B2B Gold}
    base: {magento-de: Wholesale, "*": Standard customer group}
    move_from: [General, Retailer]
  silver: {name: Silver, base: General}
"""
    groups = loaded(text).document.groups
    assert groups["gold"].name_in("magento-de") == "B2B Gold"
    assert groups["gold"].name_in("shopware-de") == "Gold"
    assert groups["gold"].base_in("magento-de") == "Wholesale"
    assert groups["gold"].base_in("shopware-de") == "Standard customer group"
    assert groups["gold"].movable_from("magento-de") == ("General", "Retailer")
    assert groups["silver"].movable_from("anywhere") == ("General",)


def test_the_stored_text_says_everything_and_needs_no_file(loaded: Load, head: str) -> None:
    text = f"{head}price_lists:\n  b2b: {{groups: [gold], file: p.csv}}\n"
    found = loaded(text, {"p.csv": "sku,from,price\nA,1,9.90\n"})
    assert found.document.price_lists["b2b"].prices == {"A": (Tier(1, Decimal("9.90")),)}
    assert parse_canonical(found.text) == found.document
    assert "p.csv" not in found.text


def test_notation_and_comments_do_not_change_the_digest(loaded: Load, head: str) -> None:
    one = loaded(prices(head, "A: [{from: 1, price: 9.90}]"))
    same = loaded("# new\n" + prices(head, '"A":', "  - from: 1", '    price: "9.9"'))
    other = loaded(prices(head, "A: [{from: 1, price: 9.91}]"))
    assert one.digest == same.digest
    assert one.digest != other.digest


def test_places_name_the_line_of_each_sku_and_rule(loaded: Load, head: str) -> None:
    text = prices(head, "A: [{from: 1, price: 2}]") + (
        "    file: p.csv\n    rules:\n      - {sku: X*, tiers: [{from: 1, percent: 2}]}\n"
    )
    places = loaded(text, {"p.csv": "sku,from,price\nB,1,9.90\n"}).places
    assert str(places["price_lists.b2b.prices.A"]) == "programme.yaml:10"
    assert str(places["price_lists.b2b.prices.B"]) == "p.csv:2"
    assert str(places["price_lists.b2b.rules[1]"]) == "programme.yaml:13"


# -- what stops ------------------------------------------------------------------------------


def test_all_problems_of_shape_come_at_once_in_file_order(refused: Refuse) -> None:
    text = """\
programme: Acme
currency: EURO
timezone: Mars
surprise: 1
groups:
  gold: {name: Gold, bse: General}
  silver: {name: Silver, base: General, members: {file: none.csv}}
price_lists:
  Gold B2B: {groups: [gld]}
  b2b:
    groups: [gold]
    policy: aks
    take_over: perhaps
    prices:
      A: [{from: 1, prise: 3}]
      B: 3
      C:
    rules:
      - tiers: [{from: 1, percent: 2}]
      - category: Tools
"""
    expected = [
        'programme.yaml:2 currency: "EURO" is not a currency: write its three letters, like EUR',
        'programme.yaml:3 timezone: "Mars" is not a time zone',
        'programme.yaml:4 surprise: the field "surprise" is not known. Known are programme,',
        'programme.yaml:6 groups.gold.bse: the field "bse" is not known. Did you mean base?',
        "programme.yaml:7 groups.silver.members.file: there is no file ",
        'programme.yaml:9 price_lists.Gold B2B: "Gold B2B" cannot be a key: use lower-case',
        'programme.yaml:9 price_lists.Gold B2B.groups[1]: there is no group "gld". Did you mean',
        'programme.yaml:12 price_lists.b2b.policy: must be ask, restore or adopt, not "aks"',
        'programme.yaml:13 price_lists.b2b.take_over: must be yes or no, not "perhaps"',
        'programme.yaml:15 price_lists.b2b.prices.A[1].prise: the field "prise" is not known. Did',
        "programme.yaml:16 price_lists.b2b.prices.B: must be a list of tiers, like - {from: 10,",
        "programme.yaml:17 price_lists.b2b.prices.C: must be a list of tiers, like - {from: 10,",
        "programme.yaml:19 price_lists.b2b.rules[1]: needs a category or a sku pattern",
        "programme.yaml:20 price_lists.b2b.rules[2]: needs tiers, like tiers: [{from: 10,",
    ]
    found = refused(text)
    assert len(found) == len(expected)
    for message, start in zip(found, expected, strict=True):
        assert message.startswith(start)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "programme.yaml:1: must have fields, like programme: Acme B2B"),
        ("- a\n", "programme.yaml:1: must have fields"),
        ("currency: EUR\n", "programme.yaml:1 programme: is missing: write the programme's name"),
        (
            "programme: A\ncurrency: EUR\ngroups: [a]\n",
            "programme.yaml:3 groups: must be a section",
        ),
        (
            "programme: A\ncurrency: EUR\ngroups:\n  a: {name: A}\n",
            "programme.yaml:4 groups.a: base is missing: name the shop's group whose tax",
        ),
        (
            "programme: A\ncurrency: EUR\ngroups:\n  a: {name: [A], base: B}\n",
            "programme.yaml:4 groups.a.name: must be a text, not a list",
        ),
        (
            "programme: A\ncurrency: EUR\ngroups:\n  a: {name: General, base: general}\n",
            'programme.yaml:4 groups.a.name: "General" is also its base',
        ),
        (
            "programme: A\ncurrency: EUR\ngroups:\n  a: {name: X, base: B}\n"
            "  b: {name: x, base: B}\n",
            'programme.yaml:5 groups.b.name: "x" is also the name of the group a',
        ),
        (
            "programme: A\ncurrency: EUR\ngroups:\n  a:\n    name: X\n    base: B\n"
            "    members: {rule: {}}\n",
            "programme.yaml:7 groups.a.members.rule: has no condition: write group, vat_id",
        ),
        (
            "programme: A\ncurrency: EUR\ngroups:\n  a:\n    name: X\n    base: B\n"
            "    members: {rule: {since: 31.1.2024}}\n",
            'programme.yaml:7 groups.a.members.rule.since: "31.1.2024" is not a date: write',
        ),
        (
            "programme: A\ncurrency: EUR\ngroups:\n  a:\n    name: X\n    base: B\n"
            "    members: {emails: [a@example.com, nobody]}\n",
            'programme.yaml:7 groups.a.members.emails[2]: "nobody" is not an e-mail address',
        ),
        (
            "programme: A\ncurrency: EUR\ngroups:\n  a: {name: X, base: B}\n"
            "price_lists: {b: {groups: [a], stores: [m, m/x]}}\n",
            "programme.yaml:5 price_lists.b: stores names m/x twice: m covers it already",
        ),
    ],
)
def test_each_problem_says_what_to_do(refused: Refuse, text: str, message: str) -> None:
    assert any(found.startswith(message) for found in refused(text)), refused(text)


def test_a_group_that_the_price_list_does_not_serve_stops(refused: Refuse, head: str) -> None:
    text = prices(head, "A: [{from: 1, price: 3, group: glod}]")
    assert refused(text) == [
        'programme.yaml:10 price_lists.b2b.prices.A[1].group: "glod" is not one of the groups '
        "of this price list. Did you mean gold? They are gold, silver"
    ]


def test_a_sku_that_cannot_be_one_stops_whatever_its_tiers_are(refused: Refuse, head: str) -> None:
    for tiers in ("{}", "[{from: 1, price: 1}]", "[{from: 0, price: x}]"):
        messages = refused(prices(head, f'"": {tiers}', f'"a\\nb": {tiers}'))
        assert any("the SKU is empty" in message for message in messages)
        assert any("the SKU has line breaks" in message for message in messages)


def test_a_file_that_is_not_there_or_not_text_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "latin.yaml").write_bytes("programme: Müller".encode("latin-1"))
    for name, message in (
        ("none.yaml", "there is no file"),
        ("latin.yaml", "is not UTF-8 text"),
        ("", "is a folder"),
    ):
        with pytest.raises(ProgrammeError, match=message):
            load(tmp_path / name)


def test_a_byte_order_mark_is_ignored(write: Callable[..., Path]) -> None:
    path = write("\ufeffprogramme: A\ncurrency: EUR\n")
    assert load(path).document.name == "A"


# -- what leaves out one ladder --------------------------------------------------------------

BAD_TIERS = [
    ("[{from: 1, price: 3}, {from: 1, price: 2}]", "[2].from: quantity 1 is there twice"),
    ("[{from: 1, percent: 101}]", "[1].percent: a discount of 101 % is more than the whole"),
    ("[{from: 1, percent: 0}]", "[1].percent: 0 is not above 0"),
    ("[{from: 1, percent: -5}]", "[1].percent: -5 is not above 0"),
    ("[{from: 1, price: 3}, {from: 9, price: 4}]", "[2].price: 4 from 9 pieces is dearer than 3"),
    ("[{from: 9, price: 3}, {from: 1, price: 2}]", "[1].price: 3 from 9 pieces is dearer than 2"),
    ("[{from: 1, percent: 5}, {from: 9, percent: 4}]", "[2].percent: 4 % from 9 pieces is less"),
    ("[{from: 0, price: 3}]", "[1].from: 0 is below 1"),
    ("[{from: 1.5, price: 3}]", '[1].from: "1.5" is not a whole number of pieces'),
    ("[{price: 3}]", "[1].from: is missing"),
    ("[{from: 1, price: 0}]", "[1].price: 0 is not above 0"),
    ("[{from: 1, price: -3}]", "[1].price: -3 is not above 0"),
    ("[{from: 1, price: 1.0000001}]", "[1].price: 1.0000001 has more than 6 decimals"),
    ("[{from: 1, price: 3, percent: 2}]", "[1]: has both price and percent"),
    ("[{from: 1}]", "[1]: has neither price nor percent"),
    ('[{from: 1, price: "12,50"}]', '[1].price: "12,50" has a decimal comma: write 12.50'),
    ('[{from: 1, price: "1,234.50"}]', '[1].price: "1,234.50" has a thousands separator'),
    ("[{from: 1, price: 12.50 EUR}]", '[1].price: "12.50 EUR" is more than a number: write 12.50'),
    ("[{from: 1, percent: 15%}]", '[1].percent: "15%" is more than a number: write 15'),
    ("[{from: 1, price: cheap}]", '[1].price: "cheap" is not a number: write it like 12.50'),
    ("[{from: 1, price: NaN}]", '[1].price: "NaN" is not a number'),
    ("[{from: 1, price: 1e3}]", '[1].price: "1e3"'),
    ("[{from: 1, price: 1_000}]", '[1].price: "1_000"'),
    ("[{from: 1, price: 3, currency: EURO}]", '[1].currency: "EURO" is not a currency'),
]


@pytest.mark.parametrize(("tiers", "message"), BAD_TIERS)
def test_a_bad_tier_puts_its_sku_on_hold_and_nothing_else(
    loaded: Load, head: str, tiers: str, message: str
) -> None:
    found = loaded(prices(head, f"BAD: {tiers}", "GOOD: [{from: 1, price: 3}]"))
    entry = found.document.price_lists["b2b"]
    assert entry.prices == {"GOOD": (Tier(1, Decimal(3)),)}
    assert entry.hold == (Hold(sku="BAD"),)
    (problem,) = found.problems
    assert problem.severity is Severity.ERROR
    assert str(problem).startswith(f"programme.yaml:10 price_lists.b2b.prices.BAD{message}")
    assert str(problem).endswith("until it is mended the shops keep what they have for BAD")


def test_only_the_group_with_the_bad_tier_is_held(loaded: Load, head: str) -> None:
    text = prices(head, "A: [{from: 1, price: 3}, {from: 1, price: 0, group: silver}]")
    entry = loaded(text).document.price_lists["b2b"]
    assert entry.prices == {"A": (Tier(1, Decimal(3)),)}
    assert entry.hold == (Hold(sku="A", group="silver"),)


def test_bad_tiers_for_all_leave_a_group_its_own_good_ones(loaded: Load, head: str) -> None:
    text = prices(head, "A: [{from: 1, price: 0}, {from: 1, price: 2, group: silver}]")
    entry = loaded(text).document.price_lists["b2b"]
    assert entry.prices == {"A": (Tier(1, Decimal(2), group="silver"),)}
    assert entry.hold == (Hold(sku="A", group="gold"),)


def test_a_rule_with_a_bad_tier_keeps_its_place_and_holds(loaded: Load, head: str) -> None:
    text = f"""\
{head}price_lists:
  b2b:
    groups: [gold]
    rules:
      - {{category: Tools, tiers: [{{from: 10, percent: 5}}, {{from: 20, percent: 3}}]}}
      - {{sku: "*", tiers: [{{from: 10, percent: 2}}]}}
"""
    found = loaded(text)
    first, second = found.document.price_lists["b2b"].rules
    assert first.hold
    assert first.tiers == ()
    assert second.tiers == (Tier(10, percent=Decimal(2)),)
    assert str(found.problems[0]).startswith(
        "programme.yaml:10 price_lists.b2b.rules[1].tiers[2].percent: 3 % from 20 pieces"
    )


def test_a_whole_discount_is_done_with_a_warning(loaded: Load, head: str) -> None:
    found = loaded(prices(head, "A: [{from: 1, percent: 100}]"))
    assert found.document.price_lists["b2b"].prices["A"] == (Tier(1, percent=Decimal(100)),)
    assert [problem.severity for problem in found.problems] == [Severity.WARNING]


def test_a_tier_that_names_the_lists_own_currency_is_like_one_without(
    loaded: Load, head: str
) -> None:
    text = prices(head, "A: [{from: 1, price: 3, currency: eur}, {from: 9, price: 2}]")
    assert loaded(text).document.price_lists["b2b"].prices["A"] == (
        Tier(1, Decimal(3)),
        Tier(9, Decimal(2)),
    )


# -- what is probably not meant --------------------------------------------------------------


def test_warnings_do_not_stop_anything(loaded: Load) -> None:
    text = """\
programme: A
currency: EUR
groups:
  a: {name: A group whose name is far too long, base: General}
  b: {name: B, existing: yes, members: {emails: [x@example.com]}}
  c: {name: C, base: General, members: {emails: [X@example.com]}}
price_lists:
  empty: {groups: [a]}
"""
    found = [str(problem) for problem in loaded(text).problems]
    assert found == [
        "programme.yaml:4 groups.a.name: has 34 characters: Magento keeps 32 of a group's name; "
        "write a shorter one for Magento under names",
        "programme.yaml:5 groups.b.members: are never moved here: name the groups they may "
        "leave, like move_from: [General]",
        "programme.yaml:6 groups.c.members: named in an earlier group too, which wins: "
        "x@example.com",
        "programme.yaml:8 price_lists.empty: has no prices, rules or file: whatever it wrote "
        "before is taken back",
    ]
