"""Codes, pools and issuing: once for a cause, on the right promotion, and never to be guessed."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from voucher_world import VoucherWorld

from bridge.installations.rotating import rotate
from bridge.kit.encryption import KeyRing, UnreadableSecret
from bridge.kit.key_file import create_keys, read_keys
from bridge.vouchers.codes import ALPHABET, code_of, normal_code, workspace_secret
from bridge.vouchers.pooling import month_of, promotion_of
from bridge.vouchers.stores import UnknownStore
from connectors.rewards import PromotionKind, Threshold

SECRET = bytes(32)
CAUSE = ("points", "", "request", "r1")
BERLIN = ZoneInfo("Europe/Berlin")


# -- codes ----------------------------------------------------------------------------------


def test_a_code_is_the_same_for_the_same_cause_and_another_for_any_other() -> None:
    code = code_of(SECRET, 1, 2, *CAUSE)
    assert code == code_of(SECRET, 1, 2, *CAUSE)
    others = {
        code_of(b"x" * 32, 1, 2, *CAUSE),
        code_of(SECRET, 2, 2, *CAUSE),
        code_of(SECRET, 1, 3, *CAUSE),
        code_of(SECRET, 1, 2, "campaign", "", "request", "r1"),
        code_of(SECRET, 1, 2, "points", "a", "request", "r1"),
        code_of(SECRET, 1, 2, "points", "", "order", "r1"),
        code_of(SECRET, 1, 2, "points", "", "request", "r2"),
        code_of(SECRET, 1, 2, "points", "r", "equest", "r1"),
    }
    assert len(others) == 8
    assert code not in others


def test_a_code_can_be_read_aloud_and_holds_more_than_sixty_bits() -> None:
    code = code_of(SECRET, 1, 2, *CAUSE)
    assert re.fullmatch(r"LB(-[0-9A-HJKMNP-TV-Z]{5}){3}", code)
    assert len(set(ALPHABET)) == 32
    codes = [code_of(SECRET, 1, 2, "points", "", "request", str(n)) for n in range(400)]
    symbols = [set(places) for places in zip(*codes, strict=True)]
    assert all(len(found) in (1, 32) for found in symbols), "every place takes every symbol"
    assert sum(len(found) == 32 for found in symbols) == 15


def test_typed_codes_are_the_same_in_any_case() -> None:
    assert normal_code(" lb-7q2mx-0rw4t-kz91c\n") == "LB-7Q2MX-0RW4T-KZ91C"


def test_the_secret_stays_when_the_keys_change(shops: VoucherWorld, tmp_path: Path) -> None:
    keys = tmp_path / "bridge.keys"
    create_keys(keys)

    def secret() -> bytes:
        with shops.database.writing() as session:
            ring = lambda: KeyRing(read_keys(keys))  # noqa: E731
            return workspace_secret(session, shops.workspace, ring, shops.now)

    first, old = secret(), read_keys(keys)
    rotate(shops.database, keys)
    assert not set(read_keys(keys)) & set(old)
    assert secret() == first
    assert len(first) == 32
    [(token,)] = shops.rows("SELECT secret FROM voucher_secrets WHERE workspace_id = :w")
    assert first.hex() not in token
    with pytest.raises(UnreadableSecret):
        KeyRing(old).decrypt(token)


# -- stores ---------------------------------------------------------------------------------


def test_stores_are_named_by_installation_or_in_full(shops: VoucherWorld) -> None:
    assert shops.store("north") == shops.store("NORTH/de")
    assert shops.store("south/jp").currency == "JPY"
    with pytest.raises(UnknownStore, match="south has 2 stores; name one: south/jp, south/us"):
        shops.store("south")
    with pytest.raises(UnknownStore, match=r"no store `nort/de`\. Did you mean `north/de`\?"):
        shops.store("nort/de")


# -- issuing --------------------------------------------------------------------------------


def test_a_cause_told_again_gives_the_same_voucher(shops: VoucherWorld) -> None:
    first = shops.issue(source_id="birthday-7")
    again = shops.issue(source_id="birthday-7", amount=Decimal(25))
    assert (again.id, again.code, again.amount_minor) == (first.id, first.code, 1000)
    assert [pool.placed for pool in shops.pools()] == [1]
    assert (first.is_wanted, first.is_there, first.state) == (True, False, "open")


def test_one_cause_told_at_the_same_moment_by_many(shops: VoucherWorld) -> None:
    shops.secret()
    with ThreadPoolExecutor(8) as pool:
        issued = list(pool.map(lambda n: shops.issue(source_id="x", label=f"L{n % 2}"), range(16)))
    assert len({voucher.id for voucher in issued}) == 1
    assert sum(pool.placed for pool in shops.pools()) == 1


def test_full_promotions_are_followed_by_the_next(shops: VoucherWorld) -> None:
    shops.secret()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: shops.issue(source_id=str(n), codes_per_pool=3), range(8)))
    assert [(pool.number, pool.placed) for pool in shops.pools()] == [(1, 3), (2, 3), (3, 2)]
    keys = [pool.key for pool in shops.pools()]
    assert len(set(keys)) == 3
    assert all(key.startswith("codes:") for key in keys)


def test_codes_of_equal_worth_share_a_promotion_for_a_month(shops: VoucherWorld) -> None:
    days = [datetime(2026, 3, day, 23, tzinfo=UTC) for day in (4, 31)]
    early, late = (shops.issue(valid_until=day, zone=BERLIN) for day in days)
    april = shops.issue(valid_until=datetime(2026, 4, 1, 22, tzinfo=UTC), zone=BERLIN)
    dearer = shops.issue(amount=Decimal("10.50"), valid_until=days[0], zone=BERLIN)
    same = shops.issue(amount=Decimal("10.00"), valid_until=days[0], zone=BERLIN)
    assert early.pool_id == same.pool_id
    assert len({early.pool_id, late.pool_id, april.pool_id, dearer.pool_id}) == 3
    assert late.pool_id == april.pool_id, "the 31st, 23:00 UTC is April in Berlin"
    march = promotion_of(shops.pools()[0])
    assert march.ends_at == datetime(2026, 3, 31, 22, tzinfo=UTC)
    assert march.kind is PromotionKind.CODES


@pytest.mark.parametrize(
    ("valid_until", "month"),
    [
        (datetime(2026, 3, 31, 22, tzinfo=UTC), "2026-03"),
        (datetime(2026, 3, 31, 22, 0, 1, tzinfo=UTC), "2026-04"),
        (datetime(2026, 12, 31, 23, tzinfo=UTC), "2026-12"),
    ],
)
def test_the_month_is_that_of_the_last_day(valid_until: datetime, month: str) -> None:
    assert month_of(valid_until, BERLIN)[0] == month
    assert month_of(valid_until, BERLIN)[1] >= valid_until


def test_what_the_shop_shall_hold(shops: VoucherWorld) -> None:
    voucher = shops.issue(
        store=shops.store("south/us"),
        percent=Decimal("12.5"),
        maximum=Decimal(50),
        basket=Decimal(100),
        basket_is_gross=True,
        group_ids=("7", "3"),
        label="Welcome",
        first_order_only=True,
    )
    held = promotion_of(shops.pools()[-1])
    assert (held.store_id, held.currency, held.label) == ("1", "USD", "Welcome")
    assert held.discount.percent == Decimal("12.5")
    assert held.discount.maximum == 50
    assert held.threshold == Threshold(Decimal(100), is_gross=True)
    assert held.group_ids == ("3", "7")
    assert held.first_order_only
    assert (voucher.percent_millionths, voucher.maximum_minor) == (12_500_000, 5000)


def test_money_that_the_currency_cannot_say_is_refused(shops: VoucherWorld) -> None:
    with pytest.raises(ValueError, match=r"10\.5 JPY"):
        shops.issue(store=shops.store("south/jp"), amount=Decimal("10.5"))
