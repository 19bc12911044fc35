"""Corner Shop promotions that are wrong: more money is given away than was meant, or less, or a
promotion of somebody else is lost."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import uuid4

from connectors.errors import AnswerLost, ConnectorError, Rejected
from connectors.rewards import HeldPromotion, Promotion, PromotionKind
from cornershop.promotions import CornerPromotions, Row

_COUNTER = count()


# -- what is said of a promotion ----------------------------------------------------------------


class ForgetsTheThreshold(CornerPromotions):
    def compile(self, promotion: Promotion) -> str:
        return super().compile(replace(promotion, threshold=None))


class AlwaysAsksWithoutTax(CornerPromotions):
    def compile(self, promotion: Promotion) -> str:
        if promotion.threshold is None:
            return super().compile(promotion)
        net = replace(promotion.threshold, is_gross=False)
        return super().compile(replace(promotion, threshold=net))


class AsksForABitMore(CornerPromotions):
    """More than the amount, where at least the amount was meant."""

    def compile(self, promotion: Promotion) -> str:
        if promotion.threshold is None:
            return super().compile(promotion)
        more = replace(promotion.threshold, amount=promotion.threshold.amount + Decimal("0.01"))
        return super().compile(replace(promotion, threshold=more))


class IsForEverybody(CornerPromotions):
    def compile(self, promotion: Promotion) -> str:
        return super().compile(replace(promotion, group_ids=()))


class IsForOldCustomersToo(CornerPromotions):
    """The text says one thing, the shop gets to hear another."""

    def write(self, key: str, native: str) -> HeldPromotion:
        terms = {**json.loads(native), "first": False}
        return replace(super().write(key, json.dumps(terms, sort_keys=True)), native=native)


class NeverEnds(CornerPromotions):
    def compile(self, promotion: Promotion) -> str:
        return super().compile(replace(promotion, ends_at=None))


class BeginsAtOnce(CornerPromotions):
    def compile(self, promotion: Promotion) -> str:
        return super().compile(replace(promotion, starts_at=None))


class GivesAnyNumberAway(CornerPromotions):
    def compile(self, promotion: Promotion) -> str:
        return super().compile(replace(promotion, most_pieces=None))


class MakesTheWholeBasketFree(CornerPromotions):
    def compile(self, promotion: Promotion) -> str:
        return super().compile(replace(promotion, product_ids=()))


class IsContentWithHalfTheBundle(CornerPromotions):
    def compile(self, promotion: Promotion) -> str:
        return super().compile(
            replace(promotion, needs_product_ids=promotion.needs_product_ids[:1])
        )


class KnowsNoMaximum(CornerPromotions):
    def compile(self, promotion: Promotion) -> str:
        return super().compile(
            replace(promotion, discount=replace(promotion.discount, maximum=None))
        )


class TakesPercentForMoney(CornerPromotions):
    def compile(self, promotion: Promotion) -> str:
        discount = promotion.discount
        if discount.percent is not None and discount.amount is None:
            discount = replace(discount, percent=None, amount=discount.percent)
        return super().compile(replace(promotion, discount=discount))


class RoundsTheFace(CornerPromotions):
    def compile(self, promotion: Promotion) -> str:
        amount = promotion.discount.amount
        whole = None if amount is None else max(amount.quantize(Decimal(1)), Decimal(1))
        return super().compile(
            replace(promotion, discount=replace(promotion.discount, amount=whole))
        )


class TakesEitherOfTwo(CornerPromotions):
    """An amount and a percentage, of which it forgets one."""

    def compile(self, promotion: Promotion) -> str:
        discount = promotion.discount
        if discount.percent is not None:
            discount = replace(discount, amount=None)
        return super().compile(replace(promotion, discount=discount))


class IsAlwaysOn(CornerPromotions):
    def compile(self, promotion: Promotion) -> str:
        return super().compile(replace(promotion, is_active=True))


class GivesItAwayWithoutACode(CornerPromotions):
    def compile(self, promotion: Promotion) -> str:
        kind = PromotionKind.AUTOMATIC
        return super().compile(replace(promotion, kind=kind))


class IsOfAnyStore(CornerPromotions):
    def compile(self, promotion: Promotion) -> str:
        return super().compile(replace(promotion, store_id="north"))


class ShowsNoLabel(CornerPromotions):
    def compile(self, promotion: Promotion) -> str:
        return super().compile(replace(promotion, label=""))


class SpellsAsItPleases(CornerPromotions):
    """10 and 10.00 are two texts."""

    def compile(self, promotion: Promotion) -> str:
        terms = json.loads(super().compile(promotion))
        if promotion.discount.amount is not None:
            terms["amount"] = str(promotion.discount.amount)
        return json.dumps(terms, sort_keys=True)


class CountsItsTexts(CornerPromotions):
    def compile(self, promotion: Promotion) -> str:
        terms = json.loads(super().compile(promotion))
        return json.dumps({**terms, "written": next(_COUNTER)}, sort_keys=True)


class WritesTheKeyIntoTheText(CornerPromotions):
    def compile(self, promotion: Promotion) -> str:
        return json.dumps(
            {**json.loads(super().compile(promotion)), "key": promotion.key}, sort_keys=True
        )


class AsksTheShopForEachText(CornerPromotions):
    def compile(self, promotion: Promotion) -> str:
        self._http.get("shop")
        return super().compile(promotion)


# -- what is done with it -----------------------------------------------------------------------


class MakesASecondOne(CornerPromotions):
    """Each write is a new promotion; the newest counts."""

    def write(self, key: str, native: str) -> HeldPromotion:
        id_ = uuid4().hex
        body = {"note": self._note(key), "terms": json.loads(native)}
        self._http.request("PUT", f"offers/{id_}", json=body, repeatable=True)
        return HeldPromotion(key, id_, native, json.loads(native)["name"])

    def _ours(self, row: Row) -> HeldPromotion | None:
        mark, _, key = row["note"].partition("#")
        native = json.dumps(row["terms"], sort_keys=True)
        return HeldPromotion(key, row["id"], native) if mark == self._mark else None


class LosesCodesOnUpdate(CornerPromotions):
    def write(self, key: str, native: str) -> HeldPromotion:
        self.remove(key)
        return super().write(key, native)


class ChangesNothing(CornerPromotions):
    """What is there is good enough."""

    def write(self, key: str, native: str) -> HeldPromotion:
        return self.read([key]).get(key) or super().write(key, native)


class MergesTerms(CornerPromotions):
    """What is empty keeps its old value."""

    def write(self, key: str, native: str) -> HeldPromotion:
        held = self.read([key]).get(key)
        old: dict[str, Any] = json.loads(held.native) if held else {}
        new = {name: value or old.get(name, value) for name, value in json.loads(native).items()}
        return super().write(key, json.dumps(new, sort_keys=True))


class BelievesWithoutLooking(CornerPromotions):
    def read(self, keys: Sequence[str]) -> dict[str, HeldPromotion]:
        """Reads back in lower case, as the shop's own pages show it."""
        return {
            key: replace(held, native=held.native.lower())
            for key, held in super().read(keys).items()
        }

    def write(self, key: str, native: str) -> HeldPromotion:
        try:
            return super().write(key, native)
        except ConnectorError:
            return replace(super().read([key])[key], native=native)


