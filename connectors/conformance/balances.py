"""Points that are shown in the shop: held for the customer, beside what others keep there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from connectors.base import Connector, Customer
from connectors.conformance.addresses import dead_address
from connectors.conformance.base import Suite, given
from connectors.conformance.records import wrong_fields
from connectors.conformance.sharing import THREADS, at_once
from connectors.conformance.shop import Ability, Faults, Notes, Shop, Target, Trouble, needs
from connectors.errors import (
    AnswerLost,
    NotFound,
    ShopFault,
    Throttled,
    Unauthorized,
    Unreachable,
)
from connectors.sales import Balance, Balances, HeldByPlugin

GOLD = Balance(1_234_567_890, 30, "Gold & Söhne <b>", "gold", 20, "2026-12-31")
PLAIN = Balance(7, 0)
EMPTY = Balance(0, 0)
"""Somebody who has spent all: not the same as somebody without a balance."""


def _there(shop: Shop, connector: Connector) -> Balances:
    """With what holds them."""
    balances = given(connector.balances, Ability.BALANCES)
    if isinstance(balances, HeldByPlugin):
        given(shop.plugin, Ability.PLUGIN).install()
    return balances


class BalanceSuite(Suite):
    @pytest.fixture
    def balances(self, shop: Shop, connector: Connector) -> Balances:
        """A shop that is ready to hold them."""
        balances = _there(shop, connector)
        balances.prepare()
        return balances

    @pytest.fixture
    def people(self, connector: Connector) -> list[Customer]:
        """Three customers, sorted by id."""
        found = {customer.id: customer for customer in connector.customers()}
        return [found[id_] for id_ in sorted(found)[:3]]

    @pytest.fixture
    def one(self, people: list[Customer]) -> str:
        return people[0].id

    @pytest.fixture
    def notes(self, shop: Shop) -> Notes:
        return given(shop.notes, Ability.BALANCES)


@needs(Ability.BALANCES)
class BalanceTests(BalanceSuite):
    def test_preparing_is_repeatable(self, balances: Balances, one: str) -> None:
        """It is done whenever the bridge starts, and takes nothing away."""
        balances.write({one: GOLD})
        balances.prepare()
        assert balances.read([one]) == {one: GOLD}

    def test_who_has_none_has_none(self, balances: Balances, people: list[Customer]) -> None:
        """He is told from one who is not there, and from one with nothing left."""
        ids = [customer.id for customer in people]
        assert balances.read(ids) == dict.fromkeys(ids)

    def test_who_is_not_there_is_left_out(self, shop: Shop, balances: Balances, one: str) -> None:
        """He is forgotten: nobody is to be told anything any more."""
        assert balances.read([shop.unknown_customer_id, one]) == {one: None}
        assert balances.read([shop.unknown_customer_id]) == {}

    def test_nobody_is_nobody(self, balances: Balances) -> None:
        """An empty list never means all."""
        assert balances.read([]) == {}
        assert balances.write({}) == {}

    @pytest.mark.parametrize("balance", [GOLD, PLAIN, EMPTY], ids=["full", "plain", "empty"])
    def test_a_balance_that_was_written_is_read_back(
        self, balances: Balances, one: str, balance: Balance
    ) -> None:
        """To the last field; what reads back differently would be written again for ever."""
        assert balances.write({one: balance}) == {}
        read = balances.read([one])
        assert read == {one: balance}
        assert wrong_fields(read[one], Balance) == []

    def test_the_new_takes_the_place_of_the_old(self, balances: Balances, one: str) -> None:
        """Field by field: who is no longer in a tier is shown none."""
        for balance in (GOLD, PLAIN, GOLD, EMPTY):
            assert balances.write({one: balance}) == {}
            assert balances.read([one]) == {one: balance}

    def test_each_gets_his_own(self, balances: Balances, people: list[Customer]) -> None:
        """In one call, and nobody who was not named."""
        first, second, third = (customer.id for customer in people)
        assert balances.write({first: GOLD, second: PLAIN}) == {}
        assert balances.read([third, second, first]) == {first: GOLD, second: PLAIN, third: None}

    def test_one_who_is_gone_does_not_hide_the_others(
        self, shop: Shop, balances: Balances, people: list[Customer]
    ) -> None:
        """He is refused as not found, or passed over; those beside him are written."""
        gone, (first, second, _) = shop.unknown_customer_id, (each.id for each in people)
        refused = balances.write({first: GOLD, gone: GOLD, second: PLAIN})
        assert refused.keys() <= {gone}
        assert all(isinstance(error, NotFound) for error in refused.values())
        assert balances.read([first, gone, second]) == {first: GOLD, second: PLAIN}

    def test_what_others_keep_stays(self, balances: Balances, notes: Notes, one: str) -> None:
        """The number in somebody's ERP, say, in the field beside."""
        notes.keep(one, "4711")
        for balance in (GOLD, EMPTY):
            balances.write({one: balance})
            assert notes.kept(one) == "4711"
        notes.keep(one, "4712")
        assert balances.read([one]) == {one: EMPTY}

    def test_the_customer_stays_as_he_is(
        self, connector: Connector, balances: Balances, people: list[Customer]
    ) -> None:
        """His group decides what he pays."""
        before = people[0]
        balances.write({before.id: GOLD})
        after = connector.customer(before.id)
        assert replace(after, updated_at=before.updated_at) == before

    def test_all_is_taken_away_and_no_more(
        self, balances: Balances, notes: Notes, people: list[Customer]
    ) -> None:
        """When the bridge leaves the shop; twice is the same as once, and it can come back."""
        ids = [customer.id for customer in people]
        notes.keep(ids[0], "4711")
        balances.write(dict.fromkeys(ids, GOLD))
        for _ in range(2):
            balances.remove()
            assert notes.kept(ids[0]) == "4711"
        balances.prepare()
        assert balances.read(ids) == dict.fromkeys(ids)
        assert balances.write({ids[0]: PLAIN}) == {}
        assert balances.read(ids[:1]) == {ids[0]: PLAIN}

    def test_threads_write_balances_side_by_side(
        self, balances: Balances, people: list[Customer]
    ) -> None:
        """Each thread tells another customer, as the pushing of several batches does."""
        ids = [customer.id for customer in people]
        points = {id_: Balance(100 + place, place) for place, id_ in enumerate(ids)}
        refused = at_once(lambda number: balances.write({ids[number % 3]: points[ids[number % 3]]}))
        assert refused == [{}] * THREADS
        assert balances.read(ids) == points


