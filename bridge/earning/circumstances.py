"""What rules ask for beside the order itself, as it was when the order came in.

Tiers, segments, companies, names of groups and categories change; what somebody bought before
is worth what it was. So this is kept with the order, and asked whenever it is judged again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bridge.earning.batch import Buyer, Shop
from bridge.earning.facts import ProductFacts
from connectors.sales import Order


@dataclass(frozen=True, slots=True)
class Circumstances:
    member_id: int
    """Decides whether he is in a rule's share, also when he is merged into another later."""
    tier: str
    segments: frozenset[str]
    company: str
    group_id: str
    group: str
    """Its name; empty: it was not known."""
    products: Mapping[str, ProductFacts] = field(default_factory=dict)
    """By product id; those of which something was known."""
    part: str = ""
    """:class:`bridge.members.joining_rules.Part`; empty: the programme takes everybody in."""

    def buyer(self, buyer: Buyer) -> Buyer:
        """The buyer as he was."""
        return replace(buyer, member_id=self.member_id, tier=self.tier, company=self.company)

    def order(self, order: Order) -> Order:
        """The order, as far as the buyer's group goes: Shopware tells the one he is in now."""
        return replace(order, group_id=self.group_id) if self.group_id else order

    def shop(self, shop: Shop) -> Shop:
        """The shop, as far as the order's group goes."""
        if not self.group:
            return shop
        return replace(shop, groups={**shop.groups, self.group_id: self.group})


def circumstances(
    order: Order,
    buyer: Buyer,
    shop: Shop,
    segments: frozenset[str],
    products: Mapping[str, ProductFacts],
    part: str = "",
) -> Circumstances:
    return Circumstances(
        buyer.member_id,
        buyer.tier,
        segments,
        buyer.company,
        order.group_id,
        shop.groups.get(order.group_id, ""),
        {key: facts for key, facts in products.items() if facts != ProductFacts()},
        part,
    )


def written(known: Circumstances) -> str:
    fields: dict[str, Any] = {
        "member": known.member_id,
        "tier": known.tier,
        "segments": sorted(known.segments),
        "company": known.company,
        "group_id": known.group_id,
        "group": known.group,
        "products": {
            key: [facts.category_paths, facts.parent_sku] for key, facts in known.products.items()
        },
        "part": known.part,
    }
    return json.dumps({name: value for name, value in fields.items() if value}, ensure_ascii=False)


def read(text: str) -> Circumstances | None:
    """``None``: nothing was kept."""
    if not text:
        return None
    fields = json.loads(text)
    return Circumstances(
        fields["member"],
        fields.get("tier", ""),
        frozenset(fields.get("segments", ())),
        fields.get("company", ""),
        fields.get("group_id", ""),
        fields.get("group", ""),
        {
            key: ProductFacts(tuple(map(tuple, paths)), parent_sku)
            for key, (paths, parent_sku) in fields.get("products", {}).items()
        },
        fields.get("part", ""),
    )
