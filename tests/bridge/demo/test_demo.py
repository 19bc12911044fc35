"""`loyalty-bridge demo` ends with 0 only when every step did what it should."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import forked
import pytest
from click.testing import CliRunner

import bridge.demo.part
import bridge.demo.stage
import bridge.demo.story
import bridge.demo.vouchers_part
from bridge.application import Application
from bridge.cli import main
from bridge.cli.failing import INTERRUPTED
from bridge.demo import by_hand, sample, standings
from bridge.demo.by_hand import Points
from bridge.demo.plugins_part import PluginsPart
from bridge.demo.points_part import PointsPart
from bridge.demo.prices_part import PricesPart
from bridge.plugins import sandboxes
from bridge.programme.loading import load
from connectors.sandbox.basket import BasketLine
from connectors.sandbox.catalogue import catalogue
from connectors.sandbox.people import SHOPPERS, people
from connectors.sandbox.server import RunningSandbox
from connectors.shopware.sandbox.shopper_basket import ShopwareBasket

COMMAND = [str(Path(sys.executable).parent / "loyalty-bridge"), "demo"]
FORKED = [sys.executable, "-m", "bridge.cli", "demo"]
STEPS = 36
ONLY_PRICES = """
from types import SimpleNamespace
import bridge.demo.story as story
from bridge.cli import main
nothing = lambda *_: SimpleNamespace(steps=list)
story.PointsPart = story.VouchersPart = story.GiftsPart = story.FriendPart = nothing
story.PluginsPart = nothing
main(["demo"])
"""
"""The demo with its first part only; what follows the last one is the same."""
SILENCE = 40
"""Seconds after which a terminal that says nothing is taken to wait for an answer."""


def environment(folder: Path) -> dict[str, str]:
    """One whose every setting would break the demo if it were used."""
    kept = {name: value for name, value in os.environ.items() if "LOYALTY" not in name}
    return kept | {
        "TMPDIR": str(folder),
        "LOYALTY_BRIDGE_HOME": str(folder / "mine"),
        "LOYALTY_BRIDGE_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/mine",
        "LOYALTY_BRIDGE_KEYS": "no-key",
        "LOYALTY_BRIDGE_WORKSPACE": "mine",
    }


@pytest.mark.long
def test_it_ends_by_itself_with_every_step_done_and_leaves_nothing_behind(tmp_path: Path) -> None:
    done = subprocess.run(
        [*COMMAND, "--exit"],
        cwd=tmp_path,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert re.findall(r"^\[(\d+)/(\d+)\]", done.stdout, re.M) == [
        (str(number), str(STEPS)) for number in range(1, STEPS + 1)
    ]
    assert "\nEvery step did what it should.\n" in done.stdout
    assert "prices.csv:14" in done.stderr  # the bad row, where a person would look for it
    assert list(tmp_path.iterdir()) == []
    said = {" ".join(line.split()) for line in done.stdout.splitlines()}
    assert {" ".join(line.split()) for line in shown_in_the_documentation()} <= said


def shown_in_the_documentation() -> list[str]:
    """Output of the demo that is quoted elsewhere."""
    root = Path(__file__).parents[3]
    lines: list[str] = []
    for page in ("README.md", "docs/how-to/resolve-conflicts.md"):
        quoted = re.findall(r"^```text\n(.*?)^```$", (root / page).read_text(), re.M | re.S)
        assert quoted
        lines += "".join(quoted).splitlines()
    return lines


@contextmanager
def on_a_terminal(command: list[str], folder: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    ours, theirs = pty.openpty()
    process = forked.Popen(
        command,
        cwd=folder,
        env=environment(folder) | {"TERM": "dumb", "COLUMNS": "200"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        text=True,
        start_new_session=True,
    )
    os.close(theirs)
    try:
        yield process, ours
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def read_until(terminal: int, text: str) -> str:
    seen = ""
    while text not in seen:
        ready, _, _ = select.select([terminal], [], [], SILENCE)
        assert ready, f"waits for something: {seen[-2000:]}"
        try:
            seen += os.read(terminal, 65536).decode("utf-8", "replace")
        except OSError:  # the other end is closed
            pytest.fail(f"ended before {text!r}: {seen[-2000:]}")
    return seen


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_can_be_stopped_at_any_step_and_leaves_nothing_behind(
    tmp_path: Path, number: signal.Signals
) -> None:
    with on_a_terminal(FORKED, tmp_path) as (process, terminal):
        read_until(terminal, "[3/")
        process.send_signal(number)
        assert process.wait(20) == INTERRUPTED
    assert list(tmp_path.iterdir()) == []


@pytest.mark.long
def test_on_a_terminal_the_shops_stay_up_until_it_is_stopped(tmp_path: Path) -> None:
    with on_a_terminal([sys.executable, "-c", ONLY_PRICES], tmp_path) as (process, terminal):
        seen = read_until(terminal, "undo 3")
        home = re.search(r"LOYALTY_BRIDGE_HOME=(\S+)", seen)
        assert home is not None
        for name, platform in sample.STORES.items():
            sandbox = sandboxes()[platform]
            assert re.search(rf"{name}: .* sandbox at http://127\.0\.0\.1:\d+", seen)
            assert all(f"{key}={value}" in seen for key, value in sandbox.credentials.items())
        settings = ["DATABASE_URL", "KEYS", "WORKSPACE"]
        assert "unset " + " ".join(f"LOYALTY_BRIDGE_{name}" for name in settings) in seen
        tried = subprocess.run(
            [COMMAND[0], "--home", home[1], "plan", "--pull"],
            env={name: value for name, value in os.environ.items() if "LOYALTY" not in name},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert tried.returncode == 2, tried.stderr  # 2: what the first part undid is left to apply
        sign_in_on_the_web(seen)
        process.send_signal(signal.SIGTERM)
        read_until(terminal, "Stopped")
        assert process.wait(20) == 0
    assert list(tmp_path.iterdir()) == []


def sign_in_on_the_web(seen: str) -> None:
    """As the terminal says: address, name and password."""
    url = re.search(r"The web app: (http://127\.0\.0\.1:\d+)", seen)
    account = re.search(r"sign in as (\S+) with the password (\S+)", seen)
    assert url is not None and account is not None
    browser = build_opener(HTTPCookieProcessor())
    form = browser.open(f"{url[1]}/").read().decode()
    token = re.search(r'name="csrf_token" value="([^"]+)"', form)
    assert token is not None
    sent = {"csrf_token": token[1], "email": account[1], "password": account[2], "next": "/"}
    page = browser.open(f"{url[1]}/sign-in", urlencode(sent).encode())
    assert page.url == f"{url[1]}/w/default/"
    assert "Olga Owner" in page.read().decode()


def broken(
    monkeypatch: pytest.MonkeyPatch, platform: str, spoil: Callable[[RunningSandbox], None]
) -> tuple[int, str]:
    """The demo with one of its shops spoilt: exit code and standard error."""
    found = dict(sandboxes())
    good = found[platform]

    def serve(**size: int) -> RunningSandbox:
        running = good.serve(**size)
        spoil(running)
        return running

    found[platform] = replace(good, serve=serve)  # type: ignore[arg-type]
    monkeypatch.setattr(bridge.demo.stage, "sandboxes", lambda: found)
    result = CliRunner().invoke(main, ["demo", "--exit"])
    assert "Every step did what it should" not in result.stdout
    return result.exit_code, result.stderr


def test_a_price_that_a_shop_refuses_fails_the_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    code, said = broken(
        monkeypatch, "magento", lambda shop: shop.faults.set(poisoned_skus=["B2B-1044"])
    )
    assert code == 1
    assert "exit code of `apply --yes`: expected 0, found 1" in said


def test_a_shop_that_does_not_let_the_bridge_in_fails_the_demo(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    code, said = broken(
        monkeypatch, "shopware", lambda shop: shop.faults.set(shop={"token_seconds": 0})
    )
    assert code == 1
    assert "Traceback" not in said
    assert said.splitlines()[-1].startswith("Error: ")


def test_a_wrong_price_in_a_shop_fails_the_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    shopware = sandboxes()["shopware"]
    found = dict(sandboxes()) | {
        "shopware": replace(shopware, shopper_price=lambda *_: sample.HAND_MADE.ours)
    }
    monkeypatch.setattr(bridge.demo.stage, "sandboxes", lambda: found)
    result = CliRunner().invoke(main, ["demo", "--exit"])
    assert result.exit_code == 1
    last = result.stderr.splitlines()[-1]
    assert "B2B-1001 from 1 in shopware-de: expected 104, found 10.90" in last


def test_a_balance_that_is_a_point_off_fails_the_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    booked = standings.points

    def off(app: Application) -> dict[str, Points]:
        found = booked(app)
        found[sample.RETURN.buyer] = Points(found[sample.RETURN.buyer].available + 1, 0)
        return found

    monkeypatch.setattr(standings, "points", off)
    until_pulled = PricesPart.steps
    monkeypatch.setattr(PricesPart, "steps", lambda part: until_pulled(part)[:3])
    result = CliRunner().invoke(main, ["demo", "--exit"])
    assert result.exit_code == 1
    last = result.stderr.splitlines()[-1]
    assert "all balances are what the shoppers' own list comes to by hand: expected" in last
    assert last.count(sample.RETURN.buyer) == 2
    assert "@example.com" not in last.replace(sample.RETURN.buyer, "")


@pytest.mark.chaos
def test_a_code_that_takes_off_a_cent_too_little_fails_the_demo(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines = ShopwareBasket.lines

    def short(basket: ShopwareBasket) -> list[BasketLine]:
        return [
            replace(line, off=line.off - Decimal("0.01")) if line.off else line
            for line in lines(basket)[:1]
        ]

    monkeypatch.setattr(ShopwareBasket, "lines", short)
    rich = replace(sample.REDEEMED, buyer="olga.otto@example.com", wanted={"B2B-1001": 1})
    monkeypatch.setattr(bridge.demo.vouchers_part, "REDEEMED", rich)
    for part, most in ((PricesPart, 3), (PointsPart, 3)):
        steps = part.steps
        monkeypatch.setattr(part, "steps", lambda one, steps=steps, most=most: steps(one)[:most])
    result = CliRunner().invoke(main, ["demo", "--exit"])
    assert result.exit_code == 1
    last = result.stderr.splitlines()[-1]
    assert "the code takes off 10.00 EUR: expected 10, found 9.99" in last


def test_a_point_too_many_that_a_shop_shows_fails_the_demo(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In its last chapter; those before are left out."""
    magento = sandboxes()["magento"]
    assert magento.shopper_points is not None
    asked = magento.shopper_points

    def off(url: str, email: str) -> tuple[int, int] | None:
        found = asked(url, email)
        return found and (found[0] + 1, found[1])

    found = dict(sandboxes()) | {"magento": replace(magento, shopper_points=off)}
    monkeypatch.setattr(bridge.demo.stage, "sandboxes", lambda: found)
    monkeypatch.setattr(bridge.demo.part, "PATIENCE", 8)
    for name in ("PointsPart", "VouchersPart", "GiftsPart", "FriendPart"):
        monkeypatch.setattr(bridge.demo.story, name, lambda *_: SimpleNamespace(steps=list))
    for part, most in ((PricesPart, 3), (PluginsPart, 2)):
        steps = part.steps
        monkeypatch.setattr(part, "steps", lambda one, steps=steps, most=most: steps(one)[:most])
    result = CliRunner().invoke(main, ["demo", "--exit"])
    assert result.exit_code == 1
    last = result.stderr.splitlines()[-1]
    assert "what the shops show him, after 8 seconds: expected" in last
    assert "'magento-de': (86, 0), 'shopware-de': (85, 0)" in last


