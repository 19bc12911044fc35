"""Rules as audiences: what ``product_price`` rows hang on, one rule per customer group."""

from __future__ import annotations

import threading
from contextlib import suppress

from connectors.base import Audience
from connectors.errors import AlreadyExists, Mismatch, Unsafe
from connectors.shopware import ids, mapping
from connectors.shopware.client import ShopwareClient
from connectors.shopware.paging import Criteria

_FIELDS: Criteria = {
    "associations": {"conditions": {}},
    "includes": {"rule": mapping.RULE, "rule_condition": mapping.RULE_CONDITION},
}
_HIGHEST = 2_147_483_647


class Audiences:
    def __init__(self, client: ShopwareClient, mark: str) -> None:
        self._client = client
        self._mark = mark
        self._making = threading.Lock()

    def all(self) -> list[Audience]:
        return [mapping.audience(row, self._mark) for row in self._client.all("rule", _FIELDS)]

    def create(self, group_id: str, group_name: str) -> Audience:
        """The first rule that matches by priority decides, not the cheapest price: ours comes
        above every other one, with a priority of its own (PLATFORM_FACTS Shopware 12).

        Raises Mismatch when our rule is there but holds for somebody else by now.
        """
        rule_id = ids.rule_id(self._mark, group_id)
        with self._making:
            there = {audience.id: audience for audience in self.all()}
            if rule_id in there:
                return self._checked(there[rule_id], group_id)
            highest = max((audience.priority for audience in there.values()), default=0)
            draft = self._draft(rule_id, group_id, group_name, highest + 1)
            with suppress(AlreadyExists):
                self._client.create("rule", draft)
            return self._checked(self._one(rule_id), group_id)

    def delete(self, audience_id: str) -> None:
        """Raises Unsafe for a rule that is not ours, InUse while prices hang on it."""
        if not self._one(audience_id).ours:
            raise Unsafe("This rule was not made by the bridge; it is left alone")
        self._client.delete("rule", audience_id)

    def _one(self, rule_id: str) -> Audience:
        return mapping.audience(self._client.one("rule", rule_id, _FIELDS, "rule"), self._mark)

    def _draft(self, rule_id: str, group_id: str, group_name: str, priority: int) -> Criteria:
        condition = {
            "type": "customerCustomerGroup",
            "value": {"operator": "=", "customerGroupIds": [group_id]},
        }
        inner = {"type": "andContainer", "value": [], "children": [condition]}
        return {
            "id": rule_id,
            "name": f"Loyalty Bridge: {group_name}"[:255],
            "priority": min(priority, _HIGHEST),
            "moduleTypes": {"types": ["price"]},
            "customFields": {ids.CUSTOM_FIELD: {"mark": self._mark, "group": group_id}},
            "conditions": [{"type": "orContainer", "value": [], "children": [inner]}],
        }

    def _checked(self, audience: Audience, group_id: str) -> Audience:
        if audience.group_ids != (group_id,):
            raise Mismatch(
                f"The conditions of the rule “{audience.name}” were changed in the shop",
                advice="Make it hold for the one customer group again, or delete it.",
            )
        return audience
