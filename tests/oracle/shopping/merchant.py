"""A merchant whose shops tell of the purchases, through the inbox of the bridge."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ledger_world import LedgerWorld
from oracle.words import Promise, Purchase, Told
from sqlalchemy import bindparam, text

from bridge.db import Database
from bridge.earning.arriving import order_handler, orders_handler
from bridge.earning.clockwork import pass_time
from bridge.earning.handling import News as Arrived
from bridge.earning.handling import handle_orders, rehandle_orders
from bridge.groups.models import ShopGroup
from bridge.inbox.handling import HandleResult, handle_queue
from bridge.inbox.storing import Fetched, store
from bridge.kit.columns import UtcDateTime
from bridge.orders.told import tell_refund
from connectors.sales import Order
from shopping.promises import as_document
from shopping.telling import told, versions

LOADED = datetime.fromisoformat("2025-12-01T00:00:00+00:00")
FETCHED = timedelta(seconds=1)
"""How long after it was said something is fetched."""
_EFFECTS = "CASE WHEN effect LIKE 'take_back%' THEN -points ELSE points END"


@dataclass(frozen=True)
class News:
    """What a shop tells at a moment; or what a person does."""

    at: datetime
    purchase: Purchase
    said: Order | Told


def news_of(purchases: Iterable[Purchase]) -> list[News]:
    """Oldest first."""
    found = [
        News(at, purchase, said)
        for purchase in purchases
        for at, said in (*versions(purchase), *((one.at, one) for one in told(purchase)))
    ]
    return sorted(found, key=lambda one: (one.at, one.purchase.shop, one.purchase.id))


class Merchant:
    """One merchant's bridge."""

    def __init__(self, database: Database, promise: Promise, purchases: Sequence[Purchase]) -> None:
        self.database = database
        self.world = LedgerWorld(database, LOADED)
        document = as_document(promise)
        points = document.pop("points")
        for name in ("programme", "currency"):
            document.pop(name)
        self.world.programme(points, **document)
        self.workspace = self.world.workspace
        self.shops = dict(zip(("north", "south"), self.world.shops, strict=True))
        self.people = {
            person: self.world.member((0, person), (1, person), joined=LOADED)
            for person in sorted({one.person for one in purchases if one.person})
        }
        with database.writing() as session:
            for shop in self.world.shops:
                for name in ("General", "Dealers"):
                    session.add(
                        ShopGroup(
                            installation_id=shop,
                            group_id=name,
                            workspace_id=self.workspace,
                            name=name,
                        )
                    )

    # -- what comes in ----------------------------------------------------------------------

    def hear(self, news: Sequence[News], now: datetime) -> HandleResult:
        """What shops told, fetched when it was said, put in the inbox and handled."""
        for start in range(0, len(news), 100):
            with self.database.writing() as session:
                for name, shop in self.shops.items():
                    some = [
                        Fetched(one.said, one.said.changed_at, one.at + FETCHED)
                        for one in news[start : start + 100]
                        if one.purchase.shop == name and isinstance(one.said, Order)
                    ]
                    store(session, self.workspace, shop, some)
        return self.handle(now)

    def hear_past_the_inbox(self, news: Sequence[News], now: datetime) -> int:
        """The same told straight to what handles orders, which the inbox would have dropped; how
        much of it was taken for new."""
        taken, left = 0, [one for one in news if isinstance(one.said, Order)]
        while left:
            batch = {(one.purchase.shop, one.purchase.id): one for one in left}
            left = [one for one in left if one not in batch.values()]
            told = [
                Arrived(self.shops[key[0]], one.said, one.at, one.at + FETCHED)
                for key, one in batch.items()
                if isinstance(one.said, Order)
            ]
            with self.database.writing() as session:
                results = handle_orders(session, self.workspace, told, now)
            taken += results.count(True)
        return taken

    def handle(self, now: datetime) -> HandleResult:
        return handle_queue(
            self.database,
            self.workspace,
            {"order": order_handler},
            lambda: now,
            together={"order": orders_handler},
        )

    def tell(self, news: Sequence[News], now: datetime) -> None:
        """What a person says of refunds."""
        for one in news:
            if not isinstance(one.said, Told):
                continue
            shop, amount = self.shops[one.purchase.shop], one.said.amount
            with self.database.writing() as session:
                tell_refund(
                    session,
                    self.workspace,
                    shop,
                    one.purchase.id,
                    one.said.refund,
                    amount.gross,
                    amount.net,
                    now,
                    "somebody",
                )
                rehandle_orders(session, self.workspace, [(shop, one.purchase.id)], now)

    def look_at_the_clock(self, now: datetime) -> None:
        pass_time(self.database, self.workspace, lambda: now, known_through=now)

    # -- what the book says -----------------------------------------------------------------

    def worth(self) -> dict[tuple[str, str, str, str], int]:
        """By shop, order, line and rule."""
        names = {shop: name for name, shop in self.shops.items()}
        rows = self._rows(
            f"SELECT installation_id, source_id, source_line, rule, sum({_EFFECTS}) FROM entries"
            " WHERE workspace_id = :w AND source_kind = 'order'"
            " AND (effect = 'earn' OR effect LIKE 'take_back%') GROUP BY 1, 2, 3, 4"
        )
        return {(names[row[0]], *row[1:4]): int(row[4]) for row in rows if row[4]}

    def sums(self) -> Counter[tuple[object, ...]]:
        """By account, source line and effect, as posted."""
        rows = self._rows(
            "SELECT account_id, installation_id, source_kind, source_id, source_line, rule, effect,"
            " sum(points) FROM entries WHERE workspace_id = :w GROUP BY 1, 2, 3, 4, 5, 6, 7"
        )
        return Counter({tuple(row[:-1]): int(row[-1]) for row in rows})

    def balances(self, at: datetime) -> dict[str, tuple[int, int]]:
        """By person: what can be spent, less what is owed; and what waits or is held, as far as
        its day to be lost has not come."""
        rows = self._rows(
            "SELECT holder_id, available, debt, (SELECT coalesce(sum(lots.pending + lots.reserved),"
            " 0) FROM lots WHERE lots.account_id = accounts.id AND (lots.expires_at IS NULL OR"
            " lots.expires_at > :at)) FROM accounts WHERE workspace_id = :w",
            at=at,
        )
        by_member = {row[0]: (int(row[1]) - int(row[2]), int(row[3])) for row in rows}
        return {person: by_member.get(member, (0, 0)) for person, member in self.people.items()}

    def names(self) -> tuple[dict[int, str], dict[int, str]]:
        """People by their accounts' ids, and shops by theirs."""
        by_member = {member: person for person, member in self.people.items()}
        accounts = self._rows("SELECT id, holder_id FROM accounts WHERE workspace_id = :w")
        return (
            {account: by_member[member] for account, member in accounts},
            {shop: name for name, shop in self.shops.items()},
        )

    def expired(self) -> int:
        ((total,),) = self._rows(
            "SELECT coalesce(sum(points), 0) FROM entries"
            " WHERE workspace_id = :w AND effect = 'expire'"
        )
        return int(total)

    def failures(self) -> list[str]:
        return [
            f"{row[0]}: {row[1]}"
            for row in self._rows(
                "SELECT entity_id, error FROM inbox WHERE workspace_id = :w AND state = 'failed'"
            )
        ]

    def _rows(self, statement: str, **values: Any) -> list[Any]:
        typed = text(statement)
        if "at" in values:
            typed = typed.bindparams(bindparam("at", type_=UtcDateTime))
        with self.database.reading() as session:
            found = session.connection().execute(typed, {"w": self.workspace, **values})
            return [tuple(row) for row in found]
