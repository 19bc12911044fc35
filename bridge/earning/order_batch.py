"""Some orders on their way into the book: read, judged, and the difference posted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bridge.db import upsert
from bridge.earning.batch import Buyer, CustomerKey, Version, Versions
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
from bridge.earning.news import (
    ORDER,
    MissingRate,
    News,
    asks,
    currency_of,
    is_newer,
    rate_of,
    settings_of,
    source_of,
)
from bridge.earning.order_reading import OrderReading
from bridge.earning.past import EventKey, past_of
from bridge.earning.posting import Posting, post_difference, posted_sums
from bridge.earning.products import NO_PRODUCTS, asks_for_products
from bridge.earning.taking_part import membership_products, membership_since, part_then, took_part
from bridge.inbox.codec import decoded, encoded
from bridge.kit.errors import BridgeError
from bridge.kit.money import to_millionths
from bridge.orders.buyers import with_buyer
from bridge.orders.models import HandledOrder
from bridge.orders.totals import Totals, as_told, totals
from bridge.points.book import OpenAccount
from bridge.programme.emails import folded_email
from bridge.programme.points import Debt, PointsSettings
from connectors.sales import NO_MONEY, Order


@dataclass(frozen=True, slots=True)
class Taken:
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


class OrderBatch(OrderReading):
    """Read, :meth:`take` each, :meth:`write`."""

    def __init__(
        self,
        session: Session,
        workspace_id: int,
        now: datetime,
        known_versions: Versions,
        *,
        again: bool = False,
    ) -> None:
        super().__init__(session, workspace_id, now, known_versions)
        self.results: dict[CustomerKey, bool | BridgeError] = {}
        self.deciding = False
        self._taken: list[Taken] = []
        self._course: Course | None = None
        self._again = again

    def judge_again(self, keys: Sequence[CustomerKey], member_id: int | None = None) -> None:
        """Handled orders, in this order; ``member_id``: all of them are this member's."""
        for one in self.read_again(keys):
            self.take(one)
        whose = {one.buyer.member_id for one in self._taken if one.buyer is not None}
        # One of them may have become another member's while this waited for the locks.
        if member_id is not None and whose == {member_id}:
            first = self._taken[0].event
            self._course = Course(self.session, self.workspace_id, member_id, first)
        self.write()

    # -- judging ----------------------------------------------------------------------------

    def take(self, one: News) -> None:
        known = self.known.get(one.key)
        if known is not None and not self._again and not is_newer(one, known):
            self.results[one.key] = False
            return
        if known is not None:
            one = replace(one, order=with_buyer(one.order, known.customer_id, known.is_guest))
        version = self.versions.at(one.order.placed_at)
        try:
            rate = rate_of(one.order, self.versions)
        except MissingRate as missing:
            self.results[one.key] = missing
            return
        currency = currency_of(version or self.versions.newest, one.order)
        summed = totals(as_told(one.order, self.told.get(one.key, {})), rate, currency)
        taken = Taken(one, known, self.buyers.get(one.key), version, rate, summed)
        self._taken.append(taken)
        self.results[one.key] = True

    def write(self) -> None:
        known = [one for one in self._taken if one.known is not None and one.known.revision]
        posted = posted_sums(
            self.session, self.workspace_id, ORDER, (one.news.key for one in known)
        )
        self.book.load_sources(
            (account, source_of(one.news)) for one in known if (account := self._account(one))
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

    def _post(self, one: Taken, posted: Mapping[tuple[str, str], int]) -> dict[str, Any]:
        account = self._account(one)
        settings = settings_of(one.version)
        then = self._circumstances(one, settings)
        verdict = self._verdict(one, settings, then)
        if self._course is not None:
            earned = sum(worth.points for worth in verdict.worth.values())
            self._course.tell(one.news.key, one.totals, earned)
        revision = one.known.revision if one.known is not None else 0
        source = source_of(one.news)
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

    def _circumstances(self, one: Taken, settings: PointsSettings | None) -> Circumstances | None:
        """``None``: nobody bought it, or nobody knows who."""
        shop = self.shops.get(one.news.installation_id)
        if one.buyer is None or shop is None:
            return None
        kept = read(one.known.circumstances) if one.known is not None else None
        products = self._products(one, settings, kept)
        placed_at = one.news.order.placed_at
        who = one.buyer.member_id
        part = part_then(self.participation, one.version, who, placed_at, kept)
        if kept is not None:
            return replace(kept, products={**products, **kept.products}, part=part)
        segments = self.segments.get(who, frozenset())
        return circumstances(one.news.order, one.buyer, shop, segments, products, part)

    def _verdict(
        self, one: Taken, settings: PointsSettings | None, then: Circumstances | None
    ) -> Verdict:
        shop = self.shops.get(one.news.installation_id)
        if settings is None or one.buyer is None or one.version is None or shop is None:
            return NOTHING
        if then is None:
            return NOTHING
        programme = one.version.programme
        order = one.news.order
        who = one.buyer.member_id
        buyer = buyer_facts(
            then.order(order),
            then.buyer(one.buyer),
            then.shop(shop),
            programme,
            then.segments,
            takes_part=took_part(self.participation, programme, who, order.placed_at, then.part),
        )
        return judge(
            settings,
            order,
            one.rate,
            buyer,
            then.products,
            ZoneInfo(programme.timezone),
            past=self._past(one, settings),
            told=self.told.get(one.news.key, {}),
            paid_with_points=self.paid.get(one.news.key, NO_MONEY),
        )

    def _past(self, one: Taken, settings: PointsSettings) -> Past | None:
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

    def memberships(self) -> Iterable[tuple[int, EventKey]]:
        """Members who by these orders take part otherwise than before, and since when."""
        skus = membership_products(self.versions)
        for one in self._taken if skus else ():
            since = self._membership_since(one, skus)
            if one.buyer is not None and since is not None:
                yield one.buyer.member_id, min(one.event, (since, 0, ""))

    def _membership_since(self, one: Taken, skus: Iterable[str]) -> datetime | None:
        before = decoded(Order, one.known.content) if one.known is not None else None
        return membership_since(before, one.news.order, skus)

    def _changed(self, one: Taken) -> bool:
        """Whether what later orders see of it is another than before."""
        if not any(asks(version) for version in self.versions.known):
            return False
        known = one.known
        if known is None:
            return True
        seen = Totals(known.net_total, known.gross_total, known.items, known.counts)
        return seen != one.totals or known.revision != self._revisions[one.news.key]

    def _products(
        self, one: Taken, settings: PointsSettings | None, kept: Circumstances | None
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

    def _account(self, one: Taken) -> OpenAccount | None:
        if one.known is not None and one.known.account_id:
            return self.posted_to[one.known.account_id]
        buyer = one.buyer
        return None if buyer is None else self.accounts[buyer.holder, buyer.holder_id]

    def _row(
        self, one: Taken, verdict: Verdict, revision: int, account: OpenAccount | None
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
            "is_decided": decided or not asks(one.version),
            "is_frozen": verdict.frozen,
            "revision": revision,
            "content": encoded(order),
        }
