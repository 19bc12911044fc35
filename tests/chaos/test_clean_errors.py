"""What goes wrong outside the bridge is one clear line for the one who can act: no stack trace,
an exit code that is not 0, no secret in any output."""

from __future__ import annotations

import json
import socket
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from trial import programmes
from trial.command import Command, Ran
from trial.merchant import Merchant, Size
from trial.shops import WRITES, Shop

from bridge.plugins import sandboxes
from connectors.sandbox.server import RunningSandbox

Merchants = Callable[..., Merchant]

PLATFORMS = ("magento", "shopware")
ONE_IN_THE_DEFAULT_RUN = ["magento", pytest.param("shopware", marks=pytest.mark.chaos)]
SIZE = Size(articles=60, rows_each=2)
SECRET = {
    "magento": {
        "consumer_key": f"{'ckS3CR3T':a<32}",
        "consumer_secret": f"{'csS3CR3T':b<32}",
        "access_token": f"{'atS3CR3T':c<32}",
        "access_token_secret": f"{'asS3CR3T':d<32}",
    },
    "shopware": {"client_id": "SWIA-ID-e", "client_secret": "S3CR3T-f"},
}
PROGRESS = ("as pulled", "delivering", "reading", "comparing", "checking")


def errors(ran: Ran) -> list[str]:
    """What stands on standard error but for the plain lines of progress."""
    return [line for line in ran.error_lines if not any(word in line for word in PROGRESS)]


def the_line(ran: Ran, *, code: int = 1) -> str:
    assert ran.code == code, ran
    assert "Traceback" not in ran.out + ran.err, ran
    found = errors(ran)
    assert len(found) == 1, ran
    return found[0]


def assert_no_secrets(command: Command, platform: str) -> None:
    said = command.everything_said()
    for secrets in (SECRET[platform], sandboxes()[platform].credentials):
        hidden = [name for name in secrets if name not in ("client_id", "consumer_key")]
        assert [name for name in hidden if secrets[name] in said] == []


# -- other things at the address ---------------------------------------------------------------


class _Elsewhere(BaseHTTPRequestHandler):
    """Some other server; ``said`` is what it answers to everything."""

    said: tuple[int, dict[str, str], bytes] = (404, {}, b"")

    def _answer(self) -> None:
        status, headers, body = self.said
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _answer  # noqa: N815

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def elsewhere(status: int, body: bytes = b"", **headers: str) -> Iterator[str]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    kind = type("Elsewhere", (_Elsewhere,), {"said": (status, named, body)})
    with ThreadingHTTPServer(("127.0.0.1", 0), kind) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


PAGE = b"<!doctype html><html><body>Welcome to our shop</body></html>"
OTHERS = {
    "404 of another server": (404, b"Not Found", {"Content_Type": "text/plain"}),
    "404 in JSON": (404, b'{"detail": "nope"}', {"Content_Type": "application/json"}),
    "a web page": (200, PAGE, {"Content_Type": "text/html"}),
    "a web page as an error": (500, PAGE, {"Content_Type": "text/html"}),
    "a redirect": (301, b"", {"Location": "https://www.shop.example/"}),
    "a redirect to a sign-in": (302, PAGE, {"Location": "/login", "Content_Type": "text/html"}),
    "nothing": (200, b"", {}),
    "JSON of another kind": (200, b'{"status": "ok"}', {"Content_Type": "application/json"}),
    "a refusal in HTML": (403, PAGE, {"Content_Type": "text/html"}),
}


@pytest.mark.parametrize("platform", PLATFORMS)
def test_an_address_where_something_else_answers(platform: str, merchants: Merchants) -> None:
    """For each: `store add` tells it in one line and stores nothing; after `store set` of such
    an address (a shop that moved) so do `pull` and `apply`."""
    merchant = merchants(platform, SIZE)
    bridge = merchant.bridge
    for what, (status, body, headers) in OTHERS.items():
        with elsewhere(status, body, **headers) as url:
            ran = bridge.run(
                *("store", "add", "other", "--platform", platform, "--url", url),
                *("--credentials", "-"),
                stdin=json.dumps(SECRET[platform]),
            )
        line = the_line(ran)
        assert line.startswith(f"Error: other ({url}): "), (what, line)
    assert [one["name"] for one in bridge.json("store", "list")["stores"]] == [platform]
    assert_no_secrets(bridge, platform)


