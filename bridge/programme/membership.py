"""Which group a customer belongs to. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bridge.programme.document import Group, MemberRule, Programme


@dataclass(frozen=True, slots=True)
class CustomerFacts:
    email: str
    """As :func:`~bridge.programme.emails.normal_email` gives it."""
    company: str
    vat_id: str
    group_name: str
    """The shop's group he is in; where the bridge moved him, the one he was in before."""
    created_at: datetime
    """Aware."""
    tier: str = ""
    """The loyalty tier's key; empty: none."""


@dataclass(frozen=True, slots=True)
class Membership:
    group_key: str
    reason: str
    """What of the programme named him, for people: ``company "Muster GmbH"``."""
    also: tuple[str, ...] = ()
    """Later groups that name him too; the first in the file wins."""


def wanted_group(programme: Programme, customer: CustomerFacts) -> Membership | None:
    """For one customer; for many, keep a :class:`MemberIndex`."""
    return MemberIndex(programme).wanted_group(customer)


class MemberIndex:
    """The programme's members, prepared for many customers."""

    def __init__(self, programme: Programme) -> None:
        zone = ZoneInfo(programme.timezone)
        by_tier: dict[str, frozenset[str]] = {}
        for tier, level in programme.tiers.items():
            if level.group is not None:
                by_tier[level.group] = by_tier.get(level.group, frozenset()) | {tier}
        self._groups = [
            (key, _reasons(group, zone, by_tier.get(key, frozenset())))
            for key, group in programme.groups.items()
            if group.members or key in by_tier
        ]

    def wanted_group(self, customer: CustomerFacts) -> Membership | None:
        """``None``: no group names him."""
        found = [
            (key, reason)
            for key, reason_for in self._groups
            if (reason := reason_for(customer)) is not None
        ]
        if not found:
            return None
        (key, reason), *others = found
        return Membership(key, reason, tuple(other for other, _ in others))


def _reasons(
    group: Group, zone: ZoneInfo, tiers: frozenset[str]
) -> Callable[[CustomerFacts], str | None]:
    members = group.members
    emails = frozenset(members.emails if members else ())
    companies = frozenset(map(_plain, members.companies if members else ()))
    rule = members.rule if members else None

    def reason(customer: CustomerFacts) -> str | None:
        if customer.email in emails:
            return f"e-mail {customer.email}"
        if customer.company and _plain(customer.company) in companies:
            return f'company "{customer.company.strip()}"'
        if customer.tier in tiers:
            return f"tier {customer.tier}"
        return _rule_reason(rule, customer, zone) if rule else None

    return reason


def _rule_reason(rule: MemberRule, customer: CustomerFacts, zone: ZoneInfo) -> str | None:
    reasons: list[str] = []
    if rule.group:
        if _plain(customer.group_name) not in map(_plain, rule.group):
            return None
        reasons.append(f'group "{customer.group_name}"')
    if rule.vat_id is not None:
        if bool(customer.vat_id.strip()) is not rule.vat_id:
            return None
        reasons.append("with VAT id" if rule.vat_id else "without VAT id")
    if rule.email_domain:
        domain = customer.email.rpartition("@")[2]
        if domain not in rule.email_domain:
            return None
        reasons.append(f"e-mail domain {domain}")
    if rule.since is not None:
        if customer.created_at.astimezone(zone).date() < rule.since:
            return None
        reasons.append(f"registered since {rule.since}")
    return f"rule: {', '.join(reasons)}"


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
