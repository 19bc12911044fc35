"""The difference between the programme and the shops, as a stream."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum, auto

from sqlalchemy import select
from sqlmodel import Session, col

from bridge.installations.models import Installation
from bridge.outbox.models import Delivery, DeliveryState
from bridge.plans.audiences import AudiencePlan
from bridge.plans.catalogue import read_catalogue
from bridge.plans.context import Site, read_site
from bridge.plans.customers import CustomerPlan
from bridge.plans.groups import GroupPlan
from bridge.plans.parts import Change, Part, Remark, RemarkKind
from bridge.plans.prices import PricePlan
from bridge.plans.promotion_texts import Compiled
from bridge.plans.promotions import PromotionPlan
from bridge.programme.document import Programme
from bridge.programme.issues import Issue
from bridge.programme.rules import ladders
from connectors.base import Platform, Severity


class Extent(Enum):
    """How much of the programme a plan is about."""

    ALL = auto()
    MEMBERS = auto()
    """Which customers move to which group, as far as the groups are there."""
    ENDED = auto()
    """What has come to its end and is still in a shop."""


_REMARKS = {
    Severity.ERROR: RemarkKind.PROBLEM,
    Severity.WARNING: RemarkKind.NOTE,
    Severity.NOTE: RemarkKind.NOTE,
}


def plan(
    session: Session,
    installations: Sequence[Installation],
    platforms: Mapping[str, Platform],
    workspace: str,
    programme: Programme,
    names: frozenset[str],
    compiled: Compiled,
    extent: Extent = Extent.ALL,
) -> Iterator[Part]:
    """Compares with what was last pulled; asks no shop. Reads while it is consumed."""
    for installation in installations:
        if installation.pulled_at is None:
            yield _never_pulled(installation)
            continue
        platform = platforms[installation.platform]
        site = read_site(session, installation, platform, workspace, programme, names)
        if extent is Extent.MEMBERS:
            yield from plan_members(session, site)
        elif extent is Extent.ENDED:
            yield from plan_ended(session, site, compiled)
        else:
            yield from plan_site(session, site, compiled)


def plan_site(session: Session, site: Site, compiled: Compiled) -> Iterator[Part]:
    groups = GroupPlan(session, site)
    yield from groups.parts()
    promotions = PromotionPlan(session, site, groups.resolved, compiled)
    yield from promotions.parts()
    yield from _price_parts(session, site, groups, promotions)
    yield from CustomerPlan(session, site, groups.resolved).parts()


def plan_ended(session: Session, site: Site, compiled: Compiled) -> Iterator[Part]:
    """Takes away promotions whose time is over: a shop that keeps days only lets them go on to
    the end of a day, and some go on until they are taken away."""
    groups = GroupPlan(session, site)
    for _ in groups.parts():
        pass  # which groups there are is known once it was asked for all of them
    yield from PromotionPlan(session, site, groups.resolved, compiled).ended()


def plan_members(session: Session, site: Site) -> Iterator[Part]:
    """Moves into groups that are there. One that the shop refused lately is not tried again by
    itself: the dead letter says why."""
    groups = GroupPlan(session, site)
    for _ in groups.parts():
        pass  # which groups there are is known once it was asked for all of them
    refused = refused_lately(session, site)
    for part in CustomerPlan(session, site, groups.resolved).parts():
        if isinstance(part, Change) and (
            part.after not in site.groups or (part.key, part.after) in refused
        ):
            continue
        yield part


def refused_lately(session: Session, site: Site) -> set[tuple[str, str]]:
    """Customers and the groups that the shop did not let them into."""
    rows = session.execute(
        select(col(Delivery.key), col(Delivery.after)).where(
            col(Delivery.workspace_id) == site.workspace_id,
            col(Delivery.installation_id) == site.installation_id,
            col(Delivery.kind) == "customer",
            col(Delivery.state) == DeliveryState.DEAD.value,
        )
    )
    return {(row[0], row[1]) for row in rows}


def _price_parts(
    session: Session, site: Site, groups: GroupPlan, promotions: PromotionPlan
) -> Iterator[Part]:
    needed = dict(promotions.groups_needed)
    catalogue = read_catalogue(session, site)
    resolved = ladders(site.programme, catalogue, site.name)
    for issue in resolved.problems:
        yield _remark(site, issue)
    if not catalogue.entries:
        yield from AudiencePlan(session, site, needed).made()
        return  # nothing is known of what is sold: that must not read as "nothing is wanted"
    priced = {ladder.group_key for ladder in resolved.ladders} | {
        held.group_key for held in resolved.held
    }
    needed |= {group.group_id: group for key, group in groups.resolved.items() if key in priced}
    audiences = AudiencePlan(session, site, needed)
    prices = PricePlan(session, site, groups.resolved, catalogue, resolved)
    yield from audiences.made()
    yield from prices.parts()
    if promotions.is_sure:
        yield from audiences.removed(prices.leaving)


def _remark(site: Site, issue: Issue) -> Remark:
    return Remark(
        _REMARKS[issue.severity], site.name, "price", issue.field, issue.message, issue.field
    )


def _never_pulled(installation: Installation) -> Remark:
    return Remark(
        RemarkKind.PROBLEM,
        installation.name,
        "store",
        installation.name,
        f"Nothing is known of it yet. Run `loyalty-bridge pull {installation.name}` first.",
    )