@pytest.mark.parametrize("platform", ONE_IN_THE_DEFAULT_RUN)
def test_bad_credentials(platform: str, merchants: Merchants) -> None:
    """At `store add`, and later when somebody revoked them: nothing is sent, nothing lost."""
    merchant = merchants(platform, SIZE)
    bridge = merchant.bridge
    ran = bridge.run(
        *("store", "add", "other", "--platform", platform, "--credentials", "-"),
        *("--url", merchant.shop.url.replace("127.0.0.1", "localhost")),
        stdin=json.dumps(SECRET[platform]),
    )
    assert said_of_credentials(the_line(ran))
    bridge.ok(
        *("store", "set", platform, "--credentials", "-", "--no-check"),
        stdin=json.dumps(SECRET[platform]),
    )
    for command in (("pull",), ("apply", "--yes")):
        assert said_of_credentials(the_line_among(bridge.run(*command)))
    assert the_line(bridge.run("pull")).startswith(f"{platform}: ")
    assert merchant.shop.rows_written() == 0
    assert bridge.run("store", "check").code == 1
    assert_no_secrets(bridge, platform)

    bridge.ok(
        *("store", "set", platform, "--credentials", "-"),
        stdin=json.dumps(dict(merchant.shop.credentials)),
    )
    assert merchant.apply().code == 0
    assert bridge.json("plan")["changes"] == []


def said_of_credentials(line: str) -> bool:
    return "credentials" in line or "access key id and secret" in line


# -- a shop that goes ----------------------------------------------------------------------------


@contextmanager
def second_shop(platform: str, merchant: Merchant) -> Iterator[tuple[Shop, RunningSandbox]]:
    """One more shop of the merchant, connected, pulled, and wanted by the same programme."""
    running = sandboxes()[platform].serve(products=SIZE.articles, customers=12)
    shop = Shop(platform, running)
    options = [f"--set={name}={value}" for name, value in shop.settings.items()]
    merchant.bridge.ok(
        *("store", "add", "second", "--platform", platform, "--url", shop.url),
        *("--credentials", "-", *options),
        stdin=json.dumps(dict(shop.credentials)),
    )
    merchant.bridge.ok("pull", "second")
    with running:
        yield shop, running


@pytest.mark.chaos
@pytest.mark.timeout(300)
@pytest.mark.parametrize("platform", PLATFORMS)
def test_one_of_two_shops_is_down(platform: str, merchants: Merchants) -> None:
    """The other one is done all the same; what waits is delivered once the shop is up again."""
    merchant = merchants(platform, SIZE)
    with second_shop(platform, merchant) as (second, running):
        planned = merchant.bridge.json("plan")["changes"]
        running.stop()
        ran = merchant.apply()
        assert ran.code == 1, ran
        found = errors(ran)
        assert [line for line in found if line.startswith("second: stopped")] == found[:1], ran
        assert "No connection" in found[0] or "connect" in found[0]
        assert len(found) == 2, ran  # and where to look for the rest
        assert f"{platform}: {sum(c['store'] == platform for c in planned):,} done" in ran.out
        assert merchant.open_deliveries() == sum(c["store"] == "second" for c in planned)
        pulled = merchant.bridge.run("pull")
        assert the_line(pulled).startswith("second: ")

        earlier = merchant.shop.rows_written()
        load_another_price_list(merchant)
        again = merchant.apply()
        assert again.code == 1, again
        assert sum(line.startswith("second: ") for line in errors(again)) == 1, again
        assert merchant.shop.rows_written() > earlier
        assert second.url not in ran.out


def load_another_price_list(merchant: Merchant) -> None:
    path = programmes.write(
        merchant.bridge.home.parent,
        merchant.platform,
        SIZE.articles,
        SIZE.rows_each,
        off=Decimal("0.9"),
    )
    merchant.bridge.ok("program", "load", str(path))


@pytest.mark.parametrize("platform", ONE_IN_THE_DEFAULT_RUN)
def test_a_shop_that_goes_down_in_the_middle(platform: str, merchants: Merchants) -> None:
    merchant = merchants(platform, SIZE)
    shop = merchant.shop.running
    shop.holds.hold(WRITES[platform], "after", times=1)
    applying = merchant.bridge.start("apply", "--yes")
    shop.holds.wait_held(1, timeout=60)
    shop.faults.set(rates={"drop_before": 1.0})
    shop.holds.release(discard=True)
    ran = applying.ended()
    assert ran.code == 1
    found = errors(ran)
    assert len(found) == 2, ran
    assert found[0].startswith(f"{platform}: stopped, the rest waits for the next apply."), ran
    assert "`loyalty-bridge deliveries`" in found[1]
    assert merchant.open_deliveries() > 0

    shop.faults.clear()
    assert merchant.apply().code == 0
    assert merchant.shop.twice() == []
    assert merchant.bridge.json("plan")["changes"] == []


