"""Tiers: how they are reached and kept. Members know them as levels. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bridge.programme.document import Programme
from bridge.programme.loyalty import Grace, LoyaltyTier, Reach, Window
from bridge.terms.blocks import Block, Bullets, Section, paragraph
from bridge.terms.voice import Voice


def section(v: Voice, programme: Programme) -> Section | None:
    _ = v.speech.text
    tiers = list(programme.tiers.values())
    if not tiers:
        return None
    priced = {key for prices in programme.price_lists.values() for key in prices.groups}
    blocks: list[Block] = [Bullets(tuple((v.text(*_told(v, tier, priced)),) for tier in tiers))]
    if len(tiers) > 1:
        names = v.every([tier.name for tier in tiers])
        first = _("There are these levels, from the lowest to the highest: %(names)s.", names=names)
        blocks.insert(0, paragraph(first))
    return Section("tiers", _("Levels"), tuple(blocks))


def _told(v: Voice, tier: LoyaltyTier, priced: set[str]) -> Iterator[str]:
    """``priced``: keys of groups that have a price list."""
    _ = v.speech.text
    if not tier.reach:
        yield _("%(name)s is given by us.", name=tier.name)
    else:
        yield _("%(name)s needs: %(ways)s.", name=tier.name, ways=_ways(v, tier.reach))
        if tier.keep:
            yield _("To keep it: %(ways)s.", ways=_ways(v, tier.keep))
        yield _window(v, tier.window)
        yield _grace(v, tier.grace)
    if tier.group in priced:
        yield _("This level has prices of its own.")


def _ways(v: Voice, ways: Sequence[Reach]) -> str:
    return v.either([_way(v, way) for way in ways])


def _way(v: Voice, way: Reach) -> str:
    _, ngettext, parts = v.speech.text, v.speech.count, []
    if way.spend is not None:
        parts.append(_("purchases of %(amount)s", amount=v.money(way.spend)))
    if way.orders is not None:
        parts.append(ngettext("%(number)s order", "%(number)s orders", way.orders))
    if way.items is not None:
        parts.append(ngettext("%(number)s piece", "%(number)s pieces", way.items))
    if way.membership_months is not None:
        months = way.membership_months
        parts.append(
            ngettext("%(number)s month of membership", "%(number)s months of membership", months)
        )
    return " + ".join(parts)


def _window(v: Voice, window: Window | None) -> str:
    _, ngettext = v.speech.text, v.speech.count
    if window is None:
        return ""
    if window.months is None:
        return _("This calendar year counts.")
    return ngettext("The last month counts.", "The last %(number)s months count.", window.months)


def _grace(v: Voice, grace: Grace | None) -> str:
    _, ngettext = v.speech.text, v.speech.count
    if grace is None:
        return _("It ends when that does not hold any more.")
    if grace.months is not None:
        return ngettext(
            "It stays for %(number)s month after that does not hold any more.",
            "It stays for %(number)s months after that does not hold any more.",
            grace.months,
        )
    return ngettext(
        "It stays for %(number)s day after that does not hold any more.",
        "It stays for %(number)s days after that does not hold any more.",
        grace.days or 0,
    )
