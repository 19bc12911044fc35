"""What shoppers do in the demo's shops, and the list of it that the book is checked against."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from bridge.demo import by_hand
from bridge.demo.by_hand import Points
from bridge.demo.stage import Stage
from connectors.sandbox.basket import Basket
from connectors.sandbox.catalogue import catalogue
from connectors.sandbox.shopper import Deed, DeedKind, Sale, Till, shop_around

FASTENERS = frozenset({"screws", "bolts", "anchors"})
"""Keys of the catalogue's categories below "Fasteners"."""
ARTICLES = 2_000


@dataclass
class Shopping:
    stage: Stage
    deeds: dict[str, list[Deed]] = field(default_factory=dict)
    """By store, in the order in which they happened."""
    beside: Counter[str] = field(default_factory=Counter)
    """Points that members got or spent otherwise than by what their orders earned, by address."""
    bonus_skus: frozenset[str] = frozenset(
        one.sku for one in catalogue(ARTICLES) if one.category in FASTENERS
    )

    def around(self, store: str, seed: int, orders: int) -> list[Deed]:
        """At random, the same with the same seed."""
        done = shop_around(self.stage.shops[store].running, seed, orders)
        self.deeds.setdefault(store, []).extend(done)
        return done

    def order(
        self,
        store: str,
        email: str,
        wanted: Mapping[str, int],
        *,
        codes: Sequence[str] = (),
        guest: bool = False,
    ) -> Sale:
        """``codes`` that the shop does not take are left out."""
        sale = self._till(store).order(email, wanted, guest=guest, codes=codes)
        return self._did(store, "ordered", _with_points_off(sale))

    def pay_and_send(self, store: str, sale: Sale) -> None:
        self._till(store).pay(sale.order_id)
        self._did(store, "paid", sale)
        self._till(store).send(sale.order_id)
        self._did(store, "sent", sale)

    def give_back(self, store: str, sale: Sale, pieces: Mapping[str, int]) -> None:
        """``pieces``: by line id."""
        self._did(
            store, "refunded", self._till(store).give_back(sale.order_id, pieces, shipping=False)
        )

    def cancel(self, store: str, sale: Sale) -> None:
        self._till(store).cancel(sale.order_id)
        self._did(store, "cancelled", sale)

    def owed(self) -> dict[str, Points]:
        """What everything that was done comes to, by the buyer's address."""
        return by_hand.with_beside(by_hand.balances(self.deeds, self.bonus_skus), self.beside)

    def open_basket(self, store: str, email: str) -> Basket:
        """The signed-in shopper's own, over HTTP. Close it."""
        shop = self.stage.shops[store]
        assert shop.sandbox.open_basket is not None
        return shop.sandbox.open_basket(shop.url, email)

    def earned(self, sale: Sale) -> dict[tuple[str, str], int]:
        """By line id and rule."""
        return {
            (line.line_id, rule): points
            for line in sale.lines
            for rule, points in by_hand.of_line(line, self.bonus_skus).items()
        }

    def _till(self, store: str) -> Till:
        till: Till = self.stage.shops[store].running.state.till()
        return till

    def _did(self, store: str, kind: DeedKind, sale: Sale) -> Sale:
        self.deeds.setdefault(store, []).append(Deed(kind, self._till(store).now(), sale))
        return sale


def _with_points_off(sale: Sale) -> Sale:
    """What points took off stands in a line of its own, of no goods: here it is a discount of the
    goods."""
    points = [line for line in sale.lines if line.net < 0]
    if not points:
        return sale
    (off,), (line,) = points, [line for line in sale.lines if line.net >= 0]
    paid = replace(line, discount_net=-off.net, discount_gross=-off.gross)
    return replace(sale, lines=(paid,))
