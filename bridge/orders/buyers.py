"""Whose an order stays when its shop has forgotten its customer. Pure."""

from __future__ import annotations

from dataclasses import replace

from connectors.sales import Order


def with_buyer(told: Order, customer_id: str, is_guest: bool) -> Order:
    """The order as it is told now, by whom it was bought as far as that was known before
    (``customer_id``, ``is_guest``) and is not told any more.

    When a customer is deleted, his old orders lose his id, and tell of it under no new time:
    Shopware's ``order_customer.customer_id`` and Magento's ``sales_order.customer_id`` are set
    null by their foreign keys (recorded: the flag ``set_null_on_delete`` of Shopware's
    ``customer.orderCustomers``). With him goes whether he was a guest.
    """
    if told.customer_id:
        return told
    return replace(told, customer_id=customer_id, is_guest=is_guest)
