"""Codes: hung on promotions, looked up, taken away."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from connectors.conformance.base import given
from connectors.conformance.offers import CODES, Offers, OfferSuite, Shoppers
from connectors.conformance.records import wrong_fields
from connectors.conformance.sharing import THREADS, at_once
from connectors.conformance.shop import Ability, PromotionDesk, Shop, needs
from connectors.errors import AlreadyExists, NotFound, Unsafe
from connectors.rewards import HeldCode, HeldPromotion, Promotions

THEIRS = "SPRING-15"


def many(count: int, begin: str = "LBMANY") -> list[str]:
    return [f"{begin}-{number:05}" for number in range(count)]


class CodeSuite(OfferSuite):
    @pytest.fixture
    def pool(self, offers: Offers) -> HeldPromotion:
        """Without codes yet."""
        return offers.make(offers.vouchers())

    @pytest.fixture
    def theirs(self, desk: PromotionDesk) -> str:
        """Somebody else's promotion, with one code."""
        return desk.make("Spring", 15, [THEIRS])


@needs(Ability.PROMOTIONS)
class CodeTests(CodeSuite):
    def test_codes_that_were_added_are_there(
        self, promotions: Promotions, pool: HeldPromotion
    ) -> None:
        """Unused, each on its promotion, as they were named."""
        assert promotions.add_codes(pool.key, CODES) == {}
        found = promotions.codes(CODES)
        assert list(found) == list(CODES)
        assert [held for one in found.values() for held in wrong_fields(one, HeldCode)] == []
        assert {code: (one.code, one.promotion_id) for code, one in found.items()} == {
            code: (code, pool.native_id) for code in CODES
        }
        assert all(one.native_id and not one.is_used for one in found.values())
        assert len({one.native_id for one in found.values()}) == len(CODES)
        by_code = {one.code: one for one in promotions.codes_of(pool.key)}
        assert by_code == found

    def test_adding_again_adds_nothing(
        self, offers: Offers, promotions: Promotions, pool: HeldPromotion
    ) -> None:
        """Whoever never heard an answer repeats it; that is no refusal."""
        for _ in range(2):
            assert promotions.add_codes(pool.key, CODES[:2]) == {}
            assert offers.hanging(pool.key) == sorted(CODES[:2])
        assert promotions.add_codes(pool.key, CODES) == {}
        assert offers.hanging(pool.key) == sorted(CODES)

    def test_one_that_hangs_elsewhere_is_refused_alone(
        self, offers: Offers, promotions: Promotions, pool: HeldPromotion, theirs: str
    ) -> None:
        """On another of ours or on somebody else's: it stays there, and the others are added."""
        offers.make(offers.vouchers("another"), CODES[1])
        refused = promotions.add_codes(pool.key, [CODES[0], CODES[1], THEIRS, CODES[2]])
        assert refused.keys() == {CODES[1], THEIRS}
        assert all(isinstance(error, AlreadyExists) for error in refused.values())
        assert offers.hanging(pool.key) == sorted((CODES[0], CODES[2]))
        assert offers.hanging("another") == [CODES[1]]
        assert promotions.codes([THEIRS])[THEIRS].promotion_id == theirs

    def test_no_codes_hang_on_what_is_not_there(
        self, promotions: Promotions, pool: HeldPromotion
    ) -> None:
        """Somebody deleted it: the bridge has to make it again before it promises a code."""
        promotions.remove(pool.key)
        try:
            refused = promotions.add_codes(pool.key, CODES)
        except NotFound as error:
            refused = dict.fromkeys(CODES, error)
        assert refused.keys() == set(CODES)
        assert all(isinstance(error, NotFound) for error in refused.values())
        assert promotions.codes(CODES) == {}

    def test_a_full_call_is_taken(
        self, offers: Offers, promotions: Promotions, pool: HeldPromotion
    ) -> None:
        """As many as one call is said to take, at adding, at looking and at removing."""
        assert promotions.codes_per_call >= 1
        assert promotions.codes_per_promotion >= promotions.codes_per_call
        codes = many(promotions.codes_per_call)
        assert promotions.add_codes(pool.key, codes) == {}
        assert promotions.codes(codes).keys() == set(codes)
        assert offers.hanging(pool.key) == codes
        assert promotions.remove_codes(codes) == {}
        assert promotions.codes(codes) == {}

    def test_codes_are_looked_up_whatever_they_hang_on(
        self, offers: Offers, promotions: Promotions, pool: HeldPromotion, theirs: str
    ) -> None:
        """Those that are there; one that is not is left out, and none is none."""
        promotions.add_codes(pool.key, CODES[:1])
        other = offers.make(offers.vouchers("another"), CODES[1])
        found = promotions.codes([*CODES, THEIRS])
        assert {code: held.promotion_id for code, held in found.items()} == {
            CODES[0]: pool.native_id,
            CODES[1]: other.native_id,
            THEIRS: theirs,
        }
        assert promotions.codes([]) == {}

    def test_a_code_is_looked_up_whole(self, promotions: Promotions, pool: HeldPromotion) -> None:
        """Neither part of one nor a sign for any letter finds it."""
        promotions.add_codes(pool.key, ["LBX-77-Q", "LBX_77_Q2"])
        parts = ["LBX-77", "X-77-Q", "LBX%", "LBX_77_Q"]
        assert promotions.codes(parts) == {}

    def test_the_codes_of_none_are_none(self, promotions: Promotions, pool: HeldPromotion) -> None:
        assert list(promotions.codes_of(pool.key)) == []
        assert list(promotions.codes_of("pool.none")) == []

    @needs(Ability.PAGES)
    def test_codes_of_one_are_read_in_small_pages_too(
        self, shop: Shop, offers: Offers, promotions: Promotions, pool: HeldPromotion
    ) -> None:
        """Each of them once."""
        given(shop.small_pages, Ability.PAGES)(2)
        for start in range(0, 5, promotions.codes_per_call):
            promotions.add_codes(pool.key, many(5)[start : start + promotions.codes_per_call])
        assert offers.hanging(pool.key) == many(5)
        assert sorted(promotions.codes(many(5))) == many(5)

    def test_codes_are_taken_away(
        self, offers: Offers, promotions: Promotions, pool: HeldPromotion
    ) -> None:
        """Those that are named; one that is gone is no refusal."""
        promotions.add_codes(pool.key, CODES)
        for _ in range(2):
            assert promotions.remove_codes([CODES[0], CODES[2], "LB-NEVER"]) == {}
            assert offers.hanging(pool.key) == [CODES[1]]
        assert promotions.remove_codes([]) == {}
        assert offers.hanging(pool.key) == [CODES[1]]

    def test_a_code_of_somebody_else_is_left_alone(
        self,
        offers: Offers,
        promotions: Promotions,
        desk: PromotionDesk,
        pool: HeldPromotion,
        theirs: str,
    ) -> None:
        """It is refused as unsafe; those beside it go."""
        before = desk.seen(theirs)
        promotions.add_codes(pool.key, CODES)
        refused = promotions.remove_codes([CODES[0], THEIRS, CODES[1]])
        assert refused.keys() == {THEIRS}
        assert isinstance(refused[THEIRS], Unsafe)
        assert offers.hanging(pool.key) == [CODES[2]]
        assert desk.seen(theirs) == before

    def test_a_code_of_another_bridge_is_left_alone(
        self, promotions: Promotions, neighbour: Offers
    ) -> None:
        """Its mark begins like ours, and is another."""
        neighbour.make(neighbour.vouchers(), CODES[0])
        refused = promotions.remove_codes([CODES[0]])
        assert isinstance(refused.get(CODES[0]), Unsafe)
        assert neighbour.hanging(neighbour.vouchers().key) == [CODES[0]]

    def test_a_code_that_was_taken_away_can_be_added_again(
        self, offers: Offers, promotions: Promotions, pool: HeldPromotion
    ) -> None:
        """Also to another promotion."""
        offers.make(offers.vouchers("another"))
        for key in (pool.key, "another", pool.key):
            assert promotions.add_codes(key, CODES) == {}
            assert offers.hanging(key) == sorted(CODES)
            assert promotions.remove_codes(CODES) == {}

    def test_threads_add_codes_side_by_side(
        self, offers: Offers, promotions: Promotions, pool: HeldPromotion
    ) -> None:
        """Many members redeem at once, into one promotion."""
        batches = [many(3, f"LBT{number}") for number in range(THREADS)]
        refused = at_once(lambda number: promotions.add_codes(pool.key, batches[number]))
        assert refused == [{}] * THREADS
        assert offers.hanging(pool.key) == sorted(code for batch in batches for code in batch)

    def test_threads_that_add_the_same_add_it_once(
        self, offers: Offers, promotions: Promotions, pool: HeldPromotion
    ) -> None:
        """Two workers on one voucher, after a lease ran out."""
        refused = at_once(lambda _: _added(promotions, pool.key, CODES))
        assert refused == [{}] * THREADS
        assert offers.hanging(pool.key) == sorted(CODES)


