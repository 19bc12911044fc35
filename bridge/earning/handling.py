"""Handling orders: who bought, what it is worth now, and what the book lacks of that.

Orders come in batches, and each statement serves the whole batch; what one order is worth is
computed by :mod:`bridge.earning.judging`. An order that cannot be handled (a missing exchange
rate) is told by its own, and the others go on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import Session, col

from bridge.db import upsert
from bridge.earning.batch import (
    Buyer,
    CustomerKey,
    Shop,
    Version,
    Versions,
    buyers,
    members,
    segments_of,
    shops,
    versions,
)
from bridge.earning.freezing import freeze, thaw
from bridge.earning.judging import (
    NO_PAST,
    NOTHING,
    Past,
    Verdict,
    asks_the_past,
    buyer_facts,
    judge,
)
from bridge.earning.past import past_of
from bridge.earning.posting import Posting, post_difference, posted_sums
from bridge.earning.products import NO_PRODUCTS, asks_for_products, product_facts
from bridge.inbox.codec import decoded, encoded
from bridge.kit.errors import BridgeError
from bridge.kit.money import from_minor, to_millionths
from bridge.members.identity import IdentityPolicy, member_for_order
from bridge.members.policy import policy_of
from bridge.orders.history import orders_after
from bridge.orders.models import HandledOrder, ToldRefund
from bridge.orders.totals import Totals, as_told, totals
from bridge.points.book import Book, HolderKey, OpenAccount
from bridge.programme.emails import folded_email
from bridge.programme.loyalty import rate_on
from bridge.programme.points import Debt, PointsSettings
from connectors.sales import Money, Order

ORDER = "order"
_ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class News:
    """An order as it was fetched."""

    installation_id: int
    order: Order
    changed_at: datetime
    fetched_at: datetime

    @property
    def key(self) -> CustomerKey:
        return self.installation_id, self.order.id


class MissingRate(BridgeError):
    def __init__(self, order: Order, currency: str, day: object) -> None:
        super().__init__(
            f"Order {order.number} is in {order.currency}, and the programme knows no rate to "
            f"{currency} for {day}. Add one under `rates`, load the programme, and run "
            "`loyalty-bridge inbox retry --all`."
        )


def handle_orders(
    session: Session, workspace_id: int, news: Sequence[News], now: datetime
) -> list[bool | BridgeError]:
    """Handles orders of distinct keys. For each, in the given order: whether it was handled
    (False: something newer was before), or why it cannot be. Nothing is posted for the latter.
    """
    known = versions(session, workspace_id)
    results: dict[CustomerKey, bool | BridgeError] = {}
    for part in _parts(news, known):
        batch = _Batch(session, workspace_id, now, known)
        batch.read(part)
        for one in part:
            batch.take(one)
        batch.write()
        results |= batch.results
        _correct(session, workspace_id, batch, now)
    return [results[one.key] for one in news]


def _parts(news: Sequence[News], known: Versions) -> Iterable[Sequence[News]]:
    """Where points depend on the buyer's other orders, each sees what the one before did."""
    if not any(_asks(version) for version in known.known):
        return [news]
    in_order = sorted(news, key=lambda one: (one.order.placed_at, *one.key))
    return [[one] for one in in_order]


def decide_orders(
    session: Session, workspace_id: int, keys: Sequence[CustomerKey], now: datetime
) -> int:
    """Applies what depends on the buyer's past to these orders, in this order; how many.

    Everything that came before them must have been handled.
    """
    return sum(_again(session, workspace_id, [key], now, decide=True) for key in keys)


def rehandle_orders(
    session: Session, workspace_id: int, keys: Sequence[CustomerKey], now: datetime
) -> int:
    """Judges handled orders anew, by what is known of them; how many.

    For what changed around them: an amount a person told, a member that was split, a repair.
    """
    return sum(_again(session, workspace_id, [key], now) for key in keys)


def _again(
    session: Session,
    workspace_id: int,
    keys: Sequence[CustomerKey],
    now: datetime,
    *,
    decide: bool = False,
) -> int:
    batch = _judged_again(session, workspace_id, keys, now, decide=decide)
    _correct(session, workspace_id, batch, now)
    return sum(result is True for result in batch.results.values())