@pytest.mark.parametrize("platform", ONE_IN_THE_DEFAULT_RUN)
def test_credentials_that_are_revoked_in_the_middle(platform: str, merchants: Merchants) -> None:
    merchant = merchants(platform, SIZE)
    shop = merchant.shop.running
    shop.holds.hold(WRITES[platform], "after", times=1)
    applying = merchant.bridge.start("apply", "--yes")
    shop.holds.wait_held(1, timeout=60)
    if platform == "magento":
        shop.faults.set(shop={"missing_privileges": ["Magento_Catalog::catalog"]})
    else:
        shop.faults.set(shop={"privileges": []})
    shop.holds.release(discard=True)
    ran = applying.ended()
    assert ran.code == 1
    assert errors(ran)[0].startswith(f"{platform}: stopped"), ran
    assert len(errors(ran)) == 2, ran
    assert not [row for row in merchant.bridge.json("deliveries") if row["state"] == "dead"]

    shop.faults.clear()
    assert merchant.apply().code == 0
    assert merchant.bridge.json("plan")["changes"] == []


# -- the bridge's own home -----------------------------------------------------------------------


def test_a_key_file_that_is_gone_or_spoilt(merchants: Merchants) -> None:
    merchant = merchants("magento", SIZE)
    keys = merchant.bridge.home / "loyalty-bridge.keys"
    keys.chmod(0o600)
    good = keys.read_bytes()
    for spoilt in (b"", b"not a key at all\n", b"\xff\xfe\x00"):
        keys.write_bytes(spoilt)
        for command in (("apply", "--yes"), ("pull",)):
            line = the_line_among(merchant.bridge.run(*command))
            assert "key" in line.lower(), line
    keys.unlink()
    assert "key" in the_line_among(merchant.bridge.run("apply", "--yes")).lower()
    keys.mkdir()  # cannot be read as a file, whoever asks
    assert "loyalty-bridge.keys" in the_line_among(merchant.bridge.run("apply", "--yes"))
    keys.rmdir()
    keys.write_bytes(good)
    keys.chmod(0o600)
    assert merchant.apply().code == 0


def the_line_among(ran: Ran) -> str:
    """The first line that says what is wrong; a second one may only say where to look."""
    assert ran.code == 1, ran
    assert "Traceback" not in ran.out + ran.err, ran
    found = errors(ran)
    assert 1 <= len(found) <= 2, ran
    assert all("`loyalty-bridge deliveries`" in line for line in found[1:]), ran
    return found[0]


def test_a_database_that_is_not_there(merchants: Merchants) -> None:
    merchant = merchants("magento", SIZE)
    database = merchant.bridge.home / "loyalty-bridge.db"
    for leftover in merchant.bridge.home.glob("loyalty-bridge.db*"):
        leftover.unlink()
    for command in (("apply", "--yes"), ("plan",), ("pull",), ("deliveries",), ("runs",)):
        line = the_line(merchant.bridge.run(*command))
        assert str(database) in line
        assert "loyalty-bridge init" in line
    database.write_bytes(b"this is no database" * 100)
    assert "database" in the_line(merchant.bridge.run("plan"))


def test_a_database_server_that_is_not_there(merchants: Merchants) -> None:
    merchant = merchants("magento", SIZE)
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: every connection is refused
        port = taken.getsockname()[1]
        url = f"postgresql://someone:S3CR3T-pw@127.0.0.1:{port}/bridge"
        bridge = Command(merchant.bridge.home, url)
        for command in (("apply", "--yes"), ("plan",), ("init",)):
            line = the_line(bridge.run(*command))
            assert "database" in line
        assert "S3CR3T-pw" not in bridge.everything_said()


@pytest.mark.chaos
def test_a_database_that_another_process_keeps_locked(merchants: Merchants) -> None:
    """Waited for half a minute, then said."""
    merchant = merchants("magento", SIZE)
    path = merchant.bridge.home / "loyalty-bridge.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        line = the_line(merchant.apply())
        assert "busy" in line
        other.execute("ROLLBACK")
    assert merchant.apply().code == 0


def test_a_setting_that_cannot_be_read(merchants: Merchants) -> None:
    merchant = merchants("magento", SIZE)
    ran = merchant.bridge.run("plan", LOYALTY_BRIDGE_LEASE_SECONDS="soon")
    assert "LOYALTY_BRIDGE_LEASE_SECONDS" in the_line(ran)
    assert ran.out == ""
    ran = merchant.bridge.run("plan", LOYALTY_BRIDGE_DATABASE_URL="nonsense://S3CR3T@x")
    assert "S3CR3T" not in ran.out + ran.err
    the_line(ran)
