"""Vouchers, campaigns, gifts, referrals, the catalogue and joining in the file: what they mean
and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from bridge.programme.canonical import parse_canonical
from bridge.programme.catalogue import CatalogueProduct, ProductIndex
from bridge.programme.document import Programme
from bridge.programme.issues import field_path
from bridge.programme.loading import LoadedProgramme
from bridge.programme.references import installation_faults
from bridge.programme.rewards import Redemption
from bridge.programme.shop_references import group_name_faults, sku_faults
from bridge.programme.writing import dump
from connectors.base import ProductKind, Severity

Load = Callable[..., LoadedProgramme]
Refuse = Callable[..., list[str]]

HEAD = """\
programme: A
currency: EUR
groups: {gold: {name: Gold, base: General}}
points: {rules: {base: {per_amount: {points: 1, each: 10}}}}
segments: {vip: {emails: a@example.com}}
tiers: {top: {name: Top}}
"""
EVERYTHING = (
    HEAD
    + """\
redemption:
  rate: {points: 100, amount: 1}
  step: 5
  maximum: 50
  of_order: 30
  valid: {days: 60}
  returned: whole
  automatic: {points: 1000, store: magento-de/base}
next_purchase:
  again: {order: 100, give: {percent: 10, maximum: 20}, after_days: 14, label: Thank you}
  cashback: {give: {share: 3}, when: {tier: top}}
campaigns:
  welcome: {sign_up: yes, give: {amount: 5}, basket: 50}
  winter: {on: 2026-12-06, give: {points: 50}}
  sale: {instant: yes, give: {percent: 15}, from: 2026-05-01, until: 2026-05-07}
  set: {together: [A, B], give: {amount: 4.50}}
gifts:
  mug: {basket: 100, gross: yes, sku: MUG, quantity: 2, when: {group: [gold, Retailer]}}
referrals:
  friend: {give: {percent: 15}, basket: 20}
  referrer: {points: 100}
partners:
  fair: {owner: Partner@Example.com, points: 1, each: 10, months: 12}
rewards:
  ticket: {name: Day at the fair, points: 500, stock: 0}
joining:
  invited: yes
  product: {sku: CLUB}
