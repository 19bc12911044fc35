"""What works of a plugin and what does not, each with what to do. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bridge.installations.models import AppState
from bridge.shop_plugins.standing import Standing
from connectors.plugins import is_older
from connectors.sentences import sentence

_ON_ITS_WAY = timedelta(minutes=2)
"""The shop's cron sends every minute what could not be sent at once."""


class Mark(StrEnum):
    DONE = "done"
    WAITING = "waiting"
    """It comes by itself, or with the step before."""
    MEND = "mend"
    """A person has to do something."""
    WITHOUT = "without"
    """The shop does without it, as one without the plugin does."""


@dataclass(frozen=True, slots=True)
class Point:
    topic: str
    """A stable word for scripts."""
    title: str
    mark: Mark
    found: str
    to_do: str = ""
    at: datetime | None = None
    """When it was found so."""


def checklist(one: Standing) -> tuple[Point, ...]:
    """In the order in which they come true."""
    return (
        _installed(one),
        _switched_on(one),
        _told(one),
        _events(one),
        _gifts(one),
        _codes(one),
        _points(one),
        _links(one),
    )


def is_complete(points: tuple[Point, ...]) -> bool:
    return not any(one.mark in (Mark.WAITING, Mark.MEND) for one in points)


def _installed(one: Standing) -> Point:
    title, newest = sentence("Installed"), one.package.version
    if one.plugin is None:
        if one.state.gone_at is not None:
            found = sentence("It is gone from the shop: no gift comes into a basket by itself.")
            to_do = sentence(
                "Install it again. Until then the shop's own promotions give them: the plan shows "
                "whether any is still to be made."
            )
            return Point("installed", title, Mark.MEND, found, to_do, one.state.gone_at)
        found = sentence("It was not seen in the shop yet.")
        return Point("installed", title, Mark.WAITING, found, _install(one), one.state.looked_at)
    seen = one.plugin.version
    if is_older(seen, newest):
        found = sentence(
            "Version %(seen)s is there; %(newest)s is newer.", seen=seen, newest=newest
        )
        to_do = sentence("Get the file again, and update it in the shop.")
        return Point("installed", title, Mark.MEND, found, to_do, one.state.looked_at)
    found = sentence("Version %(seen)s is there.", seen=seen)
    return Point("installed", title, Mark.DONE, found, at=one.state.looked_at)


def _install(one: Standing) -> str:
    if one.is_watched:
        return sentence(
            "Install it: it is seen within a minute. If it stays unseen, check the store: that "
            "names a right that is missing."
        )
    return sentence(
        "Install it, then look for it (`loyalty-bridge plugin tell %(name)s`): by itself the "
        "bridge looks every ten minutes. If it stays unseen, check the store: that names a right "
        "that is missing.",
        name=one.shop.name,
    )


def _switched_on(one: Standing) -> Point:
    title = sentence("Switched on")
    if one.plugin is None:
        return Point("active", title, Mark.WAITING, _after_installation())
    if one.plugin.is_active:
        return Point("active", title, Mark.DONE, sentence("It is at work."))
    found = sentence("It is switched off, or not of the bridge's generation: it does nothing.")
    to_do = sentence(
        "Switch it on in the shop's administration (%(place)s). As long as it is off, apply the "
        "plan: then the shop's own promotions give the gifts.",
        place=one.package.switch,
    )
    return Point("active", title, Mark.MEND, found, to_do, one.state.gone_at)


def _told(one: Standing) -> Point:
    topic, title, state = "told", sentence("Knows the bridge"), one.state
    if one.plugin is not None and state.is_forgotten:
        found = sentence("It was made to forget the bridge.")
        to_do = sentence(
            "Uninstall it in the shop; or tell it anew (`loyalty-bridge plugin tell %(name)s`).",
            name=one.shop.name,
        )
        return Point(topic, title, Mark.MEND, found, to_do)
    if one.lacks_address:
        found = sentence("It cannot be told where the bridge is.")
        to_do = sentence(
            "Set LOYALTY_BRIDGE_PUBLIC_URL to the address by which shops and visitors reach the "
            "bridge, for `loyalty-bridge run` and for commands, and start it anew."
        )
        return Point(topic, title, Mark.MEND, found, to_do)
    if one.plugin is None:
        return Point(topic, title, Mark.WAITING, _after_installation())
    if state.problem and not one.waits_for_address:
        return Point(topic, title, Mark.MEND, state.problem, at=state.looked_at)
    if not one.may_be_told:
        found = sentence("It has to register here first.")
        return Point(topic, title, Mark.WAITING, found)
    if not one.is_told:
        found = sentence("It is told within a minute, while `loyalty-bridge run` is at work.")
        return Point(topic, title, Mark.WAITING, found)
    found = sentence("It holds the addresses and words it is to hold.")
    return Point(topic, title, Mark.DONE, found, at=state.told_at)


def _events(one: Standing) -> Point:
    topic, title = "events", sentence("Events arrive")
    if one.plugin is None:
        return Point(topic, title, Mark.WAITING, _after_installation())
    if one.registers:
        return _registered(one, topic, title)
    if not one.plugin.is_active:
        return Point(topic, title, Mark.WAITING, sentence("None is sent while it is switched off."))
    if one.heard_at is not None:
        found = sentence("The plugin sent one that it signed.")
        return Point(topic, title, Mark.DONE, found, at=one.heard_at)
    if not one.is_told or not one.wanted.events_url:
        found = sentence("It must be told first where to send them.")
        return Point(topic, title, Mark.WAITING, found)
    if one.state.told_at is not None and one.now - one.state.told_at < _ON_ITS_WAY:
        found = sentence("It was asked to send one: that takes some seconds.")
        return Point(topic, title, Mark.WAITING, found)
    found = sentence("None has come since it was told where to send them.")
    return Point(topic, title, Mark.MEND, found, _reach(one))


