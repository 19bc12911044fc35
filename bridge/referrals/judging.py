"""Whether a friend's first order is rewarded. Pure.

Three answers: yes; no, because a rule says so beyond doubt; or a person decides, with what is
odd in words.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from bridge.referrals.addresses import mailbox_of

MANY_RETURNS = 2
"""So many friends of one referrer who returned what they bought, and at least half of those who
bought, are odd."""


class Outcome(StrEnum):
    REWARD = "reward"
    REFUSE = "refuse"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class Person:
    """What the bridge knows of a referrer, or of who bought."""

    member_ids: frozenset[int] = frozenset()
    """The member, and those merged into him; empty: a guest nobody knows."""
    emails: frozenset[str] = frozenset()
    company_ids: frozenset[int] = frozenset()
    companies: frozenset[str] = frozenset()
    """Names, as shops tell them."""
    vat_ids: frozenset[str] = frozenset()
    """As compared (:mod:`bridge.members.vat`)."""


@dataclass(frozen=True, slots=True)
class Facts:
    invited: str
    """The address that was confirmed."""
    referrer: Person
    buyer: Person
    known_before: tuple[str, ...] = ()
    """Why the friend was no new customer, in words."""
    paid: Decimal = Decimal(0)
    """The order's goods after discounts and returns, in the programme's currency."""
    least: Decimal | None = None
    currency: str = ""
    buyer_email: str = ""
    returned_before: int = 0
    """Orders of the friend that he returned before this one."""
    friends_bought: int = 0
    """Friends of the same referrer who bought."""
    friends_returned: int = 0
    """Those of them who returned it."""
    also_of: str = ""
    """Another friend, by address, whose first order this one is as well."""
    takes_part: bool = True
    """The referrer, in the programme (its section ``joining``)."""
    rewards_in_month: int = 0
    """Rewards the referrer got in the last thirty days."""
    most_a_month: int = 10


@dataclass(frozen=True, slots=True)
class Verdict:
    outcome: Outcome
    reasons: tuple[str, ...] = field(default=())


def judged(facts: Facts) -> Verdict:
    refused = _refusals(facts)
    if refused:
        return Verdict(Outcome.REFUSE, refused)
    odd = oddities(facts)
    return Verdict(Outcome.REVIEW, odd) if odd else Verdict(Outcome.REWARD)


def _refusals(facts: Facts) -> tuple[str, ...]:
    found = []
    if (
        facts.referrer.member_ids & facts.buyer.member_ids
        or facts.buyer_email in facts.referrer.emails
    ):
        found.append("The buyer is the referrer himself.")
    found += facts.known_before
    if facts.least is not None and facts.paid < facts.least:
        found.append(
            f"The order comes to {facts.paid} {facts.currency}, less than {facts.least} "
            f"{facts.currency}."
        )
    return tuple(found)


def oddities(facts: Facts) -> tuple[str, ...]:
    """What a person has to look at."""
    return tuple(
        reason
        for reason in (
            _one_mailbox(facts),
            _another_address(facts),
            f"It is the first order of {facts.also_of} as well." if facts.also_of else "",
            _one_company(facts),
            _one_vat_id(facts),
            _returned(facts),
            _many_returned(facts),
            _velocity(facts),
            "" if facts.takes_part else "The referrer does not take part in the programme.",
        )
        if reason
    )


def _one_mailbox(facts: Facts) -> str:
    theirs = {mailbox_of(one) for one in facts.referrer.emails}
    for address in (facts.invited, facts.buyer_email):
        if address and mailbox_of(address) in theirs:
            return f"{address} and an address of the referrer are one mailbox."
    return ""


def _another_address(facts: Facts) -> str:
    if not facts.buyer_email or mailbox_of(facts.buyer_email) == mailbox_of(facts.invited):
        return ""
    if facts.invited in facts.buyer.emails:
        return ""
    return f"{facts.buyer_email} bought with the code that was given to {facts.invited}."


def _one_company(facts: Facts) -> str:
    names = {_plain(one): one for one in facts.buyer.companies if _plain(one)}
    shared = {_plain(one) for one in facts.referrer.companies} & names.keys()
    if shared:
        return f"Both buy for the company {names[min(shared)]}."
    if facts.referrer.company_ids & facts.buyer.company_ids:
        return "Both belong to the same company."
    return ""


def _one_vat_id(facts: Facts) -> str:
    shared = facts.referrer.vat_ids & facts.buyer.vat_ids
    return f"Both have the VAT id {min(shared)}." if shared else ""


def _returned(facts: Facts) -> str:
    count = facts.returned_before
    if not count:
        return ""
    return f"He returned {'an earlier order' if count == 1 else f'{count} earlier orders'}."


def _many_returned(facts: Facts) -> str:
    returned, bought = facts.friends_returned, facts.friends_bought
    if returned < MANY_RETURNS or returned * 2 < bought:
        return ""
    return f"{returned} of {bought} friends of this referrer returned what they bought."


def _velocity(facts: Facts) -> str:
    if facts.rewards_in_month < facts.most_a_month:
        return ""
    return (
        f"The referrer got {facts.rewards_in_month} rewards in the last thirty days; more than "
        f"{facts.most_a_month} are looked at."
    )


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