def _correct(session: Session, workspace_id: int, batch: _Batch, now: datetime) -> None:
    """Later orders that were decided by a past which is another now, in their order."""
    for key in batch.outdated():
        _judged_again(session, workspace_id, [key], now)


def _judged_again(
    session: Session,
    workspace_id: int,
    keys: Sequence[CustomerKey],
    now: datetime,
    *,
    decide: bool = False,
) -> _Batch:
    batch = _Batch(session, workspace_id, now, versions(session, workspace_id), again=True)
    batch.deciding = decide
    news = batch.read_again(keys)
    for one in news:
        batch.take(one)
    batch.write()
    return batch


@dataclass(frozen=True, slots=True)
class _Taken:
    """One order on its way through the batch."""

    news: News
    known: Any
    buyer: Buyer | None
    version: Version | None
    rate: Decimal
    totals: Totals


class _Batch:
    def __init__(
        self,
        session: Session,
        workspace_id: int,
        now: datetime,
        known_versions: Versions,
        *,
        again: bool = False,
    ) -> None:
        self.session = session
        self.workspace_id = workspace_id
        self.now = now
        self.versions = known_versions
        self.book = Book(session, workspace_id, now)
        self.results: dict[CustomerKey, bool | BridgeError] = {}
        self.deciding = False
        self._taken: list[_Taken] = []
        self._again = again

    # -- reading ----------------------------------------------------------------------------

    def read(self, news: Sequence[News]) -> None:
        self.known = self._handled(one.key for one in news)
        self.shops: Mapping[int, Shop] = shops(
            self.session, self.workspace_id, (one.installation_id for one in news)
        )
        self.told = self._told(one.key for one in news if one.order.refunds)
        self._read_buyers(news)

    def read_again(self, keys: Sequence[CustomerKey]) -> list[News]:
        known = self._handled(keys)
        news = [
            News(
                row.installation_id,
                decoded(Order, row.content),
                row.changed_at,
                row.fetched_at,
            )
            for row in known.values()
        ]
        self.read(news)
        return news

    def _handled(self, keys: Iterable[CustomerKey]) -> dict[CustomerKey, Any]:
        found: dict[CustomerKey, Any] = {}
        for installation_id, ids in _by_installation(keys).items():
            rows = self.session.execute(
                select(HandledOrder.__table__)  # type: ignore[attr-defined]
                .where(
                    col(HandledOrder.workspace_id) == self.workspace_id,
                    col(HandledOrder.installation_id) == installation_id,
                    col(HandledOrder.order_id).in_(ids),
                )
                .with_for_update()
            )
            found |= {(installation_id, row.order_id): row for row in rows}
        return found

    def _told(self, keys: Iterable[CustomerKey]) -> dict[CustomerKey, dict[str, Money]]:
        found: dict[CustomerKey, dict[str, Money]] = {}
        for installation_id, ids in _by_installation(keys).items():
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

    def _read_buyers(self, news: Sequence[News]) -> None:
        """The buyers' member rows stay locked: nobody merges or splits them meanwhile."""
        handled = {key: row.member_id for key, row in self.known.items() if row.member_id}
        by_member = members(self.session, self.workspace_id, handled.values())
        linked = buyers(
            self.session,
            self.workspace_id,
            (
                (one.installation_id, one.order.customer_id)
                for one in news
                if one.key not in handled and one.order.customer_id and not one.order.is_guest
            ),
        )
        self.buyers: dict[CustomerKey, Buyer] = {}
        for one in news:
            buyer = by_member.get(handled.get(one.key, 0)) or (
                None
                if one.key in handled or one.order.is_guest
                else linked.get((one.installation_id, one.order.customer_id))
            )
            if buyer is None or buyer.is_merged:
                buyer = self._identify(one)
            if buyer is not None:
                self.buyers[one.key] = buyer
        # What an order earned stays where it is, also when its buyer has left the company since;
        # whoever moves points tells the order.
        self.posted_to: dict[int, OpenAccount] = self.book.lock(
            row.account_id for row in self.known.values() if row.account_id
        )
        self.accounts: dict[HolderKey, OpenAccount] = self.book.open(
            (buyer.holder, buyer.holder_id)
            for key, buyer in self.buyers.items()
            if key not in self.known or not self.known[key].account_id
        )
        self.segments = segments_of(
            self.session, self.workspace_id, (buyer.member_id for buyer in self.buyers.values())
        )

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
        return members(self.session, self.workspace_id, [found.id])[found.id]

    def _policy(self, order: Order) -> IdentityPolicy:
        version = self.versions.at(order.placed_at)
        return policy_of(version.programme if version else None)

    # -- judging ----------------------------------------------------------------------------

    def take(self, one: News) -> None:
        known = self.known.get(one.key)
        if known is not None and not self._again and not _is_newer(one, known):
            self.results[one.key] = False
            return
        version = self.versions.at(one.order.placed_at)
        try:
            rate = _rate(one.order, self.versions)
        except MissingRate as missing:
            self.results[one.key] = missing
            return
        currency = _currency(version or self.versions.newest, one.order)
        summed = totals(as_told(one.order, self.told.get(one.key, {})), rate, currency)
        taken = _Taken(one, known, self.buyers.get(one.key), version, rate, summed)
        self._taken.append(taken)
        self.results[one.key] = True

    def write(self) -> None:
        known = [one for one in self._taken if one.known is not None and one.known.revision]
        posted = posted_sums(
            self.session, self.workspace_id, ORDER, (one.news.key for one in known)
        )
        self.book.load_sources(
            (account, _source(one.news)) for one in known if (account := self._account(one))
        )
        rows = [self._post(one, posted.get(one.news.key, {})) for one in self._taken]
        self._revisions = {
            (row["installation_id"], row["order_id"]): row["revision"] for row in rows
        }
        upsert(self.session, HandledOrder, rows)
        self.book.write()

    def _post(self, one: _Taken, posted: Mapping[tuple[str, str], int]) -> dict[str, Any]:
        account = self._account(one)
        settings = _settings(one.version)
        verdict = self._verdict(one, settings)
        revision = one.known.revision if one.known is not None else 0
        source = _source(one.news)
        if account is not None:
            at = one.news.order.changed_at
            posting = Posting(
                source,
                verdict.worth,
                posted,
                revision + 1,
                one.news.order.placed_at,
                one.version.number if one.version else None,
                verdict.ripens_at,
                verdict.expires_at,
                forgive=settings is not None and settings.debt is Debt.FORGIVE,
            )
            was_frozen = one.known is not None and one.known.is_frozen
            if was_frozen and (posting.differs or not verdict.frozen):
                thaw(self.book, account, source, at)
            if post_difference(self.book, account, posting):
                revision += 1
            if verdict.frozen:
                freeze(self.book, account, source, at)
        return self._row(one, verdict, revision, account)

    def _verdict(self, one: _Taken, settings: PointsSettings | None) -> Verdict:
        shop = self.shops.get(one.news.installation_id)
        if settings is None or one.buyer is None or one.version is None or shop is None:
            return NOTHING
        programme = one.version.programme
        order = one.news.order
        return judge(
            settings,
            order,
            one.rate,
            buyer_facts(
                order,
                one.buyer,
                shop,
                programme,
                self.segments.get(one.buyer.member_id, frozenset()),
            ),
            self._products(one, settings),
            ZoneInfo(programme.timezone),
            past=self._past(one, settings),
            told=self.told.get(one.news.key, {}),
        )

    def _past(self, one: _Taken, settings: PointsSettings) -> Past | None:
        decided = self.deciding or (one.known is not None and one.known.is_decided)
        if not asks_the_past(settings):
            return NO_PAST
        if not decided or one.buyer is None or one.version is None:
            return None
        programme = one.version.programme
        return past_of(
            self.session,
            self.workspace_id,
            one.buyer,
            one.news.installation_id,
            one.news.order,
            settings,
            programme.currency,
            ZoneInfo(programme.timezone),
        )

    def outdated(self) -> list[CustomerKey]:
        """Orders that were decided by a past which is another now, in their order."""
        found: list[CustomerKey] = []
        for one in self._taken:
            if one.buyer is None or not self._changed(one):
                continue
            order = one.news.order
            found += orders_after(
                self.session,
                self.workspace_id,
                one.buyer.member_id,
                order.placed_at,
                one.news.installation_id,
                order.id,
            )
        return found

    def _changed(self, one: _Taken) -> bool:
        """Whether what later orders see of it is another than before."""
        if not any(_asks(version) for version in self.versions.known):
            return False
        known = one.known
        if known is None:
            return True
        seen = Totals(known.net_total, known.gross_total, known.items, known.counts)
        return seen != one.totals or known.revision != self._revisions[one.news.key]

    def _products(self, one: _Taken, settings: PointsSettings) -> Mapping[str, Any]:
        if not asks_for_products(settings):
            return NO_PRODUCTS
        bought = {
            line.product_id: line.category_ids for line in one.news.order.lines if line.product_id
        }
        return product_facts(self.session, self.workspace_id, one.news.installation_id, bought)

    def _account(self, one: _Taken) -> OpenAccount | None:
        if one.known is not None and one.known.account_id:
            return self.posted_to[one.known.account_id]
        buyer = one.buyer
        return None if buyer is None else self.accounts[buyer.holder, buyer.holder_id]

    def _row(
        self, one: _Taken, verdict: Verdict, revision: int, account: OpenAccount | None
    ) -> dict[str, Any]:
        order = one.news.order
        decided = self.deciding or (one.known is not None and one.known.is_decided)
        return {
            "installation_id": one.news.installation_id,
            "order_id": order.id,
            "workspace_id": self.workspace_id,
            "number": order.number,
            "store_id": order.store_id,
            "member_id": one.buyer.member_id if one.buyer else None,
            "account_id": account.id if account else None,
            "customer_id": order.customer_id,
            "email": folded_email(order.email) if order.is_guest and order.email else "",
            "is_guest": order.is_guest,
            "placed_at": order.placed_at,
            "paid_at": order.paid_at,
            "completed_at": order.completed_at,
            "cancelled_at": order.cancelled_at,
            "changed_at": one.news.changed_at,
            "fetched_at": one.news.fetched_at,
            "currency": order.currency,
            "rate": to_millionths(one.rate),
            "net_total": one.totals.net,
            "gross_total": one.totals.gross,
            "items": one.totals.items,
            "counts": one.totals.counts,
            "ripens_at": verdict.ripens_at,
            "is_decided": decided or not _asks(one.version),
            "is_frozen": verdict.frozen,
            "revision": revision,
            "content": encoded(order),
        }