@needs(Ability.BALANCES)
class BalanceTroubleTests(BalanceSuite):
    @pytest.fixture(params=["refused", "down"])
    def shut(self, request: pytest.FixtureRequest, shop: Shop) -> Iterator[Balances]:
        down = replace(shop.connection, url=dead_address())
        to = shop.bad_connection if request.param == "refused" else down
        connector = shop.platform.connect(to)
        yield _there(shop, connector)
        connector.close()

    def test_a_shop_that_cannot_be_asked_refuses_nobody(self, shut: Balances, one: str) -> None:
        """Raised, it is tried again; as a refusal it would count against the customer."""
        for ask in (lambda: shut.write({one: GOLD}), lambda: shut.read([one]), shut.prepare):
            with pytest.raises((Unauthorized, Unreachable)):
                ask()

    @needs(Ability.FAULTS)
    @pytest.mark.parametrize(
        "trouble", [Trouble.DROPPED_UNDONE, Trouble.DROPPED_DONE, Trouble.TRUNCATED, Trouble.CUT]
    )
    def test_a_write_without_an_answer_is_no_success(
        self, balances: Balances, one: str, faults: Faults, trouble: Trouble
    ) -> None:
        """Either it was made again until it was heard, or its outcome is unknown."""
        faults.clear()
        faults.strike(Target.BALANCE_WRITE, trouble)
        try:
            refused = balances.write({one: GOLD})
        except (AnswerLost, ShopFault) as error:
            assert error.outcome_unknown
            expected = None if trouble is Trouble.DROPPED_UNDONE else GOLD
        else:
            assert refused == {}
            expected = GOLD
        assert faults.calls(Target.BALANCE_WRITE) >= 1
        assert balances.read([one]) == {one: expected}

    @needs(Ability.FAULTS)
    @pytest.mark.parametrize("trouble", [*Trouble])
    def test_reading_balances_survives_one_bad_call(
        self, balances: Balances, one: str, faults: Faults, trouble: Trouble
    ) -> None:
        """Asking twice is asking."""
        balances.write({one: GOLD})
        faults.clear()
        faults.strike(Target.BALANCE_READ, trouble)
        assert balances.read([one]) == {one: GOLD}
        assert faults.calls(Target.BALANCE_READ) >= 2

    @needs(Ability.FAULTS)
    @pytest.mark.parametrize("target", [Target.BALANCE_READ, Target.BALANCE_WRITE])
    def test_a_long_wait_is_left_to_the_push(
        self, balances: Balances, one: str, faults: Faults, target: Target
    ) -> None:
        """Nobody is refused, and nobody is missing."""
        faults.strike(target, *[Trouble.UNAVAILABLE] * 50, retry_after=3600)
        with pytest.raises(Throttled) as caught:
            balances.read([one]) if target is Target.BALANCE_READ else balances.write({one: GOLD})
        assert caught.value.retry_after is not None
