"""Whom and what an earning rule means. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache

from bridge.earning.facts import Buyer, ProductFacts
from bridge.programme.catalogue import fitting, lies_in
from bridge.programme.earning_rules import EarningRule, When
from bridge.programme.points import Exclusions
from connectors.sales import OrderLine

_UNKNOWN = ProductFacts()


def holds_for(key: str, rule: EarningRule, buyer: Buyer, day: date) -> bool:
    """Whether a rule is in force for someone on a day (in the programme's time zone)."""
    return (
        rule.holds_on(day)
        and (rule.when is None or _is_meant(rule.when, buyer))
        and is_in_share(key, rule.share, buyer.member_number)
    )


def is_in_share(key: str, share: int, member_number: int) -> bool:
    """Whether a member is among the ``share`` percent that a rule holds for.

    Always the same answer for one member and rule, and independent between rules: the first
    eight bytes of SHA-256 of ``rule key/member number``, as a number, modulo 100.
    """
    if share >= 100:
        return True
    mark = hashlib.sha256(f"{key}/{member_number}".encode()).digest()
    return int.from_bytes(mark[:8], "big") % 100 < share


def is_excluded(exclude: Exclusions, buyer: Buyer) -> bool:
    """Whether no rule gives him anything."""
    return not buyer.takes_part or (bool(exclude.group) and _is_in_group(exclude.group, buyer))


def earning_lines(
    lines: Iterable[OrderLine], exclude: Exclusions, products: Mapping[str, ProductFacts]
) -> list[OrderLine]:
    """The lines that can earn: no gifts, nothing excluded, at least a part of a piece."""
    return [
        line
        for line in lines
        if not line.is_gift and line.quantity > 0 and not _is_left_out(line, exclude, products)
    ]


def meant_lines(
    when: When | None, lines: Sequence[OrderLine], products: Mapping[str, ProductFacts]
) -> list[OrderLine]:
    if when is None or not when.is_about_lines:
        return list(lines)
    return [line for line in lines if _is_line_meant(when, line, _facts(line, products))]


def fits_sku(
    patterns: tuple[str, ...], line: OrderLine, products: Mapping[str, ProductFacts]
) -> bool:
    """By the line's own SKU or that of the product it is a variant of."""
    return _fits_sku(patterns, line, _facts(line, products))


def is_in_category(
    names: Iterable[str], line: OrderLine, products: Mapping[str, ProductFacts]
) -> bool:
    return _is_in_category(names, _facts(line, products))


# --- the buyer -----------------------------------------------------------------------------


def _is_meant(when: When, buyer: Buyer) -> bool:
    return (
        (not when.group or _is_in_group(when.group, buyer))
        and (not when.segment or not buyer.segments.isdisjoint(when.segment))
        and (not when.tier or buyer.tier in when.tier)
        and (not when.company or _is_of_company(when.company, buyer.company))
        and (not when.store or _is_in_store(when.store, buyer))
    )


def _is_in_group(names: tuple[str, ...], buyer: Buyer) -> bool:
    if buyer.group_key and buyer.group_key in names:
        return True
    return bool(buyer.group_name) and _plain(buyer.group_name) in _plain_all(names)


def _is_of_company(patterns: tuple[str, ...], company: str) -> bool:
    name = _plain(company)
    return bool(name) and fitting(_plain_all(patterns))(name)


def _is_in_store(names: tuple[str, ...], buyer: Buyer) -> bool:
    places = {buyer.installation}
    places |= {f"{buyer.installation}/{store}" for store in (buyer.store, buyer.store_name)}
    return not places.isdisjoint(names)


@lru_cache(maxsize=4096)
def _plain_all(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(_plain, names))


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


# --- lines ---------------------------------------------------------------------------------


def _facts(line: OrderLine, products: Mapping[str, ProductFacts]) -> ProductFacts:
    return products.get(line.product_id, _UNKNOWN) if line.product_id else _UNKNOWN


def _is_left_out(
    line: OrderLine, exclude: Exclusions, products: Mapping[str, ProductFacts]
) -> bool:
    facts = _facts(line, products)
    return (bool(exclude.sku) and _fits_sku(exclude.sku, line, facts)) or (
        bool(exclude.category) and _is_in_category(exclude.category, facts)
    )


def _is_line_meant(when: When, line: OrderLine, facts: ProductFacts) -> bool:
    return (
        (not when.sku or _fits_sku(when.sku, line, facts))
        and (not when.category or _is_in_category(when.category, facts))
        and not (when.exclude and _fits_sku(when.exclude, line, facts))
    )


def _fits_sku(patterns: tuple[str, ...], line: OrderLine, facts: ProductFacts) -> bool:
    return _fits(patterns, line.sku) or _fits(patterns, facts.parent_sku)


@lru_cache(maxsize=16_384)
def _fits(patterns: tuple[str, ...], sku: str) -> bool:
    """Kept: the same products are bought again and again."""
    return bool(sku) and fitting(patterns)(sku)


def _is_in_category(names: Iterable[str], facts: ProductFacts) -> bool:
    return any(lies_in(facts.category_paths, name) for name in names)