def _settings(version: Version | None) -> PointsSettings | None:
    return None if version is None else version.programme.points


def _asks(version: Version | None) -> bool:
    settings = _settings(version)
    return settings is not None and asks_the_past(settings)


def _currency(version: Version | None, order: Order) -> str:
    return order.currency if version is None else version.programme.currency


def _rate(order: Order, versions: Versions) -> Decimal:
    """As the version in force has it; where that has none, the first one after it that has:
    that is how a missing rate is mended. Raises :class:`MissingRate`."""
    version = versions.at(order.placed_at) or versions.newest
    if version is None or order.currency == version.programme.currency:
        return _ONE
    programme = version.programme
    day = order.placed_at.astimezone(ZoneInfo(programme.timezone)).date()
    for one in (version, *(later for later in versions.known if later.number > version.number)):
        rate = rate_on(one.programme.rates, order.currency, day)
        if rate is not None and one.programme.currency == programme.currency:
            return rate
    raise MissingRate(order, programme.currency, day)


def _is_newer(one: News, known: Any) -> bool:
    return (one.changed_at, one.fetched_at) > (known.changed_at, known.fetched_at)


def _source(one: News) -> tuple[int, str, str, str]:
    return one.installation_id, ORDER, one.order.id, ""


def _by_installation(keys: Iterable[CustomerKey]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for installation_id, thing_id in keys:
        found.setdefault(installation_id, []).append(thing_id)
    return found
