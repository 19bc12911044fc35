"""Gift rules that the module in the shop gives by, one row each in a table of its own.

A rule carries the bridge's mark, the key of its promotion and its whole text (``says``), by which
it is known again; the module passes over what it does not know. Its row's key is derived from mark
and key, so two installations of the bridge never write over each other's.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from connectors.errors import ConnectorError, Forbidden, Mismatch, NotFound, Rejected
from connectors.magento.client import MagentoClient, encoded, listed
from connectors.magento.compiling import check_store, group_ids, label_of
from connectors.magento.faults import NoRoute
from connectors.magento.module_seen import RESOURCE, SERVICES, InstalledModule, not_there
from connectors.magento.rule_text import ALL_GROUPS, AMOUNT_STEP
from connectors.magento.views import View
from connectors.rewards import GIFT_KEYS, Promotion, PromotionKind
from connectors.sentences import sentence

Said = dict[str, Any]
"""The text, read."""
BY_MODULE = "by_module"
"""In the text of a gift that the module puts into baskets."""
CHANGED = "changed"
MOST_RULES = 50
"""The module reads no more of a website."""
MOST_PIECES = 99
VERSION = 1
"""Of a rule's form."""
_PATH = f"{SERVICES}/gifts"
_ALL_OF_IT = Decimal(100)
_SHAPE: Mapping[str, type | tuple[type, ...]] = {
    BY_MODULE: bool,
    "after_discounts": bool,
    "amount": str,
    "currency": str,
    "from": (int, type(None)),
    "gross": bool,
    "groups": list,
    "label": str,
    "name": str,
    "quantity": int,
    "sku": str,
    "until": (int, type(None)),
    "website": int,
}
"""All that stands in a text."""


# --- the text ------------------------------------------------------------------------------


def can_be_by_module(promotion: Promotion) -> bool:
    """Whether the module can give it; else it is a cart price rule like any other."""
    threshold, given = promotion.threshold, promotion.discount
    return (
        promotion.kind is PromotionKind.GIFT
        and promotion.key.startswith(GIFT_KEYS)
        and promotion.is_active
        and given.percent == _ALL_OF_IT
        and given.maximum is None
        and len(set(promotion.product_ids)) == 1
        and threshold is not None
        and threshold.amount > 0
        and 1 <= _pieces(promotion) <= MOST_PIECES
        and not promotion.needs_product_ids
        and not promotion.first_order_only
    )


def said_by_module(promotion: Promotion, views: Sequence[View]) -> Said:
    """For one that :func:`can_be_by_module`. Raises Rejected as
    :func:`connectors.magento.compiling.compiled`, but for what only the module can."""
    check_store(promotion, views)
    threshold = promotion.threshold
    assert threshold is not None
    groups = group_ids(promotion)
    return {
        BY_MODULE: True,
        "after_discounts": threshold.after_discounts,
        "amount": f"{threshold.amount.quantize(AMOUNT_STEP, ROUND_HALF_UP):f}",
        "currency": promotion.currency,
        "from": _seconds(promotion.starts_at),
        "gross": threshold.is_gross,
        "groups": [] if groups == ALL_GROUPS else [str(one) for one in groups],
        "label": label_of(promotion),
        "name": promotion.name,
        "quantity": _pieces(promotion),
        "sku": promotion.product_ids[0],
        "until": _seconds(promotion.ends_at),
        "website": int(promotion.store_id),
    }


def read_said(native: str) -> Said | None:
    """``None``: it is no text of a gift by the module."""
    try:
        said = json.loads(native)
    except ValueError:
        return None
    return said if isinstance(said, dict) and BY_MODULE in said else None


def _pieces(promotion: Promotion) -> int:
    return 1 if promotion.most_pieces is None else promotion.most_pieces


def _seconds(at: datetime | None) -> int | None:
    return None if at is None else int(at.timestamp())


# --- the rule ------------------------------------------------------------------------------


def gift_key(mark: str, key: str) -> str:
    """Of the module's row, and on the lines of orders."""
    return f"gift-{hashlib.sha256(f'{mark}:{key}'.encode()).hexdigest()[:32]}"


def rule_of(mark: str, key: str, said: Said) -> dict[str, Any]:
    return {
        "v": VERSION,
        "mark": mark,
        "key": gift_key(mark, key),
        "rule": key,
        "sku": said["sku"],
        "quantity": said["quantity"],
        "amount": said["amount"],
        "currency": said["currency"],
        "gross": said["gross"],
        "after_discounts": said["after_discounts"],
        "groups": said["groups"],
        "tiers": [],
        "from": said["from"],
        "until": said["until"],
        "says": said,
    }


