"""Corner Shop connectors that are wrong, each in one way that costs a merchant money or trust."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from connectors.base import (
    Amount,
    Compiled,
    Connection,
    Customer,
    CustomerGroup,
    Family,
    Finding,
    GroupDraft,
    Ladder,
    Platform,
    PricingFacts,
    Product,
    Refusal,
    Step,
    TierPrice,
    TierValue,
)
from connectors.errors import AnswerLost, ConnectorError, Rejected, Throttled, Unauthorized
from cornershop import PLATFORM
from cornershop.balances import CornerBalances
from cornershop.broken_balances import BALANCES
from cornershop.broken_carts import CARTS
from cornershop.broken_codes import CODES, USES
from cornershop.broken_orders import TOLD
from cornershop.broken_promotions import PROMOTIONS
from cornershop.broken_walks import WALKS
from cornershop.carts import CornerCarts
from cornershop.compiling import compile_family
from cornershop.connector import CornerShop, connect
from cornershop.feed import CornerFeed
from cornershop.promotions import CornerPromotions


class DropsTheLastRow(CornerShop):
    def write_tier_prices(self, rows: Sequence[TierPrice]) -> list[Refusal]:
        return super().write_tier_prices(rows[:59])


class ReadsRowsTwice(CornerShop):
    def tier_prices(
        self, product_ids: Sequence[str], audience_ids: Sequence[str] | None = None
    ) -> list[TierPrice]:
        return super().tier_prices(product_ids, audience_ids) * 2


class LosesPrecision(CornerShop):
    def write_tier_prices(self, rows: Sequence[TierPrice]) -> list[Refusal]:
        return super().write_tier_prices([with_nets(row, _cents) for row in rows])


class ReadsFloats(CornerShop):
    def tier_prices(
        self, product_ids: Sequence[str], audience_ids: Sequence[str] | None = None
    ) -> list[TierPrice]:
        rows = super().tier_prices(product_ids, audience_ids)
        return [with_nets(row, float) for row in rows]


class HidesRefusals(CornerShop):
    def write_tier_prices(self, rows: Sequence[TierPrice]) -> list[Refusal]:
        super().write_tier_prices(rows)
        return []


class FailsTheWholeBatch(CornerShop):
    def write_tier_prices(self, rows: Sequence[TierPrice]) -> list[Refusal]:
        refusals = super().write_tier_prices(rows)
        if refusals:
            raise Rejected("Some rows were refused")
        return refusals


class GivesNoReason(CornerShop):
    def write_tier_prices(self, rows: Sequence[TierPrice]) -> list[Refusal]:
        refusals = super().write_tier_prices(rows)
        return [replace(each, error=Rejected("Bad request")) for each in refusals]


class RemovesInEveryStore(CornerShop):
    def remove_tier_prices(self, rows: Sequence[TierPrice]) -> list[Refusal]:
        stores = ("", "north", "south")
        everywhere = [replace(row, key=replace(row.key, store=s)) for row in rows for s in stores]
        return super().remove_tier_prices(everywhere)


class RemovesEveryGroups(CornerShop):
    def remove_tier_prices(self, rows: Sequence[TierPrice]) -> list[Refusal]:
        groups = [group.id for group in self.groups()]
        everyone = [
            replace(row, key=replace(row.key, audience_id=group))
            for row in rows
            for group in groups
        ]
        return super().remove_tier_prices(everyone)


class ReplacesTheProduct(CornerShop):
    """As Magento's ``PUT products/tier-prices`` does."""

    def write_tier_prices(self, rows: Sequence[TierPrice]) -> list[Refusal]:
        there = super().tier_prices([row.key.product_id for row in rows])
        super().remove_tier_prices(there)
        return super().write_tier_prices(rows)


class WritesAgainUnread(CornerShop):
    def write_tier_prices(self, rows: Sequence[TierPrice]) -> list[Refusal]:
        try:
            return super().write_tier_prices(rows)
        except AnswerLost:
            return super().write_tier_prices(rows)


class CreatesAgain(CornerShop):
    def create_group(self, draft: GroupDraft) -> CustomerGroup:
        try:
            return super().create_group(draft)
        except AnswerLost:
            return super().create_group(draft)


class CutsNames(CornerShop):
    def create_group(self, draft: GroupDraft) -> CustomerGroup:
        return super().create_group(replace(draft, name=draft.name[:32]))


class TakesASecondName(CornerShop):
    def create_group(self, draft: GroupDraft) -> CustomerGroup:
        if any(group.name == draft.name for group in self.groups()):
            draft = replace(draft, name=f"{draft.name} (2)")
        return super().create_group(draft)