class RemovesOnlyTheNewest(CornerPromotions):
    def remove(self, key: str) -> None:
        """Empties it, and leaves the shell."""
        if self.read([key]):
            self.remove_codes([held.code for held in self.codes_of(key)])


class FailsWhereNothingIs(CornerPromotions):
    def remove(self, key: str) -> None:
        if not self.read([key]):
            raise Rejected(f"There is no offer {key}")
        super().remove(key)


class RemovesWhatBeginsAlike(CornerPromotions):
    def read(self, keys: Sequence[str]) -> dict[str, HeldPromotion]:
        return {
            held.key: held for held in self.all() if any(held.key.startswith(key) for key in keys)
        }


class ReadsAllForNone(CornerPromotions):
    def read(self, keys: Sequence[str]) -> dict[str, HeldPromotion]:
        return super().read(keys) if keys else {held.key: held for held in self.all()}


class ReadsOnePage(CornerPromotions):
    def all(self) -> Iterator[HeldPromotion]:
        page = self._http.get("offers", {"after": ""})
        yield from (held for row in page if (held := self._ours(row)))


class ListsEverybodys(CornerPromotions):
    def _ours(self, row: Row) -> HeldPromotion | None:
        held = super()._ours(row)
        if held is not None:
            return held
        terms = row["terms"]
        native = json.dumps(terms, sort_keys=True)
        return HeldPromotion(terms["name"], row["id"], native, terms["name"])


class KnowsItsOwnByName(CornerPromotions):
    """A promotion of that name has to be ours."""

    def remove(self, key: str) -> None:
        for row in self._http.get("offers", {"after": ""}):
            if row["terms"]["name"].endswith(key):
                self._http.request("DELETE", f"offers/{row['id']}", repeatable=True)


class KnowsMarksThatBeginLikeIts(CornerPromotions):
    """``acme/corner`` is the beginning of ``acme/corner-2`` too."""

    def _ours(self, row: Row) -> HeldPromotion | None:
        mark, _, key = row["note"].partition("#")
        native = json.dumps(row["terms"], sort_keys=True)
        if not mark.startswith(self._mark):
            return None
        terms = row["terms"]
        return HeldPromotion(key, row["id"], native, terms["name"], is_active=terms["active"])


