"""Points, tiers, segments and rates in the file: what they mean and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from textwrap import indent

import pytest

from bridge.programme.canonical import parse_canonical
from bridge.programme.document import Programme
from bridge.programme.earning_rules import PointsBasis
from bridge.programme.loading import LoadedProgramme
from bridge.programme.loyalty import rate_on
from bridge.programme.points import PointsSettings
from bridge.programme.references import installation_faults
from bridge.programme.writing import dump
from connectors.base import Basis, Severity

Load = Callable[..., LoadedProgramme]
Refuse = Callable[..., list[str]]

HEAD = "programme: A\ncurrency: EUR\ngroups: {gold: {name: Gold, base: General}}\n"
BASE = "base: {per_amount: {points: 1, each: 10}}"


def with_rules(*rules: str) -> str:
    return f"{HEAD}points:\n  rules:\n" + indent("\n".join(rules), "    ") + "\n"


def test_a_programme_without_points_earns_none(loaded: Load) -> None:
    assert loaded(HEAD).document.points is None


def test_a_stored_programme_from_before_points_is_still_read() -> None:
    old = '{"programme":"A","currency":"EUR","timezone":"UTC","prices_are":"net"}'
    assert parse_canonical(old) == Programme(name="A", currency="EUR")


@pytest.mark.parametrize(
    ("prices", "basis", "side"),
    [
        ("net", "", Basis.NET),
        ("gross", "", Basis.GROSS),
        ("gross", "  basis: {price: net}\n", Basis.NET),
        ("net", "  basis: {price: gross, shipping: yes}\n", Basis.GROSS),
        ("gross", "  basis:\n", Basis.GROSS),
    ],
)
def test_points_count_net_or_gross_as_the_prices_unless_they_say_so(
    loaded: Load, prices: str, basis: str, side: Basis
) -> None:
    text = f"{HEAD}prices_are: {prices}\npoints:\n{basis}  rules: {{{BASE}}}\n"
    found = loaded(text)
    assert found.document.points is not None
    assert found.document.points.basis_of().side is side
    again = parse_canonical(found.text)
    assert again == found.document
    written = dump(found.document)
    assert loaded(written).document == found.document
    assert ("price:" in written) is (side.value != prices)


def test_a_rule_takes_over_what_it_does_not_say(loaded: Load) -> None:
    text = with_rules(BASE, "own: {per_amount: {points: 1, each: 1}, basis: {discounts: before}}")
    points = loaded(text.replace("points:\n", "points:\n  basis: {shipping: yes}\n", 1)).document
    assert points.points is not None
    rules = points.points.rules
    assert points.points.basis_of(rules["base"]) == points.points.basis
    assert points.points.basis_of(rules["own"]) == PointsBasis.model_validate(
        {"price": "net", "shipping": True, "discounts": "before"}
    )


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("{per_amount: {points: 0, each: 10}}", ".per_amount.points: 0 is not above 0"),
        ("{per_amount: {points: 1, each: -1}}", ".per_amount.each: -1 is not above 0"),
        ("{per_amount: {points: 1}}", ".per_amount.each: is missing: write for how much money"),
        ("{per_amount: 10}", '.per_amount: must be a section with fields, not "10"'),
        ('{per_amount: {points: "1,5", each: 1}}', '"1,5" has a decimal comma: write 1.5'),
        ("{per_item: 0}", ".per_item: 0 is not above 0: write at least 1"),
        ("{per_item: 1.5}", '.per_item: "1.5" is not a whole number: write it like 10'),
        ("{per_order: 2000000000}", ".per_order: 2000000000 is above 1000000000"),
        ("{multiply: 1}", ".multiply: 1 is not above 1: to give less"),
        ("{multiply: 2, rules: bas}", '.rules[1]: there is no rule "bas". Did you mean base?'),
        ("{multiply: 2, rules: r}", ".rules[1]: r gives no points for lines that r could change"),
        ("{nothing: yes}", ": takes every point away: say for what"),
        ("{nothing: no}", ": gives no points: write one of per_amount, per_item"),
        ("{}", ": gives no points: write one of per_amount, per_item"),
        ("{per_item: 1, review: 2}", ": has per_item and review: write a rule of its own for each"),
        ("{per_item: 1, from: 2026-02-01, until: 2026-01-01}", "ends on 2026-01-01, before it"),
        ("{per_item: 1, until: 2026-02-30}", '.until: "2026-02-30" is not a date'),
        ("{per_item: 1, share: 0}", ".share: 0 is not above 0"),
        ("{per_item: 1, share: 101}", '.share: must be at most 100, not "101"'),
        ("{per_item: 1, stack: yes}", "stack belongs to multiply"),
        ("{per_item: 1, rules: base}", "rules belongs to multiply and nothing"),
        ("{per_item: 1, basis: {price: net}}", "basis belongs to per_amount"),
        ("{per_item: 1, when: {}}", ".when: has no condition"),
        ("{per_item: 1, when: {segment: vip}}", 'there is no segment "vip". Segments are not'),
        ("{per_item: 1, when: {tier: [gold]}}", '.when.tier[1]: there is no tier "gold"'),
        ("{per_item: 1, when: {skuu: A}}", 'the field "skuu" is not known. Did you mean sku?'),
        ("{birthday: 5, when: {sku: A}}", "sku and exclude have no meaning for birthday"),
        ("{birthday: 5, when: {store: a}}", "store has no meaning for birthday"),
        ("{review: 5, when: {worth: 10}}", "worth has no meaning for review"),
        ("{first_order: 5, when: {category: A}}", "have no meaning for first_order"),
        ("{bought_together: {sku: A, points: 5}}", "takes at least two SKUs or categories"),
        ("{nth_order: {points: 5}}", "needs n (only that order) or every"),
        ("{nth_order: {n: 2, every: 3, points: 5}}", "needs n (only that order) or every"),
        (
            "{spend_steps: [{at: 100, points: 1}, {at: 100, points: 2}]}",
            ".spend_steps: 100 is not above the step before, 100",
        ),
        ("{order_steps: [{at: 5}]}", ".order_steps[1].points: is missing: write how many"),
        ("{calendar: {day: 02-29, points: 1}}", '"02-29" is there only every four years'),
        ("{calendar: {day: 04-31, points: 1}}", 'there is no day "04-31"'),
        ("{calendar: {day: 6.12., points: 1}}", '"6.12." is not a day of the year'),
        ("{activity: {name: review, points: 1}}", "shops tell of these: write review: 20"),
        ("{activity: {name: Fair 26, points: 1}}", '"Fair 26" cannot be a key'),
    ],
)
def test_a_rule_that_cannot_be_is_named_with_its_line(
    refused: Refuse, rule: str, message: str
) -> None:
    found = refused(with_rules(BASE, f"r: {rule}"))
    assert len(found) == 1
    assert found[0].startswith("programme.yaml:7 points.rules.r")
    assert message in found[0]


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ("points: {caps: {order: 0}}", "points.caps.order: 0 is not above 0"),
        ("points: {caps: {week: 1}}", 'the field "week" is not known. Known are order, day'),
        ("points: {expire: {months: 1, days: 2}}", "there is months and days"),
        ("points: {expire: {}}", 'points.expire: needs one of months, days, yearly: "12-31"'),
        ("points: {expire: {yearly: 02-29}}", "is there only every four years"),
        ("points: {expire: {days: 3, after_years: 2}}", "after_years belongs to yearly"),
        ("points: {ripen: {after: shipped}}", "must be placed, paid or completed, not"),
        ("points: {ripen: {days: -1}}", "points.ripen.days: -1 is below 0"),
        ("points: {rounding: {to: even}}", "must be down, nearest or up"),
        ("points: {guests: yes}", "must be ignore or collect"),
        ("points: {rules: {Base: {per_item: 1}}}", '"Base" cannot be a key'),
        ("points: 5", 'points: must be a section with fields, not "5"'),
        ("segments: {a: {}}", "segments.a: names nobody"),
        ("segments: {a: {rfm: {months: 3}}}", "segments.a.rfm: has no condition"),
        ("segments: {a: {rfm: {not_bought_for_days: 3, months: 3}}}", "months is the window of"),
        ("tiers: {a: {name: A, group: gld}}", 'there is no group "gld". Did you mean gold?'),
        ("tiers: {a: {name: A, reach: {}}}", "tiers.a.reach: is empty"),
        ("tiers: {a: {name: A, reach: {spend: 0}}}", "tiers.a.reach.spend: 0 is not above 0"),
        ("tiers: {a: {name: A, keep: {spend: 1}}}", "keep has no meaning without reach"),
        (
            "tiers: {a: {name: A, reach: {spend: 5}, keep: {spend: 6}}}",
            "tiers.a.keep: asks for no less than reach",
        ),
        ("tiers: {a: {name: A, window: {}}}", "needs months (rolling) or calendar: year"),
        ("tiers: {a: {name: A, grace: {days: 1, months: 1}}}", "grace: needs months or days"),
        ("tiers: {a: {name: A}, b: {name: a}}", '"a" is also the name of the tier a'),
        (
            "tiers: {a: {name: A, reach: {spend: 9}}, b: {name: B, reach: {spend: 5}}}",
            "tiers.b.reach: is reached by everyone who reaches a, which stands below it",
        ),
        (
            "companies: {a: {name: A, vat_id: DE 12-3}, b: {name: B, vat_id: de123}}",
            "companies.b.vat_id: de123 is also the VAT id of the company a",
        ),
        ("companies: {a: {name: X}, b: {name: x}}", "is also the name of the company a"),
        ("rates: [{currency: CHF, from: 2026-01-01, rate: 0}]", "rates[1].rate: 0 is not above 0"),
        ("rates: [{currency: CHF, rate: 1}]", "rates[1].from: is missing: write the first day"),
        ("rates: [{currency: EUR, from: 2026-01-01, rate: 1}]", "is the programme's own currency"),
        (
            "rates: [{currency: CHF, from: 2026-01-01, rate: 1},"
            " {currency: chf, from: 2026-01-01, rate: 2}]",
            "rates[2].from: CHF has a rate from 2026-01-01 already",
        ),
        (
            "rates: [{currency: CHF, from: 2026-01-01, rate: 1.0000001}]",
            "has more than 6 decimals",
        ),
    ],
)
def test_a_section_that_cannot_be_is_named(refused: Refuse, section: str, message: str) -> None:
    found = refused(f"{HEAD}{section}\n")
    assert len(found) == 1
    assert found[0].startswith("programme.yaml:4 ")
    assert message in found[0]


@pytest.mark.parametrize(
    "tiers",
    [
        "a: {name: A, reach: {spend: 5}}, b: {name: B, reach: {spend: 9}}",
        "a: {name: A, reach: {spend: 9}}, b: {name: B, reach: {orders: 5}}",
        "a: {name: A, reach: {spend: 9}}, b: {name: B, reach: {spend: 5, orders: 5}}",
        "a: {name: A, reach: {spend: 9}, window: {months: 24}}, b: {name: B, reach: {spend: 5}}",
        "a: {name: A, reach: [{spend: 5}, {orders: 3}]}, b: {name: B, reach: [{spend: 6}]}",
        "a: {name: A}, b: {name: B, reach: {spend: 5}}",
    ],
)
def test_tiers_that_ask_for_more_or_for_something_else_are_fine(loaded: Load, tiers: str) -> None:
    assert list(loaded(f"{HEAD}tiers: {{{tiers}}}\n").document.tiers) == ["a", "b"]


def test_what_is_hardly_meant_is_said_and_done(loaded: Load) -> None:
    found = loaded(f"{HEAD}points: {{name: coins}}\n")
    assert [str(problem) for problem in found.problems] == [
        "programme.yaml:4 points: has no rules: nothing earns points yet"
    ]
    found = loaded(with_rules("x: {multiply: 2}"))
    assert [problem.severity for problem in found.problems] == [Severity.WARNING]
    assert "has nothing to multiply" in found.problems[0].message


def test_a_segment_can_be_a_file(loaded: Load) -> None:
    text = f"{HEAD}segments: {{fair: {{file: fair.csv, emails: a@example.com}}}}\n"
    files = {"fair.csv": "email,company\nb@example.com,\n,Muster GmbH\n"}
    segment = loaded(text, files).document.segments["fair"]
    assert segment.emails == ("a@example.com", "b@example.com")
    assert segment.companies == ("Muster GmbH",)


def test_stores_of_rules_must_be_set_up(loaded: Load) -> None:
    text = with_rules("r: {per_order: 5, when: {store: [magento-de/base, magento-d]}}")
    faults = installation_faults(loaded(text).document, {"magento-de": ["base"]})
    assert [(fault.loc, fault.severity) for fault in faults] == [
        (("points", "rules", "r", "when", "store", 1), Severity.WARNING)
    ]
    assert "Did you mean magento-de?" in faults[0].message


@pytest.mark.parametrize(
    ("currency", "day", "rate"),
    [
        ("CHF", date(2025, 12, 31), None),
        ("CHF", date(2026, 1, 1), "1.05"),
        ("CHF", date(2026, 6, 30), "1.05"),
        ("CHF", date(2026, 7, 1), "1.07"),
        ("USD", date(2026, 7, 1), None),
    ],
)
def test_the_newest_rate_that_has_begun_counts(
    loaded: Load, currency: str, day: date, rate: str | None
) -> None:
    text = (
        f"{HEAD}rates:\n"
        "  - {currency: CHF, from: 2026-07-01, rate: 1.07}\n"
        "  - {currency: CHF, from: 2026-01-01, rate: 1.05}\n"
    )
    found = rate_on(loaded(text).document.rates, currency, day)
    assert found == (None if rate is None else Decimal(rate))


def test_all_that_is_wrong_is_said_at_once(refused: Refuse) -> None:
    text = with_rules("a: {per_item: 0}", "b: {multiply: x}", "c: {per_order: 1, when: {x: 1}}")
    assert len(refused(text)) == 3


def test_settings_alone_count_net() -> None:
    assert PointsSettings().basis_of().side is Basis.NET


def test_a_slip_in_a_section_s_name_is_named(refused: Refuse) -> None:
    assert refused(f"{HEAD}point: {{}}\n") == [
        'programme.yaml:4 point: the field "point" is not known. Did you mean points? Known are '
        "programme, currency, timezone, prices_are, groups, price_lists, points, segments, tiers, "
        "companies, identity, rates, redemption, next_purchase, campaigns, gifts, "
        "referrals, partners, rewards, joining"
    ]