# -- the sample is what the demo says it is --------------------------------------------------


def test_the_sample_programme_has_just_the_one_bad_row(tmp_path: Path) -> None:
    loaded = load(sample.copy_to(tmp_path))
    (problem,) = loaded.problems
    assert str(problem).startswith(f"{sample.SLIP} ")
    assert sample.SLIP_SKU in str(problem)


def test_the_sample_speaks_of_products_and_people_that_the_shops_have(tmp_path: Path) -> None:
    document = load(sample.copy_to(tmp_path)).document
    skus = {article.sku for article in catalogue(1962)}
    priced = {sku for one in document.price_lists.values() for sku in one.prices}
    assert priced | {one.sku for one in sample.WATCHED} | {sample.HAND_MADE.sku} <= skus
    assert {sample.BUYER, sample.LEFT_ALONE, sample.HAND_MADE.buyer} <= set(SHOPPERS)
    members = [
        email for one in document.groups.values() if one.members for email in one.members.emails
    ]
    assert sorted(members) == sorted(SHOPPERS)
    promoted, returned = sample.PROMOTION, sample.RETURN
    bought = {promoted.sku, *promoted.wanted, *returned.wanted, *returned.cancelled}
    assert bought <= skus
    everybody = {person.email for person in people(sample.CUSTOMERS)}
    # Nobody names them: what the tier's buyer pays is the tier's doing.
    assert {promoted.buyer, returned.buyer} <= everybody - set(members)
    redeemed, twice, gift, brought = (
        sample.REDEEMED,
        sample.TWICE,
        sample.GIFT,
        sample.BROUGHT,
    )
    heard, paid = sample.HEARD, sample.PAID
    wanted = {*redeemed.wanted, *twice.wanted, *brought.wanted, *heard.wanted, *paid.wanted}
    assert wanted | {gift.sku, gift.goods, gift.more, sample.NEXT_WANTED} <= skus
    buyers = {redeemed.buyer, twice.buyer, sample.COLLEAGUE, gift.buyer, gift.owner}
    buyers |= {heard.buyer, paid.buyer}
    assert buyers | {brought.referrer, brought.known} <= everybody
    assert not {brought.friend, sample.RUSHED.friend} & everybody
    reach = document.tiers[promoted.tier].reach
    assert sum(promoted.wanted.values()) >= reach[0].items


def test_the_demo_checks_the_rewards_that_its_programme_promises(tmp_path: Path) -> None:
    programme = sample.copy_to(tmp_path)
    sample.add_rewards(programme)
    loaded = load(programme)
    assert [str(problem).split(" ")[0] for problem in loaded.problems] == [sample.SLIP]
    document = loaded.document
    redemption, friend = document.redemption, document.referrals
    assert redemption is not None and friend is not None
    assert redemption.rate.points == by_hand.POINTS_FOR_A_EURO * redemption.rate.amount
    assert redemption.of_order == sample.PAID.share
    (following,) = document.next_purchase.values()
    assert following.give.percent == sample.NEXT_PERCENT
    gift = document.gifts[sample.GIFT.rule]
    assert (gift.sku, gift.basket) == (sample.GIFT.sku, sample.GIFT.basket)
    assert friend.friend.give.amount == sample.BROUGHT.off
    assert friend.referrer.points == sample.BROUGHT.points
