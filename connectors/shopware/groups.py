"""Customer groups. They have no code: they are known by their id (PLATFORM_FACTS Shopware 13)."""

from __future__ import annotations

from connectors.base import CustomerGroup, GroupDraft
from connectors.errors import AlreadyExists, InUse
from connectors.shopware import ids, mapping
from connectors.shopware.client import ShopwareClient, any_of, equals
from connectors.shopware.paging import Criteria

_FIELDS: Criteria = {"includes": {"customer_group": mapping.GROUP}}


class Groups:
    def __init__(self, client: ShopwareClient, mark: str) -> None:
        self._client = client
        self._mark = mark

    def all(self) -> list[CustomerGroup]:
        rows = self._client.all("customer_group", _FIELDS)
        return [mapping.group(row) for row in rows]

    def one(self, group_id: str) -> CustomerGroup:
        row = self._client.one("customer_group", group_id, _FIELDS, "customer group")
        return mapping.group(row)

    def create(self, draft: GroupDraft) -> CustomerGroup:
        """The id derives from mark and key, so that a second try hits the first one's group."""
        group_id = ids.group_id(self._mark, draft.key)
        base = self.one(draft.base_group_id)
        self._refuse_taken_name(draft.name)
        row = self._client.create_and_read(
            "customer_group",
            {
                "id": group_id,
                "name": draft.name,
                "displayGross": base.tax == "gross",
                "customFields": {ids.CUSTOM_FIELD: {"mark": self._mark, "key": draft.key}},
            },
        )
        return mapping.group(row)

    def rename(self, group_id: str, name: str) -> CustomerGroup:
        self._client.update("customer_group", group_id, {"name": name})
        return self.one(group_id)

    def delete(self, group_id: str) -> None:
        self._refuse_while_priced(group_id)
        self._client.delete("customer_group", group_id)

    def _refuse_taken_name(self, name: str) -> None:
        """The shop would take a second group of the same name; the admin could not tell them
        apart."""
        alike = {**_FIELDS, "filter": [equals("name", name)], "limit": 10}
        found = self._client.search("customer_group", alike).rows
        if any(mapping.group(row).name == name for row in found):
            raise AlreadyExists(f"There is a customer group named “{name}” already")

    def _refuse_while_priced(self, group_id: str) -> None:
        """The shop looks at customers and sales channels, not at the rule that prices hang on."""
        rule = ids.rule_id(self._mark, group_id)
        priced = {
            "filter": [any_of("ruleId", [rule])],
            "limit": 1,
            "includes": {"product_price": ["id"]},
        }
        if self._client.search("product_price", priced).rows:
            raise InUse("Prices still hang on this group's rule")
