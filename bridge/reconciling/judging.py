"""What handled orders should say, judged anew by the rules that handling uses. Writes nothing.

An order keeps the circumstances it came in (see :mod:`bridge.earning.circumstances`). Where some
are not kept (a product that the mirror did not know yet, what a member had bought before he was
merged), a rule that asks for them may give something else now, and nothing is wrong: only the
other rules are held against the book, unless there is more evidence (see
:attr:`Judged.differences`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import Session, col

from bridge.earning.batch import Buyer, Shop, Version, Versions, segments_of, shops, versions
from bridge.earning.circumstances import Circumstances, circumstances, read
from bridge.earning.dates import counts_from, expires_at, ripens_at
from bridge.earning.facts import ProductFacts
from bridge.earning.handling import ORDER
from bridge.earning.judging import NO_PAST, Past, asks_the_past, buyer_facts, judge
from bridge.earning.paid import paid_on, points_vouchers
from bridge.earning.past import past_of
from bridge.earning.posting import LineRule, posted_sums
from bridge.earning.products import Products, asks_for_products
from bridge.earning.refunds import reversed_points
from bridge.earning.taking_part import part_then, took_part
from bridge.inbox.codec import decoded
from bridge.kit.money import from_minor, to_millionths
from bridge.members.models import Company, Member
from bridge.members.participation import Participation
from bridge.orders.models import HandledOrder, ToldRefund
from bridge.orders.totals import as_told, totals
from bridge.points.models import Entry, Holder
from bridge.programme.earning_rules import ACTIVITY_KINDS, HISTORY_KINDS, EarningRule
from bridge.programme.emails import folded_email
from bridge.programme.loyalty import rate_on
from bridge.programme.points import PointsSettings
from connectors.sales import NO_MONEY, Money, Order

OrderKey: TypeAlias = tuple[int, str]
_ONE = Decimal(1)
_MOVED = ("move_in", "move_out")


@dataclass(frozen=True, slots=True)
class Judged:
    """A handled order beside what it should be."""

    row: Any
    """Of the table ``orders``."""
    order: Order
    buyer: Buyer | None
    settings: PointsSettings | None
    zone: ZoneInfo
    columns: Mapping[str, Any]
    """What columns of the row should say; those that cannot be told are left out."""
    worth: Mapping[LineRule, int] | None
    """``None``: it cannot be told (a merged member, a missing exchange rate)."""
    posted: Mapping[LineRule, int]
    sure: frozenset[str]
    """Rules that ask for nothing that is not kept."""
    ripens_at: datetime | None
    expires_at: datetime | None
    """Of points that wait still."""

    @property
    def key(self) -> OrderKey:
        return self.row.installation_id, self.row.order_id

    @property
    def differences(self) -> dict[LineRule, tuple[int, int]]:
        """What is posted and what should be, of the rules that can be relied on."""
        found = self.all_differences
        known = self.settings.rules if self.settings else {}
        return {
            key: both for key, both in found.items() if key[1] in self.sure or key[1] not in known
        }

    @property
    def all_differences(self) -> dict[LineRule, tuple[int, int]]:
        """With those of rules that ask for what is not kept: to be believed only where
        something else shows that entries are not as they were posted."""
        if self.worth is None:
            return {}
        keys = sorted({*self.worth, *self.posted})
        both = {key: (self.posted.get(key, 0), self.worth.get(key, 0)) for key in keys}
        return {key: (was, is_) for key, (was, is_) in both.items() if was != is_}


def judged(session: Session, workspace_id: int, rows: Sequence[Any]) -> list[Judged]:
    """``rows``: of the table ``orders``. One whose content cannot be read is left out."""
    orders = {(row.installation_id, row.order_id): readable(row.content) for row in rows}
    known = [row for row in rows if orders[row.installation_id, row.order_id] is not None]
    judge_ = _Judge(session, workspace_id, known, orders)
    return [judge_.one(row) for row in known]


def readable(content: str) -> Order | None:
    try:
        return decoded(Order, content)
    except ValueError:
        return None


class _Judge:
    def __init__(
        self,
        session: Session,
        workspace_id: int,
        rows: Sequence[Any],
        orders: Mapping[OrderKey, Order | None],
    ) -> None:
        self._session = session
        self._workspace_id = workspace_id
        self._orders = {key: order for key, order in orders.items() if order is not None}
        keys = list(self._orders)
        members = {row.member_id for row in rows if row.member_id is not None}
        self._versions: Versions = versions(session, workspace_id)
        self._shops: Mapping[int, Shop] = shops(session, workspace_id, (key[0] for key in keys))
        self._posted = posted_sums(session, workspace_id, ORDER, keys)
        self._buyers = _buyers(session, workspace_id, members)
        self._segments = segments_of(session, workspace_id, members)
        self._products = Products(session, workspace_id)
        self._told = _told(session, workspace_id, self._orders)
        vouchers = points_vouchers(
            session, workspace_id, ((key[0], order) for key, order in self._orders.items())
        )
        self._paid = paid_on(self._orders.items(), vouchers)
        settings = (version.programme.points for version in self._versions.known)
        asks = any(one is not None and asks_the_past(one) for one in settings)
        asks = asks or any(one.programme.joining is not None for one in self._versions.known)
        self._rearranged = _rearranged(session, workspace_id, members) if asks else frozenset()
        self._part = Participation(
            session, workspace_id, members, has_words=self._versions.has_words
        )
        self._read_products()

    def one(self, row: Any) -> Judged:
        key = (row.installation_id, row.order_id)
        order = self._orders[key]
        version = self._versions.at(order.placed_at)
        settings = version.programme.points if version else None
        zone = ZoneInfo(version.programme.timezone if version else "UTC")
        rate = _rate(order, self._versions)
        ripens = ripens_at(settings, order, zone) if settings else None
        expires = None
        if settings is not None and ripens is not None:
            expires = expires_at(settings, counts_from(settings, order.placed_at, ripens), zone)
        buyer = self._buyers.get(row.member_id)
        then = kept(row.circumstances)
        return Judged(
            row,
            order,
            buyer,
            settings,
            zone,
            self._columns(row, order, version, rate, buyer),
            self._worth(row, order, version, rate, buyer, then),
            {key: points for key, points in self._posted.get(key, {}).items() if points},
            self._sure(version, order, row.member_id, then),
            ripens,
            expires,
        )

    def _columns(
        self,
        row: Any,
        order: Order,
        version: Version | None,
        rate: Decimal | None,
        buyer: Buyer | None,
    ) -> dict[str, Any]:
        found: dict[str, Any] = {
            "number": order.number,
            "store_id": order.store_id,
            "customer_id": order.customer_id,
            "email": folded_email(order.email) if order.is_guest and order.email else "",
            "is_guest": order.is_guest,
            "placed_at": order.placed_at,
            "paid_at": order.paid_at,
            "completed_at": order.completed_at,
            "cancelled_at": order.cancelled_at,
            "currency": order.currency,
        }
        if version is None or rate is None:
            return found
        told = self._told.get((row.installation_id, order.id), {})
        summed = totals(as_told(order, told), rate, version.programme.currency)
        found |= {
            "rate": to_millionths(rate),
            "net_total": summed.net,
            "gross_total": summed.gross,
            "items": summed.items,
            "counts": summed.counts,
        }
        settings = version.programme.points
        if settings is None or not asks_the_past(settings):
            found["is_decided"] = True
        frozen = buyer is not None and settings is not None
        frozen = frozen and reversed_points(order, {}, settings.unknown_refund, told).frozen  # type: ignore[union-attr]
        if buyer is not None and settings is not None:
            found["ripens_at"] = ripens_at(settings, order, ZoneInfo(version.programme.timezone))
        return found | {"is_frozen": frozen}

    def _worth(
        self,
        row: Any,
        order: Order,
        version: Version | None,
        rate: Decimal | None,
        buyer: Buyer | None,
        then: Circumstances | None,
    ) -> dict[LineRule, int] | None:
        shop = self._shops.get(row.installation_id)
        settings = version.programme.points if version else None
        if rate is None or (buyer is not None and buyer.is_merged):
            return None
        if settings is None or version is None or buyer is None or shop is None:
            return {}
        products = self._product_facts(row.installation_id, order, settings, then)
        who = buyer.member_id
        part = part_then(self._part, version, who, order.placed_at, then)
        if then is None:
            segments = self._segments.get(who, frozenset())
            then = circumstances(order, buyer, shop, segments, products)
        verdict = judge(
            settings,
            order,
            rate,
            buyer_facts(
                then.order(order),
                then.buyer(buyer),
                then.shop(shop),
                version.programme,
                then.segments,
                takes_part=took_part(self._part, version.programme, who, order.placed_at, part),
            ),
            products,
            ZoneInfo(version.programme.timezone),
            past=self._past(row, order, version, settings, buyer),
            told=self._told.get((row.installation_id, order.id), {}),
            paid_with_points=self._paid.get((row.installation_id, order.id), NO_MONEY),
        )
        return {key: one.points for key, one in verdict.worth.items() if one.points}

    def _past(
        self, row: Any, order: Order, version: Version, settings: PointsSettings, buyer: Buyer
    ) -> Past | None:
        if not asks_the_past(settings):
            return NO_PAST
        if not row.is_decided:
            return None
        programme = version.programme
        return past_of(
            self._session,
            self._workspace_id,
            buyer,
            row.installation_id,
            order,
            settings,
            programme.currency,
            ZoneInfo(programme.timezone),
        )

    def _sure(
        self,
        version: Version | None,
        order: Order,
        member_id: int | None,
        then: Circumstances | None,
    ) -> frozenset[str]:
        settings = version.programme.points if version else None
        if settings is None or version is None:
            return frozenset()
        joining = version.programme.joining
        if joining is not None and (then is None or member_id in self._rearranged):
            return frozenset()  # whether he took part
        bought = {line.product_id for line in order.lines if line.product_id}
        sure = sure_rules(
            settings,
            of_buyer=then is not None,
            of_products=then is not None and bought <= then.products.keys(),
        )
        if member_id not in self._rearranged:
            return sure
        # What he had bought before then was another's past when it was decided.
        if settings.caps.day is not None or settings.caps.member is not None:
            return frozenset()
        return frozenset(key for key in sure if settings.rules[key].kind not in HISTORY_KINDS)

    def _read_products(self) -> None:
        settings = [one.programme.points for one in self._versions.known]
        if not any(one is not None and asks_for_products(one) for one in settings):
            return
        bought: dict[int, set[str]] = {}
        for (installation_id, _), order in self._orders.items():
            ids = bought.setdefault(installation_id, set())
            ids.update(line.product_id for line in order.lines if line.product_id)
        for installation_id, ids in bought.items():
            self._products.read(installation_id, ids)

    def _product_facts(
        self,
        installation_id: int,
        order: Order,
        settings: PointsSettings,
        then: Circumstances | None,
    ) -> Mapping[str, ProductFacts]:
        known = then.products if then is not None else {}
        if not asks_for_products(settings):
            return known
        bought = {
            line.product_id: line.category_ids
            for line in order.lines
            if line.product_id and line.product_id not in known
        }
        return {**self._products.facts(installation_id, bought), **known}


def sure_rules(settings: PointsSettings, *, of_buyer: bool, of_products: bool) -> frozenset[str]:
    """Rules whose points depend on nothing but what is known; ``of_buyer`` and
    ``of_products``: whether what they were at the time is."""
    exclude = settings.exclude
    if (exclude.group and not of_buyer) or ((exclude.sku or exclude.category) and not of_products):
        return frozenset()
    rules = settings.rules
    by_itself = {
        key
        for key, rule in rules.items()
        if _is_sure(rule, of_buyer=of_buyer, of_products=of_products)
    }
    unsure = rules.keys() - by_itself
    caps = settings.caps
    if unsure and (caps.order, caps.day, caps.member) != (None, None, None):
        return frozenset()  # what one rule gives leaves less room for another
    if (caps.day, caps.member) != (None, None) and any(
        rule.kind in ACTIVITY_KINDS for rule in rules.values()
    ):
        return frozenset()  # an activity that came in late corrects no order
    multiplying = {key for key, rule in rules.items() if rule.kind == "multiply"}
    lowered = {
        name for key in unsure if rules[key].kind == "nothing" for name in rules[key].rules or rules
    }
    targets = {name for key in multiplying for name in rules[key].rules or rules}
    if (multiplying | targets) & (unsure | lowered):
        by_itself -= multiplying
    return frozenset(by_itself - lowered)


def _is_sure(rule: EarningRule, *, of_buyer: bool, of_products: bool) -> bool:
    when = rule.when
    if when is not None and when.store:
        return False  # what the shop calls its stores may have changed
    about_products = rule.bought_together is not None or (when is not None and when.is_about_lines)
    about_buyer = rule.share < 100 or (
        when is not None and bool(when.group or when.segment or when.tier or when.company)
    )
    return (of_products or not about_products) and (of_buyer or not about_buyer)


def kept(text: str) -> Circumstances | None:
    """``None``: nothing that can be read."""
    try:
        return read(text)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _rate(order: Order, known: Versions) -> Decimal | None:
    """As handling finds it; ``None``: there is none."""
    version = known.at(order.placed_at) or known.newest
    if version is None or order.currency == version.programme.currency:
        return _ONE
    programme = version.programme
    day = order.placed_at.astimezone(ZoneInfo(programme.timezone)).date()
    for one in (version, *(later for later in known.known if later.number > version.number)):
        rate = rate_on(one.programme.rates, order.currency, day)
        if rate is not None and one.programme.currency == programme.currency:
            return rate
    return None


def _buyers(session: Session, workspace_id: int, ids: Iterable[int]) -> dict[int, Buyer]:
    """As :func:`bridge.earning.batch.members`, but locks nothing."""
    rows = session.execute(
        select(
            col(Member.id),
            col(Member.tier),
            col(Member.joined_at),
            col(Member.company_id),
            col(Member.merged_into),
            col(Company.name).label("company"),
            col(Company.holds_points),
        )
        .outerjoin(Company, col(Company.id) == col(Member.company_id))
        .where(col(Member.workspace_id) == workspace_id, col(Member.id).in_(sorted(ids)))
    )
    return {
        row.id: Buyer(
            row.id,
            row.company_id,
            row.company or "",
            Holder.COMPANY if row.holds_points else Holder.MEMBER,
            row.company_id if row.holds_points else row.id,
            row.tier,
            row.joined_at,
            row.merged_into is not None,
        )
        for row in rows
    }


def _told(
    session: Session, workspace_id: int, orders: Mapping[OrderKey, Order]
) -> dict[OrderKey, dict[str, Money]]:
    """What people said refunds came to."""
    asked = [key for key, order in orders.items() if order.refunds]
    found: dict[OrderKey, dict[str, Money]] = {}
    if not asked:
        return found
    rows = session.execute(
        select(ToldRefund).where(
            col(ToldRefund.workspace_id) == workspace_id,
            col(ToldRefund.order_id).in_([key[1] for key in asked]),
        )
    ).scalars()
    for one in rows:
        key = (one.installation_id, one.order_id)
        if key in orders:
            currency = orders[key].currency
            amount = Money(from_minor(one.net, currency), from_minor(one.gross, currency))
            found.setdefault(key, {})[one.refund_id] = amount
    return found


def _rearranged(session: Session, workspace_id: int, members: Iterable[int]) -> frozenset[int]:
    """Members who were merged or split, or entered or left a company, or became another's."""
    ids = sorted(members)
    merged = select(col(Member.merged_into)).where(
        col(Member.workspace_id) == workspace_id, col(Member.merged_into).in_(ids)
    )
    moved = (
        select(col(HandledOrder.member_id))
        .join(Entry, col(Entry.account_id) == col(HandledOrder.account_id))
        .where(
            col(HandledOrder.workspace_id) == workspace_id,
            col(HandledOrder.member_id).in_(ids),
            col(Entry.effect).in_(_MOVED),
        )
        .distinct()
    )
    found = {*session.execute(merged).scalars(), *session.execute(moved).scalars()}
    return frozenset(one for one in found if one is not None)
