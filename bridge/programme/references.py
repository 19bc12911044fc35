"""What can only be judged with the whole programme in view. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from bridge.programme.document import Group, PriceList, Programme
from bridge.programme.issues import Fault, Loc, did_you_mean, listed
from bridge.programme.kinds import EVERYWHERE
from bridge.programme.rewards_references import stores_named
from connectors.base import Severity
from connectors.sentences import sentence

LONGEST_GROUP_NAME = 32
"""What Magento keeps of a group's code; it cuts the rest off without a word."""


def unknown_groups(
    groups: Collection[str], price_lists: Mapping[str, Iterable[str]]
) -> list[Fault]:
    """Groups that price lists name and the programme does not have."""
    return [
        Fault(
            ("price_lists", key, "groups", position),
            sentence(
                'there is no group "%(name)s".%(did_you_mean)s Groups are %(part)s',
                name=name,
                did_you_mean=did_you_mean(name, groups),
                part=listed(list(groups)) or "not given yet",
            ),
        )
        for key, names in price_lists.items()
        for position, name in enumerate(names)
        if name not in groups
    ]


def group_faults(programme: Programme) -> list[Fault]:
    """Names that two groups share (an error), and what is probably not meant (warnings)."""
    faults: list[Fault] = []
    taken: dict[tuple[str, str], str] = {}
    for key, group in programme.groups.items():
        for installation, loc, name in _names(key, group):
            faults += _name_faults(group, installation, loc, name)
        for installation in _installations(programme):
            name = group.name_in(installation)
            other = taken.setdefault((installation, name.casefold()), key)
            if other != key:
                faults.append(_same_name(key, other, name, installation))
        faults += _member_faults(key, group)
    return _distinct(faults) + _shared_members(programme)


def list_faults(programme: Programme) -> list[Fault]:
    """Price lists that say nothing."""
    return [
        Fault(
            ("price_lists", key),
            sentence("has no prices, rules or file: whatever it wrote before is taken back"),
            Severity.WARNING,
        )
        for key, entry in programme.price_lists.items()
        if _is_blank(entry)
    ]


def installation_faults(
    programme: Programme, installations: Mapping[str, Collection[str]]
) -> list[Fault]:
    """Installations and stores that are named and not set up.

    ``installations`` gives, by name, the codes or names of its stores. A price list that names
    an unknown one applies to less than was meant.
    """
    faults: list[Fault] = []
    for key, entry in programme.price_lists.items():
        for position, name in enumerate(entry.stores):
            loc = ("price_lists", key, "stores", position)
            faults += _store_faults(loc, name, installations)
    for place, name in (*_rule_stores(programme), *stores_named(programme)):
        faults += [
            Fault(fault.loc, fault.message, Severity.WARNING)
            for fault in _store_faults(place, name, installations)
        ]
    for key, group in programme.groups.items():
        for field in ("names", "base", "move_from"):
            for name in getattr(group, field):
                if name != EVERYWHERE and name not in installations:
                    message = _no_installation(name, installations)
                    faults.append(Fault(("groups", key, field, name), message, Severity.WARNING))
    return faults


def _rule_stores(programme: Programme) -> list[tuple[Loc, str]]:
    rules = programme.points.rules if programme.points else {}
    return [
        (("points", "rules", key, "when", "store", position), name)
        for key, rule in rules.items()
        for position, name in enumerate(rule.when.store if rule.when else ())
    ]


def _store_faults(loc: Loc, name: str, installations: Mapping[str, Collection[str]]) -> list[Fault]:
    installation, slash, store = name.partition("/")
    if installation not in installations:
        return [Fault(loc, _no_installation(installation, installations))]
    stores = installations[installation]
    if not slash or store in stores:
        return []
    message = f'{installation} has no store "{store}".{did_you_mean(store, stores)}'
    return [
        Fault(
            loc,
            sentence(
                "%(message)s Stores are %(listed)s", message=message, listed=listed(sorted(stores))
            ),
        )
    ]


def _no_installation(name: str, known: Collection[str]) -> str:
    return (
        f'there is no installation "{name}".{did_you_mean(name, known)} '
        f"Installations are {listed(sorted(known)) or 'not added yet'}"
    )


def _names(key: str, group: Group) -> list[tuple[str, Loc, str]]:
    names: list[tuple[str, Loc, str]] = [(EVERYWHERE, ("groups", key, "name"), group.name)]
    for installation, name in group.names.items():
        names.append((installation, ("groups", key, "names", installation), name))
    return names


def _name_faults(group: Group, installation: str, loc: Loc, name: str) -> list[Fault]:
    faults = []
    if len(name) > LONGEST_GROUP_NAME:
        message = (
            f"has {len(name)} characters: Magento keeps {LONGEST_GROUP_NAME} of a group's name; "
            "write a shorter one for Magento under names"
        )
        faults.append(Fault(loc, message, Severity.WARNING))
    base = group.base_in(installation)
    if base is not None and not group.existing and base.casefold() == name.casefold():
        message = (
            f'"{name}" is also its base: choose another name, or write existing: yes '
            "to hang prices on the group that is there"
        )
        faults.append(Fault(loc, message))
    return faults


def _installations(programme: Programme) -> list[str]:
    named = {name for group in programme.groups.values() for name in group.names}
    return [EVERYWHERE, *sorted(named)]


def _same_name(key: str, other: str, name: str, installation: str) -> Fault:
    place = "" if installation == EVERYWHERE else f" in {installation}"
    message = f'"{name}"{place} is also the name of the group {other}: each needs its own'
    return Fault(("groups", key, "name"), message)


def _distinct(faults: list[Fault]) -> list[Fault]:
    """One fault a field: the same clash shows in several installations."""
    return list({(fault.loc, fault.severity): fault for fault in reversed(faults)}.values())[::-1]


def _member_faults(key: str, group: Group) -> list[Fault]:
    if group.members is None or group.base or group.move_from:
        return []
    message = "are never moved here: name the groups they may leave, like move_from: [General]"
    return [Fault(("groups", key, "members"), message, Severity.WARNING)]


def _shared_members(programme: Programme) -> list[Fault]:
    faults = []
    first: dict[str, str] = {}
    for key, group in programme.groups.items():
        emails = group.members.emails if group.members else ()
        shared = [email for email in emails if first.setdefault(email, key) != key]
        if shared:
            message = f"named in an earlier group too, which wins: {listed(shared)}"
            faults.append(Fault(("groups", key, "members"), message, Severity.WARNING))
    return faults


def _is_blank(entry: PriceList) -> bool:
    return not (entry.prices or entry.rules or entry.hold)
