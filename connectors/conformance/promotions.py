"""Promotions in the shop: written, read, changed and taken away; and nobody else's touched."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from connectors.conformance.base import given
from connectors.conformance.offers import CODES, Offers, OfferSuite
from connectors.conformance.records import wrong_fields
from connectors.conformance.shop import Ability, PromotionDesk, Shop, needs
from connectors.rewards import (
    Discount,
    HeldPromotion,
    Promotion,
    PromotionKind,
    Promotions,
    Threshold,
)

MAY, JUNE = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 6, 1, 22, tzinfo=UTC)
PERCENT = Discount(percent=Decimal("12.5"))

OFFERS: dict[str, Callable[[Offers], Promotion]] = {
    "vouchers": lambda offers: offers.vouchers(),
    "vouchers in percent": lambda offers: offers.vouchers(discount=PERCENT),
    "vouchers for a group": lambda offers: offers.vouchers(**offers.for_his_group),
    "vouchers for a time": lambda offers: offers.vouchers(starts_at=MAY, ends_at=JUNE),
    "vouchers from a value on": lambda offers: offers.vouchers(
        threshold=Threshold(Decimal("49.90"))
    ),
    "vouchers that rest": lambda offers: offers.vouchers(is_active=False),
    "vouchers with odd names": lambda offers: offers.vouchers(
        name='Ärger & Söhne <b>"10 €"</b>', label="Für Sie: 10 € & mehr"
    ),
    "a gift": lambda offers: offers.gift(
        offers.two_products()[0], threshold=Threshold(Decimal(100))
    ),
    "a discount": lambda offers: offers.automatic(),
    "a discount for two together": lambda offers: offers.automatic(
        needs_product_ids=tuple(sorted(product.id for product in offers.two_products()))
    ),
}


@needs(Ability.PROMOTIONS)
class PromotionTests(OfferSuite):
    @pytest.mark.parametrize("offer", OFFERS)
    def test_what_was_written_is_read(
        self, offers: Offers, promotions: Promotions, offer: str
    ) -> None:
        """To the letter: what reads back differently is shown as changed by somebody."""
        promotion = OFFERS[offer](offers)
        native = promotions.compile(promotion)
        held = promotions.write(promotion.key, native)
        assert wrong_fields(held, HeldPromotion) == []
        assert held == HeldPromotion(
            promotion.key, held.native_id, native, held.name, is_active=promotion.is_active
        )
        assert held.native_id
        assert held.name
        assert promotions.read([promotion.key]) == {promotion.key: held}
        assert list(promotions.all()) == [held]

    def test_writing_twice_makes_one(self, offers: Offers, promotions: Promotions) -> None:
        """Whoever never heard of his first try makes another."""
        first = offers.make(offers.vouchers())
        assert offers.make(offers.vouchers()) == first
        assert list(promotions.all()) == [first]

    def test_a_change_keeps_what_hangs_on_it(self, offers: Offers, promotions: Promotions) -> None:
        """A voucher that a member holds already goes on working."""
        before = offers.make(offers.vouchers(), *CODES)
        for label in ("Thank you", "Thanks again"):
            after = offers.make(offers.vouchers(label=label, ends_at=JUNE))
            assert after.native == promotions.compile(offers.vouchers(label=label, ends_at=JUNE))
            assert after.native_id == before.native_id
            assert offers.hanging(after.key) == sorted(CODES)
        assert list(promotions.all()) == [after]

    def test_what_was_said_before_is_gone(self, offers: Offers, promotions: Promotions) -> None:
        """A condition that is taken back does not stay; nor does one it was said beside."""
        gift, other = offers.two_products()
        for promotion in (
            offers.gift(gift, threshold=Threshold(Decimal(100)), **offers.for_his_group),
            offers.gift(other, starts_at=MAY, needs_product_ids=(gift.id,)),
            offers.gift(other),
            offers.gift(gift, most_pieces=2, threshold=Threshold(Decimal(50))),
        ):
            offers.make(promotion)
            read = promotions.read([promotion.key])[promotion.key]
            assert read.native == promotions.compile(promotion)
            assert [held.key for held in promotions.all()] == [promotion.key]

    def test_each_is_kept_under_its_key(self, offers: Offers, promotions: Promotions) -> None:
        """Keys that begin alike are as different as any."""
        keys = ["pool.1", "pool.10", "pool.1.", "Pool.1x", "pool_1"]
        held = {key: offers.make(offers.vouchers(key)) for key in keys}
        assert len({one.native_id for one in held.values()}) == len(keys)
        assert promotions.read(keys) == held
        assert promotions.read([keys[0], "pool.2"]) == {keys[0]: held[keys[0]]}
        assert {one.key: one for one in promotions.all()} == held

    def test_a_promotion_that_is_not_there_is_left_out(
        self, offers: Offers, promotions: Promotions
    ) -> None:
        """And none is none, not all."""
        assert list(promotions.all()) == []
        assert promotions.read(["pool.none"]) == {}
        offers.make(offers.vouchers())
        assert promotions.read([]) == {}

    def test_one_goes_with_its_codes_and_no_other(
        self, offers: Offers, promotions: Promotions
    ) -> None:
        """Removing twice is removing."""
        offers.make(offers.vouchers("one"), CODES[0])
        other = offers.make(offers.vouchers("two"), CODES[1])
        for _ in range(2):
            promotions.remove("one")
            assert list(promotions.all()) == [other]
            assert promotions.codes(CODES).keys() == {CODES[1]}
        promotions.remove("never")
        assert list(promotions.all()) == [other]

    def test_it_can_come_back(self, offers: Offers, promotions: Promotions) -> None:
        """An undo is undone; so are the codes."""
        offers.make(offers.vouchers(), *CODES)
        promotions.remove(offers.vouchers().key)
        held = offers.make(offers.vouchers(), *CODES)
        assert list(promotions.all()) == [held]
        assert offers.hanging(held.key) == sorted(CODES)

    def test_gifts_share_what_they_need_and_leave_it(
        self, offers: Offers, promotions: Promotions
    ) -> None:
        """Two with the same conditions, of which one goes: the other is as it was."""
        gift, _ = offers.two_products()
        wanted = {"threshold": Threshold(Decimal(100)), **offers.for_his_group}
        offers.make(offers.gift(gift, "gift.1", **wanted))
        second = offers.make(offers.gift(gift, "gift.2", **wanted))
        promotions.remove("gift.1")
        assert list(promotions.all()) == [second]

    @needs(Ability.PAGES)
    def test_all_are_read_in_small_pages_too(
        self, shop: Shop, offers: Offers, promotions: Promotions
    ) -> None:
        given(shop.small_pages, Ability.PAGES)(2)
        keys = [f"pool.{number}" for number in range(5)]
        for key in keys:
            offers.make(offers.vouchers(key))
        assert sorted(held.key for held in promotions.all()) == keys
        assert sorted(promotions.read(keys)) == keys


@needs(Ability.PROMOTIONS)
class OwnershipTests(OfferSuite):
    def test_one_of_the_same_name_is_somebody_elses(
        self, offers: Offers, promotions: Promotions, desk: PromotionDesk
    ) -> None:
        """Ours are known by their mark. Theirs is neither listed nor changed nor taken away."""
        offer = offers.vouchers()
        theirs = desk.make(offer.name, 15, ["THEIRS-15"])
        before = desk.seen(theirs)
        assert list(promotions.all()) == []
        assert promotions.read([offer.key]) == {}
        promotions.remove(offer.key)
        ours = offers.make(offer, *CODES)
        assert ours.native_id != theirs
        assert list(promotions.all()) == [ours]
        promotions.remove(offer.key)
        assert desk.seen(theirs) == before

    def test_another_bridge_on_the_shop_is_another(
        self, offers: Offers, promotions: Promotions, neighbour: Offers
    ) -> None:
        """A test system beside the real one: same shop, same keys, another mark."""
        ours = offers.make(offers.vouchers(), CODES[0])
        assert list(neighbour.promotions.all()) == []
        theirs = neighbour.make(neighbour.vouchers(label="Theirs"), CODES[1])
        assert theirs.native_id != ours.native_id
        assert list(promotions.all()) == [ours]
        neighbour.promotions.remove(theirs.key)
        assert list(promotions.all()) == [ours]
        assert offers.hanging(ours.key) == [CODES[0]]

    def test_who_lost_his_database_finds_his_own(
        self, shop: Shop, offers: Offers, promotions: Promotions
    ) -> None:
        """The mark tells all there is to know."""
        hung = {"a": CODES[0], "b": CODES[1]}
        held = {key: offers.make(offers.vouchers(key), code) for key, code in hung.items()}
        anew = shop.platform.connect(shop.connection)
        again = given(anew.promotions, Ability.PROMOTIONS)
        assert {one.key: one for one in again.all()} == held
        assert [one.code for one in again.codes_of("b")] == [CODES[1]]
        assert again.write("a", held["a"].native) == held["a"]
        anew.close()

    def test_a_change_by_hand_shows_and_is_mended(
        self, offers: Offers, promotions: Promotions, desk: PromotionDesk
    ) -> None:
        """It is still ours; what it says is another text, until it is written again."""
        held = offers.make(offers.vouchers(), *CODES)
        desk.switch_off(held.native_id)
        changed = promotions.read([held.key])[held.key]
        assert changed.native_id == held.native_id
        assert changed.native != held.native
        assert not changed.is_active
        assert promotions.write(held.key, held.native) == held
        assert promotions.read([held.key]) == {held.key: held}
        assert offers.hanging(held.key) == sorted(CODES)

    def test_what_a_person_left_can_be_put_back(
        self, offers: Offers, promotions: Promotions, desk: PromotionDesk
    ) -> None:
        """An undo to what was read is a text like any other, also one that no programme says."""
        held = offers.make(offers.vouchers())
        desk.switch_off(held.native_id)
        found = promotions.read([held.key])[held.key]
        promotions.write(held.key, held.native)
        assert promotions.write(held.key, found.native).native == found.native

    def test_the_kinds_are_told_apart(self, offers: Offers, promotions: Promotions) -> None:
        """What applies by itself never waits for a code, and the other way round."""
        texts = {
            promotions.compile(offers.vouchers(kind=kind, discount=PERCENT))
            for kind in (PromotionKind.CODES, PromotionKind.AUTOMATIC)
        }
        assert len(texts) == 2
