"""What a plan of one installation is made from: the programme, the last pull, the bindings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, SQLModel, col

from bridge.groups.models import ShopAudience, ShopGroup
from bridge.installations.answering import complete
from bridge.installations.connecting import mark
from bridge.installations.models import Installation, ShopFacts
from bridge.outbox.models import Binding, Delivery, DeliveryState
from bridge.outbox.snapshots import Snapshot
from bridge.programme.document import PriceList, Programme
from connectors.base import Audience, Currency, CustomerGroup, Platform, PricingFacts, Store


@dataclass(frozen=True)
class Bound:
    """A binding as a plan needs it."""

    key: str
    batch: str
    snapshot: Snapshot


@dataclass(frozen=True)
class Site:
    """One installation as last pulled."""

    installation_id: int
    workspace_id: int
    name: str
    platform: Platform
    mark: str
    programme: Programme
    groups: Mapping[str, CustomerGroup]
    """By id."""
    audiences: Mapping[str, Audience]
    """By id."""
    pricing: PricingFacts
    installations: frozenset[str]
    """Names of all installations of the workspace."""

    @property
    def audience_is_group(self) -> bool:
        return self.platform.audience_id(self.mark, "?") == "?"

    def is_unsure_where(self, price_list: PriceList) -> bool:
        """Whether the list names a store that is not there: most likely a slip of the pen, and
        no reason to take its prices away from another."""
        places = {name.partition("/")[0] for name in price_list.stores}
        return not places <= self.installations

    def groups_named(self, name: str) -> list[CustomerGroup]:
        """By id; a shop may have several of one name."""
        wanted = name.casefold()
        found = (group for group in self.groups.values() if group.name.casefold() == wanted)
        return sorted(found, key=lambda group: group.id)

    def group_named(self, name: str) -> CustomerGroup | None:
        return next(iter(self.groups_named(name)), None)

    def group_name(self, group_id: str) -> str:
        group = self.groups.get(group_id)
        return group.name if group else f"group {group_id}"


def read_site(
    session: Session,
    installation: Installation,
    platform: Platform,
    workspace: str,
    programme: Programme,
    names: frozenset[str],
) -> Site:
    """Reads what is small; prices and customers are streamed later."""
    assert installation.id is not None
    facts = next(iter(_mirror(session, ShopFacts, installation)), None)
    groups = {row.group_id: row for row in _mirror(session, ShopGroup, installation)}
    audiences = {row.audience_id: row for row in _mirror(session, ShopAudience, installation)}
    pricing = PricingFacts(
        currencies=tuple(Currency(**row) for row in facts.currencies) if facts else (),
        stores=tuple(Store(**row) for row in facts.stores) if facts else (),
        audiences=tuple(
            Audience(row.audience_id, row.name, tuple(row.group_ids), row.priority, row.ours)
            for row in audiences.values()
        ),
        settings=complete(platform, installation.settings),
    )
    return Site(
        installation_id=installation.id,
        workspace_id=installation.workspace_id,
        name=installation.name,
        platform=platform,
        mark=mark(workspace, installation.name),
        programme=programme,
        groups={id_: CustomerGroup(row.group_id, row.name, row.tax) for id_, row in groups.items()},
        audiences={audience.id: audience for audience in pricing.audiences},
        pricing=pricing,
        installations=names,
    )


def _mirror(session: Session, table: type[SQLModel], installation: Installation) -> list[Any]:
    columns: Any = table
    rows = session.execute(
        select(table).where(
            col(columns.workspace_id) == installation.workspace_id,
            col(columns.installation_id) == installation.id,
        )
    )
    return list(rows.scalars())


def bindings(
    session: Session, site: Site, kind: str, batches: Sequence[str] | None = None
) -> dict[str, Bound]:
    """By key; only those of the given batches (products), where any are given."""
    query = select(
        col(Binding.key),
        col(Binding.batch),
        col(Binding.ours),
        col(Binding.theirs),
        col(Binding.original),
        col(Binding.owned),
        col(Binding.native_id),
        col(Binding.source),
    ).where(
        col(Binding.workspace_id) == site.workspace_id,
        col(Binding.installation_id) == site.installation_id,
        col(Binding.kind) == kind,
    )
    if batches is not None:
        query = query.where(col(Binding.batch).in_(batches))
    return {
        key: Bound(key, batch, Snapshot(*snapshot))
        for key, batch, *snapshot in session.execute(query)
    }


@dataclass(frozen=True, slots=True)
class Claim:
    """What the bridge meant to write and never learnt whether it did."""

    value: str
    before: str | None
    base: Snapshot | None
    source: str

    def snapshot(self, native_id: str) -> Snapshot:
        original = self.base.original if self.base else self.before
        return Snapshot(self.value, self.value, original, True, native_id, self.source)

    def holds(self, theirs: str | None, bound: Snapshot | None) -> bool:
        """Whether what the shop holds is ours because of it: it is just what was meant, and
        nothing was agreed on since."""
        return (
            theirs == self.value
            and bound == self.base
            and (bound is None or bound.theirs != theirs)
        )


def claims(
    session: Session, site: Site, kind: str, batches: Sequence[str] | None = None
) -> dict[str, Claim]:
    """The newest by key, of deliveries that no later one has overtaken."""
    later = aliased(Delivery)
    overtaken = (
        select(col(later.id))
        .where(
            col(later.workspace_id) == site.workspace_id,
            col(later.installation_id) == site.installation_id,
            col(later.kind) == kind,
            col(later.key) == col(Delivery.key),
            col(later.state) == DeliveryState.DONE.value,
            col(later.id) > col(Delivery.id),
        )
        .exists()
    )
    query = (
        select(
            col(Delivery.key),
            col(Delivery.after),
            col(Delivery.before),
            col(Delivery.base),
            col(Delivery.source),
        )
        .where(*_unknown(site, kind), ~overtaken)
        .order_by(col(Delivery.id))
    )
    if batches is not None:
        query = query.where(col(Delivery.batch).in_(batches))
    return {
        key: Claim(after, before, None if base is None else Snapshot.from_text(base), source)
        for key, after, before, base, source in session.execute(query)
        if after is not None
    }


def claimed_batches(session: Session, site: Site, kind: str) -> set[str]:
    """Batches (products) that may have a claim."""
    rows = session.execute(select(col(Delivery.batch)).where(*_unknown(site, kind)).distinct())
    return set(rows.scalars())


_NOT_DONE = [state.value for state in DeliveryState if state is not DeliveryState.DONE]


def _unknown(site: Site, kind: str) -> tuple[ColumnElement[bool], ...]:
    """Deliveries that may have been done, and nobody learnt it."""
    return (
        col(Delivery.workspace_id) == site.workspace_id,
        col(Delivery.installation_id) == site.installation_id,
        col(Delivery.kind) == kind,
        col(Delivery.state).in_(_NOT_DONE),
        col(Delivery.intended_at).is_not(None),
        col(Delivery.after).is_not(None),
    )


def chunked(items: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