class RemembersItsOwn(CornerPromotions):
    """In its memory instead of in the shop."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._known: set[str] = set()

    def write(self, key: str, native: str) -> HeldPromotion:
        self._known.add(key)
        return super().write(key, native)

    def _ours(self, row: Row) -> HeldPromotion | None:
        held = super()._ours(row)
        return held if held and held.key in self._known else None


class SeesWhatItWrote(CornerPromotions):
    """A change by hand is not seen: it tells what it last wrote."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._written: dict[str, str] = {}

    def write(self, key: str, native: str) -> HeldPromotion:
        self._written[key] = native
        return super().write(key, native)

    def read(self, keys: Sequence[str]) -> dict[str, HeldPromotion]:
        return {
            key: replace(held, native=self._written.get(key, held.native), is_active=True)
            for key, held in super().read(keys).items()
        }


class WritesOnceMoreUnread(CornerPromotions):
    """After a lost answer it makes another, under another id."""

    def write(self, key: str, native: str) -> HeldPromotion:
        body = {"note": self._note(key), "terms": json.loads(native)}
        try:
            self._http.request("PUT", f"offers/{self._id(key)}", json=body)
        except AnswerLost:
            self._http.request("PUT", f"offers/{uuid4().hex}", json=body)
        return self.read([key])[key]

    def _ours(self, row: Row) -> HeldPromotion | None:
        mark, _, key = row["note"].partition("#")
        native = json.dumps(row["terms"], sort_keys=True)
        return HeldPromotion(key, row["id"], native) if mark == self._mark else None


class TakesNoAnswerForNone(CornerPromotions):
    def all(self) -> Iterator[HeldPromotion]:
        try:
            yield from super().all()
        except ConnectorError:
            return

    def _ask(self, path: str, body: Sequence[str]) -> list[Mapping[str, Any]]:
        try:
            return super()._ask(path, body)
        except ConnectorError:
            return []


PROMOTIONS: dict[type[CornerPromotions], str] = {
    ForgetsTheThreshold: "test_another_promotion_has_another_text",
    AlwaysAsksWithoutTax: "test_another_promotion_has_another_text",
    AsksForABitMore: "test_a_threshold_is_kept_exactly_or_refused",
    IsForEverybody: "test_a_voucher_for_a_group_is_for_that_group",
    IsForOldCustomersToo: "test_a_voucher_for_first_orders_is_for_new_customers",
    NeverEnds: "test_a_voucher_holds_in_its_time",
    BeginsAtOnce: "test_a_voucher_holds_in_its_time",
    GivesAnyNumberAway: "test_so_many_pieces_are_free_and_no_more",
    MakesTheWholeBasketFree: "test_a_gift_is_free_from_its_value_on",
    IsContentWithHalfTheBundle: "test_a_discount_for_two_together_needs_both",
    KnowsNoMaximum: "test_a_percentage_ends_at_its_maximum_or_is_refused",
    TakesPercentForMoney: "test_a_percentage_is_of_the_goods",
    RoundsTheFace: "test_odd_faces_are_exact",
    TakesEitherOfTwo: "test_a_discount_is_a_percentage_or_an_amount",
    IsAlwaysOn: "test_a_voucher_that_rests_is_worth_nothing",
    GivesItAwayWithoutACode: "test_a_code_is_worth_its_face",
    IsOfAnyStore: "test_a_voucher_of_the_other_store_is_worth_nothing_here",
    ShowsNoLabel: "test_another_promotion_has_another_text",
    SpellsAsItPleases: "test_the_same_promotion_has_the_same_text",
    CountsItsTexts: "test_the_same_promotion_has_the_same_text",
    WritesTheKeyIntoTheText: "test_a_key_is_no_part_of_the_text",
    AsksTheShopForEachText: "test_texts_are_made_without_the_shop",
    MakesASecondOne: "test_writing_twice_makes_one",
    LosesCodesOnUpdate: "test_a_change_keeps_what_hangs_on_it",
    ChangesNothing: "test_a_changed_voucher_is_worth_what_it_says_now",
    MergesTerms: "test_what_was_said_before_is_gone",
    BelievesWithoutLooking: "test_what_was_written_is_read",
    RemovesOnlyTheNewest: "test_one_goes_with_its_codes_and_no_other",
    FailsWhereNothingIs: "test_one_goes_with_its_codes_and_no_other",
    RemovesWhatBeginsAlike: "test_each_is_kept_under_its_key",
    ReadsAllForNone: "test_a_promotion_that_is_not_there_is_left_out",
    ReadsOnePage: "test_all_are_read_in_small_pages_too",
    ListsEverybodys: "test_one_of_the_same_name_is_somebody_elses",
    KnowsItsOwnByName: "test_one_of_the_same_name_is_somebody_elses",
    KnowsMarksThatBeginLikeIts: "test_another_bridge_on_the_shop_is_another",
    RemembersItsOwn: "test_who_lost_his_database_finds_his_own",
    SeesWhatItWrote: "test_a_change_by_hand_shows_and_is_mended",
    WritesOnceMoreUnread: "test_one_bad_call_makes_no_second_promotion",
    TakesNoAnswerForNone: "test_what_could_not_be_read_is_not_gone",
}
