"""Shopware's side of shopping at random: the same code as behind the Store and Admin API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from connectors.sandbox.people import PASSWORD
from connectors.sandbox.shopper import OutOfStock, Sale, SoldLine
from connectors.shopware.sandbox import drafts, recalculating, states
from connectors.shopware.sandbox.accounts import Registration
from connectors.shopware.sandbox.admin import Admin
from connectors.shopware.sandbox.carts import Cart
from connectors.shopware.sandbox.checkout import Checkout
from connectors.shopware.sandbox.database import Database, system_clock
from connectors.shopware.sandbox.definitions import definitions
from connectors.shopware.sandbox.fieldvalues import hashed
from connectors.shopware.sandbox.returns import Return, worked_out
from connectors.shopware.sandbox.sales import sale_of, sold_in
from connectors.shopware.sandbox.seed import COUNTRY, SALES_CHANNEL
from connectors.shopware.sandbox.storefront import Session, Storefront, new_token

if TYPE_CHECKING:
    from connectors.shopware.sandbox.shop import Shop

_ADDRESS = "127.0.0.1"


class ShopwareTill:
    """Implements :class:`connectors.sandbox.shopper.Till`, and two things more that only
    Shopware has: :meth:`edit` and :meth:`refund_without_amount`."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._database: Database = shop.database
        self._skus: dict[str, str] = {}

    def buyers(self) -> Sequence[str]:
        """Those who sign in with the password of the sample customers."""
        with self._database.lock:
            customers = [row.values for row in self._database["customer"].rows.values()]
            customers.sort(key=lambda one: one["autoIncrement"])
            known = hashed(PASSWORD)
            return [
                one["email"]
                for one in customers
                if one.get("password") == known and one.get("active") and not one.get("guest")
            ]

    def skus(self) -> Sequence[str]:
        """What is sold by itself, and variants."""
        with self._database.lock:
            store, definition = self._store(), definitions()["product"]
            rows = sorted(
                self._database["product"].rows.values(), key=lambda row: row.values["autoIncrement"]
            )
            return [
                row.values["productNumber"]
                for row in rows
                if store.is_sold(row) and not store.reader.value(definition, row, "childCount")
            ]

    def order(
        self, email: str, wanted: Mapping[str, int], *, guest: bool, codes: Sequence[str] = ()
    ) -> Sale:
        with self._telling():
            store = self._filled(email, wanted, guest=guest, codes=codes)
            return sale_of(self._database, Checkout(store, _ADDRESS).place({}))

    def price(
        self, email: str, wanted: Mapping[str, int], *, guest: bool, codes: Sequence[str] = ()
    ) -> Sequence[SoldLine]:
        with self._telling():
            store = self._filled(email, wanted, guest=guest, codes=codes)
            return sold_in(Cart(store).calculated())

    def _filled(
        self, email: str, wanted: Mapping[str, int], *, guest: bool, codes: Sequence[str]
    ) -> Storefront:
        store = self._store()
        if guest:
            Registration(store, _ADDRESS).register(_guest(email))
        else:
            store.login({"username": email, "password": PASSWORD})
        goods = [
            {"type": "product", "referencedId": self._product_id(sku), "quantity": pieces}
            for sku, pieces in wanted.items()
        ]
        notes = (Cart(store).add({"items": goods})["errors"] or {}).values()
        missing = [note for note in notes if not note["messageKey"].startswith("promotion-")]
        if missing:
            raise OutOfStock(", ".join(note["message"] for note in missing))
        for code in codes:
            Cart(store).add({"items": [{"type": "promotion", "referencedId": code}]})
        return store

    def pay(self, order_id: str) -> None:
        with self._telling():
            self._move("order_transaction", self._part("order_transaction", order_id), "paid")

    def send(self, order_id: str) -> None:
        """The parcel goes out, and the order is done."""
        with self._telling():
            self._move("order_delivery", self._part("order_delivery", order_id), "ship")
            for action in ("process", "complete"):
                self._move("order", order_id, action)

    def cancel(self, order_id: str) -> None:
        with self._telling():
            self._move("order", order_id, "cancel")

    def give_back(self, order_id: str, wanted: Mapping[str, int], *, shipping: bool) -> Sale:
        """By a refund of the payment's capture, with its positions, as payment apps make them.
        Shipping is free in this shop: there is nothing to give back of it."""
        with self._telling():
            back = worked_out(self._database, order_id, wanted)
            transaction = self._part("order_transaction", order_id)
            refund_id = self._refund(transaction, back)
            action = "refund" if back.is_all else "refund_partially"
            self._move("order_transaction", transaction, action)
            return sale_of(self._database, order_id, back=back, refund_id=refund_id)

    # -- what only Shopware has -------------------------------------------------------------

    def edit(self, order_id: str, quantities: Mapping[str, int]) -> Sale:
        """Other quantities for lines, by their ids, the way the administration does it: a draft,
        a recalculation, a merge."""
        with self._telling():
            draft = drafts.open_draft(self._database, "order", order_id)
            for line_id, quantity in quantities.items():
                Admin(draft).update("order_line_item", line_id, {"quantity": quantity})
            with draft.transaction():
                recalculating.recalculate(draft, order_id)
            with self._database.transaction():
                drafts.merge(self._database, draft.version_id)
            return sale_of(self._database, order_id)

    def refund_without_amount(self, order_id: str) -> None:
        """Something was given back; how much, the shop does not say."""
        with self._telling():
            transaction = self._part("order_transaction", order_id)
            self._move("order_transaction", transaction, "refund_partially")

    # -- means ------------------------------------------------------------------------------

    @contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            with self._database.lock:
                yield
        finally:
            self._database.happenings.tell()

    def _store(self) -> Storefront:
        channel = self._database["sales_channel"].rows[SALES_CHANNEL]
        return Storefront(self._database, channel, Session(new_token(), SALES_CHANNEL))

    def _product_id(self, sku: str) -> str:
        return str(self._database["product"].where("productNumber", sku)[0])

    def _part(self, entity: str, order_id: str) -> str:
        return str(self._database[entity].where("orderId", order_id)[0])

    def _move(self, entity: str, key: str, action: str) -> None:
        states.move(self._database, entity, key, action)

    def _refund(self, transaction: str, back: Return) -> str:
        captures = self._database["order_transaction_capture"]
        admin, known = Admin(self._database), captures.where("orderTransactionId", transaction)
        completed = states.state_id(self._database, "order_transaction_capture", "completed")
        amount = self._database["order_transaction"].rows[transaction].values["amount"]
        capture = {"orderTransactionId": transaction, "stateId": completed, "amount": amount}
        capture_id = known[0] if known else admin.create("order_transaction_capture", capture)
        entity = "order_transaction_capture_refund"
        refund = {
            "captureId": capture_id,
            "stateId": states.state_id(self._database, entity, "completed"),
            "amount": back.amount,
            "reason": "returned",
            "positions": back.positions,
        }
        return admin.create(entity, refund)

    # -- the clock --------------------------------------------------------------------------

    def now(self) -> datetime:
        return self._shop.now()

    def set_clock(self, at: datetime | None) -> None:
        self._shop.now = system_clock if at is None else lambda: at


def _guest(email: str) -> dict[str, Any]:
    name = {"firstName": "Gerda", "lastName": "Gast"}
    return {
        **name,
        "guest": True,
        "email": email,
        "billingAddress": {
            **name,
            "street": "Hauptstr. 1",
            "zipcode": "10115",
            "city": "Berlin",
            "countryId": COUNTRY,
        },
    }
