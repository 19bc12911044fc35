"""Vouchers leave books in which reconciling finds nothing, and that people can read."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from ledger_world import changed, line, order
from voucher_world import CENT, ONE_A_EURO, VoucherWorld, paid_with

from bridge.application import Application
from bridge.config import Settings
from bridge.kit.encryption import generate_key
from bridge.members.merging import merge
from bridge.members.standing import locked_all
from bridge.points.models import Holder
from bridge.points.origins import origins
from bridge.points.statement import history, standing
from bridge.points.wording import sentence
from bridge.reconciling.service import reconcile

MINUTE = timedelta(minutes=1)


def _a_life_of_vouchers(shops: VoucherWorld) -> int:
    """Used, cancelled, late with debt that is paid and given back, exchanged, merged."""
    shops.programme(
        {**ONE_A_EURO, "ripen": {"after": "paid", "days": 0}},
        redemption=CENT,
        rates=[{"currency": "USD", "from": "2026-01-01", "rate": "0.8"}],
    )
    kept, gone = shops.saver(0, (0, "c1")), shops.saver(0, (1, "k1"))
    shops.sells(order("earned", line("a", 2000)))
    shops.sells(order("earned", line("a", 3000), customer="k1"), shop=1)
    shops.now += MINUTE
    shops.later(days=1)
    late = shops.redeem(gone, 2900).voucher
    shops.withdraw(late)
    first = shops.redeem(kept, 1000).voucher
    moved = shops.redeem(gone, 500, "south/us").voucher
    shops.deliver()
    shops.exchange(moved, "north")
    shops.deliver()
    shops.now += MINUTE
    shops.polled()
    used = paid_with(first, "1", took="10")
    shops.sells(used)
    shops.sells(changed(used, 1, cancelled_at=used.placed_at))
    with shops.database.writing() as session:
        both = locked_all(session, shops.workspace, (kept, gone))
        merge(session, shops.workspace, both[kept], both[gone], "test", shops.now)
    shops.redeem(kept, 4400)
    spent = paid_with(late, "2", took="29")
    shops.sells(spent)
    assert shops.standing(kept) == (0, 4400, 2800)  # 500 are held where they were
    shops.sells(order("more", line("a", 3000), placed=shops.now))
    shops.later(minutes=1)
    assert shops.standing(kept)[2] == 0
    shops.sells(changed(spent, 1, cancelled_at=shops.now))
    return kept


def test_reconciling_finds_nothing(shops: VoucherWorld, tmp_path: Path) -> None:
    _a_life_of_vouchers(shops)
    settings = Settings(home=tmp_path, keys=generate_key())
    app = Application(
        settings, shops.database, shops.workspace, platforms={}, now=lambda: shops.now
    )
    found = reconcile(app, ask_shops=False).left
    assert [(one.check, one.where, one.what) for one in found] == []


def test_statements_name_the_voucher(shops: VoucherWorld) -> None:
    shops.programme(ONE_A_EURO, redemption=CENT)
    member = shops.saver(1000)
    voucher = shops.redeem(member, 600).voucher
    shops.sells(paid_with(voucher, "1", took="6"))
    with shops.database.reading() as session:
        account = standing(session, shops.workspace, Holder.MEMBER, member).account_id
        lines = history(session, shops.workspace, account)
        sources = {(line.installation_id, line.source_kind, line.source_id) for line in lines}
        known = origins(session, shops.workspace, sources)
        told = [
            sentence(line, known.of(line.installation_id, line.source_kind, line.source_id))
            for line in lines
            if line.source_kind == "voucher"
        ]
    assert sorted(told) == [
        f"Voucher {voucher.code}: -600 held",
        f"Voucher {voucher.code}: 600 that were held are spent",
    ]
