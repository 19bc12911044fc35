"""Planning promotions: gift rules and discounts that need no code.

What carries the bridge's mark under a rule's key is the bridge's: found without a binding (the
database is from an old backup), it is taken up again and compared from then on. Promotions that
hold vouchers carry the mark too; their keys tell them apart, and they are no part of a plan.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlmodel import Session, col

from bridge.outbox.placeholders import is_placeholder
from bridge.outbox.snapshots import Snapshot
from bridge.plans.context import Site, bindings, claims
from bridge.plans.groups import ResolvedGroup
from bridge.plans.parts import Agreement, Change, Part, Remark, RemarkKind, Stage
from bridge.plans.promotion_texts import Compiled, Texts, wishes_of
from bridge.plans.three_way import Action, decide
from bridge.programme.document import Policy
from bridge.promotions.models import ShopPromotion
from bridge.promotions.showing import described
from bridge.promotions.texts import (
    meanings,
    promotion_from,
    waiting,
)
from bridge.promotions.wanted import Wanted, is_planned, source_of
from bridge.vouchers.models import VoucherPool
from connectors.rewards import is_halfway


@dataclass(frozen=True, slots=True)
class _Shown:
    native: str
    native_id: str


class PromotionPlan:
    """``is_sure`` is known once ``parts`` were streamed."""

    def __init__(
        self,
        session: Session,
        site: Site,
        groups: Mapping[str, ResolvedGroup],
        compiled: Compiled,
    ) -> None:
        self._session = session
        self._site = site
        self._texts = compiled.texts.get(site.installation_id, Texts())
        self._wishes = wishes_of(session, site, groups, compiled.now)
        self._shown = _shown(session, site)
        self._bound = {
            key: bound.snapshot for key, bound in bindings(session, site, "promotion").items()
        }
        self._claims = claims(session, site, "promotion")
        self.groups_needed = self._groups_needed(groups)
        """Those whose audiences promotions hang on, by the shop's id."""
        self.is_sure = True
        """Whether it is known what every promotion that stays in the shop hangs on."""

    def parts(self) -> Iterator[Part]:
        yield from self._unsaid()
        for one in self._wishes.wanted:
            yield from self._wanted(one)
        wanted = {one.key for one in self._wishes.wanted}
        for key in sorted((self._bound.keys() | self._shown.keys()) - wanted):
            yield from self._unwanted(key)

    def ended(self) -> Iterator[Part]:
        """Parts that take away what has come to its end, and nothing else."""
        for key in sorted(self._wishes.ended & (self._bound.keys() | self._shown.keys())):
            yield from self._unwanted(key)

    # -- what is wanted ------------------------------------------------------------------------

    def _unsaid(self) -> Iterator[Part]:
        for one in self._wishes.unsaid:
            label = f"{one.source} in {one.store}" if one.store else one.source
            yield self._remark(RemarkKind.PROBLEM, one.key, label, one.message, one.source)
        for sample, message in self._texts.no_vouchers:
            label = f"vouchers of {sample.source} in {sample.store}"
            yield self._remark(
                RemarkKind.PROBLEM, sample.promotion.key, label, message, sample.source
            )

    def _wanted(self, one: Wanted) -> Iterator[Part]:
        waits = any(map(is_placeholder, one.promotion.group_ids))
        native = waiting(one.promotion) if waits else self._texts.of(one.promotion)
        if native is None:
            self.is_sure = self.is_sure and one.key not in self._shown
            message = self._texts.why_not(one.promotion)
            yield self._remark(RemarkKind.PROBLEM, one.key, self._label(one), message, one.source)
            return
        if one.note:
            yield self._remark(RemarkKind.NOTE, one.key, self._label(one), one.note, one.source)
        yield from self._taken_up(one.key, one.source)
        base = self._bound.get(one.key)
        yield from self._row(one, native, self._theirs(one.key), base)

    def _row(
        self, one: Wanted, native: str, theirs: str | None, base: Snapshot | None
    ) -> Iterator[Part]:
        action = decide(native, theirs, base.base if base else None, Policy.ASK)
        if action is Action.CONFLICT and (theirs is None or is_halfway(theirs)):
            action = Action.WRITE  # it vanished: there is nothing of anybody's to lose
        if action is Action.WRITE:
            yield self._change(one.key, self._label(one), native, one.source, base)
        elif action is Action.AGREE:
            original = base.original if base else None
            agreed = Snapshot(native, theirs, original, True, self._id(one.key), one.source)
            yield self._agreement(one.key, agreed)
        elif action is Action.CONFLICT:
            self.is_sure = False
            message = "Someone changed it in the shop."
            yield self._conflict(one.key, self._label(one), message, one.source, native)

    # -- what is not ----------------------------------------------------------------------------

    def _unwanted(self, key: str) -> Iterator[Part]:
        if self._wishes.holds(key) or not self._site.pricing.stores:
            self.is_sure = self.is_sure and key not in self._shown
            return
        source = source_of(key)
        yield from self._taken_up(key, source)
        base = self._bound[key]
        theirs = self._theirs(key)
        action = decide(None, theirs, base.base, Policy.ASK)
        if action is Action.CONFLICT and is_halfway(theirs):
            action = Action.REMOVE
        if action is Action.FORGET:
            yield self._agreement(key, None)
        elif not base.owned:
            self.is_sure = False  # a person left it to the shop
        elif action is Action.REMOVE:
            yield self._change(key, self._label_of(key, theirs), None, source, base)
        elif action is Action.CONFLICT:
            self.is_sure = False
            message = "The programme no longer wants it, and someone changed it in the shop."
            yield self._conflict(key, self._label_of(key, theirs), message, source, None)

    # -- whose it is ----------------------------------------------------------------------------

    def _taken_up(self, key: str, source: str) -> Iterator[Part]:
        """What is ours by its mark, or because of a delivery that never learnt what it did."""
        shown, known = self._shown.get(key), self._bound.get(key)
        if shown is None:
            return
        claim = self._claims.get(key)
        if claim and claim.holds(shown.native, known):
            snapshot = claim.snapshot(shown.native_id)
        elif known is None:
            snapshot = Snapshot(shown.native, shown.native, None, True, shown.native_id, source)
        else:
            return
        self._bound[key] = snapshot
        yield self._agreement(key, snapshot)

    def _theirs(self, key: str) -> str | None:
        shown = self._shown.get(key)
        return shown.native if shown else None

    def _id(self, key: str) -> str:
        shown = self._shown.get(key)
        return shown.native_id if shown else ""

    # -- what it hangs on -----------------------------------------------------------------------

    def _groups_needed(self, groups: Mapping[str, ResolvedGroup]) -> dict[str, ResolvedGroup]:
        known = {group.group_id: group for group in groups.values()}
        ids = {group.id for one in self._wishes.wanted for group in one.groups}
        ids |= _groups_of_vouchers(self._session, self._site)
        return {id_: known.get(id_) or self._group(id_) for id_ in sorted(ids)}

    def _group(self, group_id: str) -> ResolvedGroup:
        name = self._site.group_name(group_id)
        audience_id = self._site.platform.audience_id(self._site.mark, group_id)
        return ResolvedGroup(name, name, group_id, group_id, audience_id)

    # -- parts ----------------------------------------------------------------------------------

    def _label(self, one: Wanted) -> str:
        return described(one.promotion, self._store(one.promotion.store_id))

    def _label_of(self, key: str, native: str | None) -> str:
        if native is not None:
            place = (self._site.workspace_id, self._site.installation_id)
            meant = meanings(self._session, *place, {key: native}).get(key)
            if meant is not None:
                return described(meant.promotion, self._store(meant.promotion.store_id))
        return f"{source_of(key)} in {self._store(key.rpartition(':')[2])}"

    def _store(self, store_id: str) -> str:
        codes = (store.code for store in self._site.pricing.stores if store.id == store_id)
        return next(codes, store_id)

    def _change(
        self, key: str, label: str, after: str | None, source: str, base: Snapshot | None
    ) -> Change:
        return Change(
            installation_id=self._site.installation_id,
            installation=self._site.name,
            stage=Stage.WRITE_PROMOTIONS,
            kind="promotion",
            key=key,
            batch=key,
            label=label,
            before=self._theirs(key),
            after=after,
            native_id=self._id(key),
            source=source,
            base=base,
            releases=after is None,
        )

    def _conflict(self, key: str, label: str, why: str, source: str, ours: str | None) -> Remark:
        return Remark(
            RemarkKind.CONFLICT,
            self._site.name,
            "promotion",
            label,
            why,
            source,
            key,
            ours,
            self._theirs(key),
        )

    def _remark(self, kind: RemarkKind, key: str, label: str, message: str, source: str) -> Remark:
        return Remark(kind, self._site.name, "promotion", label, message, source, key)

    def _agreement(self, key: str, snapshot: Snapshot | None) -> Agreement:
        return Agreement(
            self._site.installation_id, self._site.name, "promotion", key, key, snapshot
        )


def _shown(session: Session, site: Site) -> dict[str, _Shown]:
    rows = session.execute(
        select(
            col(ShopPromotion.key), col(ShopPromotion.native), col(ShopPromotion.native_id)
        ).where(
            col(ShopPromotion.workspace_id) == site.workspace_id,
            col(ShopPromotion.installation_id) == site.installation_id,
        )
    )
    return {key: _Shown(native, native_id) for key, native, native_id in rows if is_planned(key)}


def _groups_of_vouchers(session: Session, site: Site) -> set[str]:
    """Groups that vouchers are for: the promotions they are in hang on the same audiences."""
    rows = session.scalars(
        select(col(VoucherPool.promotion)).where(
            col(VoucherPool.workspace_id) == site.workspace_id,
            col(VoucherPool.installation_id) == site.installation_id,
            or_(col(VoucherPool.is_wanted).is_(True), col(VoucherPool.is_there).is_(True)),
        )
    )
    return {id_ for text in rows for id_ in promotion_from(text).group_ids}
