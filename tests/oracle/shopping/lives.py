"""Orders and what becomes of them, at random, as the two platforms have them.

Money comes out as the shops make it: Magento multiplies net prices and adds the tax of each row,
Shopware multiplies gross prices and takes it out; each rounds to cents for itself.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from oracle.words import (
    NO_AMOUNT,
    Amount,
    Back,
    Bought,
    Cancelled,
    Completed,
    Deed,
    Edited,
    GaveBack,
    Paid,
    Placed,
    Purchase,
    Told,
)

MAGENTO, SHOPWARE = "north", "south"
BEGIN = datetime(2026, 1, 2, tzinfo=UTC)
OVER = timedelta(days=300)
_CENT = Decimal("0.01")
_SKUS = (
    *(f"TOOL-{number}" for number in range(6)),
    *(f"SCREW-{number}" for number in range(6)),
    "TEE-M-RED",
    "TEE-L-BLUE",
    "SALE-1",
    "SALE-2",
    "CARD-50",
    "PAPER",
)
_TAXES = (Decimal("0.19"), Decimal("0.19"), Decimal("0.07"), Decimal(0))


def purchases(seed: int, orders: int) -> list[Purchase]:
    """The same with the same seed."""
    chance = random.Random(seed)
    people = [f"p{number}" for number in range(max(orders // 15, 3))]
    dealers = set(people[::3])
    last: dict[str, datetime] = {}
    found = []
    for number in range(orders):
        person = "" if chance.random() < 0.06 else chance.choice(people)
        at = BEGIN + OVER * chance.random()
        if person in last and chance.random() < 0.25:
            at = last[person] + timedelta(minutes=chance.randrange(900))
        at = at.replace(microsecond=0)
        last[person] = at
        shop = chance.choice((MAGENTO, SHOPWARE))
        currency = "CHF" if shop == SHOPWARE and chance.random() < 0.2 else "EUR"
        life = _Life(chance, shop, at)
        life.live()
        group = "Dealers" if person in dealers else "General"
        found.append(Purchase(shop, f"{number:05}", person, group, currency, tuple(life.deeds)))
    return found


@dataclass
class _Life:
    chance: random.Random
    shop: str
    now: datetime
    deeds: list[Deed] = field(default_factory=list)
    lines: list[Bought] = field(default_factory=list)
    left: dict[str, Decimal] = field(default_factory=dict)
    refunds: int = 0

    def live(self) -> None:
        chance = self.chance
        self._place()
        if chance.random() < 0.15:
            self._edit()
        if chance.random() < 0.08:
            self.deeds.append(Cancelled(self._later(2)))
            return
        if chance.random() < 0.1:
            return
        self.deeds.append(Paid(self._later(3)))
        if chance.random() < 0.85:
            self.deeds.append(Completed(self._later(5)))
        if chance.random() < 0.35:
            for _ in range(chance.choice((1, 1, 2, 3))):
                if not self._give_back():
                    return

    def _later(self, days: int) -> datetime:
        """Never at the same second as the deed before."""
        self.now += timedelta(seconds=1 + self.chance.randrange(days * 86_400))
        return self.now

    def _place(self) -> None:
        chance = self.chance
        self.lines = [self._line(number) for number in range(chance.randint(1, 4))]
        if chance.random() < 0.08:
            gift = replace(self.lines[0], id=self._id(8), is_gift=True, off=self.lines[0].price)
            self.lines.append(gift)
        if chance.random() < 0.06:
            fee = _row(self.shop, Decimal("2.50"), Decimal(1), Decimal("0.19"))
            self.lines.append(Bought(self._id(9), "", Decimal(1), fee, is_product=False))
        self._discount()
        shipping = Decimal(chance.choice(("0", "4.90", "9.90")))
        amount = _row(self.shop, shipping, Decimal(1), Decimal("0.19"))
        off = amount if chance.random() < 0.1 else NO_AMOUNT
        self.deeds.append(Placed(self.now, tuple(self.lines), amount, off))
        self._count()

    def _line(self, number: int) -> Bought:
        chance = self.chance
        sku = chance.choice(_SKUS)
        pieces = Decimal(chance.randint(1, 9))
        if chance.random() < 0.05:
            pieces += Decimal("0.5")
        unit = Decimal(chance.choice((chance.randrange(20, 900), chance.randrange(900, 12_000))))
        price = _row(self.shop, unit * _CENT, pieces, chance.choice(_TAXES))
        return Bought(self._id(number), sku, pieces, price)

    def _id(self, number: int) -> str:
        return str(100 + number) if self.shop == MAGENTO else f"{number:032x}"

    def _discount(self) -> None:
        """A tenth off, or a fixed amount spread over the rows."""
        kind = self.chance.random()
        if kind > 0.4:
            return
        for place, line in enumerate(self.lines):
            share = Decimal("0.1") if kind < 0.25 else Decimal(self.chance.choice((0, 3, 7))) / 31
            if not line.is_gift:
                self.lines[place] = replace(line, off=_part(line.price, share))

    def _count(self) -> None:
        self.left = {line.id: line.pieces for line in self.lines if not line.is_gift}

    def _edit(self) -> None:
        """Magento cancels pieces of a line; Shopware lets one change, add and remove lines."""
        place = self.chance.randrange(len(self.lines))
        line = self.lines[place]
        if self.shop == SHOPWARE and self.chance.random() < 0.5:
            self.lines.append(self._line(10))
        elif line.pieces > 1 and not line.is_gift:
            pieces = Decimal(self.chance.randint(1, int(line.pieces)))
            share = pieces / line.pieces
            price, off = _part(line.price, share), _part(line.off, share)
            self.lines[place] = replace(line, pieces=pieces, price=price, off=off)
        elif self.shop == SHOPWARE and len(self.lines) > 1:
            self.lines.pop(place)
        self.deeds.append(Edited(self._later(2), tuple(self.lines)))
        self._count()

    # -- giving back ------------------------------------------------------------------------

    def _give_back(self) -> bool:
        """Whether there can be more of it."""
        self.refunds += 1
        refund, kind = f"r{self.refunds}", self.chance.random()
        if self.shop == SHOPWARE and kind < 0.25:
            self.deeds.append(GaveBack(self._later(20), Back(refund, everything=True)))
            return False
        if self.shop == SHOPWARE and kind < 0.5:
            self._untold(refund)
            return True
        back = self._of_lines(refund)
        if back is not None:
            self.deeds.append(GaveBack(self._later(20), back))
        return back is not None

    def _untold(self, refund: str) -> None:
        self.deeds.append(GaveBack(self._later(20), Back(refund, rest=None)))
        if self.chance.random() < 0.7:
            paid = sum((line.price.gross - line.off.gross for line in self.lines), Decimal(0))
            gross = _cents(paid * Decimal(self.chance.choice((1, 5, 20, 40))) / 100)
            amount = Amount(_cents(gross * Decimal("0.84")), gross)
            self.deeds.append(Told(self._later(3), refund, amount))

    def _of_lines(self, refund: str) -> Back | None:
        chance = self.chance
        pieces, money = {}, {}
        for line in self.lines:
            whole = int(self.left.get(line.id, 0))
            wanted = Decimal(chance.randint(0, whole)) if whole else Decimal(0)
            if wanted:
                self.left[line.id] -= wanted
                pieces[line.id] = wanted
                paid = Amount(line.price.net - line.off.net, line.price.gross - line.off.gross)
                money[line.id] = _part(paid, wanted / line.pieces)
        if chance.random() < 0.1:
            line = chance.choice(self.lines)
            if line.id not in money and not line.is_gift:
                money[line.id] = _part(line.price, Decimal("0.15"))
        rest = NO_AMOUNT
        if self.shop == MAGENTO and chance.random() < 0.25:
            gross = Decimal(chance.choice(("-5.00", "3.33", "12.00")))
            rest = Amount(gross, gross)
        shipping = self._shipping() if chance.random() < 0.3 and self.refunds == 1 else NO_AMOUNT
        if not money and not rest.gross and not shipping.gross:
            return None
        return Back(refund, pieces, money, shipping, rest)

    def _shipping(self) -> Amount:
        placed = self.deeds[0]
        assert isinstance(placed, Placed)
        paid, off = placed.shipping, placed.shipping_off
        share = Decimal(self.chance.choice(("1", "0.5")))
        return _part(Amount(paid.net - off.net, paid.gross - off.gross), share)


# --- money ---------------------------------------------------------------------------------


def _row(shop: str, unit: Decimal, pieces: Decimal, tax: Decimal) -> Amount:
    if shop == MAGENTO:
        net = _cents(unit * pieces)
        return Amount(net, _cents(net * (1 + tax)))
    gross = _cents(unit * pieces)
    return Amount(_cents(gross / (1 + tax)), gross)


def _part(amount: Amount, share: Decimal) -> Amount:
    return Amount(_cents(amount.net * share), _cents(amount.gross * share))


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, rounding=ROUND_HALF_UP)
