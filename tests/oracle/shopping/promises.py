"""Programmes in the oracle's words, and the same as the documents that merchants write."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from oracle.words import Promise, Rule

BY_LINE = Promise(
    rules=(
        Rule("base", "per amount", 1, each=Decimal("1.3")),
        Rule("screws", "times", factor=Decimal(2), skus=("SCREW-",)),
        Rule("screws-in-april", "times", factor=Decimal(3), skus=("SCREW-",),
             first_day=date(2026, 3, 29), last_day=date(2026, 4, 30)),
        Rule("dealers", "times", factor=Decimal("1.5"), stacks=True, groups=("Dealers",)),
        Rule("tees", "per item", 3, skus=("TEE-",)),
        Rule("kit", "together", 40, things=("TOOL-", "SCREW-")),
        Rule("large", "per order", 25, worth=Decimal(200)),
        Rule("sale", "nothing", skus=("SALE-",)),
        Rule("no-kit-of-one", "nothing", changes=("kit",), skus=("TOOL-1",)),
        Rule("north-freight", "per amount", 1, each=Decimal(7), shops=("north",), gross=True,
             with_shipping=True, before_discounts=True),
    ),
    rates={"CHF": Decimal("1.04")},
    lasts_months=6,
    excluded=("CARD-",),
)  # fmt: skip
BY_ORDER = Promise(
    rules=(
        Rule("base", "per amount", 2, each=Decimal(3)),
        Rule("pieces", "per item", 1, but_not=("PAPER",)),
        Rule("more-pieces", "times", factor=Decimal("2.5"), changes=("pieces",)),
        Rule("dealers", "times", factor=Decimal("1.1"), groups=("Dealers",)),
        Rule("once", "per order", 11),
    ),
    rates={"CHF": Decimal("0.97")},
    gross=True,
    with_shipping=True,
    before_discounts=True,
    rounding="nearest",
    rounds_whole_orders=True,
    waits_for="paid",
    waits_days=0,
    lasts_months=3,
    lasts_from_order=True,
    most_per_order=400,
)
BY_HISTORY = Promise(
    rules=(
        Rule("base", "per amount", 1, each=Decimal(5)),
        Rule("welcome", "first order", 50),
        Rule("third", "every nth", 20, nth=3),
        Rule("steps", "spend steps",
             steps=((Decimal(300), 30), (Decimal(1500), 80), (Decimal(5000), 200))),
    ),
    zone="America/New_York",
    rates={"CHF": Decimal("1.04")},
    rounding="down",
    excluded=("CARD-",),
    waits_days=7,
    most_per_day=160,
)  # fmt: skip
PROMISES = {"by-line": BY_LINE, "by-order": BY_ORDER, "by-history": BY_HISTORY}


def as_document(promise: Promise) -> dict[str, Any]:
    """What a merchant would write for it."""
    points: dict[str, Any] = {
        "basis": {
            "price": "gross" if promise.gross else "net",
            "shipping": promise.with_shipping,
            "discounts": "before" if promise.before_discounts else "after",
        },
        "rounding": {
            "to": promise.rounding,
            "per": "order" if promise.rounds_whole_orders else "line",
        },
        "ripen": {"after": promise.waits_for, "days": promise.waits_days},
        "exclude": {"sku": _patterns(promise.excluded)},
        "caps": {"order": promise.most_per_order, "day": promise.most_per_day},
        "rules": {rule.key: _rule(rule) for rule in promise.rules},
    }
    if promise.lasts_months is not None:
        points["expire"] = {
            "months": promise.lasts_months,
            "from": "earned" if promise.lasts_from_order else "available",
        }
    rates = [
        {"currency": currency, "from": "2020-01-01", "rate": str(rate)}
        for currency, rate in promise.rates.items()
    ]
    return {
        "programme": "Oracle",
        "currency": promise.currency,
        "timezone": promise.zone,
        "points": points,
        "rates": rates,
    }


def _rule(rule: Rule) -> dict[str, Any]:
    written = _kind(rule)
    if rule.changes:
        written["rules"] = list(rule.changes)
    if rule.stacks:
        written["stack"] = True
    when = {
        "sku": _patterns(rule.skus),
        "exclude": _patterns(rule.but_not),
        "group": list(rule.groups),
        "store": list(rule.shops),
        "worth": None if rule.worth is None else str(rule.worth),
    }
    if kept := {name: value for name, value in when.items() if value}:
        written["when"] = kept
    if rule.first_day:
        written["from"] = rule.first_day.isoformat()
    if rule.last_day:
        written["until"] = rule.last_day.isoformat()
    return written


def _kind(rule: Rule) -> dict[str, Any]:
    if rule.gives == "per amount":
        return {
            "per_amount": {"points": rule.points, "each": str(rule.each)},
            **({} if rule.gross is None else {"basis": _basis(rule)}),
        }
    if rule.gives == "spend steps":
        return {"spend_steps": [{"at": str(at), "points": given} for at, given in rule.steps]}
    return {
        "per item": {"per_item": rule.points},
        "per order": {"per_order": rule.points},
        "together": {"bought_together": {"sku": _patterns(rule.things), "points": rule.points}},
        "times": {"multiply": str(rule.factor)},
        "nothing": {"nothing": True},
        "first order": {"first_order": rule.points},
        "every nth": {"nth_order": {"every": rule.nth, "points": rule.points}},
    }[rule.gives]


def _basis(rule: Rule) -> dict[str, Any]:
    return {
        "price": "gross" if rule.gross else "net",
        "shipping": rule.with_shipping,
        "discounts": "before" if rule.before_discounts else "after",
    }


def _patterns(beginnings: tuple[str, ...]) -> list[str]:
    return [f"{beginning}*" for beginning in beginnings]
