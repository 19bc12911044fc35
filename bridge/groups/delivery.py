"""Delivering customer groups, and the audiences that prices of a group hang on."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from sqlalchemy import delete, select
from sqlmodel import Session, col

from bridge.db import upsert
from bridge.groups.models import ShopAudience, ShopGroup
from bridge.outbox.handler import Handler
from bridge.outbox.judging import Held, Item
from bridge.outbox.leases import Stage
from bridge.outbox.placeholders import fill_in, is_placeholder, placeholder
from connectors.base import Capabilities, Connector, CustomerGroup, GroupDraft
from connectors.errors import ConnectorError, Rejected

PRESENT = "present"
"""The value of an audience that is there; there is nothing more to say about one."""


def group_hints(base_group_id: str, earlier_id: str = "") -> str:
    """What making a group takes besides its name: the base, and the id it had before."""
    return json.dumps({"base": base_group_id, "earlier": earlier_id})


class GroupHandler(Handler):
    """Key: the programme's key of the group. Value: its name in the shop."""

    kind = "group"

    def batch_size(self, capabilities: Capabilities) -> tuple[int, int]:
        return 20, 20

    def read(self, connector: Connector, items: Sequence[Item]) -> dict[str, Held]:
        groups = connector.groups()
        held = {}
        for item in items:
            group = _group_of(item, groups)
            if group is not None:
                held[item.key] = Held(group.name, group.id)
        return held

    def write(self, connector: Connector, items: Sequence[Item]) -> dict[str, ConnectorError]:
        refusals: dict[str, ConnectorError] = {}
        for item in items:
            try:
                self._write_one(connector, item)
            except ConnectorError as error:
                if len(items) == 1:
                    raise
                refusals[item.key] = error
        return refusals

    @staticmethod
    def _write_one(connector: Connector, item: Item) -> None:
        if item.after is None:
            connector.delete_group(item.native_id)
        elif item.before is None:
            base = json.loads(item.hints)["base"]
            connector.create_group(GroupDraft(item.key, item.after, base))
        else:
            connector.rename_group(item.native_id, item.after)

    def mirror(
        self,
        session: Session,
        workspace_id: int,
        installation_id: int,
        held: Mapping[str, Held],
    ) -> None:
        for item in held.values():
            if item.value is None:
                continue
            known = session.get(ShopGroup, (installation_id, item.native_id))
            upsert(
                session,
                ShopGroup,
                [
                    {
                        "installation_id": installation_id,
                        "group_id": item.native_id,
                        "workspace_id": workspace_id,
                        "name": item.value,
                        "tax": known.tax if known else "",
                    }
                ],
            )

    def settled(
        self, session: Session, stage: Stage, done: Sequence[Item], held: Mapping[str, Held]
    ) -> None:
        for item in done:
            if item.after is None:
                session.execute(
                    delete(ShopGroup).where(
                        col(ShopGroup.workspace_id) == stage.workspace_id,
                        col(ShopGroup.installation_id) == stage.installation_id,
                        col(ShopGroup.group_id) == item.native_id,
                    )
                )
            elif item.before is None:
                made = held[item.key].native_id
                fill_in(session, stage, placeholder(item.key), made)
                earlier = json.loads(item.hints or "{}").get("earlier")
                if earlier and earlier != made:
                    fill_in(session, stage, earlier, made)


def _group_of(item: Item, groups: Sequence[CustomerGroup]) -> CustomerGroup | None:
    """The group this delivery means: by id once it has one, else by the name it shall get."""
    if item.native_id and item.before is not None:
        return next((group for group in groups if group.id == item.native_id), None)
    name = (item.after or "").casefold()
    by_id = (group for group in groups if group.id == item.native_id)
    by_name = (group for group in groups if group.name.casefold() == name)
    return next(by_id, None) or next(by_name, None)


class AudienceHandler(Handler):
    """Key: the shop's id of the group. Value: :data:`PRESENT`."""

    kind = "audience"

    def batch_size(self, capabilities: Capabilities) -> tuple[int, int]:
        return 20, 20

    def read(self, connector: Connector, items: Sequence[Item]) -> dict[str, Held]:
        there = {audience.id for audience in connector.audiences()}
        ids = {
            item.key: connector.audience_id(item.key)
            for item in items
            if not is_placeholder(item.key)
        }
        return {key: Held(PRESENT, id_) for key, id_ in ids.items() if id_ in there}

    def write(self, connector: Connector, items: Sequence[Item]) -> dict[str, ConnectorError]:
        refusals: dict[str, ConnectorError] = {}
        for item in items:
            try:
                if is_placeholder(item.key):
                    raise Rejected(f"The group {item.label} was not made.")
                if item.after is None:
                    connector.delete_audience(connector.audience_id(item.key))
                else:
                    connector.create_audience(item.key, item.label)
            except ConnectorError as error:
                refusals[item.key] = error
        return refusals

    def mirror(
        self,
        session: Session,
        workspace_id: int,
        installation_id: int,
        held: Mapping[str, Held],
    ) -> None:
        for group_id, item in held.items():
            if item.value is None:
                self._forget(session, workspace_id, installation_id, group_id)
            else:
                upsert(
                    session,
                    ShopAudience,
                    [
                        {
                            "installation_id": installation_id,
                            "audience_id": item.native_id,
                            "workspace_id": workspace_id,
                            "name": "",
                            "group_ids": [group_id],
                            "priority": 0,
                            "ours": True,
                        }
                    ],
                )

    @staticmethod
    def _forget(session: Session, workspace_id: int, installation_id: int, group_id: str) -> None:
        mine = session.execute(
            select(ShopAudience).where(
                col(ShopAudience.workspace_id) == workspace_id,
                col(ShopAudience.installation_id) == installation_id,
                col(ShopAudience.ours).is_(True),
            )
        ).scalars()
        for audience in mine:
            if audience.group_ids == [group_id]:
                session.delete(audience)

    def settled(
        self, session: Session, stage: Stage, done: Sequence[Item], held: Mapping[str, Held]
    ) -> None:
        pass
