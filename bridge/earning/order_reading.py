"""Reading what orders are judged by, with a few statements for all of them, under locks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from bridge.earning.batch import (
    UNREAD,
    Buyer,
    CustomerKey,
    Shop,
    Versions,
    lock_buyers,
    members,
    segments_of,
    shops,
)
from bridge.earning.news import News, by_installation, settings_of
from bridge.earning.paid import (
    CodeKey,
    PointsVoucher,
    accounts_of,
    paid_on,
    points_vouchers,
)
from bridge.earning.products import Products, asks_for_products
from bridge.inbox.codec import decoded
from bridge.kit.money import from_minor
from bridge.members.identity import IdentityPolicy, member_for_order
from bridge.members.participation import Participation
from bridge.members.policy import policy_of
from bridge.members.standing import binding
from bridge.orders.models import HandledOrder, ToldRefund
from bridge.points.book import Book, HolderKey, OpenAccount
from connectors.sales import Money, Order


class OrderReading:
    """Some orders, with everything they are judged by. What is read is locked until the commit:
    members, then orders, then accounts, each in the order of their ids. So does whoever merges
    or moves, and nobody waits for another in a circle."""

    def __init__(
        self,
        session: Session,
        workspace_id: int,
        now: datetime,
        known_versions: Versions,
    ) -> None:
        self.session = session
        self.workspace_id = workspace_id
        self.now = now
        self.versions = known_versions
        self.book = Book(session, workspace_id, now)
        self.products = Products(session, workspace_id)

    def read(self, news: Sequence[News]) -> None:
        keys = [one.key for one in news]
        self._lock_buyers(news, [row.member_id for row in self._unlocked(keys)])
        self.known = self._handled(keys)
        self._read_more(news)

    def read_again(self, keys: Sequence[CustomerKey]) -> list[News]:
        """Handled orders, in this order."""
        self._lock_buyers((), [row.member_id for row in self._unlocked(keys)])
        self.known = self._handled(keys)
        news = [
            News(
                row.installation_id,
                decoded(Order, row.content),
                row.changed_at,
                row.fetched_at,
            )
            for key in keys
            if (row := self.known.get(key)) is not None
        ]
        self._read_more(news)
        return news

    def lock_ahead(self, news: Sequence[News], keys: Sequence[CustomerKey]) -> None:
        """Locks what the parts of a larger whole will lock, all together."""
        if self.session.get_bind().dialect.name == "sqlite":
            return  # whoever writes is alone
        handled = self._unlocked([*(one.key for one in news), *keys])
        self._lock_buyers(news, [row.member_id for row in handled])
        self.book.open(
            (
                (buyer.holder, buyer.holder_id)
                for buyer in self._by_customer.values()
                if not buyer.is_merged
            ),
            beside={
                *(row.account_id for row in handled if row.account_id),
                *accounts_of(self._points_vouchers(news)),
            },
        )

    def _read_more(self, news: Sequence[News]) -> None:
        self.shops: Mapping[int, Shop] = shops(
            self.session, self.workspace_id, (one.installation_id for one in news)
        )
        self.told = self._told(one.key for one in news if one.order.refunds)
        self._read_products(news)
        vouchers = self._points_vouchers(news)
        self.paid = paid_on(((one.key, one.order) for one in news), vouchers)
        self._find_buyers(news)
        self._open_accounts(accounts_of(vouchers))

    def _points_vouchers(self, news: Sequence[News]) -> dict[CodeKey, PointsVoucher]:
        orders = ((one.installation_id, one.order) for one in news)
        return points_vouchers(self.session, self.workspace_id, orders)

    def _read_products(self, news: Sequence[News]) -> None:
        if not any(
            settings is not None and asks_for_products(settings)
            for settings in map(settings_of, self.versions.known)
        ):
            return
        bought: dict[int, set[str]] = {}
        for one in news:
            ids = bought.setdefault(one.installation_id, set())
            ids.update(line.product_id for line in one.order.lines if line.product_id)
        for installation_id, product_ids in bought.items():
            self.products.read(installation_id, product_ids)

    def _unlocked(self, keys: Iterable[CustomerKey]) -> list[Any]:
        """Member and account of handled orders, before anything is locked."""
        found: list[Any] = []
        for installation_id, ids in by_installation(keys).items():
            found += self.session.execute(
                select(col(HandledOrder.member_id), col(HandledOrder.account_id)).where(
                    col(HandledOrder.workspace_id) == self.workspace_id,
                    col(HandledOrder.installation_id) == installation_id,
                    col(HandledOrder.order_id).in_(ids),
                    col(HandledOrder.member_id).is_not(None),
                )
            )
        return found

    def _lock_buyers(self, news: Sequence[News], handled: Sequence[int]) -> None:
        """The buyers' member rows stay locked: nobody merges or splits them meanwhile."""
        self._by_member, self._by_customer = lock_buyers(
            self.session,
            self.workspace_id,
            handled,
            (
                (one.installation_id, one.order.customer_id)
                for one in news
                if one.order.customer_id and not one.order.is_guest
            ),
        )

    def _handled(self, keys: Iterable[CustomerKey]) -> dict[CustomerKey, Any]:
        found: dict[CustomerKey, Any] = {}
        for installation_id, ids in sorted(by_installation(keys).items()):
            rows = self.session.execute(
                select(HandledOrder.__table__)  # type: ignore[attr-defined]
                .where(
                    col(HandledOrder.workspace_id) == self.workspace_id,
                    col(HandledOrder.installation_id) == installation_id,
                    col(HandledOrder.order_id).in_(ids),
                )
                .order_by(col(HandledOrder.order_id))
                .with_for_update()
            )
            found |= {(installation_id, row.order_id): row for row in rows}
        return found

    def _told(self, keys: Iterable[CustomerKey]) -> dict[CustomerKey, dict[str, Money]]:
        found: dict[CustomerKey, dict[str, Money]] = {}
        for installation_id, ids in by_installation(keys).items():
            rows = self.session.execute(
                select(ToldRefund, col(HandledOrder.currency))
                .join(
                    HandledOrder,
                    (col(HandledOrder.installation_id) == col(ToldRefund.installation_id))
                    & (col(HandledOrder.order_id) == col(ToldRefund.order_id)),
                )
                .where(
                    col(ToldRefund.workspace_id) == self.workspace_id,
                    col(ToldRefund.installation_id) == installation_id,
                    col(ToldRefund.order_id).in_(ids),
                )
            )
            for refund, currency in rows:
                amount = Money(from_minor(refund.net, currency), from_minor(refund.gross, currency))
                found.setdefault((installation_id, refund.order_id), {})[refund.refund_id] = amount
        return found

    def _find_buyers(self, news: Sequence[News]) -> None:
        handled = {key: row.member_id for key, row in self.known.items() if row.member_id}
        # Those that a merge or a split gave to others while this waited for the locks.
        moved = {id_ for id_ in handled.values() if id_ not in self._by_member}
        self._by_member |= members(self.session, self.workspace_id, moved)
        self.buyers: dict[CustomerKey, Buyer] = {}
        for one in news:
            buyer = self._by_member.get(handled.get(one.key, 0)) or (
                None
                if one.key in handled or one.order.is_guest
                else self._by_customer.get((one.installation_id, one.order.customer_id))
            )
            if buyer is None or buyer.is_merged:
                buyer = self._identify(one)
            if buyer is not None:
                self.buyers[one.key] = buyer
        self.segments = segments_of(
            self.session, self.workspace_id, (buyer.member_id for buyer in self.buyers.values())
        )
        self.participation = Participation(
            self.session,
            self.workspace_id,
            (buyer.member_id for buyer in self.buyers.values()),
            has_words=self.versions.has_words,
        )

    def _open_accounts(self, beside: Sequence[int]) -> None:
        """What an order earned stays where it is, also when its buyer has left the company
        since; whoever moves points tells the order. ``beside``: accounts whose vouchers are on
        the orders: those are settled afterwards."""
        posted_to = {row.account_id for row in self.known.values() if row.account_id}
        self.accounts: dict[HolderKey, OpenAccount] = self.book.open(
            (
                (buyer.holder, buyer.holder_id)
                for key, buyer in self.buyers.items()
                if key not in self.known or not self.known[key].account_id
            ),
            beside={*posted_to, *beside},
        )
        self.posted_to: dict[int, OpenAccount] = self.book.lock(posted_to)

    def _identify(self, one: News) -> Buyer | None:
        found = member_for_order(
            self.session,
            self.workspace_id,
            one.installation_id,
            one.order,
            self._policy(one.order),
            self.now,
        )
        if found is None:
            return None
        assert found.id is not None
        self.session.flush()
        buyer = members(self.session, self.workspace_id, [found.id])[found.id]
        link = binding(self.session, self.workspace_id, one.installation_id, one.order.customer_id)
        return replace(buyer, is_unread=link is not None and link.linked_by == UNREAD)

    def _policy(self, order: Order) -> IdentityPolicy:
        version = self.versions.at(order.placed_at)
        return policy_of(version.programme if version else None)
