"""Handling orders: who bought, what it is worth now, and what the book lacks of that.

Orders come in batches, and each statement serves the whole batch; what one order is worth is
computed by :mod:`bridge.earning.judging`. An order that cannot be handled (a missing exchange
rate) is told by its own, and the others go on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import Session, col

from bridge.db import upsert
from bridge.earning.batch import (
    UNREAD,
    Buyer,
    CustomerKey,
    Shop,
    Version,
    Versions,
    lock_buyers,
    members,
    segments_of,
    shops,
    versions,
)
from bridge.earning.circumstances import Circumstances, circumstances, read, written
from bridge.earning.course import Course
from bridge.earning.facts import ProductFacts
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
from bridge.earning.past import EventKey, past_of
from bridge.earning.posting import Posting, post_difference, posted_sums
from bridge.earning.products import NO_PRODUCTS, Products, asks_for_products
from bridge.inbox.codec import decoded, encoded
from bridge.kit.errors import BridgeError
from bridge.kit.money import from_minor, to_millionths
from bridge.members.identity import IdentityPolicy, member_for_order
from bridge.members.policy import policy_of
from bridge.members.standing import binding
from bridge.orders.history import orders_after
from bridge.orders.models import HandledOrder, ToldRefund
from bridge.orders.totals import Totals, as_told, totals
from bridge.points.book import Book, HolderKey, OpenAccount
from bridge.programme.emails import folded_email
from bridge.programme.loyalty import rate_on
from bridge.programme.points import Debt, PointsSettings
from connectors.sales import Money, Order

ORDER = "order"
_TOGETHER = 500
"""Orders of one member that are judged again together."""
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
    batches: list[_Batch] = []
    parts = _parts(news, known)
    if len(parts) > 1:
        _Batch(session, workspace_id, now, known).lock_ahead(news, ())
    for part in parts:
        batch = _Batch(session, workspace_id, now, known)
        batch.read(part)
        for one in part:
            batch.take(one)
        batch.write()
        results |= batch.results
        batches.append(batch)
    _correct(session, workspace_id, batches, now)
    return [results[one.key] for one in news]


def _parts(news: Sequence[News], known: Versions) -> Sequence[Sequence[News]]:
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
    known = versions(session, workspace_id)
    _Batch(session, workspace_id, now, known).lock_ahead((), keys)
    batches = []
    for member_id, theirs in _by_member(session, workspace_id, keys).items():
        batch = _Batch(session, workspace_id, now, known, again=True)
        batch.deciding = True
        batch.judge_again(theirs, member_id)
        batches.append(batch)
    _correct(session, workspace_id, batches, now)
    return sum(result is True for batch in batches for result in batch.results.values())


def rehandle_orders(
    session: Session, workspace_id: int, keys: Sequence[CustomerKey], now: datetime
) -> int:
    """Judges handled orders anew, by what is known of them; how many.

    For what changed around them: an amount a person told, a member that was split, a repair.
    """
    known = versions(session, workspace_id)
    batches = []
    for key in keys:
        batch = _Batch(session, workspace_id, now, known, again=True)
        batch.judge_again([key])
        batches.append(batch)
    _correct(session, workspace_id, batches, now)
    return sum(result is True for batch in batches for result in batch.results.values())


def _by_member(
    session: Session, workspace_id: int, keys: Sequence[CustomerKey]
) -> dict[int, list[CustomerKey]]:
    """Handled orders of members, in this order."""
    found: dict[CustomerKey, int] = {}
    for installation_id, ids in _by_installation(keys).items():
        rows = session.execute(
            select(col(HandledOrder.order_id), col(HandledOrder.member_id)).where(
                col(HandledOrder.workspace_id) == workspace_id,
                col(HandledOrder.installation_id) == installation_id,
                col(HandledOrder.order_id).in_(ids),
            )
        )
        found |= {(installation_id, row[0]): row[1] for row in rows if row[1] is not None}
    theirs: dict[int, list[CustomerKey]] = {}
    for key in keys:
        if key in found:
            theirs.setdefault(found[key], []).append(key)
    return theirs


def _correct(session: Session, workspace_id: int, batches: Sequence[_Batch], now: datetime) -> None:
    """Later orders that were decided by a past which is another now."""
    earliest: dict[int, EventKey] = {}
    for batch in batches:
        for member_id, key in batch.changed():
            earliest[member_id] = min(key, earliest.get(member_id, key))
    for member_id, key in sorted(earliest.items()):
        later = orders_after(session, workspace_id, member_id, *key)
        for start in range(0, len(later), _TOGETHER):
            batch = _Batch(session, workspace_id, now, versions(session, workspace_id), again=True)
            batch.judge_again(later[start : start + _TOGETHER], member_id)


@dataclass(frozen=True, slots=True)
class _Taken:
    """One order on its way through the batch."""

    news: News
    known: Any
    buyer: Buyer | None
    version: Version | None
    rate: Decimal
    totals: Totals

    @property
    def event(self) -> EventKey:
        order = self.news.order
        return order.placed_at, self.news.installation_id, order.id


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
        self.products = Products(session, workspace_id)
        self.results: dict[CustomerKey, bool | BridgeError] = {}
        self.deciding = False
        self._taken: list[_Taken] = []
        self._course: Course | None = None
        self._again = again

    # -- reading ----------------------------------------------------------------------------

    def read(self, news: Sequence[News]) -> None:
        """Locks members, then orders, then accounts, each in the order of their ids: so does
        whoever merges or moves, and nobody waits for another in a circle."""
        keys = [one.key for one in news]
        self._lock_buyers(news, [row.member_id for row in self._unlocked(keys)])
        self.known = self._handled(keys)
        self._read_more(news)

    def judge_again(self, keys: Sequence[CustomerKey], member_id: int | None = None) -> None:
        """Handled orders, in this order; ``member_id``: all of them are this member's."""
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
        for one in news:
            self.take(one)
        whose = {one.buyer.member_id for one in self._taken if one.buyer is not None}
        # One of them may have become another member's while this waited for the locks.
        if member_id is not None and whose == {member_id}:
            first = self._taken[0].event
            self._course = Course(self.session, self.workspace_id, member_id, first)
        self.write()

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
            beside={row.account_id for row in handled if row.account_id},
        )

    def _read_more(self, news: Sequence[News]) -> None:
        self.shops: Mapping[int, Shop] = shops(
            self.session, self.workspace_id, (one.installation_id for one in news)
        )
        self.told = self._told(one.key for one in news if one.order.refunds)
        self._read_products(news)
        self._find_buyers(news)
        self._open_accounts()

    def _read_products(self, news: Sequence[News]) -> None:
        if not any(
            settings is not None and asks_for_products(settings)
            for settings in map(_settings, self.versions.known)
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
        for installation_id, ids in _by_installation(keys).items():
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
        for installation_id, ids in sorted(_by_installation(keys).items()):
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

    def _open_accounts(self) -> None:
        """What an order earned stays where it is, also when its buyer has left the company
        since; whoever moves points tells the order."""
        posted_to = {row.account_id for row in self.known.values() if row.account_id}
        self.accounts: dict[HolderKey, OpenAccount] = self.book.open(
            (
                (buyer.holder, buyer.holder_id)
                for key, buyer in self.buyers.items()
                if key not in self.known or not self.known[key].account_id
            ),
            beside=posted_to,
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
        upsert(self.session, HandledOrder, [row for row in rows if not self._is_known(row)])
        self.book.write()

    def _is_known(self, row: Mapping[str, Any]) -> bool:
        """Whether it is stored so already."""
        known = self.known.get((row["installation_id"], row["order_id"]))
        return known is not None and all(
            getattr(known, name) == value for name, value in row.items()
        )

    def _post(self, one: _Taken, posted: Mapping[tuple[str, str], int]) -> dict[str, Any]:
        account = self._account(one)
        settings = _settings(one.version)
        then = self._circumstances(one, settings)
        verdict = self._verdict(one, settings, then)
        if self._course is not None:
            earned = sum(worth.points for worth in verdict.worth.values())
            self._course.tell(one.news.key, one.totals, earned)
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
        row = self._row(one, verdict, revision, account)
        keeps = then is not None and one.buyer is not None and not one.buyer.is_unread
        return row | {"circumstances": written(then) if then is not None and keeps else ""}

    def _circumstances(self, one: _Taken, settings: PointsSettings | None) -> Circumstances | None:
        """``None``: nobody bought it, or nobody knows who."""
        shop = self.shops.get(one.news.installation_id)
        if one.buyer is None or shop is None:
            return None
        kept = read(one.known.circumstances) if one.known is not None else None
        products = self._products(one, settings, kept)
        if kept is not None:
            return kept if not products else replace(kept, products={**products, **kept.products})
        segments = self.segments.get(one.buyer.member_id, frozenset())
        return circumstances(one.news.order, one.buyer, shop, segments, products)

    def _verdict(
        self, one: _Taken, settings: PointsSettings | None, then: Circumstances | None
    ) -> Verdict:
        shop = self.shops.get(one.news.installation_id)
        if settings is None or one.buyer is None or one.version is None or shop is None:
            return NOTHING
        if then is None:
            return NOTHING
        programme = one.version.programme
        order = one.news.order
        return judge(
            settings,
            order,
            one.rate,
            buyer_facts(order, then.buyer(one.buyer), then.shop(shop), programme, then.segments),
            then.products,
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
        zone = ZoneInfo(programme.timezone)
        if self._course is not None:
            return self._course.past(one.event, settings, programme.currency, zone)
        return past_of(
            self.session,
            self.workspace_id,
            one.buyer,
            one.news.installation_id,
            one.news.order,
            settings,
            programme.currency,
            zone,
        )

    def changed(self) -> Iterable[tuple[int, EventKey]]:
        """Members and their orders that are something else to later ones than before."""
        for one in self._taken:
            if one.buyer is not None and self._changed(one):
                yield one.buyer.member_id, one.event

    def _changed(self, one: _Taken) -> bool:
        """Whether what later orders see of it is another than before."""
        if not any(_asks(version) for version in self.versions.known):
            return False
        known = one.known
        if known is None:
            return True
        seen = Totals(known.net_total, known.gross_total, known.items, known.counts)
        return seen != one.totals or known.revision != self._revisions[one.news.key]

    def _products(
        self, one: _Taken, settings: PointsSettings | None, kept: Circumstances | None
    ) -> Mapping[str, ProductFacts]:
        """Those of which nothing is kept yet."""
        if settings is None or not asks_for_products(settings):
            return NO_PRODUCTS
        known = kept.products if kept is not None else {}
        bought = {
            line.product_id: line.category_ids
            for line in one.news.order.lines
            if line.product_id and line.product_id not in known
        }
        return self.products.facts(one.news.installation_id, bought)

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