"""
)


def test_everything_is_kept_in_the_canonical_form_and_written_back(loaded: Load) -> None:
    found = loaded(EVERYTHING)
    assert found.problems == ()
    assert parse_canonical(found.text) == found.document
    again = loaded(dump(found.document))
    assert again.document == found.document
    assert again.text == found.text
    assert found.document.partners["fair"].owner == "partner@example.com"


def test_a_stored_programme_from_before_vouchers_is_still_read() -> None:
    old = '{"programme":"A","currency":"EUR","timezone":"UTC","prices_are":"net"}'
    assert parse_canonical(old) == Programme(name="A", currency="EUR")


@pytest.mark.parametrize(
    ("rate", "value", "points"),
    [
        ((1, "1"), "5", 5),
        ((100, "1"), "0.05", 5),
        ((3, "0.03"), "0.01", 1),
        ((7, "3"), "300000003", 700000007),
    ],
)
def test_a_voucher_costs_whole_points(rate: tuple[int, str], value: str, points: int) -> None:
    said = {"rate": {"points": rate[0], "amount": rate[1]}, "step": value}
    assert Redemption.model_validate(said).points_for(Decimal(value)) == points


RATE = "rate: {points: 1, amount: 1}"
GIVE = "give: {amount: 5}"


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ("redemption: {step: 5}", "redemption.rate: is missing: write what points are worth"),
        (f"redemption: {{{RATE}}}", "redemption: needs step: 5 (any multiple) or values"),
        (f"redemption: {{{RATE}, step: 5, values: [5]}}", "needs step: 5 (any multiple) or values"),
        (f"redemption: {{{RATE}, values: [10, 5]}}", "values must rise, like [5, 10, 25]"),
        (
            "redemption: {rate: {points: 1, amount: 3}, step: 5}",
            "5 is not a whole number of points at this rate: it would cost 1.66667",
        ),
        (f"redemption: {{{RATE}, step: 5, minimum: 9, maximum: 6}}", "maximum 6 is below minimum"),
        (f"redemption: {{{RATE}, step: 5, minimum: 6, maximum: 9}}", "no value lies between"),
        (f"redemption: {{{RATE}, values: [5, 9], minimum: 10}}", "no value lies between"),
        (
            f"redemption: {{{RATE}, step: 5, automatic: {{points: 12}}}}",
            "automatic: 12 points are worth 12, which is no value of a voucher",
        ),
        (f"redemption: {{{RATE}, step: 5, of_order: 101}}", "of_order: must be at most 100"),
        (f"redemption: {{{RATE}, step: 5, returned: some}}", "must be share, whole or never, not"),
        (f"redemption: {{{RATE}, step: 5, valid: {{}}}}", "redemption.valid: needs days or months"),
        (f"redemption: {{{RATE}, stepp: 5}}", 'the field "stepp" is not known. Did you mean step?'),
        (f"redemption: {{{RATE}, step: [5]}}", "redemption.step: must be a number, not a list"),
        ("redemption: {rate: {points: 1}, step: 5}", "rate.amount: is missing: write the amount"),
        ("redemption: {rate: {points: 1, amount: 1, x: 1}}", "Known are points, amount"),
        (
            f"redemption: {{{RATE}, step: 0.001}}",
            "0.001 is not a whole number of points at this rate: it would cost 0.001",
        ),
        ("redemption: {rate: {points: 7, amount: 3}, step: 999999999}", "more than 1000000000"),
        (
            "redemption: {rate: {points: 1000, amount: 1}, step: 0.001}",
            "redemption.step: 0.001 is no amount of EUR, which has 2 decimals",
        ),
        ("next_purchase: {a: {}}", "next_purchase.a.give: is missing: write what is given"),
        ("next_purchase: {a: {give: {}}}", "needs one of amount, percent, share, points; there is"),
        ("next_purchase: {a: {give: {amount: 1, percent: 1}}}", "there is amount and percent"),
        ("next_purchase: {a: {give: {amount: 1, maximum: 1}}}", "maximum has no meaning for amoun"),
        ("next_purchase: {a: {give: {percent: 101}}}", "give.percent: must be at most 100"),
        ("next_purchase: {a: {give: {points: 5}}}", "write per_order there"),
        ("next_purchase: {a: {give: {amount: 0.005}}}", "a.give.amount: 0.005 is no amount of EUR"),
        (
            f"next_purchase: {{a: {{{GIVE}, when: {{segment: vipp}}}}}}",
            'when.segment[1]: there is no segment "vipp". Did you mean vip? Segments are vip',
        ),
        (f"next_purchase: {{a: {{{GIVE}, when: {{}}}}}}", "when: has no condition"),
        (f"next_purchase: {{a: {{{GIVE}, when: {{sku: A}}}}}}", "Known are group, segment, tier"),
        (
            f"next_purchase: {{a: {{{GIVE}, from: 2026-02-01, until: 2026-01-01}}}}",
            "ends on 2026-01-01, before it begins",
        ),
        (f"campaigns: {{a: {{{GIVE}}}}}", "needs one of sign_up, birthday, calendar, quiet_days"),
        (f"campaigns: {{a: {{{GIVE}, sign_up: yes, birthday: yes}}}}", "there is sign_up and birt"),
        ("campaigns: {a: {birthday: yes, give: {share: 3}}}", "write it under next_purchase"),
        (f"campaigns: {{a: {{{GIVE}, calendar: 02-29}}}}", "is there only every four years"),
        (f"campaigns: {{a: {{{GIVE}, quiet_days: 0}}}}", "quiet_days: 0 is not above 0"),
        (f"campaigns: {{a: {{{GIVE}, instant: yes}}}}", "instant needs its first and last day"),
        (f"campaigns: {{a: {{{GIVE}, together: [A, A]}}}}", "together takes at least two SKUs"),
        ("campaigns: {a: {together: [A, B], give: {points: 1}}}", "give amount or percent"),
        (f"campaigns: {{a: {{{GIVE}, together: [A, B], valid: {{days: 3}}}}}}", "this gives none"),
        ("campaigns: {a: {birthday: yes, give: {points: 1}, basket: 5}}", "basket has no meaning"),
        ("campaigns: {a: {birthday: yes, give: {points: 1}, stores: x}}", "stores has no meaning"),
        ("campaigns: {a: {birthday: yes, give: {points: 1}, valid: {days: 9}}}", "gives none"),
        (
            f"campaigns: {{a: {{{GIVE}, on: 2026-05-09, until: 2026-05-01}}}}",
            "on 2026-05-09 is not between from and until",
        ),
        (f"campaigns: {{A: {{{GIVE}, birthday: yes}}}}", '"A" cannot be a key'),
        ("gifts: {a: {basket: 5}}", "gifts.a.sku: is missing: write the SKU"),
        ("gifts: {a: {sku: A}}", "gifts.a.basket: is missing: write from which order value on"),
        ("gifts: {a: {sku: A, basket: 5, gross: 7}}", "must be yes or no"),
        ("gifts: {a: {sku: A, basket: 5, when: {tier: topp}}}", "Did you mean top?"),
        ("referrals: {referrer: {points: 5}}", "friend: is missing: write what the friend gets"),
        (f"referrals: {{friend: {{{GIVE}}}}}", "referrer: is missing: write what the referrer"),
        (
            "referrals: {friend: {give: {points: 5}}, referrer: {points: 5}}",
            "friend: give amount or percent",
        ),
        (f"referrals: {{friend: {{{GIVE}}}, referrer: {{share: 5}}}}", "give points, amount or"),
        (
            f"referrals: {{friend: {{{GIVE}}}, referrer: {{points: 5, amount: 1}}}}",
            "referrer: needs one of points, amount, percent; there is amount and points",
        ),
        (
            f"referrals: {{friend: {{{GIVE}, stores: a}}, referrer: {{points: 5}}}}",
            "friend: stores are those of the whole section",
        ),
        (
            f"referrals: {{friend: {{{GIVE}, when: {{group: a}}}}, referrer: {{points: 5}}}}",
            "friend: when has no meaning, he is no customer yet",
        ),
        ("partners: {a: {points: 1, each: 10}}", "owner: is missing: write the e-mail address"),
        ("partners: {a: {owner: x, points: 1, each: 10}}", '"x" is not an e-mail address'),
        ("rewards: {a: {points: 5}}", "rewards.a.name: is missing: write what it is called, like"),
        ("rewards: {a: {name: A, points: 5, stock: -1}}", "rewards.a.stock: -1 is below 0"),
        ("rewards: {a: {name: A, points: 5, stores: x}}", "a reward is taken in no store"),
        ("joining: {}", "joining: needs invited: yes, when or product"),
        ("joining: {product: {months: 12}}", "joining.product.sku: is missing: write the SKU"),
        ("joining: {invited: perhaps}", 'joining.invited: must be yes or no, not "perhaps"'),
    ],
)
def test_a_section_that_cannot_be_is_named(refused: Refuse, section: str, message: str) -> None:
    found = refused(f"{HEAD}{section}\n")
    assert len(found) == 1, found
    assert found[0].startswith("programme.yaml:7 ")
    assert message in found[0]


def test_stores_must_be_set_up(loaded: Load) -> None:
    faults = installation_faults(loaded(EVERYTHING).document, {"magento-de": ["bas"]})
    assert [(field_path(fault.loc), fault.severity) for fault in faults] == [
        ("redemption.automatic.store", Severity.WARNING)
    ]
    assert "Did you mean bas?" in faults[0].message


def test_products_must_be_there_where_they_are_given(loaded: Load) -> None:
    def index(*skus: str) -> ProductIndex:
        return ProductIndex(CatalogueProduct(sku, "", ProductKind.SIMPLE) for sku in skus)

    shops = {"north": index("mug", "A", "B", "CLUB"), "south": index("MUGS", "A", "B")}
    text = EVERYTHING.replace("sku: MUG,", "sku: MUG, stores: [south/de],")
    assert [str(fault.message) for fault in sku_faults(loaded(text).document, shops)] == [
        'there is no product "MUG" in south. Did you mean MUGS?'
    ]
    # The membership is sold in one of the shops; that is enough.
    assert sku_faults(loaded(EVERYTHING).document, {"north": shops["north"]}) == []
    (club,) = sku_faults(loaded(text).document, {"east": index("A", "B")})
    assert field_path(club.loc) == "joining.product.sku"


def test_groups_must_be_in_the_programme_or_in_a_shop(loaded: Load) -> None:
    programme = loaded(EVERYTHING).document
    assert group_name_faults(programme, {}) == []
    assert group_name_faults(programme, {"north": ["General", " retailer"]}) == []
    (fault,) = group_name_faults(programme, {"north": ["General", "Retailers"]})
    assert field_path(fault.loc) == "gifts.mug.when.group[2]"
    assert "Did you mean Retailers?" in fault.message
