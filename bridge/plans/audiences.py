"""Planning the audiences that prices of a group hang on, where they are not the group itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlalchemy import func, select
from sqlmodel import Session, col

from bridge.groups.delivery import PRESENT
from bridge.outbox.snapshots import Snapshot
from bridge.plans.context import Bound, Site, bindings
from bridge.plans.groups import ResolvedGroup
from bridge.plans.parts import Agreement, Change, Part, Remark, RemarkKind, Stage
from bridge.prices.models import ShopPrice


class AudiencePlan:
    """``needed``: the groups that prices hang on, by the shop's id."""

    def __init__(self, session: Session, site: Site, needed: Mapping[str, ResolvedGroup]) -> None:
        self._session = session
        self._site = site
        self._needed = needed
        self._bound = {} if site.audience_is_group else bindings(session, site, "audience")

    def made(self) -> Iterator[Part]:
        """Parts for audiences that have to be there."""
        if self._site.audience_is_group:
            return
        for group_id, group in self._needed.items():
            is_there = group.audience_id in self._site.audiences
            earlier = self._bound.get(group_id)
            if not is_there:
                yield self._change(
                    group_id, group.name, None, PRESENT, group.key, group.audience_id, earlier
                )
            elif earlier is None:  # its id is derived from ours: nobody else makes it
                snapshot = Snapshot(PRESENT, PRESENT, None, True, group.audience_id, group.key)
                yield self._agreement(group_id, snapshot)

    def removed(self, leaving: Mapping[str, int]) -> Iterator[Part]:
        """Parts for audiences that nothing needs any more.

        ``leaving``: how many prices the same plan takes away, by audience. One that others
        still hang on stays: the shop would drop those with it, or refuse.
        """
        for group_id, bound in self._bound.items():
            audience_id = bound.snapshot.native_id
            if group_id in self._needed:
                continue
            if audience_id not in self._site.audiences:
                yield self._agreement(group_id, None)
                continue
            staying = self._prices(audience_id) - leaving.get(audience_id, 0)
            name = self._site.group_name(group_id)
            if staying > 0:
                yield self._stays(group_id, name, bound, staying)
            else:
                yield self._change(
                    group_id, name, PRESENT, None, bound.snapshot.source, audience_id, bound
                )

    def _prices(self, audience_id: str) -> int:
        found = self._session.execute(
            select(func.count())
            .select_from(ShopPrice)
            .where(
                col(ShopPrice.workspace_id) == self._site.workspace_id,
                col(ShopPrice.installation_id) == self._site.installation_id,
                col(ShopPrice.key).contains(f"\t{audience_id}\t", autoescape=True),
            )
        )
        return int(found.scalar_one())

    def _stays(self, group_id: str, name: str, bound: Bound, prices: int) -> Remark:
        what = "a price hangs" if prices == 1 else f"{prices:,} prices hang"
        return Remark(
            RemarkKind.NOTE,
            self._site.name,
            "audience",
            name,
            f"The rule for its prices stays as long as {what} on it.",
            bound.snapshot.source,
            group_id,
        )

    def _change(
        self,
        group_id: str,
        name: str,
        before: str | None,
        after: str | None,
        source: str,
        native_id: str,
        earlier: Bound | None,
    ) -> Change:
        return Change(
            installation_id=self._site.installation_id,
            installation=self._site.name,
            stage=Stage.REMOVE_AUDIENCES if after is None else Stage.MAKE_AUDIENCES,
            kind="audience",
            key=group_id,
            batch=group_id,
            label=name,
            before=before,
            after=after,
            native_id=native_id,
            source=source,
            base=earlier.snapshot if earlier else None,
            releases=after is None,
        )

    def _agreement(self, group_id: str, snapshot: Snapshot | None) -> Agreement:
        return Agreement(
            self._site.installation_id, self._site.name, "audience", group_id, group_id, snapshot
        )