class ChangesTheTaxDisplay(CornerShop):
    def create_group(self, draft: GroupDraft) -> CustomerGroup:
        return super().create_group(replace(draft, base_group_id="g2"))


class MissesACustomer(CornerShop):
    def customers(self, since: datetime | None = None) -> Iterator[Customer]:
        walked = super().customers(since)
        next(walked, None)
        return walked


class MissesTheEdge(CornerShop):
    def customers(self, since: datetime | None = None) -> Iterator[Customer]:
        return (c for c in super().customers(since) if since is None or c.updated_at > since)


class ForgetsTheTimeZone(CornerShop):
    def customers(self, since: datetime | None = None) -> Iterator[Customer]:
        for each in super().customers(since):
            yield replace(
                each, updated_at=each.updated_at.replace(tzinfo=None) + timedelta(hours=1)
            )


class MovesEverybody(CornerShop):
    def move_customer(self, customer_id: str, group_id: str) -> Customer:
        for customer in super().customers():
            super().move_customer(customer.id, group_id)
        return super().move_customer(customer_id, group_id)


class WalksAProductTwice(CornerShop):
    def products(self) -> Iterator[Product]:
        walked = list(super().products())
        return iter([*walked, walked[0]])


class ShowsItsKey(CornerShop):
    key = ""

    def __repr__(self) -> str:
        return f"CornerShop(key={self.key})"


class ShowsItsKeyInErrors(ShowsItsKey):
    def groups(self) -> list[CustomerGroup]:
        try:
            return super().groups()
        except Unauthorized as error:
            raise Unauthorized(f"Not let in with {self.key}", where=error.where) from error


class TriesRefusedKeysAgain(CornerShop):
    def groups(self) -> list[CustomerGroup]:
        for _ in range(9):
            try:
                return connect(self.connection).groups()
            except Unauthorized:
                continue
        return super().groups()

    connection: Connection


class RaisesFromCheck(CornerShop):
    def check(self) -> list[Finding]:
        self.shop()
        return super().check()


class GivesUpAtOnce(CornerShop):
    def groups(self) -> list[CustomerGroup]:
        calls = self._http.calls
        try:
            found = super().groups()
        except ConnectorError as error:
            raise Throttled("Never mind") from error
        if self._http.calls > calls + 1:
            raise Throttled("Never mind")
        return found


def compiles_from_one_piece_later(
    family: Family, ladders: Sequence[Ladder], present: Sequence[TierPrice], facts: PricingFacts
) -> Compiled:
    later = [replace(ladder, steps=tuple(map(_one_later, ladder.steps))) for ladder in ladders]
    return compile_family(family, later, present, facts)


def compiles_all_but_the_last(
    family: Family, ladders: Sequence[Ladder], present: Sequence[TierPrice], facts: PricingFacts
) -> Compiled:
    shorter = [replace(ladder, steps=ladder.steps[:-1] or ladder.steps) for ladder in ladders]
    return compile_family(family, shorter, present, facts)


def compiles_any_currency(
    family: Family, ladders: Sequence[Ladder], present: Sequence[TierPrice], facts: PricingFacts
) -> Compiled:
    euros = [replace(ladder, currency="EUR") for ladder in ladders]
    return compile_family(family, euros, present, facts)


def compiles_by_what_is_there(
    family: Family, ladders: Sequence[Ladder], present: Sequence[TierPrice], facts: PricingFacts
) -> Compiled:
    compiled = compile_family(family, ladders, present, facts)
    return replace(compiled, rows=compiled.rows[len(present) :]) if present else compiled


@dataclass(frozen=True, slots=True)
class Broken:
    """A wrong platform, and a test of the suite that has to notice."""

    platform: Platform
    noticed_by: str


def with_connector(kind: type[CornerShop]) -> Platform:
    def connect_wrong(connection: Connection) -> CornerShop:
        wrong = kind(connect(connection)._http, connection.mark)
        if isinstance(wrong, ShowsItsKey):
            wrong.key = connection.credentials["api_key"]
        if isinstance(wrong, TriesRefusedKeysAgain):
            wrong.connection = connection
        return wrong

    return replace(PLATFORM, connect=connect_wrong)


def with_feed(kind: type[CornerFeed]) -> Platform:
    def connect_wrong(connection: Connection) -> CornerShop:
        wrong = connect(connection)
        wrong.feed = kind(wrong._http)
        return wrong

    return replace(PLATFORM, connect=connect_wrong)


