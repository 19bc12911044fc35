"""Which vouchers orders should have brought for the next purchase, and making it so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import Session, col

from bridge.campaigns.giving import Secret
from bridge.campaigns.next_rules import (
    MOST,
    End,
    Face,
    Held,
    Issue,
    OrderFacts,
    brings,
    decide,
    due_at,
)
from bridge.campaigns.offering import Offered, in_store
from bridge.earning.batch import Version, members, versions
from bridge.kit.money import from_minor, to_minor
from bridge.members.joining import takes_part
from bridge.members.meant import NO_QUALITIES, is_meant
from bridge.members.qualities import qualities_of
from bridge.orders.models import HandledOrder
from bridge.points.book import Book
from bridge.programme.points import PointsSettings
from bridge.programme.rewards import NextPurchase
from bridge.vouchers.ending import begin_end
from bridge.vouchers.holding import lock_vouchers
from bridge.vouchers.issuing import issue
from bridge.vouchers.models import Ending, Voucher, VoucherKind, VoucherState
from bridge.vouchers.reissuing import last_in_place_of
from bridge.vouchers.rules import MissingVoucherRate, NotRedeemable
from bridge.vouchers.stores import StorePlace, stores_of
from connectors.base import Basis

ORDER = "order"
KINDS = (VoucherKind.NEXT_PURCHASE, VoucherKind.CASHBACK)


@dataclass(frozen=True, slots=True)
class NextGiven:
    issued: int = 0
    ended: int = 0
    problems: tuple[str, ...] = field(default_factory=tuple)

    def __add__(self, other: NextGiven) -> NextGiven:
        return NextGiven(
            self.issued + other.issued,
            self.ended + other.ended,
            tuple(dict.fromkeys((*self.problems, *other.problems))),
        )


class OrderKey(NamedTuple):
    installation_id: int
    order_id: str

    @property
    def source(self) -> str:
        return f"{self.installation_id}/{self.order_id}"


def order_of(source_id: str) -> OrderKey:
    installation, _, order_id = source_id.partition("#")[0].partition("/")
    return OrderKey(int(installation), order_id)


def settle_orders(
    session: Session,
    workspace_id: int,
    keys: Sequence[OrderKey],
    secret: Secret,
    now: datetime,
) -> NextGiven:
    """Makes each of these orders have the vouchers it should have, in this unit of work."""
    return Settling(session, workspace_id, secret, now).settle(keys)


class Settling:
    def __init__(self, session: Session, workspace_id: int, secret: Secret, now: datetime) -> None:
        self.session = session
        self.workspace_id = workspace_id
        self.now = now
        self._secret = secret
        self._versions = versions(session, workspace_id)
        self._places = {
            (place.installation_id, place.store_id): place
            for place in stores_of(session, workspace_id)
        }
        self._takers: set[int] = set()
        self._book = Book(session, workspace_id, now)

    def settle(self, keys: Sequence[OrderKey]) -> NextGiven:
        # Whoever handles an order holds its buyer: what is read now stays so until the commit.
        buyers = {row.member_id for row in self._orders(keys) if row.member_id is not None}
        locked = members(self.session, self.workspace_id, buyers)
        orders = [row for row in self._orders(keys) if row.member_id in locked]
        self._takers = takes_part(self.session, self.workspace_id, locked, self.now)
        held = self._held(keys)
        total = NextGiven()
        for order in sorted(orders, key=self._place_order):
            version = self._versions.at(order.placed_at)
            for key, rule in version.programme.next_purchase.items() if version else ():
                assert version is not None
                vouchers = held[OrderKey(order.installation_id, order.order_id), key]
                total += self._settle(order, version, key, rule, vouchers)
        return total

    def _settle(
        self, order: Any, version: Version, key: str, rule: NextPurchase, held: Sequence[Voucher]
    ) -> NextGiven:
        place = self._places.get((order.installation_id, order.store_id))
        if place is None or order.is_frozen:
            return NextGiven()
        try:
            face = self._face(order, version, rule, place)
        except MissingVoucherRate as error:
            return NextGiven(problems=(f"Rule {key} of next_purchase, {place.name}: {error}",))
        if face is None and self._end_anew(order, held):
            return NextGiven(ended=1)
        step = decide(face, [_held(one) for one in held])
        if isinstance(step, End):
            why = f"Order {order.number} was cancelled or returned"
            begin_end(self._book, held[-1], Ending.CAUSE_GONE, why)
            self.session.flush()
            return NextGiven(ended=1)
        if isinstance(step, Issue) and face is not None and self._may_have(order, version, rule):
            self._issue(order, version, key, rule, place, face, step.number)
            return NextGiven(issued=1)
        return NextGiven()

    def _end_anew(self, order: Any, held: Sequence[Voucher]) -> bool:
        """Of a used one whose own order was cancelled, what was issued anew ends as well: it is
        what this order brought. Not as one whose cause is gone, which would be issued anew."""
        anew = last_in_place_of(
            self.session, self.workspace_id, [one.replaced_by for one in held if one.replaced_by]
        )
        ended = False
        for one in lock_vouchers(self.session, self._book, anew).values():
            if one.state == VoucherState.OPEN.value:
                why = f"Order {order.number} was cancelled or returned"
                begin_end(self._book, one, Ending.WITHDRAWN, why)
                ended = True
        self.session.flush()
        return ended

    def _face(
        self, order: Any, version: Version, rule: NextPurchase, place: StorePlace
    ) -> Face | None:
        programme = version.programme
        zone = ZoneInfo(programme.timezone)
        worth = brings(rule, _facts(order, version, place), zone)
        if worth is None:
            return None
        if worth.amount is None:
            return Face(percent=worth.percent)
        try:
            money = in_store(worth.amount, programme, place, order.placed_at)
        except NotRedeemable:  # a share of next to nothing
            return None
        return Face(to_minor(money, place.currency))

    def _may_have(self, order: Any, version: Version, rule: NextPurchase) -> bool:
        """Whether it is time, and the buyer is one it is for."""
        programme = version.programme
        if due_at(rule, order.completed_at, ZoneInfo(programme.timezone)) > self.now:
            return False
        if order.member_id not in self._takers:
            return False
        if rule.when is None:
            return True
        known = qualities_of(self.session, self.workspace_id, programme, [order.member_id])
        return is_meant(rule.when, known.get(order.member_id, NO_QUALITIES))

    def _issue(
        self,
        order: Any,
        version: Version,
        name: str,
        rule: NextPurchase,
        place: StorePlace,
        face: Face,
        number: int,
    ) -> None:
        key = OrderKey(order.installation_id, order.order_id)
        offer = Offered(rule, version.programme, place, self.now)
        new = offer.voucher(
            kind_of(rule),
            name,
            ORDER,
            _source_id(key, number),
            order.member_id,
            version.number,
            amount=(
                None if face.amount_minor is None else from_minor(face.amount_minor, place.currency)
            ),
        )
        issue(self.session, self.workspace_id, self._secret(self.session), new, self.now)

    def _place_order(self, order: Any) -> Any:
        """Pools are locked until the commit: by store, so that nobody waits in a circle."""
        place = self._places.get((order.installation_id, order.store_id))
        return (place is None, place, order.placed_at, order.order_id) if place else (True,)

    # -- reading ----------------------------------------------------------------------------

    def _orders(self, keys: Iterable[OrderKey]) -> list[Any]:
        found: list[Any] = []
        for installation_id, ids in _by_installation(keys).items():
            found += self.session.execute(
                select(
                    col(HandledOrder.installation_id),
                    col(HandledOrder.order_id),
                    col(HandledOrder.number),
                    col(HandledOrder.store_id),
                    col(HandledOrder.member_id),
                    col(HandledOrder.placed_at),
                    col(HandledOrder.completed_at),
                    col(HandledOrder.net_total),
                    col(HandledOrder.gross_total),
                    col(HandledOrder.counts),
                    col(HandledOrder.is_frozen),
                ).where(
                    col(HandledOrder.workspace_id) == self.workspace_id,
                    col(HandledOrder.installation_id) == installation_id,
                    col(HandledOrder.order_id).in_(ids),
                )
            ).all()
        return found

    def _held(self, keys: Sequence[OrderKey]) -> defaultdict[tuple[OrderKey, str], list[Voucher]]:
        """The vouchers each order brought, by rule, oldest first, locked until the commit."""
        found: defaultdict[tuple[OrderKey, str], list[Voucher]] = defaultdict(list)
        rules = {rule for one in self._versions.known for rule in one.programme.next_purchase}
        ids = self.session.scalars(
            select(col(Voucher.id)).where(
                col(Voucher.workspace_id) == self.workspace_id,
                col(Voucher.kind).in_([kind.value for kind in KINDS]),
                col(Voucher.rule).in_(sorted(rules)),
                col(Voucher.source_kind) == ORDER,
                col(Voucher.source_id).in_(
                    [_source_id(key, number) for key in keys for number in range(1, MOST + 1)]
                ),
            )
        )
        known = [one for one in ids if one is not None]
        vouchers = lock_vouchers(self.session, self._book, known)
        for _, voucher in sorted(vouchers.items()):
            found[order_of(voucher.source_id), voucher.rule].append(voucher)
        return found


def kind_of(rule: NextPurchase) -> VoucherKind:
    return VoucherKind.CASHBACK if rule.give.share is not None else VoucherKind.NEXT_PURCHASE


def _facts(order: Any, version: Version, place: StorePlace) -> OrderFacts:
    programme = version.programme
    settings = (programme.points or PointsSettings()).with_price(programme.prices_are)
    is_net = settings.basis_of().side is Basis.NET
    return OrderFacts(
        place.installation,
        place.code,
        order.placed_at,
        order.completed_at,
        order.counts,
        from_minor(order.net_total if is_net else order.gross_total, programme.currency),
    )


def _held(voucher: Voucher) -> Held:
    number = voucher.source_id.partition("#")[2]
    return Held(
        int(number) if number else 1,
        VoucherState(voucher.state),
        voucher.ending,
        voucher.amount_minor,
    )


def _source_id(key: OrderKey, number: int) -> str:
    return key.source if number == 1 else f"{key.source}#{number}"


def _by_installation(keys: Iterable[OrderKey]) -> Mapping[int, list[str]]:
    found: defaultdict[int, list[str]] = defaultdict(list)
    for key in keys:
        found[key.installation_id].append(key.order_id)
    return found