def _registered(one: Standing, topic: str, title: str) -> Point:
    state = one.registration.state if one.registration else AppState.OFFERED.value
    if state == AppState.ACTIVE.value:
        found = sentence("The app is registered here, and signs what it sends.")
        return Point(topic, title, Mark.DONE, found, at=one.last_event_at)
    if state == AppState.INACTIVE.value:
        found = sentence("The app is registered here, and switched off.")
        return Point(topic, title, Mark.MEND, found, sentence("Switch it on in the shop."))
    found = sentence("The app in the shop is not registered here: what it sends is refused.")
    to_do = sentence("Uninstall it in the shop, get the file from here, and install that one.")
    return Point(topic, title, Mark.MEND, found, to_do)


def _gifts(one: Standing) -> Point:
    topic, title = "gifts", sentence("Gifts in baskets")
    if one.plugin is None:
        return Point(topic, title, Mark.WAITING, _after_installation())
    if one.state.is_forgotten:
        return _gifts_of_others(one, topic, title)
    if one.plugin.puts_gifts_in:
        return _gifts_by_plugin(one, topic, title)
    if one.state.gone_at is not None:
        found = sentence(
            "No gift comes into a basket by itself until it is switched on. Until then the shop's "
            "own promotions give them: the plan shows whether any is still to be made."
        )
        return Point(topic, title, Mark.MEND, found, at=one.state.gone_at)
    found = sentence("The shop's own promotions give them, as without the plugin.")
    to_do = ""
    if one.plugin.is_active:
        to_do = sentence(
            "Update the plugin, and let the bridge's integration tell it the rules: the check of "
            "the store names the rights that are missing."
        )
    return Point(topic, title, Mark.MEND if to_do else Mark.WITHOUT, found, to_do)


def _gifts_of_others(one: Standing, topic: str, title: str) -> Point:
    """It was made to forget its rules."""
    if one.state.gone_at is None and (one.gifts.by_shop or not one.gifts.is_wanted):
        found = sentence("The shop's own promotions give them, as without the plugin.")
        return Point(topic, title, Mark.WITHOUT, found)
    found = sentence("It was made to forget the rules.")
    to_do = sentence(
        "Apply the plan (`loyalty-bridge plan --pull`): then the shop's own promotions give the "
        "gifts."
    )
    return Point(topic, title, Mark.MEND, found, to_do, one.state.gone_at)


def _gifts_by_plugin(one: Standing, topic: str, title: str) -> Point:
    if one.gifts.by_plugin:
        found = sentence("The plugin puts them into baskets and takes them out.")
        return Point(topic, title, Mark.DONE, found)
    if not one.gifts.is_wanted:
        found = sentence("It can give them; the programme has no gift rule for this shop.")
        return Point(topic, title, Mark.WITHOUT, found)
    found = sentence("It can give them, and was told no rule yet.")
    to_do = sentence(
        "Apply the plan: it tells the plugin the rules. What cannot be given here, and why, is "
        "told by `loyalty-bridge gifts status`."
    )
    return Point(topic, title, Mark.MEND, found, to_do)


def _codes(one: Standing) -> Point:
    topic, title = "codes", sentence("Vouchers for their owners")
    if one.plugin is not None and one.plugin.guards_codes and not one.state.is_forgotten:
        found = sentence("A voucher is taken from its owner alone.")
        return Point(topic, title, Mark.DONE, found)
    if one.plugin is None:
        return Point(topic, title, Mark.WAITING, _after_installation())
    found = sentence("A voucher is taken from whoever has its code, as without the plugin.")
    return Point(topic, title, Mark.WITHOUT, found)


def _points(one: Standing) -> Point:
    topic, title = "points", sentence("Points in the basket")
    if one.plugin is not None and one.plugin.takes_points and not one.state.is_forgotten:
        found = sentence("Shoppers pay with points in their basket.")
        return Point(topic, title, Mark.DONE, found)
    if one.plugin is None and one.package.takes_points:
        return Point(topic, title, Mark.WAITING, _after_installation())
    found = sentence("Shoppers exchange points for vouchers on their own pages.")
    return Point(topic, title, Mark.WITHOUT, found)


def _links(one: Standing) -> Point:
    topic, title = "links", sentence("To one's own page without signing in")
    if one.plugin is None:
        return Point(topic, title, Mark.WAITING, _after_installation())
    if not (one.wanted.member_url or one.wanted.sign_in_url):
        found = sentence("The shop has no way to sign its shoppers in here.")
        to_do = sentence(
            "Set LOYALTY_BRIDGE_PUBLIC_URL, and see that the store has a secret for signed links "
            "or a registered app."
        )
        return Point(topic, title, Mark.MEND, found, to_do)
    if not one.is_told:
        return Point(topic, title, Mark.WAITING, sentence("It must be told first where it is."))
    if not one.plugin.is_active:
        found = sentence("Not as long as it is switched off.")
        return Point(topic, title, Mark.WAITING, found)
    found = sentence("Who is signed in to the shop reaches his page with one click.")
    return Point(topic, title, Mark.DONE, found)


def _after_installation() -> str:
    return sentence("Seen once it is installed.")


def _reach(one: Standing) -> str:
    return sentence(
        "See that the shop's server reaches %(address)s, and that the shop's cron runs.",
        address=one.wanted.events_url,
    )
