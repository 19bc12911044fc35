"""What a promotion shall be, as native text: two are the same when their texts are equal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from connectors.conformance.offers import Offers, OfferSuite
from connectors.conformance.shop import Ability, Faults, Shop, Target, needs
from connectors.errors import Rejected
from connectors.rewards import Discount, Promotion, PromotionKind, Promotions, Threshold

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TWO_DAYS = timedelta(days=2)

Pair = tuple[Promotion, Promotion]


def _vouchers(before: Mapping[str, Any], after: Mapping[str, Any]) -> Callable[[Offers], Pair]:
    return lambda offers: (offers.vouchers(**before), offers.vouchers(**after))


def _percent(percent: str, maximum: str | None = None) -> Mapping[str, Any]:
    most = None if maximum is None else Decimal(maximum)
    return {"discount": Discount(percent=Decimal(percent), maximum=most)}


def _threshold(amount: str, **more: bool) -> Mapping[str, Any]:
    return {"threshold": Threshold(Decimal(amount), **more)}


def _about_products(field: str) -> Callable[[Offers], Pair]:
    def pair(offers: Offers) -> Pair:
        first, second = (product.id for product in offers.two_products())
        one: dict[str, Any] = {field: (first,)}
        two: dict[str, Any] = {field: tuple(sorted((first, second)))}
        discount = _percent("10")
        return offers.vouchers(**discount, **one), offers.vouchers(**discount, **two)

    return pair


def _about_pieces(offers: Offers) -> Pair:
    gift, _ = offers.two_products()
    return offers.gift(gift, most_pieces=1), offers.gift(gift, most_pieces=2)


def _about_limits(offers: Offers) -> Pair:
    gift, _ = offers.two_products()
    return offers.gift(gift, most_pieces=1), offers.gift(gift, most_pieces=None)


def _about_groups(offers: Offers) -> Pair:
    return offers.vouchers(**offers.for_his_group), offers.vouchers(**offers.for_others)


def _about_everybody(offers: Offers) -> Pair:
    return offers.vouchers(**offers.for_his_group), offers.vouchers()


def _about_kinds(offers: Offers) -> Pair:
    return offers.vouchers(**_percent("10")), offers.vouchers(
        **_percent("10"), kind=PromotionKind.AUTOMATIC
    )


DIFFERENT: Mapping[str, Callable[[Offers], Pair]] = {
    "amount": _vouchers({}, {"discount": Discount(amount=Decimal("10.01"))}),
    "percent": _vouchers(_percent("10"), _percent("10.5")),
    "amount or percent": _vouchers({}, _percent("10")),
    "maximum": _vouchers(_percent("10", "20"), _percent("10", "21")),
    "any maximum": _vouchers(_percent("10"), _percent("10", "20")),
    "label": _vouchers({"label": "Voucher"}, {"label": "Thank you"}),
    "beginning": _vouchers({"starts_at": NOON}, {"starts_at": NOON + TWO_DAYS}),
    "any beginning": _vouchers({}, {"starts_at": NOON}),
    "end": _vouchers({"ends_at": NOON}, {"ends_at": NOON + TWO_DAYS}),
    "any end": _vouchers({}, {"ends_at": NOON}),
    "threshold": _vouchers(_threshold("50"), _threshold("50.01")),
    "any threshold": _vouchers({}, _threshold("50")),
    "threshold with tax": _vouchers(_threshold("50"), _threshold("50", is_gross=True)),
    "threshold after discounts": _vouchers(
        _threshold("50"), _threshold("50", after_discounts=True)
    ),
    "being active": _vouchers({}, {"is_active": False}),
    "kind": _about_kinds,
    "products": _about_products("product_ids"),
    "needed products": _about_products("needs_product_ids"),
    "pieces": _about_pieces,
    "any pieces": _about_limits,
    "groups": _about_groups,
    "any groups": _about_everybody,
}


@needs(Ability.PROMOTIONS)
class PromotionTextTests(OfferSuite):
    def test_the_same_promotion_has_the_same_text(
        self, offers: Offers, promotions: Promotions
    ) -> None:
        """However its numbers are written. What differs would be written again for ever."""
        tens = [Decimal(10), Decimal("10.00"), Decimal("1E+1")]
        texts = {
            promotions.compile(
                offers.vouchers(
                    discount=Discount(amount=ten),
                    threshold=Threshold(ten * 5),
                    starts_at=NOON,
                    ends_at=NOON + TWO_DAYS,
                    **offers.for_his_group,
                )
            )
            for ten in tens
        }
        assert len(texts) == 1

    @pytest.mark.parametrize("field", DIFFERENT)
    def test_another_promotion_has_another_text(
        self, offers: Offers, promotions: Promotions, field: str
    ) -> None:
        """What this shop cannot say is refused. It is never left out without a word: a voucher
        without its threshold is money given away."""
        texts = []
        refusals = []
        for promotion in DIFFERENT[field](offers):
            try:
                texts.append(promotions.compile(promotion))
            except Rejected as refusal:
                refusals.append(str(refusal))
        assert refusals or texts[0] != texts[1]
        assert all(refusals)

    @needs(Ability.OTHER_STORE)
    def test_the_other_store_has_another_text(
        self, shop: Shop, offers: Offers, promotions: Promotions
    ) -> None:
        """A voucher belongs to one store."""
        theirs = promotions.compile(offers.vouchers(store_id=shop.other_store_id))
        assert theirs != promotions.compile(offers.vouchers())

    @pytest.mark.parametrize(
        "discount", [Discount(), Discount(percent=Decimal(10), amount=Decimal(10))]
    )
    def test_a_discount_is_a_percentage_or_an_amount(
        self, offers: Offers, promotions: Promotions, discount: Discount
    ) -> None:
        with pytest.raises(Rejected):
            promotions.compile(offers.vouchers(discount=discount))

    def test_a_key_is_no_part_of_the_text(self, offers: Offers, promotions: Promotions) -> None:
        """Two of one content are told apart by what they are kept under."""
        first = promotions.compile(offers.vouchers("one", name="Vouchers"))
        assert promotions.compile(offers.vouchers("two", name="Vouchers")) == first

    @needs(Ability.FAULTS)
    def test_texts_are_made_without_the_shop(
        self, offers: Offers, promotions: Promotions, faults: Faults
    ) -> None:
        """Thousands are planned at once. What has to be known of the shop is read once."""
        text = promotions.compile(offers.vouchers())
        faults.clear()
        assert promotions.compile(offers.vouchers()) == text
        assert faults.calls(Target.ANY) == 0