class ModuleGifts:
    """Safe to share between threads. Every method may raise ConnectorError."""

    def __init__(
        self, client: MagentoClient, module: InstalledModule, mark: str, *, is_told: bool = True
    ) -> None:
        """``is_told``: it may be told rules, if it is there."""
        self._client = client
        self._module = module
        self._mark = mark
        self._is_told = is_told

    def left_alone(self) -> ModuleGifts:
        """The same, for a module that is to be told nothing."""
        return ModuleGifts(self._client, self._module, self._mark, is_told=False)

    @property
    def can_be_given(self) -> bool:
        """Whether the module gives what it is told at this moment."""
        return self._is_told and self._module.gives_gifts()

    def row_key(self, key: str) -> str:
        """Of the module's row."""
        return gift_key(self._mark, key)

    def held(self) -> dict[str, Said]:
        """Every gift of ours, by key, whether the module is switched on or not. Nothing where it
        is not there or may not be used: then nothing is made for it."""
        try:
            rows = self._rows()
        except (NoRoute, Forbidden):
            return {}
        found: dict[str, Said] = {}
        for row in rows:
            rule = _rule(row)
            if rule.get("mark") == self._mark and isinstance(rule.get("rule"), str):
                found[rule["rule"]] = _said(self._mark, rule["rule"], row, rule)
        return found

    def check(self, key: str, said: Said) -> None:
        """Whether :meth:`put` can do it, before anything is taken away elsewhere. Raises Rejected
        for what the module cannot be told."""
        if CHANGED in said or not is_whole(said):
            raise Rejected("It was changed by hand in the module's table: that is not kept")
        if not self.can_be_given:
            raise Rejected(
                sentence(
                    "The module that shall give it is switched off in the shop, or was made to "
                    "forget the bridge"
                ),
                advice=sentence("Plan again."),
            )
        own = self.row_key(key)
        others = [row for row in self._rows() if str(row.get("key")) != own]
        website = said["website"]
        beside = sum(_website(row) == website for row in others)
        if beside >= MOST_RULES:
            raise Rejected(f"{beside + 1} gift rules in one website: {MOST_RULES} at most")

    def put(self, key: str, said: Said) -> None:
        """Repeatable."""
        own = self.row_key(key)
        # In ASCII: Magento's tables cut a text at the first character of four bytes.
        whole = rule_of(self._mark, key, said)
        rule = json.dumps(whole, sort_keys=True, separators=(",", ":"))
        body = {"gift": {"key": own, "website_id": said["website"], "rule": rule}}
        try:
            self._client.put(f"{_PATH}/{encoded(own)}", body, repeatable=True)
        except NoRoute:
            raise not_there() from None

    def drop(self, key: str) -> None:
        """And sees it gone: from then on the module gives it to no basket that is worked out
        anew. Raises Forbidden where the module is there and the bridge may not use it."""
        own = self.row_key(key)
        try:
            self._take_out(own)
            left = any(str(row.get("key")) == own for row in self._rows())
        except NoRoute:
            return
        except Forbidden as refusal:
            raise _cannot_look(refusal) from refusal
        if left:
            raise Mismatch("A gift came back into the module's table as it was taken out")

    def _take_out(self, own: str) -> None:
        try:
            self._client.delete(f"{_PATH}/{encoded(own)}")
        except NotFound:
            return

    def _rows(self) -> list[Mapping[str, Any]]:
        rows = listed(self._client.get(_PATH), f"GET /rest/all/V1/{_PATH}")
        return [row for row in rows if isinstance(row, dict)]


def _rule(row: Mapping[str, Any]) -> dict[str, Any]:
    """Empty where it is none that the bridge could have written."""
    try:
        rule = json.loads(str(row.get("rule") or ""))
    except ValueError:
        return {}
    return rule if isinstance(rule, dict) else {}


def _said(mark: str, key: str, row: Mapping[str, Any], rule: Mapping[str, Any]) -> Said:
    """What it says; under ``changed`` how it differs from what the bridge would write."""
    says = rule.get("says")
    if isinstance(says, dict) and is_whole(says):
        as_written = row.get("key") == gift_key(mark, key) and _website(row) == says["website"]
        if as_written and rule == rule_of(mark, key, says):
            return says
    told = {name: value for name, value in rule.items() if name != "says"}
    return {BY_MODULE: True, CHANGED: {"rule": told, "website": _website(row)}}


def is_whole(says: Mapping[str, Any]) -> bool:
    """Whether it is a text that the bridge could have written."""
    return says.keys() == _SHAPE.keys() and all(
        isinstance(says[name], kind) for name, kind in _SHAPE.items()
    )


def _website(row: Mapping[str, Any]) -> int:
    try:
        return int(row.get("website_id") or 0)
    except (TypeError, ValueError):
        return 0


def _cannot_look(refusal: ConnectorError) -> Forbidden:
    return Forbidden(
        sentence(
            "Whether the module in the shop gives this gift cannot be seen, so it is not given by "
            "other means: it could be given twice"
        ),
        where=refusal.where,
        advice=sentence("Grant the resource “Loyalty Bridge” to the integration."),
        privileges=(RESOURCE,),
    )
