"""Delivering customer groups, and the audiences that prices of a group hang on."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, delete, select, update
from sqlmodel import Session, col

from bridge.db import upsert
from bridge.groups.models import ShopAudience, ShopGroup
from bridge.outbox.handler import Handler, one_by_one
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
        return one_by_one(items, lambda item: self._write_one(connector, item))

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
        taxes = _taxes(session, workspace_id, installation_id)
        rows = [
            {
                "installation_id": installation_id,
                "group_id": item.native_id,
                "workspace_id": workspace_id,
                "name": item.value,
                "tax": taxes.get(item.native_id, ""),
            }
            for item in held.values()
            if item.value is not None
        ]
        upsert(session, ShopGroup, rows)

    def settled(
        self, session: Session, stage: Stage, done: Sequence[Item], held: Mapping[str, Held]
    ) -> None:
        for item in done:
            if item.after is None:
                session.execute(delete(ShopGroup).where(*_group_row(stage, item.native_id)))
            elif item.before is None:
                self._made(session, stage, item, held[item.key].native_id)

    @staticmethod
    def _made(session: Session, stage: Stage, item: Item, made: str) -> None:
        hints = json.loads(item.hints or "{}")
        taxes = _taxes(session, stage.workspace_id, stage.installation_id)
        session.execute(
            update(ShopGroup)
            .where(*_group_row(stage, made))
            .values(tax=taxes.get(hints.get("base"), ""))
        )
        fill_in(session, stage, placeholder(item.key), made)
        earlier = hints.get("earlier")
        if earlier and earlier != made:
            fill_in(session, stage, earlier, made)


def _taxes(session: Session, workspace_id: int, installation_id: int) -> dict[str, str]:
    """What groups' taxes are as far as it was read, by group id."""
    rows = session.execute(
        select(col(ShopGroup.group_id), col(ShopGroup.tax)).where(
            col(ShopGroup.workspace_id) == workspace_id,
            col(ShopGroup.installation_id) == installation_id,
        )
    )
    return {row.group_id: row.tax for row in rows}


def _group_row(stage: Stage, group_id: str) -> tuple[ColumnElement[bool], ...]:
    return (
        col(ShopGroup.workspace_id) == stage.workspace_id,
        col(ShopGroup.installation_id) == stage.installation_id,
        col(ShopGroup.group_id) == group_id,
    )


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
        return one_by_one(items, lambda item: self._write_one(connector, item))

    @staticmethod
    def _write_one(connector: Connector, item: Item) -> None:
        if is_placeholder(item.key):
            raise Rejected(f"The group {item.label} was not made.")
        if item.after is None:
            connector.delete_audience(connector.audience_id(item.key))
        else:
            connector.create_audience(item.key, item.label)

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
        ours = (
            col(ShopAudience.workspace_id) == workspace_id,
            col(ShopAudience.installation_id) == installation_id,
            col(ShopAudience.ours).is_(True),
        )
        found = session.execute(
            select(col(ShopAudience.audience_id), col(ShopAudience.group_ids)).where(*ours)
        )
        gone = [id_ for id_, group_ids in found if group_ids == [group_id]]
        session.execute(delete(ShopAudience).where(*ours, col(ShopAudience.audience_id).in_(gone)))

    def settled(
        self, session: Session, stage: Stage, done: Sequence[Item], held: Mapping[str, Held]
    ) -> None:
        pass
