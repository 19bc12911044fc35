"""A cart price rule as the bridge writes it: its native text, and the row the shop keeps. Pure.

The text is canonical JSON of just the fields the bridge writes, in one spelling: what the shop
adds (counts, order of keys, ``1`` for ``1.0``, other languages' labels) does not show in it, what
somebody changed does. The mark is not in it: it goes with the key (:mod:`.own_rules`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from connectors.errors import Rejected
from connectors.magento.conditions import COMBINE, PRODUCT_COMBINE, normal
from connectors.magento.mapping import exact, number

Row = Mapping[str, Any]
Fields = dict[str, Any]

ALL_GROUPS = "all"
"""In place of the ids: every group the shop has, guests' included. A group that comes later
shows as a difference, and is let in by the next write."""
AMOUNT_STEP = Decimal("0.0001")
"""What ``discount_amount`` and ``discount_qty`` keep."""
TEXT_LENGTH = 255
"""Of a rule's name and its label: Magento would cut or refuse a longer one."""
FIRST_DAY, LAST_DAY = "2000-01-01", "2099-12-31"
"""A rule without beginning or end still says both: a date that is left out of a ``PUT`` keeps its
old value, and some versions take a missing one for today (magento2 ``ToModel::formattingDate``)."""

LAST_ORDER = 20
"""The ``sort_order`` of vouchers; nothing of ours comes later."""
NO_COUPON, SPECIFIC_COUPON = "NO_COUPON", "SPECIFIC_COUPON"
BY_PERCENT, CART_FIXED = "by_percent", "cart_fixed"

ALWAYS: Fields = {
    "stop_rules_processing": False,
    "apply_to_shipping": False,
    "simple_free_shipping": "0",
    "discount_step": 0,
    "uses_per_customer": 0,
}
"""The same in every rule of ours. ``uses_per_customer`` counts the rule, not the coupon: with 1 a
member's second voucher of the same rule would be refused."""


def text_of(fields: Fields) -> str:
    return json.dumps(fields, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def fields_of(text: str) -> Fields:
    """Raises Rejected for a text that no :func:`text_of` made."""
    try:
        fields = json.loads(text)
    except ValueError:
        fields = None
    if not isinstance(fields, dict) or not _READERS.keys() <= fields.keys():
        raise Rejected("This is no native text of a Magento cart price rule")
    return fields


def short(text: str) -> str:
    return text.strip()[:TEXT_LENGTH].rstrip()


def told(row: Row, all_groups: Iterable[int]) -> Fields:
    """What the shop's row says in the fields of the text."""
    fields = {name: read(row.get(name)) for name, read in _READERS.items()}
    fields["label"] = _label(row.get("store_labels"))
    fields["condition"] = normal(row.get("condition"), COMBINE)
    fields["action_condition"] = normal(row.get("action_condition"), PRODUCT_COMBINE)
    if set(fields["customer_group_ids"]) == set(all_groups):
        fields["customer_group_ids"] = ALL_GROUPS
    return fields


def body_of(fields: Fields, description: str, all_groups: Sequence[int]) -> Fields:
    """What is sent. Fields of the row that the bridge does not write are for the caller to add:
    a ``PUT`` takes what is missing from it for empty."""
    body = dict(fields)
    label = body.pop("label")
    groups = body["customer_group_ids"]
    return body | {
        "description": description,
        "is_advanced": True,
        "store_labels": [{"store_id": 0, "store_label": label}],
        "customer_group_ids": sorted(all_groups) if groups == ALL_GROUPS else groups,
        "discount_amount": number(Decimal(body["discount_amount"])),
        "discount_qty": number(Decimal(body["discount_qty"])),
    }


def differing(wanted: Fields, found: Fields) -> list[str]:
    return sorted(name for name in wanted if wanted[name] != found.get(name))


# -- one spelling ---------------------------------------------------------------------------


def amount_text(value: Any) -> str:
    """``"5"`` for 5, ``"5.0000"`` and 5.0."""
    try:
        return f"{exact(value if value is not None else 0, AMOUNT_STEP):f}"
    except InvalidOperation:
        return str(value)


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _day(value: Any) -> str:
    return _text(value)[:10]


def _ids(value: Any) -> list[int]:
    return sorted({int(one) for one in value or ()})


def _count(value: Any) -> int:
    return int(value or 0)


def _flag(value: Any) -> bool:
    return value not in (None, False, 0, "0", "")


def _label(labels: Any) -> str:
    """The one for all store views; an admin may add translations."""
    found = (str(one.get("store_label") or "") for one in labels or () if _for_all_views(one))
    return next(found, "")


def _for_all_views(label: Row) -> bool:
    return str(label.get("store_id")) == "0"


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "name": _text,
    "website_ids": _ids,
    "customer_group_ids": _ids,
    "from_date": _day,
    "to_date": _day,
    "is_active": _flag,
    "simple_action": _text,
    "discount_amount": amount_text,
    "discount_qty": amount_text,
    "discount_step": _count,
    "apply_to_shipping": _flag,
    "simple_free_shipping": lambda value: _text(value) or "0",
    "stop_rules_processing": _flag,
    "sort_order": _count,
    "coupon_type": lambda value: _text(value) or NO_COUPON,
    "use_auto_generation": _flag,
    "uses_per_coupon": _count,
    "uses_per_customer": _count,
}
