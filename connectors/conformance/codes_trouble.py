"""Promotions and codes when calls go wrong: repeated, all ends as if nothing had happened."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from connectors.base import Connector
from connectors.conformance.addresses import dead_address
from connectors.conformance.base import given
from connectors.conformance.codes import CodeSuite
from connectors.conformance.offers import CODES, Offers
from connectors.conformance.shop import Ability, Faults, Shop, Target, Trouble, needs
from connectors.errors import AnswerLost, ConnectorError, ShopFault, Unauthorized, Unreachable
from connectors.rewards import HeldPromotion, Promotions

ALL = [*Trouble]
LOST = [Trouble.CUT, Trouble.TRUNCATED, Trouble.DROPPED_DONE]
FOR_GOOD = 50
"""Calls in a row that meet trouble: more than anybody tries."""
MOST_TRIES = 4

QUESTIONS: dict[str, tuple[Target, Callable[[Promotions, str], object]]] = {
    "read": (Target.PROMOTION_READ, lambda promotions, key: promotions.read([key])),
    "all": (Target.PROMOTION_READ, lambda promotions, key: list(promotions.all())),
    "codes": (Target.CODE_READ, lambda promotions, key: promotions.codes(CODES)),
    "codes of": (Target.CODE_READ, lambda promotions, key: list(promotions.codes_of(key))),
}


def until_done(work: Callable[[], dict[str, ConnectorError] | object]) -> None:
    """Repeats as a worker does: after what may pass, raised or told of single codes."""
    for _ in range(MOST_TRIES):
        try:
            refused = work()
        except ConnectorError as error:
            assert error.transient, error
            continue
        if not isinstance(refused, dict) or not refused:
            return
        assert all(error.transient for error in refused.values()), refused
    pytest.fail(f"It was not done in {MOST_TRIES} tries, of which one met trouble.")


@needs(Ability.PROMOTIONS)
class CodeTroubleTests(CodeSuite):
    @pytest.fixture
    def full(self, offers: Offers, pool: HeldPromotion) -> HeldPromotion:
        """With codes."""
        return offers.make(offers.vouchers(), *CODES)

    @needs(Ability.FAULTS)
    @pytest.mark.parametrize("trouble", ALL)
    def test_one_bad_call_makes_no_second_promotion(
        self, offers: Offers, promotions: Promotions, faults: Faults, trouble: Trouble
    ) -> None:
        """Perhaps it was made, and nobody heard of it: whoever repeats it finds it."""
        native = promotions.compile(offers.vouchers())
        faults.strike(Target.PROMOTION_WRITE, trouble)
        until_done(lambda: promotions.write("pool.1", native))
        assert [(held.key, held.native) for held in promotions.all()] == [("pool.1", native)]

    @needs(Ability.FAULTS)
    @pytest.mark.parametrize("trouble", ALL)
    def test_one_bad_call_loses_no_code_at_a_change(
        self,
        offers: Offers,
        promotions: Promotions,
        full: HeldPromotion,
        faults: Faults,
        trouble: Trouble,
    ) -> None:
        native = promotions.compile(offers.vouchers(label="Thank you"))
        faults.strike(Target.PROMOTION_WRITE, trouble)
        until_done(lambda: promotions.write(full.key, native))
        assert promotions.read([full.key])[full.key].native == native
        assert offers.hanging(full.key) == sorted(CODES)

    @needs(Ability.FAULTS)
    @pytest.mark.parametrize("trouble", ALL)
    def test_one_bad_call_adds_no_code_twice_and_none_less(
        self,
        offers: Offers,
        promotions: Promotions,
        pool: HeldPromotion,
        faults: Faults,
        trouble: Trouble,
    ) -> None:
        faults.strike(Target.CODE_ADD, trouble)
        until_done(lambda: promotions.add_codes(pool.key, CODES))
        assert offers.hanging(pool.key) == sorted(CODES)

    @needs(Ability.FAULTS)
    @pytest.mark.parametrize("trouble", ALL)
    def test_one_bad_call_leaves_no_code_behind(
        self, promotions: Promotions, full: HeldPromotion, faults: Faults, trouble: Trouble
    ) -> None:
        """Its points would be given back, and it would work."""
        faults.strike(Target.CODE_REMOVE, trouble)
        until_done(lambda: promotions.remove_codes(CODES[:2]))
        assert promotions.codes(CODES).keys() == {CODES[2]}

    @needs(Ability.FAULTS)
    @pytest.mark.parametrize("trouble", ALL)
    def test_one_bad_call_leaves_no_promotion_behind(
        self, promotions: Promotions, full: HeldPromotion, faults: Faults, trouble: Trouble
    ) -> None:
        faults.strike(Target.PROMOTION_REMOVE, trouble)
        until_done(lambda: promotions.remove(full.key))
        assert list(promotions.all()) == []
        assert promotions.codes(CODES) == {}

    @needs(Ability.FAULTS)
    @pytest.mark.parametrize("question", QUESTIONS)
    @pytest.mark.parametrize("trouble", ALL)
    def test_reading_survives_one_bad_call(
        self,
        promotions: Promotions,
        full: HeldPromotion,
        faults: Faults,
        question: str,
        trouble: Trouble,
    ) -> None:
        """Asking twice is asking."""
        target, ask = QUESTIONS[question]
        alone = ask(promotions, full.key)
        faults.clear()
        faults.strike(target, trouble)
        assert ask(promotions, full.key) == alone
        assert faults.calls(target) >= 2

    @needs(Ability.FAULTS)
    @pytest.mark.parametrize("question", QUESTIONS)
    @pytest.mark.parametrize("trouble", LOST)
    def test_what_could_not_be_read_is_not_gone(
        self,
        promotions: Promotions,
        full: HeldPromotion,
        faults: Faults,
        question: str,
        trouble: Trouble,
    ) -> None:
        """Points of a voucher whose code seems to be gone are given back."""
        target, ask = QUESTIONS[question]
        faults.strike(target, *[trouble] * FOR_GOOD)
        with pytest.raises((AnswerLost, ShopFault)) as caught:
            ask(promotions, full.key)
        assert caught.value.transient

    @needs(Ability.FAULTS)
    @pytest.mark.parametrize("trouble", ALL)
    def test_codes_that_could_not_be_added_are_not_said_to_be_there(
        self, promotions: Promotions, pool: HeldPromotion, faults: Faults, trouble: Trouble
    ) -> None:
        """Nor is one refused for good that is there after all: it would work for nobody's money."""
        faults.strike(Target.CODE_ADD, *[trouble] * FOR_GOOD)
        try:
            refused = promotions.add_codes(pool.key, CODES)
        except ConnectorError as error:
            refused = dict.fromkeys(CODES, error)
        faults.clear()
        there = promotions.codes(CODES)
        assert set(CODES) - there.keys() <= refused.keys()
        assert all(refused[code].transient for code in there.keys() & refused.keys())

    @needs(Ability.FAULTS)
    @pytest.mark.parametrize("trouble", [Trouble.DROPPED_UNDONE, Trouble.UNAVAILABLE])
    def test_codes_that_could_not_be_removed_are_not_said_to_be_gone(
        self, promotions: Promotions, full: HeldPromotion, faults: Faults, trouble: Trouble
    ) -> None:
        faults.strike(Target.CODE_REMOVE, *[trouble] * FOR_GOOD)
        try:
            refused = promotions.remove_codes(CODES)
        except ConnectorError as error:
            refused = {"": error}
        faults.clear()
        assert refused
        assert all(error.transient for error in refused.values())
        assert promotions.codes(CODES).keys() == set(CODES)

    @pytest.mark.parametrize("question", QUESTIONS)
    def test_promotions_with_refused_credentials_are_unauthorized(
        self, shop: Shop, question: str
    ) -> None:
        """A shop without vouchers and a shop that lets nobody in are two things."""
        _, ask = QUESTIONS[question]
        refused = shop.platform.connect(shop.bad_connection)
        with _promotions(refused) as promotions, pytest.raises(Unauthorized):
            ask(promotions, "pool.1")

    @pytest.mark.parametrize("question", QUESTIONS)
    def test_promotions_of_a_shop_that_is_down_are_unreachable(
        self, shop: Shop, question: str
    ) -> None:
        _, ask = QUESTIONS[question]
        there = replace(shop.connection, url=dead_address())
        with _promotions(shop.platform.connect(there)) as promotions, pytest.raises(Unreachable):
            ask(promotions, "pool.1")


@contextmanager
def _promotions(connector: Connector) -> Iterator[Promotions]:
    yield given(connector.promotions, Ability.PROMOTIONS)
    connector.close()
