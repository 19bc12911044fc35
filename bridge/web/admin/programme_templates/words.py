"""What pages about templates call the parts of a programme, and the names in it."""

from __future__ import annotations

from typing import Any

from bridge.programme_templates.places import Kind
from bridge.web.speaking import lazy

SECTIONS: dict[str, Any] = {
    "groups": lazy("Customer groups"),
    "price_lists": lazy("Price lists"),
    "points": lazy("Points and earning rules"),
    "segments": lazy("Segments"),
    "tiers": lazy("Tiers"),
    "identity": lazy("Who is one member"),
    "rates": lazy("Exchange rates"),
    "redemption": lazy("Redemption"),
    "next_purchase": lazy("Vouchers for the next purchase"),
    "campaigns": lazy("Campaigns"),
    "gifts": lazy("Gifts"),
    "referrals": lazy("Referrals"),
    "rewards": lazy("Reward catalogue"),
    "joining": lazy("Who takes part"),
}
KINDS: dict[Kind, Any] = {
    Kind.INSTALLATION: lazy("Store"),
    Kind.STORE: lazy("Store or part of one"),
    Kind.SHOP_GROUP: lazy("Customer group of a store"),
    Kind.ANY_GROUP: lazy("Customer group"),
    Kind.GROUP: lazy("Group of the programme"),
    Kind.TIER: lazy("Tier"),
    Kind.SEGMENT: lazy("Segment"),
    Kind.CATEGORY: lazy("Category"),
    Kind.SKU: lazy("Product (SKU)"),
    Kind.COMPANY: lazy("Company"),
    Kind.EMAIL_DOMAIN: lazy("Domain of e-mail addresses"),
}
