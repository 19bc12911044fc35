"""Corner Shop codes that are wrong: a voucher works twice, or never, or somebody else's is lost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from connectors.errors import AlreadyExists, ConnectorError, Unsafe
from connectors.rewards import HeldCode
from connectors.sales import NO_MONEY, Order
from cornershop.feed import CornerFeed
from cornershop.promotions import CornerPromotions


class AddsACodeTwice(CornerPromotions):
    """The second under a name that differs in nothing a shopper would see."""

    def add_codes(self, key: str, codes: Sequence[str]) -> dict[str, ConnectorError]:
        there = [code for code in codes if self.codes([code])]
        refused = super().add_codes(key, [code for code in codes if code not in there])
        return refused | super().add_codes(key, [f"{code} " for code in there])


class RefusesWhatIsThere(CornerPromotions):
    def add_codes(self, key: str, codes: Sequence[str]) -> dict[str, ConnectorError]:
        there = self.codes(codes)
        refused = super().add_codes(key, codes)
        return refused | {code: AlreadyExists(f"{code} is there already") for code in there}


class TakesAnyForItsOwn(CornerPromotions):
    """A code that hangs on another promotion is there, and that is enough."""

    def add_codes(self, key: str, codes: Sequence[str]) -> dict[str, ConnectorError]:
        super().add_codes(key, codes)
        return {}


class MovesCodesOver(CornerPromotions):
    def add_codes(self, key: str, codes: Sequence[str]) -> dict[str, ConnectorError]:
        self._http.request("POST", "codes/remove", json=list(codes), repeatable=True)
        return super().add_codes(key, codes)


class RefusesAllForOne(CornerPromotions):
    def add_codes(self, key: str, codes: Sequence[str]) -> dict[str, ConnectorError]:
        if self.codes(codes):
            raise AlreadyExists("One of these codes is there already")
        return super().add_codes(key, codes)


class HangsThemNowhere(CornerPromotions):
    """On what is not there."""

    def add_codes(self, key: str, codes: Sequence[str]) -> dict[str, ConnectorError]:
        return super().add_codes(key, codes) if self.read([key]) else {}


class AddsHalfOfThem(CornerPromotions):
    def add_codes(self, key: str, codes: Sequence[str]) -> dict[str, ConnectorError]:
        return super().add_codes(key, codes[: self.codes_per_call // 2])


class PromisesMoreThanItTakes(CornerPromotions):
    codes_per_call = 50


class LooksOnlyAtItsOwn(CornerPromotions):
    def codes(self, codes: Sequence[str]) -> dict[str, HeldCode]:
        ours = {held.native_id for held in self.all()}
        found = super().codes(codes)
        return {code: held for code, held in found.items() if held.promotion_id in ours}


class FindsPartsOfCodes(CornerPromotions):
    def codes(self, codes: Sequence[str]) -> dict[str, HeldCode]:
        every = [held for key in self.all() for held in self.codes_of(key.key)]
        return {code: held for code in codes for held in every if code in held.code}


class ReadsOnePageOfCodes(CornerPromotions):
    def codes_of(self, key: str) -> Iterator[HeldCode]:
        page = self._http.get("codes", {"offer": self._id(key), "after": ""})
        yield from super().codes([row["code"] for row in page])


class NamesNoPromotion(CornerPromotions):
    def codes(self, codes: Sequence[str]) -> dict[str, HeldCode]:
        return {code: replace(held, promotion_id="") for code, held in super().codes(codes).items()}


class NeverSeesAUse(CornerPromotions):
    def codes(self, codes: Sequence[str]) -> dict[str, HeldCode]:
        found = super().codes(codes)
        return {code: replace(held, is_used=False, order_id="") for code, held in found.items()}


class FreesUsedCodes(CornerPromotions):
    """Adds as new what is there and used."""

    def add_codes(self, key: str, codes: Sequence[str]) -> dict[str, ConnectorError]:
        used = [code for code, held in super().codes(codes).items() if held.is_used]
        self._http.request("POST", "codes/remove", json=used, repeatable=True)
        return super().add_codes(key, codes)


class KeepsUsedCodes(CornerPromotions):
    def remove_codes(self, codes: Sequence[str]) -> dict[str, ConnectorError]:
        unused = [code for code, held in super().codes(codes).items() if not held.is_used]
        return super().remove_codes(unused)


class RemovesAnybodys(CornerPromotions):
    def remove_codes(self, codes: Sequence[str]) -> dict[str, ConnectorError]:
        self._http.request("POST", "codes/remove", json=list(codes), repeatable=True)
        return {}


class RemovesAnybodysAndSaysSo(CornerPromotions):
    """It is told that this was not safe, after it was done."""

    def remove_codes(self, codes: Sequence[str]) -> dict[str, ConnectorError]:
        refused = super().remove_codes(codes)
        self._http.request("POST", "codes/remove", json=list(codes), repeatable=True)
        return refused


class RemovesNoneForOne(CornerPromotions):
    def remove_codes(self, codes: Sequence[str]) -> dict[str, ConnectorError]:
        offers = {held.native_id for held in self.all()}
        there = super().codes(codes)
        bad = {code for code, held in there.items() if held.promotion_id not in offers}
        if bad:
            return {code: Unsafe(f"{code} is not ours") for code in bad}
        return super().remove_codes(codes)


class RemovesAllOfThem(CornerPromotions):
    """All codes of the promotion, for one that was named."""

    def remove_codes(self, codes: Sequence[str]) -> dict[str, ConnectorError]:
        there = super().codes(codes)
        keys = {held.native_id: held.key for held in self.all()}
        more = [
            one.code
            for held in there.values()
            if held.promotion_id in keys
            for one in self.codes_of(keys[held.promotion_id])
        ]
        return super().remove_codes(sorted({*codes, *more}))


class ComplainsOfWhatIsGone(CornerPromotions):
    def remove_codes(self, codes: Sequence[str]) -> dict[str, ConnectorError]:
        there = super().codes(codes)
        gone = {code: AlreadyExists(f"{code} is gone") for code in codes if code not in there}
        return super().remove_codes(codes) | gone


class RemovesInItsMind(CornerPromotions):
    """What could not be sent is taken for done."""

    def remove_codes(self, codes: Sequence[str]) -> dict[str, ConnectorError]:
        try:
            return super().remove_codes(codes)
        except ConnectorError:
            return {}


class AddsInItsMind(CornerPromotions):
    def add_codes(self, key: str, codes: Sequence[str]) -> dict[str, ConnectorError]:
        try:
            return super().add_codes(key, codes)
        except ConnectorError:
            return {}


class BlamesTheCodes(CornerPromotions):
    """A line that was cut is told as codes that exist already."""

    def add_codes(self, key: str, codes: Sequence[str]) -> dict[str, ConnectorError]:
        try:
            return super().add_codes(key, codes)
        except ConnectorError as error:
            return {code: AlreadyExists(str(error)) for code in codes}


CODES: dict[type[CornerPromotions], str] = {
    AddsACodeTwice: "test_adding_again_adds_nothing",
    RefusesWhatIsThere: "test_adding_again_adds_nothing",
    TakesAnyForItsOwn: "test_one_that_hangs_elsewhere_is_refused_alone",
    MovesCodesOver: "test_one_that_hangs_elsewhere_is_refused_alone",
    RefusesAllForOne: "test_one_that_hangs_elsewhere_is_refused_alone",
    HangsThemNowhere: "test_no_codes_hang_on_what_is_not_there",
    AddsHalfOfThem: "test_a_full_call_is_taken",
    PromisesMoreThanItTakes: "test_a_full_call_is_taken",
    LooksOnlyAtItsOwn: "test_codes_are_looked_up_whatever_they_hang_on",
    FindsPartsOfCodes: "test_a_code_is_looked_up_whole",
    ReadsOnePageOfCodes: "test_codes_of_one_are_read_in_small_pages_too",
    NamesNoPromotion: "test_codes_that_were_added_are_there",
    NeverSeesAUse: "test_a_used_code_is_told",
    FreesUsedCodes: "test_adding_a_used_code_again_does_not_free_it",
    KeepsUsedCodes: "test_a_used_code_can_be_taken_away",
    RemovesAnybodys: "test_a_code_of_somebody_else_is_left_alone",
    RemovesAnybodysAndSaysSo: "test_a_code_of_somebody_else_is_left_alone",
    RemovesNoneForOne: "test_a_code_of_somebody_else_is_left_alone",
    RemovesAllOfThem: "test_codes_are_taken_away",
    ComplainsOfWhatIsGone: "test_codes_are_taken_away",
    RemovesInItsMind: "test_codes_that_could_not_be_removed_are_not_said_to_be_gone",
    AddsInItsMind: "test_codes_that_could_not_be_added_are_not_said_to_be_there",
    BlamesTheCodes: "test_codes_that_could_not_be_added_are_not_said_to_be_there",
}


# -- on orders ----------------------------------------------------------------------------------


class Retold(CornerFeed):
    """Tells each order in another way than it was."""

    def _read(self, field: str, values: Sequence[str]) -> list[Order]:
        return [self.retold(order) for order in super()._read(field, values)]

    def retold(self, order: Order) -> Order:
        raise NotImplementedError


class TellsNoCodes(Retold):
    def retold(self, order: Order) -> Order:
        return replace(order, codes=())


class TellsCodesForFree(Retold):
    def retold(self, order: Order) -> Order:
        return replace(order, codes=tuple(replace(used, discount=NO_MONEY) for used in order.codes))


class TellsCodesTwice(Retold):
    def retold(self, order: Order) -> Order:
        return replace(order, codes=order.codes * 2)


class TellsCodesInLowerCase(Retold):
    def retold(self, order: Order) -> Order:
        return replace(
            order, codes=tuple(replace(used, code=used.code.lower()) for used in order.codes)
        )


class TellsEveryDiscountAsGift(Retold):
    def retold(self, order: Order) -> Order:
        lines = tuple(replace(line, is_gift=line.discount != NO_MONEY) for line in order.lines)
        return replace(order, lines=lines)


class TellsNoGifts(Retold):
    def retold(self, order: Order) -> Order:
        return replace(order, lines=tuple(replace(line, is_gift=False) for line in order.lines))


USES: dict[type[CornerFeed], str] = {
    TellsNoCodes: "test_an_order_tells_its_code_and_what_it_took_off",
    TellsCodesForFree: "test_an_order_tells_its_code_and_what_it_took_off",
    TellsCodesTwice: "test_an_order_tells_its_code_and_what_it_took_off",
    TellsCodesInLowerCase: "test_an_order_tells_its_code_and_what_it_took_off",
    TellsEveryDiscountAsGift: "test_a_gift_that_was_paid_for_is_told_as_bought",
    TellsNoGifts: "test_a_gift_is_told_on_the_order",
}
