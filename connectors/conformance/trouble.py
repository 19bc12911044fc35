"""What goes wrong: each error is the one that says what can be done about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from time import monotonic

import pytest

from connectors.base import (
    Connection,
    Connector,
    CustomerGroup,
    Finding,
    GroupDraft,
    Severity,
)
from connectors.conformance.addresses import dead_address, web_page
from connectors.conformance.base import Suite, Till
from connectors.conformance.records import wrong_fields
from connectors.conformance.shop import Ability, Faults, Shop, Target, Trouble, needs
from connectors.errors import (
    AnswerLost,
    ConnectorError,
    NotAShop,
    ShopFault,
    Throttled,
    Unauthorized,
    Unreachable,
)

DONE_UNHEARD = (Trouble.DROPPED_DONE, Trouble.CUT, Trouble.TRUNCATED)
"""The shop did it, and no whole answer came back."""
CALLS_OF_ONE_REFUSAL = 3
"""A connector may get a token, be refused, and get one more; then it has to stop."""


def connections(shop: Shop) -> dict[str, Connection]:
    return {
        "refused": shop.bad_connection,
        "down": replace(shop.connection, url=dead_address()),
    }


class ConnectTests(Suite):
    def test_connecting_sends_nothing(self, shop: Shop) -> None:
        """Connectors are built for shops that may be down, to tell their names."""
        shop.platform.connect(connections(shop)["down"]).close()

    @pytest.mark.parametrize("url", ["", "shop.example", "ftp://shop.example", "https://"])
    def test_an_address_that_cannot_be_one_is_refused(self, shop: Shop, url: str) -> None:
        """A typing error is told at once, in words."""
        with pytest.raises(ValueError, match=r"\w"):
            shop.platform.connect(replace(shop.connection, url=url))

    def test_missing_credentials_are_named(self, shop: Shop) -> None:
        """``store add`` shows this line to whoever types them."""
        names = {name for credential in shop.platform.credentials for name in credential.fields}
        with pytest.raises(ValueError, match="|".join(sorted(names))):
            shop.platform.connect(replace(shop.connection, credentials={}))

    def test_each_field_is_needed(self, shop: Shop) -> None:
        """Half of the credentials is none; and the half that was given is not shown."""
        for name in shop.connection.credentials:
            rest = {k: v for k, v in shop.connection.credentials.items() if k != name}
            with pytest.raises(ValueError, match=r"\w") as caught:
                shop.platform.connect(replace(shop.connection, credentials=rest))
            assert _shown(shop, str(caught.value)) == []

    def test_the_platform_describes_its_credentials(self, shop: Shop) -> None:
        """The good ones are one of the sets that it says it accepts."""
        given = set(shop.connection.credentials)
        assert given in [set(credential.fields) for credential in shop.platform.credentials]

    def test_the_platform_describes_its_questions(self, shop: Shop) -> None:
        """The answers given at set-up are answers to these questions, and allowed ones."""
        questions = {question.name: question for question in shop.platform.questions}
        for name, answer in shop.connection.settings.items():
            assert not questions[name].choices or answer in questions[name].choices

    def test_closing_is_repeatable(self, connector: Connector) -> None:
        """Whoever cleans up does not know who did before."""
        connector.groups()
        connector.close()
        connector.close()


class RefusedTests(Suite):
    @pytest.fixture
    def refused(self, shop: Shop) -> Iterator[Connector]:
        connector = shop.platform.connect(shop.bad_connection)
        yield connector
        connector.close()

    def test_bad_credentials_are_unauthorized(self, refused: Connector) -> None:
        """A person has to act: this is never tried again by itself."""
        with pytest.raises(Unauthorized) as caught:
            refused.groups()
        assert not caught.value.transient
        assert not caught.value.outcome_unknown

    def test_writing_with_bad_credentials_is_unauthorized(
        self, shop: Shop, refused: Connector, till: Till
    ) -> None:
        """No row is refused for itself when nothing was let in, and nothing is written."""
        row = till.row(till.product())
        with pytest.raises(Unauthorized):
            refused.write_tier_prices([row])
        assert till.stored(till.product()) == {}

    @needs(Ability.FAULTS)
    def test_refused_credentials_are_not_tried_in_a_loop(
        self, shop: Shop, faults: Faults, refused: Connector
    ) -> None:
        """Magento locks an account after 6 failures, Shopware limits by address."""
        with pytest.raises(Unauthorized):
            refused.groups()
        assert 1 <= faults.calls(Target.ANY) <= CALLS_OF_ONE_REFUSAL

    def test_check_finds_bad_credentials(self, shop: Shop, refused: Connector) -> None:
        """``store check`` is there to say what is wrong: it does not fail itself."""
        _assert_error_found(refused.check())


class NoShopTests(Suite):
    @pytest.fixture
    def absent(self, shop: Shop) -> Iterator[Connector]:
        connector = shop.platform.connect(replace(shop.connection, url=dead_address()))
        yield connector
        connector.close()

    @pytest.fixture(params=[200, 404], ids=["HTML 200", "HTML 404"])
    def page(self, request: pytest.FixtureRequest, shop: Shop) -> Iterator[Connector]:
        with web_page(request.param) as url:
            connector = shop.platform.connect(replace(shop.connection, url=url))
            yield connector
            connector.close()

    def test_a_shop_that_is_down_is_unreachable(self, absent: Connector) -> None:
        """Nothing was sent: it can be tried again later, without looking first."""
        with pytest.raises(Unreachable) as caught:
            absent.groups()
        assert caught.value.transient
        assert not caught.value.outcome_unknown

    def test_a_write_to_a_shop_that_is_down_is_unreachable(
        self, absent: Connector, till: Till
    ) -> None:
        """The same for a batch of prices: no refusal of its rows."""
        with pytest.raises(Unreachable):
            absent.write_tier_prices([till.row(till.product())])

    def test_check_finds_a_shop_that_is_down(self, absent: Connector) -> None:
        """The merchant reads one line, not a stack trace."""
        _assert_error_found(absent.check())

    def test_a_web_page_is_not_a_shop(self, page: Connector) -> None:
        """A wrong URL: the error tells of the address, not of JSON."""
        with pytest.raises(NotAShop) as caught:
            page.groups()
        assert not caught.value.transient

    def test_check_finds_a_web_page(self, page: Connector) -> None:
        """The most frequent mistake of all at set-up."""
        _assert_error_found(page.check())


class AnswerTests(Suite):
    """A shop that misbehaves in the middle of work."""

    @needs(Ability.FAULTS)
    @pytest.mark.parametrize("trouble", DONE_UNHEARD)
    def test_a_write_without_an_answer_has_an_unknown_outcome(
        self, till: Till, faults: Faults, trouble: Trouble
    ) -> None:
        """The rows may be there: the bridge reads before it sends again. Sending them again
        unread could overwrite what somebody else wrote in between."""
        row = till.row(till.product())
        faults.clear()
        faults.strike(Target.TIER_WRITE, trouble)
        with pytest.raises((AnswerLost, ShopFault)) as caught:
            till.connector.write_tier_prices([row])
        assert caught.value.outcome_unknown
        assert faults.calls(Target.TIER_WRITE) == 1
        assert till.stored(till.product()) == {row.key: row.value}

    @needs(Ability.FAULTS)
    def test_a_write_that_was_dropped_undone_has_an_unknown_outcome_too(
        self, till: Till, faults: Faults
    ) -> None:
        """From here nobody can tell whether the shop did it."""
        row = till.row(till.product())
        faults.clear()
        faults.strike(Target.TIER_WRITE, Trouble.DROPPED_UNDONE)
        with pytest.raises((AnswerLost, ShopFault)) as caught:
            till.connector.write_tier_prices([row])
        assert caught.value.outcome_unknown
        assert till.stored(till.product()) == {}

    @needs(Ability.FAULTS)
    @pytest.mark.parametrize("trouble", DONE_UNHEARD)
    def test_a_removal_without_an_answer_has_an_unknown_outcome(
        self, till: Till, faults: Faults, trouble: Trouble
    ) -> None:
        """As with writing; or the connector looked, and knows that the rows are gone."""
        till.connector.write_tier_prices([till.row(till.product())])
        rows = till.connector.tier_prices([till.product().id])
        faults.clear()
        faults.strike(Target.TIER_REMOVE, trouble)
        with pytest.raises((AnswerLost, ShopFault)) as caught:
            till.connector.remove_tier_prices(rows)
        assert caught.value.outcome_unknown
        assert till.stored(till.product()) == {}

    @needs(Ability.FAULTS)
    @pytest.mark.parametrize("trouble", DONE_UNHEARD)
    def test_a_creation_without_an_answer_is_not_tried_again(
        self, shop: Shop, connector: Connector, faults: Faults, trouble: Trouble
    ) -> None:
        """A POST that creates is never blindly repeated: the second group would be for ever."""
        before = connector.groups()
        faults.strike(Target.GROUP_CREATE, trouble)
        with pytest.raises((AnswerLost, ShopFault)) as caught:
            connector.create_group(GroupDraft("once", "Once", shop.base_group_id))
        assert caught.value.outcome_unknown
        assert faults.calls(Target.GROUP_CREATE) == 1
        assert len(connector.groups()) == len(before) + 1

    @needs(Ability.FAULTS)
    def test_a_move_without_an_answer_is_not_made_again(
        self, shop: Shop, connector: Connector, group: CustomerGroup, faults: Faults
    ) -> None:
        """It would undo what the customer, or the merchant, changed meanwhile."""
        customers = connector.customers()
        customer = next(each for each in customers if each.email == shop.customer_email)
        faults.clear()
        faults.strike(Target.CUSTOMER_MOVE, Trouble.DROPPED_DONE)
        with pytest.raises((AnswerLost, ShopFault)) as caught:
            connector.move_customer(customer.id, group.id)
        assert caught.value.outcome_unknown
        assert faults.calls(Target.CUSTOMER_MOVE) == 1
        assert connector.customer(customer.id).group_id == group.id

    @needs(Ability.FAULTS)
    @pytest.mark.parametrize("trouble", [Trouble.DROPPED_UNDONE, *DONE_UNHEARD])
    def test_a_lost_answer_to_a_question_is_asked_for_again(
        self, connector: Connector, faults: Faults, trouble: Trouble
    ) -> None:
        """Reading twice is reading: one cut line in a long walk must not end it."""
        before = connector.groups()
        faults.clear()
        faults.strike(Target.GROUP_READ, trouble)
        assert connector.groups() == before
        assert faults.calls(Target.GROUP_READ) >= 2

    @needs(Ability.FAULTS)
    @pytest.mark.parametrize("trouble", DONE_UNHEARD)
    def test_prices_are_read_again_too(self, till: Till, faults: Faults, trouble: Trouble) -> None:
        """Also where a platform reads them with a POST."""
        row = till.row(till.product())
        till.connector.write_tier_prices([row])
        faults.strike(Target.TIER_READ, trouble)
        assert till.stored(till.product()) == {row.key: row.value}

    @needs(Ability.FAULTS)
    @pytest.mark.parametrize("trouble", [Trouble.TOO_MANY_CALLS, Trouble.UNAVAILABLE])
    def test_a_call_that_was_turned_away_is_made_again(
        self, till: Till, faults: Faults, trouble: Trouble
    ) -> None:
        """It was surely not done, so even a write is safe to repeat."""
        row = till.row(till.product())
        faults.clear()
        faults.strike(Target.TIER_WRITE, trouble)
        assert till.connector.write_tier_prices([row]) == []
        assert faults.calls(Target.TIER_WRITE) == 2
        assert till.stored(till.product()) == {row.key: row.value}

    @needs(Ability.FAULTS)
    def test_a_shop_that_asks_to_wait_is_waited_for(
        self, connector: Connector, faults: Faults
    ) -> None:
        """``Retry-After: 1``: whoever comes back at once is turned away for longer."""
        faults.strike(Target.GROUP_READ, Trouble.TOO_MANY_CALLS, retry_after=1)
        started = monotonic()
        assert connector.groups()
        assert monotonic() - started >= 1

    @needs(Ability.FAULTS)
    def test_a_long_wait_is_left_to_the_caller(self, connector: Connector, faults: Faults) -> None:
        """An hour is not slept away under a lease: the caller learns when to come back."""
        faults.strike(Target.GROUP_READ, Trouble.UNAVAILABLE, retry_after=3600)
        with pytest.raises(Throttled) as caught:
            connector.groups()
        assert caught.value.transient
        assert not caught.value.outcome_unknown
        assert caught.value.retry_after is not None
        assert caught.value.retry_after >= 3599
        assert faults.calls(Target.GROUP_READ) == 1

    @needs(Ability.FAULTS)
    def test_check_survives_trouble(self, connector: Connector, faults: Faults) -> None:
        """A failing probe is a finding, not an error."""
        faults.strike(Target.ANY, *[Trouble.UNAVAILABLE] * 50, retry_after=3600)
        _assert_error_found(connector.check())


class SecretTests(Suite):
    """Errors, findings and ``repr`` end in logs and tickets."""

    def test_the_test_knows_secrets(self, shop: Shop) -> None:
        """Without one, the other tests here would look for nothing."""
        assert shop.secrets
        assert all(len(secret) >= 4 for secret in shop.secrets)

    def test_connection_and_connector_show_none(self, shop: Shop, connector: Connector) -> None:
        """Both turn up in debug output."""
        connector.groups()
        text = f"{shop.connection!r} {shop.connection} {connector!r} {connector}"
        assert _shown(shop, text) == []

    @pytest.mark.parametrize("name", ["refused", "down"])
    def test_errors_show_none(self, shop: Shop, name: str) -> None:
        """The URL, the headers or the body that failed may hold one."""
        connector = shop.platform.connect(connections(shop)[name])
        with pytest.raises(ConnectorError) as caught:
            connector.groups()
        connector.close()
        assert _shown(shop, "\n".join(_told(caught.value))) == []

    @pytest.mark.parametrize("name", ["refused", "down"])
    def test_findings_show_none(self, shop: Shop, name: str) -> None:
        """``store check`` is copied into mails to the agency."""
        connector = shop.platform.connect(connections(shop)[name])
        findings = connector.check()
        connector.close()
        assert _shown(shop, repr(findings)) == []

    @needs(Ability.FAULTS)
    @pytest.mark.parametrize("trouble", [*DONE_UNHEARD, Trouble.DROPPED_UNDONE])
    def test_errors_in_the_middle_of_work_show_none(
        self, shop: Shop, till: Till, faults: Faults, trouble: Trouble
    ) -> None:
        """Nor does the exception they come from, which a stack trace prints as well."""
        row = till.row(till.product())
        faults.strike(Target.TIER_WRITE, trouble)
        with pytest.raises(ConnectorError) as caught:
            till.connector.write_tier_prices([row])
        assert _shown(shop, "\n".join(_told(caught.value))) == []

    def test_refusals_show_none(self, shop: Shop, till: Till) -> None:
        """The shop's own reason may quote what was sent."""
        row = till.row(till.product())
        bad = replace(row, key=replace(row.key, product_id=shop.unknown_product_id))
        refusals = till.connector.write_tier_prices([bad])
        told = [line for refusal in refusals for line in _told(refusal.error)]
        assert told
        assert _shown(shop, "\n".join(told)) == []


def _assert_error_found(findings: list[Finding]) -> None:
    assert [wrong for each in findings for wrong in wrong_fields(each, Finding)] == []
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    assert errors
    assert all(finding.topic and finding.found and finding.mend for finding in errors)


def _told(error: BaseException | None) -> list[str]:
    """All that a stack trace would print of an error and those before it."""
    told: list[str] = []
    while error is not None:
        told += [str(error), repr(error), repr(error.args), repr(vars(error))]
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return told


def _shown(shop: Shop, text: str) -> list[str]:
    """The names of credential fields whose values are in the text: never the values."""
    fields = {**shop.bad_connection.credentials, **shop.connection.credentials}
    return [
        name
        for name, value in fields.items()
        if name not in shop.public_fields
        and {value, shop.bad_connection.credentials.get(name, value)} & _found(shop.secrets, text)
    ]


def _found(secrets: frozenset[str], text: str) -> frozenset[str]:
    return frozenset(secret for secret in secrets if secret in text)
