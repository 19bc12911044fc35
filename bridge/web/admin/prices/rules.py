"""The same tiers for many products: by category, by SKU pattern. The first rule that matches a
product gives its prices; a product's own prices go before any rule."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, request

from bridge.audit.service import Subject
from bridge.catalogue.looking_up import category_names
from bridge.programme.document import PriceList, Rule
from bridge.programme.price_lists import plain_rules, plain_tiers, read_tiers, tier_fields
from bridge.programme.source import Plain
from bridge.users.roles import Permission
from bridge.web.admin.prices.changes import Wish, list_of, newest, problem_of, programme_of
from bridge.web.admin.prices.lists import typed_tiers, with_empty
from bridge.web.admin.routes import Pages
from bridge.web.admin.shown import page
from bridge.web.admin.visit import Visit
from bridge.web.speaking import _

pages = Pages()
_PARTS = ("category", "sku", "exclude")


@pages.get("/price-lists/<key>/rules/new", Permission.CHANGE_PRICES)
def new_rule(visit: Visit, key: str) -> Any:
    return _form(visit, key, 0, dict.fromkeys(_PARTS, ""), [])


@pages.post("/price-lists/<key>/rules/new", Permission.CHANGE_PRICES)
def make_rule(visit: Visit, key: str) -> Any:
    return _save(visit, key, 0)


@pages.get("/price-lists/<key>/rules/<int:number>", Permission.CHANGE_PRICES)
def rule(visit: Visit, key: str, number: int) -> Any:
    found = _rule(list_of(newest(visit), key), number)
    told = {name: "\n".join(getattr(found, name)) for name in _PARTS}
    tiers = [tier_fields(tier) for tier in found.tiers]
    return _form(visit, key, number, told, tiers, holds=found.hold)


@pages.post("/price-lists/<key>/rules/<int:number>", Permission.CHANGE_PRICES)
def change_rule(visit: Visit, key: str, number: int) -> Any:
    _rule(list_of(newest(visit), key), number)
    return _save(visit, key, number)


@pages.post("/price-lists/<key>/rules/<int:number>/up", Permission.CHANGE_PRICES)
def move_rule_up(visit: Visit, key: str, number: int) -> Any:
    """Before the one above it."""
    entry = list_of(newest(visit), key)
    _rule(entry, number)
    if number == 1:
        return redirect(visit.url("price_list", key=key), 303)
    rules = plain_rules(entry)
    rules[number - 2], rules[number - 1] = rules[number - 1], rules[number - 2]
    return _stored(visit, key, entry, number, rules)


@pages.post("/price-lists/<key>/rules/<int:number>/remove", Permission.CHANGE_PRICES)
def remove_rule(visit: Visit, key: str, number: int) -> Any:
    entry = list_of(newest(visit), key)
    _rule(entry, number)
    rules = plain_rules(entry)
    del rules[number - 1]
    return _stored(visit, key, entry, number, rules)


def _stored(visit: Visit, key: str, entry: PriceList, number: int, rules: list[Plain]) -> Any:
    problem = problem_of(visit, _wish(key, entry, number, rules))
    if not problem:
        return redirect(visit.url("price_list", key=key), 303)
    found = _rule(entry, number)
    told = {name: "\n".join(getattr(found, name)) for name in _PARTS}
    tiers = [tier_fields(tier) for tier in found.tiers]
    return _form(visit, key, number, told, tiers, 422, problem=problem, holds=found.hold)


def _save(visit: Visit, key: str, number: int) -> Any:
    told = {name: request.form.get(name, "") for name in _PARTS}
    typed, holds = typed_tiers(), "hold" in request.form
    if "more" in request.form:
        return _form(visit, key, number, told, typed, holds=holds)
    found = newest(visit)
    programme, entry = programme_of(found), list_of(found, key)
    read = read_tiers(typed, entry.groups, entry.currency or programme.currency)
    problem = _what_is_missing(told, bool(read.tiers or read.problems), holds=holds)
    if not problem and not read.problems:
        made: dict[str, Plain] = {
            name: list(lines) for name in _PARTS if (lines := _lines(told[name]))
        }
        if read.tiers:
            made["tiers"] = plain_tiers(read.tiers)
        if holds:
            made["hold"] = "yes"
        rules = plain_rules(entry)
        if number:
            rules[number - 1] = made
        else:
            rules.append(made)
        problem = problem_of(visit, _wish(key, entry, number or len(rules), rules))
        if not problem:
            return redirect(visit.url("price_list", key=key), 303)
    return _form(
        visit, key, number, told, typed, 422, problem=problem, problems=read.problems, holds=holds
    )


def _what_is_missing(told: dict[str, str], has_tiers: bool, *, holds: bool) -> str:
    if not _lines(told["category"]) and not _lines(told["sku"]):
        return _("Name a category or a SKU pattern. The pattern * means every product.")
    if not has_tiers and not holds:
        return _("Fill in at least one row: from how many pieces on, and a price or a percentage.")
    return ""


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _wish(key: str, entry: PriceList, number: int, rules: list[Plain]) -> Wish:
    name = f"rule {number}"
    before = plain_rules(entry)
    return Wish(
        {("price_lists", key, "rules"): rules or None},
        f"price list {key}: {name}",
        Subject("price-list", key, key),
        {"rules": before},
        {"rules": rules},
    )


def _rule(entry: PriceList, number: int) -> Rule:
    if not 0 < number <= len(entry.rules):
        abort(404)
    return entry.rules[number - 1]


def _form(
    visit: Visit,
    key: str,
    number: int,
    told: dict[str, str],
    typed: list[dict[str, str]],
    status: int = 200,
    *,
    problem: str = "",
    problems: Any = None,
    holds: bool = False,
) -> Any:
    found = newest(visit)
    programme, entry = programme_of(found), list_of(found, key)
    with visit.app.database.reading() as session:
        categories = category_names(session, visit.app.workspace_id)
    return page(
        "price_rule.html",
        status,
        key=key,
        number=number,
        told=told,
        holds=holds,
        rows=typed if problems else with_empty(typed),
        entry=entry,
        programme=programme,
        currency=entry.currency or programme.currency,
        categories=categories,
        problem=problem,
        problems=problems or {},
        based_on=found.number,
    )