def _added(promotions: Promotions, key: str, codes: Sequence[str]) -> dict[str, str]:
    return {code: str(error) for code, error in promotions.add_codes(key, codes).items()}


@needs(Ability.PROMOTIONS)
class CodeLifeTests(CodeSuite):
    def test_a_used_code_is_told(
        self,
        promotions: Promotions,
        desk: PromotionDesk,
        pool: HeldPromotion,
        shoppers: Shoppers,
    ) -> None:
        """Once the shop has counted it; and in which order, where it knows."""
        promotions.add_codes(pool.key, CODES)
        sale = shoppers.buy(CODES[0])
        desk.count_uses()
        found = promotions.codes(CODES)
        assert [found[code].is_used for code in CODES] == [True, False, False]
        assert found[CODES[0]].order_id in ("", sale.order_id)
        used = [held.code for held in promotions.codes_of(pool.key) if held.is_used]
        assert used == [CODES[0]]

    def test_a_used_code_can_be_taken_away(
        self,
        promotions: Promotions,
        desk: PromotionDesk,
        pool: HeldPromotion,
        shoppers: Shoppers,
    ) -> None:
        """Where it could be used again it is taken away at first sight."""
        promotions.add_codes(pool.key, CODES)
        shoppers.buy(CODES[0])
        desk.count_uses()
        assert promotions.remove_codes([CODES[0]]) == {}
        assert promotions.codes(CODES).keys() == {*CODES[1:]}

    def test_adding_a_used_code_again_does_not_free_it(
        self,
        promotions: Promotions,
        desk: PromotionDesk,
        pool: HeldPromotion,
        shoppers: Shoppers,
    ) -> None:
        """A worker that repeats itself late gives nobody his voucher twice."""
        promotions.add_codes(pool.key, CODES)
        shoppers.buy(CODES[0])
        desk.count_uses()
        assert promotions.add_codes(pool.key, CODES) == {}
        assert shoppers.saves(CODES[0]) == 0
        assert promotions.codes(CODES)[CODES[0]].is_used

    def test_a_change_of_the_promotion_does_not_free_a_used_code(
        self,
        offers: Offers,
        promotions: Promotions,
        desk: PromotionDesk,
        pool: HeldPromotion,
        shoppers: Shoppers,
    ) -> None:
        """Its label is written anew a month later."""
        promotions.add_codes(pool.key, CODES)
        shoppers.buy(CODES[0])
        desk.count_uses()
        offers.make(offers.vouchers(label="Thank you"))
        assert shoppers.saves(CODES[0]) == 0
        assert shoppers.saves(CODES[1]) > 0
