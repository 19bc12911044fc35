"""Who takes part, how one joins and how one leaves. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from bridge.programme.document import Programme
from bridge.terms.blocks import Paragraph, Section, paragraph
from bridge.terms.voice import Voice


def section(v: Voice, programme: Programme) -> Section:
    _ = v.speech.text
    blocks = [_joining(v, programme), _leaving(v)]
    if v.points:
        blocks.append(paragraph(_("Points are called “%(points)s” here.", points=v.points)))
    return Section("taking_part", _("Taking part"), tuple(blocks))


def _joining(v: Voice, programme: Programme) -> Paragraph:
    return paragraph(*_ways(v, programme), gap=v.gap)


def _ways(v: Voice, programme: Programme) -> Iterator[str]:
    _, ngettext = v.speech.text, v.speech.count
    joining = programme.joining
    if joining is None:
        yield _("Everyone who has a customer account in one of our shops takes part.")
    elif joining.invited:
        yield _("We invite members to take part.")
    if joining is not None and joining.when is not None:
        yield _("Customers of certain groups take part without doing anything.")
    if joining is not None and joining.product is not None:
        yield ngettext(
            "Whoever buys a membership takes part for %(number)s month from the payment on.",
            "Whoever buys a membership takes part for %(number)s months from the payment on.",
            joining.product.months,
        )
    yield _("Your account holds in all of our shops.")
    if any(company.holds_points for company in programme.companies.values()):
        yield _("What is bought for some companies earns points for the company as a whole.")


def _leaving(v: Voice) -> Paragraph:
    _ = v.speech.text
    return paragraph(
        _("You can leave at any time: tell us so."),
        _("From then on you earn nothing more and cannot use points."),
        gap=v.gap,
    )
