"""The bridge's own promotions in one store: what applies by itself, and what a code unlocks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import Session, col

from bridge.catalogue.models import ShopProduct
from bridge.kit.calendar import day_of
from bridge.plans.context import Site
from bridge.programme.giving import Offer as Rule
from bridge.promotions.models import ShopPromotion
from bridge.promotions.showing import described
from bridge.promotions.texts import Meaning, meanings
from bridge.promotions.wanted import is_planned, prefix_of, source_of
from bridge.simulating.codes import Place, obstacle, worth
from bridge.simulating.records import CodeTold, OfferTold
from bridge.vouchers.models import Voucher, VoucherPool, VoucherUse, normal_code
from bridge.vouchers.stores import StorePlace, store_with_id
from connectors.quotes import Offer, Outcome, Quote, QuotedOffer
from connectors.rewards import PromotionKind

APPLY = "It is not in the shop: `loyalty-bridge plan` shows what there is to apply."
CHANGED = "it was changed in the shop by hand: `loyalty-bridge plan` shows how"


# --- what needs no code --------------------------------------------------------------------


@dataclass(frozen=True)
class Automatic:
    """Gifts, and discounts that need no code."""

    offers: tuple[Offer, ...]
    meant: Mapping[str, Meaning]
    """By key, of those that say what the bridge wrote."""
    absent: tuple[OfferTold, ...] = ()
    """What the programme wants there today, and the shop does not hold."""


def automatic(session: Session, site: Site, place: StorePlace, now: datetime) -> Automatic:
    rows = session.execute(
        select(
            col(ShopPromotion.key), col(ShopPromotion.native), col(ShopPromotion.native_id)
        ).where(
            col(ShopPromotion.workspace_id) == site.workspace_id,
            col(ShopPromotion.installation_id) == site.installation_id,
        )
    )
    offers = tuple(
        Offer(key, native, native_id)
        for key, native, native_id in rows
        if is_planned(key) and key.rpartition(":")[2] == place.store_id
    )
    natives = {one.key: one.native for one in offers}
    meant = meanings(session, site.workspace_id, site.installation_id, natives)
    return Automatic(offers, meant, tuple(_absent(site, place, natives, now)))


def _absent(
    site: Site, place: StorePlace, held: Mapping[str, str], now: datetime
) -> Iterator[OfferTold]:
    programme = site.programme
    today = day_of(now, ZoneInfo(programme.timezone))
    store = next(one for one in site.pricing.stores if one.id == place.store_id)
    rules: dict[str, Rule] = {f"gifts.{key}": gift for key, gift in programme.gifts.items()}
    rules |= {
        f"campaigns.{key}": campaign
        for key, campaign in programme.campaigns.items()
        if campaign.occasion in ("instant", "together")
    }
    for source, rule in rules.items():
        names = (store.code, store.name, store.id)
        is_here = any(rule.holds_in(place.installation, name) for name in names)
        if is_here and rule.holds_on(today) and f"{prefix_of(source)}{store.id}" not in held:
            yield OfferTold(source, source, None, why=APPLY)


def told_automatic(found: Automatic, quote: Quote, place: StorePlace) -> tuple[OfferTold, ...]:
    by_key = {one.key: one for one in quote.offers}
    told = [
        _told(by_key[offer.key], found.meant.get(offer.key), place)
        for offer in found.offers
        if offer.key in by_key
    ]
    return tuple(sorted((*told, *found.absent), key=lambda one: one.rule))


def _told(quoted: QuotedOffer, meaning: Meaning | None, place: StorePlace) -> OfferTold:
    source = source_of(quoted.key)
    why = quoted.why
    if meaning is None:
        return OfferTold(source, source, quoted.outcome, quoted.off, why or CHANGED)
    promotion = meaning.promotion
    if quoted.outcome is Outcome.NOT_IN_BASKET:
        pieces = promotion.most_pieces or 1
        free = "comes free" if promotion.kind is PromotionKind.GIFT else "is cheaper"
        why = f"{pieces} x {promotion.label} {free} once in the basket"
    elif quoted.outcome is Outcome.PUT_IN:
        why = f"{promotion.most_pieces or 1} x {promotion.label} comes free by itself"
    return OfferTold(source, described(promotion, place.code), quoted.outcome, quoted.off, why)


def with_skus(session: Session, site: Site, quote: Quote) -> Quote:
    """Offers that lack products say which, by SKU."""
    missing = {id_ for one in quote.offers for id_ in one.missing}
    if not missing:
        return quote
    rows = session.execute(
        select(col(ShopProduct.product_id), col(ShopProduct.sku)).where(
            col(ShopProduct.workspace_id) == site.workspace_id,
            col(ShopProduct.installation_id) == site.installation_id,
            col(ShopProduct.product_id).in_(missing),
        )
    )
    skus = {row.product_id: row.sku for row in rows}
    named = [
        replace(one, why=", ".join(sorted(skus.get(id_, id_) for id_ in one.missing)))
        if one.missing
        else one
        for one in quote.offers
    ]
    return replace(quote, offers=tuple(named))


# --- what a code unlocks -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Code:
    """A code that was entered, in one store."""

    code: str
    voucher: Voucher | None
    obstacle: str
    """Why it does not work; empty: nothing is known against it."""
    offer: Offer | None = None
    notes: tuple[str, ...] = ()


def code_in(
    session: Session,
    workspace_id: int,
    typed: str,
    place: StorePlace,
    member_id: int | None,
    now: datetime,
) -> Code:
    voucher = _voucher(session, workspace_id, normal_code(typed), place.installation_id)
    home = None
    if voucher is not None:
        home = store_with_id(session, workspace_id, voucher.installation_id, voucher.store_id)
    why = obstacle(
        voucher,
        Place(place.installation_id, place.store_id),
        home.name if home else "a store that is not connected any more",
        _orders(session, workspace_id, voucher),
        now,
    )
    if voucher is None or why:
        return Code(typed, voucher, why)
    pool = session.get_one(VoucherPool, voucher.pool_id)
    native = pool.native if pool.found is None else pool.found
    if not native:
        return Code(typed, voucher, "The promotion it hangs on is gone from the shop.")
    notes = tuple(_notes(voucher, pool, member_id))
    offer = Offer(pool.key, native, pool.native_id, voucher.code)
    return Code(typed, voucher, "", offer, notes)


def _voucher(
    session: Session, workspace_id: int, code: str, installation_id: int
) -> Voucher | None:
    """Rather one of this installation: codes are unique in one."""
    rows: Sequence[Voucher] = (
        session.execute(
            select(Voucher).where(
                col(Voucher.workspace_id) == workspace_id, col(Voucher.code) == code
            )
        )
        .scalars()
        .all()
    )
    return max(rows, key=lambda one: one.installation_id == installation_id, default=None)


def _orders(session: Session, workspace_id: int, voucher: Voucher | None) -> str:
    if voucher is None:
        return ""
    numbers = session.scalars(
        select(col(VoucherUse.order_number))
        .where(
            col(VoucherUse.workspace_id) == workspace_id,
            col(VoucherUse.voucher_id) == voucher.id,
            col(VoucherUse.is_cancelled).is_(False),
        )
        .order_by(col(VoucherUse.placed_at))
    )
    return ", ".join(numbers)


def _notes(voucher: Voucher, pool: VoucherPool, member_id: int | None) -> Iterator[str]:
    if voucher.member_id is not None and voucher.member_id != member_id:
        yield "The code is another member's: a stock shop does not ask whose it is."
    if pool.found is not None:
        yield "The promotion the code hangs on was changed in the shop by hand."


def told_code(code: Code, quote: Quote) -> CodeTold:
    voucher = code.voucher
    said = CodeTold(code.code, works=False, why=code.obstacle)
    if voucher is None:
        return said
    points, value = voucher.points, worth(voucher)
    quoted = next((one for one in quote.offers if code.offer and one.key == code.offer.key), None)
    if quoted is None:
        return CodeTold(code.code, False, value, why=code.obstacle, points=points)
    if quoted.outcome is not Outcome.APPLIES:
        why = ": ".join(filter(None, (quoted.outcome.value, quoted.why)))
        return CodeTold(code.code, False, value, why=why, points=points)
    return CodeTold(code.code, True, value, quoted.off, points=points)