def with_balances(kind: type[CornerBalances]) -> Platform:
    def connect_wrong(connection: Connection) -> CornerShop:
        wrong = connect(connection)
        wrong.balances = kind(wrong._http)
        return wrong

    return replace(PLATFORM, connect=connect_wrong)


def with_promotions(kind: type[CornerPromotions]) -> Platform:
    def connect_wrong(connection: Connection) -> CornerShop:
        wrong = connect(connection)
        wrong.promotions = kind(wrong._http, connection.mark)
        return wrong

    return replace(PLATFORM, connect=connect_wrong)


def with_carts(kind: type[CornerCarts]) -> Platform:
    def connect_wrong(connection: Connection) -> CornerShop:
        wrong = connect(connection)
        wrong.carts = kind(wrong._http)
        return wrong

    return replace(PLATFORM, connect=connect_wrong)


def with_compiler(compiler: Callable[..., Compiled]) -> Platform:
    return replace(PLATFORM, compile=compiler)


def with_nets(row: TierPrice, change: Callable[[Decimal], Any]) -> TierPrice:
    amounts = tuple(Amount(a.currency, net=change(a.net)) for a in row.value.amounts if a.net)
    return replace(row, value=TierValue(percent=row.value.percent, amounts=amounts))


def _one_later(step: Step) -> Step:
    return replace(step, quantity=step.quantity + 1)


def _cents(net: Decimal) -> Decimal:
    return net.quantize(Decimal("0.01"), ROUND_HALF_UP)


CONNECTORS: dict[type[CornerShop], str] = {
    DropsTheLastRow: "test_the_largest_batch_is_written_whole",
    ReadsRowsTwice: "test_what_was_written_is_read_back",
    LosesPrecision: "test_no_price_is_changed_on_its_way",
    ReadsFloats: "test_what_was_written_is_read_back",
    HidesRefusals: "test_a_bad_row_comes_back_and_the_good_ones_are_written",
    FailsTheWholeBatch: "test_a_poisoned_row_does_not_hide_the_others",
    GivesNoReason: "test_a_refusal_says_why",
    RemovesInEveryStore: "test_the_same_price_in_another_store_stays",
    RemovesEveryGroups: "test_the_same_price_of_another_group_stays",
    ReplacesTheProduct: "test_a_hand_made_row_is_seen_and_left_alone",
    WritesAgainUnread: "test_a_write_without_an_answer_has_an_unknown_outcome",
    CreatesAgain: "test_a_creation_without_an_answer_is_not_tried_again",
    CutsNames: "test_a_name_is_taken_whole_or_refused",
    TakesASecondName: "test_the_same_group_again_is_refused",
    ChangesTheTaxDisplay: "test_a_new_group_is_taxed_like_its_base",
    MissesACustomer: "test_everyone_is_walked",
    MissesTheEdge: "test_a_change_is_seen_by_a_walk_from_then_on",
    ForgetsTheTimeZone: "test_customers_are_records_of_the_right_types",
    MovesEverybody: "test_nobody_else_is_moved",
    WalksAProductTwice: "test_every_product_is_walked_once",
    ShowsItsKey: "test_connection_and_connector_show_none",
    ShowsItsKeyInErrors: "test_errors_show_none",
    TriesRefusedKeysAgain: "test_refused_credentials_are_not_tried_in_a_loop",
    RaisesFromCheck: "test_check_finds_bad_credentials",
    GivesUpAtOnce: "test_a_lost_answer_to_a_question_is_asked_for_again",
}
COMPILERS: dict[Callable[..., Compiled], str] = {
    compiles_from_one_piece_later: "test_a_shopper_pays_what_the_list_says",
    compiles_all_but_the_last: "test_every_step_becomes_a_row_or_a_problem",
    compiles_any_currency: "test_a_currency_the_shop_lacks_is_a_problem",
    compiles_by_what_is_there: "test_after_it_was_set_nothing_is_left_to_do",
}
ALL = (
    *((each, with_connector, test) for each, test in CONNECTORS.items()),
    *((each, with_compiler, test) for each, test in COMPILERS.items()),
    *((each, with_feed, test) for each, test in {**WALKS, **TOLD, **USES}.items()),
    *((each, with_balances, test) for each, test in BALANCES.items()),
    *((each, with_promotions, test) for each, test in {**PROMOTIONS, **CODES}.items()),
    *((each, with_carts, test) for each, test in CARTS.items()),
)
BROKEN: dict[str, Broken] = {
    each.__name__: Broken(platform_with(each), test) for each, platform_with, test in ALL
}
