"""Planning customer groups."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sqlmodel import Session

from bridge.groups.delivery import group_hints
from bridge.outbox.placeholders import placeholder
from bridge.outbox.snapshots import Snapshot
from bridge.plans.context import Bound, Site, bindings, claims
from bridge.plans.parts import Agreement, Change, Part, Remark, RemarkKind, Stage
from bridge.plans.three_way import Action, decide
from bridge.programme.document import Group, Policy
from connectors.base import CustomerGroup


@dataclass(frozen=True, slots=True)
class ResolvedGroup:
    """A group of the programme as one installation knows it."""

    key: str
    name: str
    group_id: str
    """A placeholder while the shop is still to make it."""
    base_group_id: str
    audience_id: str


class GroupPlan:
    """Streams the parts for groups; afterwards ``resolved`` has those that can be used."""

    def __init__(self, session: Session, site: Site) -> None:
        self._site = site
        self._bound = bindings(session, site, "group")
        self._claims = claims(session, site, "group")
        self.resolved: dict[str, ResolvedGroup] = {}

    def parts(self) -> Iterator[Part]:
        for key, group in self._site.programme.groups.items():
            yield from self._existing(key, group) if group.existing else self._own(key, group)
        for key, bound in self._bound.items():
            if key not in self._site.programme.groups:
                yield from self._unwanted(bound)

    # -- groups that are in the shop already ---------------------------------------------------

    def _existing(self, key: str, group: Group) -> Iterator[Part]:
        name = group.name_in(self._site.name)
        bound = self._bound.get(key)
        if bound is not None and self._means(bound.snapshot, name):
            self._resolve(key, group, bound.snapshot.native_id)
            if bound.snapshot.owned:
                yield self._agreement(key, replace(bound.snapshot, owned=False))
            return
        found = self._site.groups_named(name)
        if len(found) != 1:
            yield self._remark(RemarkKind.PROBLEM, key, self._not_one(name, found))
            return
        (one,) = found
        self._resolve(key, group, one.id)
        yield self._agreement(key, Snapshot(one.name, one.name, one.name, False, one.id, key))

    def _means(self, snapshot: Snapshot, name: str) -> bool:
        """Whether the programme still names the group it was bound to; the shop may have
        renamed that one."""
        there = self._site.groups.get(snapshot.native_id)
        names = (snapshot.ours or "", there.name if there else "")
        return there is not None and name.casefold() in map(str.casefold, names)

    def _not_one(self, name: str, found: Sequence[CustomerGroup]) -> str:
        if found:
            return f'The shop has {len(found)} groups "{name}". Rename all but one of them.'
        return (
            f'The shop has no group "{name}". It has: {self._there()}. '
            "Correct the name, or remove `existing` to let the bridge make it."
        )

    def _there(self) -> str:
        return ", ".join(sorted(other.name for other in self._site.groups.values()))

    # -- groups of our own ---------------------------------------------------------------------

    def _own(self, key: str, group: Group) -> Iterator[Part]:
        bound = self._bound.get(key)
        name = group.name_in(self._site.name)
        if bound is None or not bound.snapshot.owned:
            yield from self._unbound(key, group, name)
        else:
            yield from self._known(key, group, name, bound.snapshot)

    def _known(self, key: str, group: Group, name: str, snapshot: Snapshot) -> Iterator[Part]:
        there = self._site.groups.get(snapshot.native_id)
        theirs = there.name if there else None
        action = decide(name, theirs, snapshot.base, Policy.ASK)
        if theirs is None:
            yield from self._deleted(key, group, name, snapshot, action)
            return
        self._resolve(key, group, snapshot.native_id)
        if action is Action.WRITE:
            yield self._change(key, theirs, name, snapshot.native_id, snapshot)
        elif action is Action.AGREE:
            yield self._agreement(
                key, Snapshot(name, theirs, snapshot.original, True, snapshot.native_id, key)
            )
        elif action is Action.CONFLICT:
            yield self._remark(
                RemarkKind.CONFLICT,
                key,
                f'Someone renamed the group to "{theirs}"; the programme says "{name}".',
                ours=name,
                theirs=theirs,
            )

    def _deleted(
        self, key: str, group: Group, name: str, snapshot: Snapshot, action: Action
    ) -> Iterator[Part]:
        """The group is gone from the shop. Unresolved, it leaves its prices as they are."""
        if action is Action.WRITE:
            yield from self._make(key, group, name, snapshot)
        elif action is Action.CONFLICT:
            yield self._remark(
                RemarkKind.CONFLICT,
                key,
                f'Someone deleted the group "{snapshot.theirs}"; the programme says "{name}". '
                "Its prices and members wait for a decision.",
                ours=name,
            )
        else:
            yield self._remark(
                RemarkKind.NOTE,
                key,
                f'"{name}" was deleted in the shop and stays so; it has no prices and no members.',
            )

    def _unbound(self, key: str, group: Group, name: str) -> Iterator[Part]:
        own_id = self._site.platform.new_group_id(self._site.mark, key)
        found = self._site.groups.get(own_id or "") or self._site.group_named(name)
        claim = self._claims.get(key)
        if found is None:
            yield from self._make(key, group, name, None)
        elif found.id == own_id or (claim and claim.holds(found.name, None)):
            snapshot = Snapshot(found.name, found.name, None, True, found.id, key)
            yield self._agreement(key, snapshot)
            yield from self._known(key, group, name, snapshot)
        else:
            yield self._remark(
                RemarkKind.PROBLEM,
                key,
                f'The shop has a group "{found.name}" already that the bridge did not make. '
                "Write `existing: yes` to use it, or give the programme's group another name.",
                theirs=found.name,
            )

    def _make(self, key: str, group: Group, name: str, base: Snapshot | None) -> Iterator[Part]:
        copied = group.base_in(self._site.name)
        found = self._site.group_named(copied) if copied else None
        if found is None:
            yield self._remark(
                RemarkKind.PROBLEM,
                key,
                f'The shop has no group "{copied}" to copy the tax setting from. '
                f"It has: {self._there()}. Correct `base`.",
            )
            return
        own_id = self._site.platform.new_group_id(self._site.mark, key)
        self._resolve(key, group, own_id or placeholder(key))
        yield self._change(key, None, name, own_id or "", base, group_hints(found.id))

    # -- groups the programme no longer has ----------------------------------------------------

    def _unwanted(self, bound: Bound) -> Iterator[Part]:
        snapshot = bound.snapshot
        there = self._site.groups.get(snapshot.native_id)
        theirs = there.name if there else None
        action = decide(None, theirs, snapshot.base, Policy.ASK)
        if not snapshot.owned or action is Action.FORGET:
            yield self._agreement(bound.key, None)
        elif action is Action.REMOVE:
            yield Change(
                installation_id=self._site.installation_id,
                installation=self._site.name,
                stage=Stage.REMOVE_GROUPS,
                kind="group",
                key=bound.key,
                batch=bound.key,
                label=theirs or bound.key,
                before=theirs,
                after=None,
                native_id=snapshot.native_id,
                source=bound.key,
                base=snapshot,
                hints=group_hints(self._like(snapshot.native_id), snapshot.native_id),
                releases=True,
            )
        else:
            yield self._remark(
                RemarkKind.CONFLICT,
                bound.key,
                f'The programme no longer has the group, and someone renamed it to "{theirs}".',
                theirs=theirs,
            )

    def _like(self, group_id: str) -> str:
        """Another group with the same tax setting, should this one be made again."""
        mine = self._site.groups[group_id]
        others = (g.id for g in self._site.groups.values() if g.tax == mine.tax and g != mine)
        return next(others, "")

    # -- parts ---------------------------------------------------------------------------------

    def _resolve(self, key: str, group: Group, group_id: str) -> None:
        base_name = group.base_in(self._site.name)
        base = self._site.group_named(base_name) if base_name else None
        self.resolved[key] = ResolvedGroup(
            key,
            group.name_in(self._site.name),
            group_id,
            base.id if base else group_id,
            self._site.platform.audience_id(self._site.mark, group_id),
        )

    def _change(
        self,
        key: str,
        before: str | None,
        after: str,
        native_id: str,
        base: Snapshot | None,
        hints: str = "",
    ) -> Change:
        return Change(
            installation_id=self._site.installation_id,
            installation=self._site.name,
            stage=Stage.MAKE_GROUPS,
            kind="group",
            key=key,
            batch=key,
            label=after,
            before=before,
            after=after,
            native_id=native_id,
            source=key,
            base=base,
            hints=hints,
        )

    def _agreement(self, key: str, snapshot: Snapshot | None) -> Agreement:
        return Agreement(self._site.installation_id, self._site.name, "group", key, key, snapshot)

    def _remark(
        self,
        remark: RemarkKind,
        key: str,
        message: str,
        ours: str | None = None,
        theirs: str | None = None,
    ) -> Remark:
        return Remark(remark, self._site.name, "group", key, message, key, key, ours, theirs)
