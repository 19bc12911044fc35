"""What is given beside points: vouchers, campaigns, gifts, thanks for friends, rewards. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date

from bridge.programme.document import Programme
from bridge.programme.giving import Give, VoucherOffer
from bridge.programme.rewards import Campaign, CatalogueReward, Gift, NextPurchase, Referrals
from bridge.terms.blocks import Block, Bullets, Link, Section, paragraph
from bridge.terms.conditions import is_told, lasting, of_offer
from bridge.terms.voice import Voice

_UNTOLD = "quiet_days"
"""Who knew of it would wait with his next order."""


def offers(
    v: Voice, programme: Programme, today: date, products: Mapping[str, str]
) -> Section | None:
    """``products``: names by SKU, as far as they are known."""
    _ = v.speech.text
    items = [
        *(
            _next_purchase(v, one, programme)
            for one in programme.next_purchase.values()
            if is_told(one.starts, one.until, today)
        ),
        *(
            _campaign(v, one, programme)
            for one in programme.campaigns.values()
            if _is_announced(one, today)
        ),
        *(
            _gift(v, one, programme, products)
            for one in programme.gifts.values()
            if is_told(one.starts, one.until, today)
        ),
    ]
    if not items:
        return None
    return Section("offers", _("Vouchers and gifts"), (Bullets(tuple((one,) for one in items)),))


def friends(v: Voice, programme: Programme) -> Section | None:
    _, referrals = v.speech.text, programme.referrals
    if referrals is None:
        return None
    said = paragraph(*_friends(v, referrals, programme), gap=v.gap)
    return Section("referrals", _("Recommending us to friends"), (said,))


def rewards(v: Voice, programme: Programme, today: date, catalogue: str) -> Section | None:
    """``catalogue``: the address of the member's page that has them; empty: there is none."""
    _ = v.speech.text
    items = [
        (_reward(v, one, programme),)
        for one in programme.rewards.values()
        if is_told(one.starts, one.until, today)
    ]
    if not items:
        return None
    blocks: list[Block] = [
        paragraph(_("You can exchange points for these rewards:")),
        Bullets((*items,)),
    ]
    if catalogue:
        blocks.append(Bullets(((Link(_("See all rewards"), catalogue),),)))
    return Section("rewards", _("Rewards"), tuple(blocks))


# --- what is given -------------------------------------------------------------------------


def given(v: Voice, give: Give) -> str:
    """As it stands after a colon."""
    _ = v.speech.text
    if give.points is not None:
        return v.counted(give.points)
    if give.amount is not None:
        return _("a voucher for %(amount)s", amount=v.money(give.amount))
    if give.share is not None:
        share = v.percent(give.share)
        if give.maximum is None:
            return _("a voucher for %(share)s of what the order came to", share=share)
        return _(
            "a voucher for %(share)s of what the order came to, at most %(most)s",
            share=share,
            most=v.money(give.maximum),
        )
    return _voucher_of_a_share(v, give)


def _voucher_of_a_share(v: Voice, give: Give) -> str:
    _ = v.speech.text
    assert give.percent is not None
    share = v.percent(give.percent)
    if give.maximum is None:
        return _("a voucher for a discount of %(share)s", share=share)
    most = v.money(give.maximum)
    return _("a voucher for a discount of %(share)s, at most %(most)s", share=share, most=most)


def _off(v: Voice, give: Give) -> str:
    if give.amount is not None:
        return v.money(give.amount)
    assert give.percent is not None
    return v.percent(give.percent)


def _voucher(v: Voice, offer: VoucherOffer, programme: Programme) -> Iterator[str]:
    """What holds for a voucher that was given, and for whom it is."""
    _ = v.speech.text
    if offer.give.points is None:
        if offer.basket is not None:
            yield _from_a_basket(v, offer)
        yield lasting(v, offer.valid)
    yield of_offer(v, offer, programme)


def _from_a_basket(v: Voice, offer: VoucherOffer) -> str:
    _ = v.speech.text
    assert offer.basket is not None
    return _("The basket must be worth at least %(amount)s.", amount=v.money(offer.basket))


# --- after an order, on an occasion --------------------------------------------------------


def _next_purchase(v: Voice, offer: NextPurchase, programme: Programme) -> str:
    _, ngettext, gift = v.speech.text, v.speech.count, given(v, offer.give)
    if offer.order is None:
        first = _("After each order: %(gift)s.", gift=gift)
    else:
        amount = v.money(offer.order)
        first = _("After each order of at least %(amount)s: %(gift)s.", amount=amount, gift=gift)
    later = ""
    if offer.after_days:
        later = ngettext(
            "You get it %(number)s day after the order is complete.",
            "You get it %(number)s days after the order is complete.",
            offer.after_days,
        )
    return v.text(first, later, *_voucher(v, offer, programme))


