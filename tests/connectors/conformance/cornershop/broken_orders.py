"""Corner Shop orders that are told wrong, each in one way that costs somebody points or money."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from connectors.sales import NO_MONEY, NOTHING, LineKind, Money, Order, OrderLine, Refund
from cornershop.feed import CornerFeed


class Retold(CornerFeed):
    """Told right, and then changed."""

    change: Callable[[Order], Order]

    def _read(self, field: str, values: Sequence[str]) -> list[Order]:
        return [type(self).change(order) for order in super()._read(field, values)]


def retold(name: str, change: Callable[[Order], Order]) -> type[Retold]:
    return type(name, (Retold,), {"change": staticmethod(change)})


def each_line(change: Callable[[OrderLine], OrderLine]) -> Callable[[Order], Order]:
    return lambda order: replace(order, lines=tuple(map(change, order.lines)))


def each_refund(change: Callable[[Refund], Refund]) -> Callable[[Order], Order]:
    return lambda order: replace(order, refunds=tuple(map(change, order.refunds)))


def counts_children(order: Order) -> Order:
    children = tuple(
        replace(line, id=f"{line.id}-child", price=NO_MONEY, discount=NO_MONEY)
        for line in order.lines
    )
    return replace(order, lines=(*order.lines, *children))


def makes_a_line_of_the_discount(order: Order) -> Order:
    taken = sum((line.discount for line in order.lines), NO_MONEY)
    plain = tuple(replace(line, discount=NO_MONEY) for line in order.lines)
    if taken == NO_MONEY:
        return order
    minus = OrderLine("off", LineKind.OTHER, "", "", "Discount", Decimal(1), price=NO_MONEY - taken)
    return replace(order, lines=(*plain, minus))


def takes_refunds_off_the_lines(order: Order) -> Order:
    back: dict[str, Decimal] = {}
    for line in (line for refund in order.refunds for line in refund.lines):
        back[line.line_id] = back.get(line.line_id, NOTHING) + line.quantity
    return each_line(lambda line: replace(line, quantity=line.quantity - back.get(line.id, 0)))(
        order
    )


def numbers_refunds_anew(order: Order) -> Order:
    count = len(order.refunds)
    anew = (replace(one, id=str(count - place)) for place, one in enumerate(order.refunds))
    return replace(order, refunds=tuple(anew))


def gives_back_list_prices(order: Order) -> Order:
    each = {line.id: line for line in order.lines}

    def at_list_price(refund: Refund) -> Refund:
        lines = []
        for back in refund.lines:
            sold = each[back.line_id]
            share = back.quantity / sold.quantity
            price = Money(sold.price.net * share, sold.price.gross * share)
            lines.append(replace(back, amount=price))
        return replace(refund, lines=tuple(lines))

    return each_refund(at_list_price)(order)


def finds_guests_an_account(order: Order) -> Order:
    customer = order.email.partition("@")[0]
    return replace(order, customer_id=order.customer_id or customer)


def knows_changes_of_the_row_alone(order: Order) -> Order:
    times = [order.placed_at, order.paid_at, order.completed_at, order.cancelled_at]
    return replace(order, changed_at=max(time for time in times if time))


def gross_alone(money: Money) -> Money:
    return Money(money.gross, money.gross)


def now() -> datetime:
    return datetime.now(UTC)


ORDERS: dict[str, tuple[Callable[[Order], Order], str]] = {
    "CountsChildren": (counts_children, "test_lines_are_what_was_sold"),
    "TakesNetForGross": (
        each_line(lambda line: replace(line, price=gross_alone(line.price))),
        "test_lines_cost_what_was_rung_up",
    ),
    "TellsPricesOfOnePiece": (
        each_line(
            lambda line: replace(
                line,
                price=Money(line.price.net / line.quantity, line.price.gross / line.quantity),
            )
        ),
        "test_it_all_adds_up_to_what_was_charged",
    ),
    "HidesTheTax": (
        each_line(lambda line: replace(line, price=Money(line.price.net, line.price.net))),
        "test_tax_is_told_where_it_is_due",
    ),
    "LosesTheDiscount": (
        each_line(lambda line: replace(line, discount=NO_MONEY)),
        "test_what_was_taken_off_is_told",
    ),
    "MakesALineOfTheDiscount": (
        makes_a_line_of_the_discount,
        "test_discounts_are_told_of_the_lines_they_lower",
    ),
    "TakesOffTooMuch": (
        each_line(lambda line: replace(line, discount=line.price + line.discount)),
        "test_no_more_is_taken_off_than_there_is",
    ),
    "LosesTheShipping": (
        lambda order: replace(order, shipping=NO_MONEY),
        "test_shipping_costs_what_was_rung_up",
    ),
    "PlacesWhenItReads": (
        lambda order: replace(order, placed_at=now()),
        "test_a_new_order_is_neither_paid_nor_done",
    ),
    "PaysWhenItChanges": (
        lambda order: replace(order, paid_at=order.paid_at and order.changed_at),
        "test_when_it_was_completed",
    ),
    "CompletesWhenPaid": (
        lambda order: replace(order, completed_at=order.paid_at),
        "test_when_it_was_paid",
    ),
    "ForgetsTheCancellation": (
        lambda order: replace(order, cancelled_at=None),
        "test_when_it_was_cancelled",
    ),
    "TellsLocalTimes": (
        lambda order: replace(order, placed_at=order.placed_at + timedelta(hours=1)),
        "test_a_new_order_is_neither_paid_nor_done",
    ),
    "PlacesInNoTimeZone": (
        lambda order: replace(order, placed_at=order.placed_at.replace(tzinfo=None)),
        "test_orders_are_records_of_the_right_types",
    ),
    "KnowsChangesOfTheRowAlone": (
        knows_changes_of_the_row_alone,
        "test_every_step_makes_it_newer",
    ),
    "ChangesWhenItReads": (
        lambda order: replace(order, changed_at=now()),
        "test_reading_changes_nothing",
    ),
    "IgnoresRefunds": (
        lambda order: replace(order, refunds=()),
        "test_what_was_given_back_is_told",
    ),
    "IgnoresTheirLines": (
        each_refund(lambda refund: replace(refund, lines=(), is_whole=True)),
        "test_what_was_given_back_is_told",
    ),
    "TellsTheLastRefund": (
        lambda order: replace(order, refunds=order.refunds[-1:]),
        "test_all_of_it_bit_by_bit_is_what_was_paid",
    ),
    "TakesRefundsOffTheLines": (
        takes_refunds_off_the_lines,
        "test_the_order_stays_as_it_was_sold",
    ),
    "NumbersRefundsAnew": (numbers_refunds_anew, "test_refunds_keep_their_ids_and_their_order"),
    "GivesBackListPrices": (gives_back_list_prices, "test_what_is_given_back_is_what_was_paid"),
    "ForgetsShippingGivenBack": (
        each_refund(lambda refund: replace(refund, shipping=NO_MONEY)),
        "test_shipping_is_given_back_apart",
    ),
    "FindsGuestsAnAccount": (
        finds_guests_an_account,
        "test_a_guest_with_a_customers_address_is_a_guest",
    ),
    "TakesEveryoneForAGuest": (
        lambda order: replace(order, customer_id="", is_guest=True),
        "test_the_buyer_is_the_customer",
    ),
    "NamesNoStore": (
        lambda order: replace(order, store_id="default"),
        "test_an_order_is_of_a_store_and_in_a_currency_of_the_shop",
    ),
    "TellsItsOwnProductIds": (
        each_line(lambda line: replace(line, product_id=line.id)),
        "test_lines_are_what_was_sold",
    ),
    "EditsNothing": (
        lambda order: (
            each_line(lambda line: replace(line, quantity=Decimal(3)))(order)
            if order.changed_at > order.placed_at
            else order
        ),
        "test_an_edited_order_is_told_as_it_is_now",
    ),
}

TOLD: dict[type[CornerFeed], str] = {
    retold(name, change): test for name, (change, test) in ORDERS.items()
}
