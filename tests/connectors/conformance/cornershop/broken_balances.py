"""Corner Shop balances that are wrong: a shop shows what is not so, or loses what is not ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace

from connectors.errors import AnswerLost, ConnectorError, NotFound
from connectors.sales import Balance
from cornershop.balances import FIELD, CornerBalances


class WipesTheRest(CornerBalances):
    def write(self, balances: Mapping[str, Balance]) -> dict[str, ConnectorError]:
        given = {customer: {FIELD: asdict(balance)} for customer, balance in balances.items()}
        self._send("extras/replace", given)
        return {}


class LeavesWhatIsEmpty(CornerBalances):
    """Who has no tier any more keeps the one he had."""

    def write(self, balances: Mapping[str, Balance]) -> dict[str, ConnectorError]:
        there = super().read(list(balances))
        return super().write(
            {id_: _with_old(balance, there.get(id_)) for id_, balance in balances.items()}
        )


def _with_old(new: Balance, old: Balance | None) -> Balance:
    kept = asdict(old or new)
    return Balance(**{name: value or kept[name] for name, value in asdict(new).items()})


class GivesAllTheSame(CornerBalances):
    def write(self, balances: Mapping[str, Balance]) -> dict[str, ConnectorError]:
        return super().write(dict.fromkeys(balances, next(iter(balances.values()), Balance(0, 0))))


class ReadsNoneAsNothing(CornerBalances):
    def read(self, customer_ids: Sequence[str]) -> dict[str, Balance | None]:
        found = super().read(customer_ids)
        return {customer: balance or Balance(0, 0) for customer, balance in found.items()}


class ReadsNothingAsNone(CornerBalances):
    def read(self, customer_ids: Sequence[str]) -> dict[str, Balance | None]:
        found = super().read(customer_ids)
        return {id_: one if one and one.available else None for id_, one in found.items()}


class KnowsThoseWhoAreGone(CornerBalances):
    def read(self, customer_ids: Sequence[str]) -> dict[str, Balance | None]:
        return {**dict.fromkeys(customer_ids), **super().read(customer_ids)}


class ShowsPointsAlone(CornerBalances):
    def write(self, balances: Mapping[str, Balance]) -> dict[str, ConnectorError]:
        return super().write(
            {id_: replace(one, expiring=0, expires_on="") for id_, one in balances.items()}
        )


class FailsAllForOne(CornerBalances):
    def write(self, balances: Mapping[str, Balance]) -> dict[str, ConnectorError]:
        if super().read(list(balances)).keys() != balances.keys():
            raise NotFound("There is no such customer")
        return super().write(balances)


class PreparesAnew(CornerBalances):
    def prepare(self) -> None:
        self.remove()
        super().prepare()


class RemovesNothing(CornerBalances):
    def remove(self) -> None:
        """It said thank you, and left everything behind."""


class RemovesEverything(CornerBalances):
    def remove(self) -> None:
        super().remove()
        for number in range(1, 6):
            self._send("extras/replace", {f"c{number}": {}})


class TakesSilenceForYes(CornerBalances):
    def write(self, balances: Mapping[str, Balance]) -> dict[str, ConnectorError]:
        given = {customer: {FIELD: asdict(balance)} for customer, balance in balances.items()}
        try:
            self._http.request("POST", "extras/merge", json=given)
        except AnswerLost:
            return {}
        return {}


class BlamesTheCustomer(CornerBalances):
    def write(self, balances: Mapping[str, Balance]) -> dict[str, ConnectorError]:
        try:
            return super().write(balances)
        except ConnectorError as error:
            return dict.fromkeys(balances, error)


class MovesTheCustomer(CornerBalances):
    def write(self, balances: Mapping[str, Balance]) -> dict[str, ConnectorError]:
        for customer, balance in balances.items():
            if balance.tier:
                self._http.request("PATCH", f"customers/{customer}", json={"group": "g2"})
        return super().write(balances)


BALANCES: dict[type[CornerBalances], str] = {
    WipesTheRest: "test_what_others_keep_stays",
    LeavesWhatIsEmpty: "test_the_new_takes_the_place_of_the_old",
    GivesAllTheSame: "test_each_gets_his_own",
    ReadsNoneAsNothing: "test_who_has_none_has_none",
    ReadsNothingAsNone: "test_a_balance_that_was_written_is_read_back",
    KnowsThoseWhoAreGone: "test_who_is_not_there_is_left_out",
    ShowsPointsAlone: "test_a_balance_that_was_written_is_read_back",
    FailsAllForOne: "test_one_who_is_gone_does_not_hide_the_others",
    PreparesAnew: "test_preparing_is_repeatable",
    RemovesNothing: "test_all_is_taken_away_and_no_more",
    RemovesEverything: "test_all_is_taken_away_and_no_more",
    TakesSilenceForYes: "test_a_write_without_an_answer_is_no_success",
    BlamesTheCustomer: "test_a_shop_that_cannot_be_asked_refuses_nobody",
    MovesTheCustomer: "test_the_customer_stays_as_he_is",
}