def _is_announced(campaign: Campaign, today: date) -> bool:
    if campaign.occasion == _UNTOLD or (campaign.on is not None and campaign.on < today):
        return False
    return is_told(campaign.starts, campaign.until, today)


def _campaign(v: Voice, campaign: Campaign, programme: Programme) -> str:
    _ = v.speech.text
    said = [_OCCASIONS[campaign.occasion](v, campaign)]
    if campaign.first_order_only:
        said.append(_("Only for a first order."))
    if campaign.occasion in _IN_BASKETS:
        if campaign.basket is not None:
            said.append(_from_a_basket(v, campaign))
        said.append(of_offer(v, campaign, programme))
    else:
        said += _voucher(v, campaign, programme)
    return v.text(*said)


_IN_BASKETS = ("instant", "together")


def _joined(v: Voice, campaign: Campaign) -> str:
    _ = v.speech.text
    return _("When you join: %(gift)s.", gift=given(v, campaign.give))


def _birthday(v: Voice, campaign: Campaign) -> str:
    _ = v.speech.text
    return _("On your birthday: %(gift)s.", gift=given(v, campaign.give))


def _each_year(v: Voice, campaign: Campaign) -> str:
    _, day = v.speech.text, v.day_of_year(campaign.calendar or "")
    return _("Each year on %(day)s: %(gift)s.", day=day, gift=given(v, campaign.give))


def _once(v: Voice, campaign: Campaign) -> str:
    _ = v.speech.text
    assert campaign.on is not None
    return _("On %(day)s: %(gift)s.", day=v.day(campaign.on), gift=given(v, campaign.give))


def _instant(v: Voice, campaign: Campaign) -> str:
    _ = v.speech.text
    return _("Discount in the basket: %(discount)s.", discount=_off(v, campaign.give))


def _together(v: Voice, campaign: Campaign) -> str:
    _, off = v.speech.text, _off(v, campaign.give)
    return _("Discount on certain products that are bought together: %(discount)s.", discount=off)


_OCCASIONS: dict[str, Callable[[Voice, Campaign], str]] = {
    "sign_up": _joined,
    "birthday": _birthday,
    "calendar": _each_year,
    "on": _once,
    "instant": _instant,
    "together": _together,
}


# --- gifts, friends, rewards ---------------------------------------------------------------


def _gift(v: Voice, gift: Gift, programme: Programme, products: Mapping[str, str]) -> str:
    _, amount, name = v.speech.text, v.money(gift.basket), products.get(gift.sku, "")
    if not name:
        first = _("From a basket of %(amount)s on: a gift.", amount=amount)
    elif gift.quantity == 1:
        first = _("From a basket of %(amount)s on, free: %(gift)s.", amount=amount, gift=name)
    else:
        pieces = f"{v.speech.number(gift.quantity)} x {name}"
        first = _("From a basket of %(amount)s on, free: %(gift)s.", amount=amount, gift=pieces)
    return v.text(first, of_offer(v, gift, programme))


def _friends(v: Voice, referrals: Referrals, programme: Programme) -> Iterator[str]:
    _ = v.speech.text
    gift = given(v, referrals.friend.give)
    yield _("Your friend gets for the first order: %(gift)s.", gift=gift)
    yield of_friends_voucher(v, referrals, programme)
    yield _("You get as thanks: %(gift)s.", gift=given(v, referrals.referrer))
    yield of_thanks(v, referrals)


def of_friends_voucher(v: Voice, referrals: Referrals, programme: Programme) -> str:
    """What holds for what a friend gets."""
    return v.text(*_voucher(v, referrals.friend, programme))


def of_thanks(v: Voice, referrals: Referrals) -> str:
    """What holds for what his referrer gets."""
    return v.text(*_thanks(v, referrals))


def _thanks(v: Voice, referrals: Referrals) -> Iterator[str]:
    _, ngettext = v.speech.text, v.speech.count
    if referrals.order is not None:
        amount = v.money(referrals.order)
        yield _("For that your friend must order for at least %(amount)s.", amount=amount)
    if referrals.after_days:
        yield ngettext(
            "Your thanks come %(number)s day after your friend's order is complete.",
            "Your thanks come %(number)s days after your friend's order is complete.",
            referrals.after_days,
        )
    if referrals.referrer.points is None:
        yield lasting(v, referrals.valid)
    yield ngettext(
        "If you bring more than %(number)s friend in thirty days, we look at it first.",
        "If you bring more than %(number)s friends in thirty days, we look at it first.",
        referrals.most_a_month,
    )
    if referrals.stores:
        yield _("Only in some of our shops.")


def _reward(v: Voice, reward: CatalogueReward, programme: Programme) -> str:
    _ = v.speech.text
    first = _("%(name)s: %(points)s.", name=reward.name, points=v.counted(reward.points))
    stock = "" if reward.stock is None else _("While there are any left.")
    return v.text(first, stock, of_offer(v, reward, programme))
