"""`store …`: connecting shops, looking after them, letting go of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from bridge.cli.output import Output
from bridge.db import Database
from bridge.installations.models import Installation, ShopFacts
from bridge.outbox.models import Binding, Delivery, DeliveryState, Run
from bridge.prices.models import ShopPrice
from connectors.base import Finding, Severity
from connectors.errors import NotAShop

NOW = datetime(2025, 5, 1, tzinfo=UTC)
ADD = ("store", "add", "shop", "--platform", "orchard", "--url", "https://shop.example")


def every(database: Database, table: Any) -> list[Any]:
    with database.reading() as session:
        return list(session.exec(select(table)))


# -- add ------------------------------------------------------------------------------------


def test_add_connects_and_remembers_what_the_shop_tells(cli, shops, opened: Database) -> None:
    said = cli.add("shop", f"{shops.url}/", "--set", "scope=WEBSITE")
    assert "connected to Orchard (version 3.1) at https://shop.example, 2 stores" in said
    assert "scope=website (told by the admin)" in said
    (shop,) = every(opened, Installation)
    assert (shop.name, shop.platform, shop.url) == ("shop", "orchard", shops.url)
    assert shop.settings == {"scope": "website"}
    (facts,) = every(opened, ShopFacts)
    assert [store["code"] for store in facts.stores] == ["main", "outlet"]
    assert facts.currencies[0]["code"] == "EUR"


def test_the_connector_gets_the_mark_and_every_answer(cli, shops) -> None:
    cli.add()
    assert shops.seen[0].mark == "default/shop"
    assert shops.seen[0].settings == {"scope": "global", "peel": ""}


@pytest.mark.parametrize(
    "text",
    [
        '{"client_id": "12", "client_secret": "0012.50"}',
        '{"client_id": 12, "client_secret": "0012.50"}',
        "client_id: 12\nclient_secret: 0012.50\n",
        "# keys\nexport CLIENT_ID=12\n\nCLIENT-SECRET='0012.50'\n",
    ],
)
def test_credentials_come_as_json_yaml_or_lines_and_stay_text(
    cli, shops, tmp_path: Path, text: str
) -> None:
    file = tmp_path / "keys"
    file.write_text(text)
    cli.ok(*ADD, "--credentials", str(file), "--no-check")
    assert shops.seen[0].credentials == {"client_id": "12", "client_secret": "0012.50"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "are empty"),
        ("S3CR3T-5f2e9c-top", "name no fields"),
        ("{S3CR3T-5f2e9c-top", "no valid JSON (line 1)"),
        ("a: b: S3CR3T-5f2e9c-top", "cannot be read (line 1)"),
        ("api_token: [S3CR3T-5f2e9c-top]", "`api_token` must be a text"),
        ("api_tokn=S3CR3T-5f2e9c-top", "Did you mean `api_token`?"),
        ("client_id=S3CR3T-5f2e9c-top", "lack `client_secret`"),
        ("client_id=S3CR3T-5f2e9c-top\nclient_secret=", "lack `client_secret`"),
        ("client_id=x\nclient_id=S3CR3T-5f2e9c-top", "`client_id` twice"),
        ("client_id=x\nclient_secret=y\napi_token=S3CR3T-5f2e9c-top", "mix several kinds"),
    ],
)
def test_credentials_that_cannot_be_used_are_explained_without_a_value(
    cli, shops, opened: Database, text: str, message: str
) -> None:
    line = cli.error(*ADD, "--credentials", "-", stdin=text)
    assert message in line
    assert shops.token not in line
    assert every(opened, Installation) == []


def test_a_misfit_lists_what_the_platform_accepts(cli, shops) -> None:
    line = cli.error(*ADD, "--credentials", "-", stdin="client_id=x")
    assert "Orchard accepts: api_token (A token); or client_id, client_secret" in line


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("shop.example", "needs http:// or https://"),
        ("ftp://shop.example", "needs http:// or https://"),
        ("https://me:S3CR3T-5f2e9c-top@shop.example", "holds a user or password"),
        ("me:S3CR3T-5f2e9c-top@shop.example", "holds a user or password"),
        ("https://", "names no host"),
        ("https://shop example", "has a space"),
        ("https://shop.example/?a=S3CR3T-5f2e9c-top", "query or fragment"),
        ("https://shop.example:port", "cannot be read"),
    ],
)
def test_an_address_that_is_no_base_address_is_refused(cli, shops, url: str, message: str) -> None:
    args = ("store", "add", "shop", "--platform", "orchard", "--credentials", "-")
    line = cli.error(*args, "--url", url, stdin=f"api_token={shops.token}")
    assert message in line
    assert shops.token not in line


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("HTTPS://Shop.Example:443/", "https://shop.example"),
        ("http://127.0.0.1:8001/shop/de/", "http://127.0.0.1:8001/shop/de"),
        ("http://[::1]:80", "http://[::1]"),
    ],
)
def test_an_address_is_stored_in_one_form(cli, shops, opened, url: str, kept: str) -> None:
    cli.add("shop", url, "--no-check")
    assert every(opened, Installation)[0].url == kept


def test_nothing_is_stored_when_the_shop_does_not_take_the_credentials(cli, shops, opened) -> None:
    line = cli.error(*ADD, "--credentials", "-", stdin="api_token=another-token")
    assert "shop (https://shop.example): Wrong token" in line
    assert "another-token" not in line
    assert every(opened, Installation) == []


@pytest.mark.parametrize(
    ("url", "message"),
    [("https://down.example", "No connection"), ("https://blog.example", "answered HTML")],
)
def test_nothing_is_stored_when_no_shop_answers(cli, shops, opened, url, message) -> None:
    shops.at["https://blog.example"] = NotAShop("It answered HTML")
    args = ("store", "add", "shop", "--platform", "orchard", "--url", url, "--credentials", "-")
    assert message in cli.error(*args, stdin=f"api_token={shops.token}")
    assert every(opened, Installation) == []


def test_one_shop_is_connected_once(cli, shops) -> None:
    cli.add("first")
    again = ("--platform", "orchard", "--url", "HTTPS://shop.example/", "--credentials", "-")
    secret = f"api_token={shops.token}"
    assert "`first` is this shop already" in cli.error(
        "store", "add", "second", *again, stdin=secret
    )
    assert "There is a store `first` already" in cli.error(
        "store", "add", "FIRST", *again, stdin=secret
    )


def test_two_workspaces_share_nothing(cli, shops) -> None:
    cli.ok("init", "--workspace", "acme")
    cli.add("mine")
    assert cli.json("--workspace", "acme", "store", "list") == {"stores": []}
    assert "There is no store `mine`" in cli.error("--workspace", "acme", "store", "check", "mine")
    args = ("--platform", "orchard", "--url", shops.url, "--credentials", "-")
    cli.ok("--workspace", "acme", "store", "add", "mine", *args, stdin=f"api_token={shops.token}")


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--set", "scop=website"), "no setting `scop`. Did you mean `scope`?"),
        (("--set", "scope=galaxy"), "Allowed are: global, website"),
        (("--set", "scope"), "Write NAME=VALUE"),
        (("--set", "peel=broken"), "a peel cannot be broken"),
    ],
)
def test_answers_that_cannot_be_are_refused(cli, shops, more, message: str) -> None:
    secret = f"api_token={shops.token}"
    assert message in cli.error(*ADD, "--credentials", "-", *more, stdin=secret)


def test_names_and_platforms_that_cannot_be_are_refused(cli, shops) -> None:
    args = ("--url", shops.url, "--credentials", "-")
    secret = f"api_token={shops.token}"
    assert "cannot be a store's name" in cli.error(
        "store", "add", "a/b", "--platform", "orchard", *args, stdin=secret
    )


def test_an_unencrypted_address_is_warned_of(cli, shops) -> None:
    shops.up("http://shop.example", "main")
    result = cli(
        *("store", "add", "shop", "--platform", "orchard", "--url", "http://shop.example"),
        *("--credentials", "-"),
        stdin=f"api_token={shops.token}",
    )
    assert result.exit_code == 0
    assert "not encrypted" in result.stderr


# -- list and check -------------------------------------------------------------------------


def test_list_tells_who_said_what(cli, shops) -> None:
    cli.add("shop", shops.url, "--set", "peel=thick")
    (entry,) = cli.json("store", "list")["stores"]
    assert entry["version"] == "3.1"
    assert [store["code"] for store in entry["stores"]] == ["main", "outlet"]
    assert entry["settings"] == [
        {"name": "scope", "value": "global", "told_by_admin": False},
        {"name": "peel", "value": "thick", "told_by_admin": True},
    ]
    line = cli.ok("store", "list").splitlines()[1]
    assert line.split("\t")[:3] == ["shop", "orchard", "3.1"]
    assert "scope=global (assumed), peel=thick" in line


def test_check_goes_on_past_a_shop_that_is_down(cli, shops) -> None:
    cli.add("down")
    cli.add("up", shops.up("https://up.example", "main"))
    del shops.at[shops.url]
    result = cli("store", "check")
    assert result.exit_code == 1
    down, up = result.stdout.split("up (orchard")
    assert "error   connection: No connection to the shop." in down
    assert "ok      version: 3.1 is supported" in up
    assert "=> ready" in up


def test_check_reports_findings_with_what_mends_them(cli, shops) -> None:
    cli.add()
    shops.findings[shops.url] = [
        Finding(Severity.WARNING, "clock", "The clock is 90 s slow", "Set the clock."),
        Finding(Severity.OK, "version", "fine"),
    ]
    result = cli("store", "check", "--json")
    assert result.exit_code == 0
    (entry,) = cli.json("store", "check", "shop")["stores"]
    assert entry["worst"] == "warning"
    assert {
        "severity": "warning",
        "topic": "clock",
        "found": "The clock is 90 s slow",
        "mend": "Set the clock.",
    } in entry["findings"]


def test_check_says_what_is_only_assumed_and_how_to_tell_it(cli, shops) -> None:
    cli.add()
    assert "store set shop scope=global|website" in cli.ok("store", "check")
    cli.ok("store", "set", "shop", "scope=global")
    said = cli.ok("store", "check")
    assert "scope=global (told by the admin)" in said
    assert "store set" not in said


def test_an_unencrypted_address_is_found_once(cli, shops) -> None:
    url = shops.up("http://plain.example", "main")
    cli.add("shop", url)
    own = [line for line in cli.ok("store", "check").splitlines() if "transport" in line]
    assert len(own) == 1
    shops.findings[url] = [Finding(Severity.WARNING, "transport", "It is called over http.")]
    said = [line for line in cli.ok("store", "check").splitlines() if "transport" in line]
    assert said == ["  warning transport: It is called over http."]


def test_check_says_where_vouchers_cannot_be_had(cli, shops) -> None:
    cli.add()
    (entry,) = cli.json("store", "check")["stores"]
    assert "promotions" not in {one["topic"] for one in entry["findings"]}
    shops.promotions = None
    (entry,) = cli.json("store", "check")["stores"]
    (found,) = [one for one in entry["findings"] if one["topic"] == "promotions"]
    assert (found["severity"], "redeemed in other stores" in found["mend"]) == ("note", True)


def test_check_names_an_unknown_store(cli, shops) -> None:
    cli.add("berlin")
    assert "no store `berln`. Did you mean `berlin`?" in cli.error("store", "check", "berln")


def test_check_of_one_store_with_a_lost_key_is_a_finding(cli, shops) -> None:
    cli.add()
    (cli.home / "loyalty-bridge.keys").write_text(cli.ok("keys", "new"))
    (entry,) = cli.json("store", "check")["stores"]
    assert [
        finding["topic"] for finding in entry["findings"] if finding["severity"] == "error"
    ] == ["credentials"]


# -- set ------------------------------------------------------------------------------------


def test_set_changes_answers_and_keeps_the_others(cli, shops) -> None:
    cli.add("shop", shops.url, "--set", "scope=website")
    cli.ok("store", "set", "shop", "peel=thin")
    (entry,) = cli.json("store", "list")["stores"]
    assert {answer["name"]: answer["value"] for answer in entry["settings"]} == {
        "scope": "website",
        "peel": "thin",
    }


def test_set_tries_new_credentials_before_it_keeps_them(cli, shops) -> None:
    cli.add()
    shops.token = "N3W-token-value"
    args = ("store", "set", "shop", "--credentials", "-")
    assert "Wrong token" in cli.error(*args, stdin="api_token=typed-wrongly")
    cli.ok(*args, stdin="api_token=N3W-token-value")
    assert cli("store", "check").exit_code == 0


def test_set_refuses_the_address_of_another_shop(cli, shops) -> None:
    cli.add()
    moved = shops.up("https://www.shop.example", "main", "outlet")
    other = shops.up("https://other.example", "elsewhere")
    assert "another shop" in cli.error("store", "set", "shop", "--url", other)
    cli.ok("store", "set", "shop", "--url", moved)
    assert cli.json("store", "list")["stores"][0]["url"] == moved


def test_set_refuses_the_address_of_a_connected_shop(cli, shops) -> None:
    cli.add("one")
    cli.add("two", shops.up("https://two.example", "main"))
    assert "`one` is this shop already" in cli.error("store", "set", "two", "--url", shops.url)


def test_set_without_anything_to_set_is_wrong_usage(cli, shops) -> None:
    cli.add()
    assert cli("store", "set", "shop").exit_code == 2


# -- remove ---------------------------------------------------------------------------------


def holds(database: Database, *, owned: bool = True, lease: timedelta | None = None) -> None:
    """What a run leaves behind in the first store."""
    shop = every(database, Installation)[0]
    ids = {"workspace_id": shop.workspace_id, "installation_id": shop.id}
    with database.writing() as session:
        session.add(ShopPrice(**ids, key="k", product_id="p", value="v"))
        session.add(Binding(**ids, kind="price", key="k", owned=owned))
        if lease is not None:
            session.add(
                Run(id=1, workspace_id=shop.workspace_id, number=1, kind="apply", created_at=NOW)
            )
            session.flush()
            session.add(
                Delivery(
                    **ids,
                    run_id=1,
                    stage=1,
                    batch="b",
                    kind="price",
                    key="k",
                    state=DeliveryState.LEASED.value,
                    lease_until=datetime.now(UTC) + lease,
                    fence=7,
                )
            )


def test_remove_forgets_and_frees_the_name(cli, shops, opened: Database) -> None:
    cli.add()
    holds(opened, owned=False)
    cli.ok("store", "remove", "shop", "--yes")
    assert cli.json("store", "list") == {"stores": []}
    for table in (ShopPrice, Binding, ShopFacts):
        assert every(opened, table) == []
    cli.add()
    removed, again = sorted(every(opened, Installation), key=lambda shop: shop.id)
    assert removed.credentials == ""
    assert removed.removed_at is not None
    assert again.name == "shop"
    cli.ok("store", "remove", "shop", "--yes")


def test_remove_refuses_while_the_shop_holds_what_the_bridge_made(cli, shops, opened) -> None:
    cli.add()
    holds(opened)
    line = cli.error("store", "remove", "shop", "--yes")
    assert "still holds what the bridge made: 1 price." in line
    assert len(every(opened, Binding)) == 1
    cli.ok("store", "remove", "shop", "--yes", "--keep-in-shop")


def test_remove_keeps_the_history_and_cancels_what_is_open(cli, shops, opened) -> None:
    cli.add()
    holds(opened, lease=timedelta(minutes=-5))
    assert "1 open deliver" in cli.error("store", "remove", "shop", "--yes")
    cli.ok("store", "remove", "shop", "--yes", "--keep-in-shop")
    (delivery,) = every(opened, Delivery)
    assert delivery.state == DeliveryState.CANCELLED
    assert delivery.fence == 8
    assert len(every(opened, Run)) == 1


def test_remove_waits_for_a_worker(cli, shops, opened) -> None:
    cli.add()
    holds(opened, lease=timedelta(minutes=5))
    assert "sending to `shop` at this moment" in cli.error(
        "store", "remove", "shop", "--yes", "--keep-in-shop"
    )


def test_remove_asks_and_needs_an_answer(cli, shops) -> None:
    cli.add()
    result = cli("store", "remove", "shop")
    assert result.exit_code == 2
    assert "--yes" in result.stderr
    assert len(cli.json("store", "list")["stores"]) == 1


def test_remove_in_one_workspace_leaves_the_other(cli, shops, opened) -> None:
    cli.ok("init", "--workspace", "acme")
    cli.add()
    cli.ok(
        *("--workspace", "acme", "store", "add", "shop", "--platform", "orchard"),
        *("--url", shops.url, "--credentials", "-"),
        stdin=f"api_token={shops.token}",
    )
    cli.ok("--workspace", "acme", "store", "remove", "shop", "--yes")
    with opened.reading() as session:
        left = session.exec(select(Installation).where(col(Installation.removed_at).is_(None)))
        assert [shop.name for shop in left] == ["shop"]
    assert cli("store", "check").exit_code == 0


# -- on a terminal --------------------------------------------------------------------------


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Output, "is_interactive", True)


@pytest.mark.usefixtures("terminal")
def test_add_asks_what_the_shop_does_not_tell(cli, shops, tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.write_text(f"api_token={shops.token}")
    result = cli(*ADD, "--credentials", str(keys), stdin="galaxy\nwebsite\n\n")
    assert result.exit_code == 0
    assert "Where do prices hold? (global, website) [global]" in result.stderr
    (entry,) = cli.json("store", "list")["stores"]
    assert entry["settings"] == [
        {"name": "scope", "value": "website", "told_by_admin": True},
        {"name": "peel", "value": "", "told_by_admin": True},
    ]


@pytest.mark.usefixtures("terminal")
def test_add_asks_nothing_that_was_given(cli, shops, tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.write_text(f"api_token={shops.token}")
    told = ("--set", "scope=global", "--set", "peel=thin")
    assert "?" not in cli(*ADD, "--credentials", str(keys), *told).stderr


@pytest.mark.usefixtures("terminal")
def test_add_asks_nothing_when_the_shop_refuses(cli, shops, tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.write_text("api_token=wrong-token")
    assert "Wrong token" in cli.error(*ADD, "--credentials", str(keys))


@pytest.mark.usefixtures("terminal")
@pytest.mark.parametrize(("answer", "left"), [("n\n", 1), ("\n", 1), ("y\n", 0)])
def test_remove_does_what_is_answered(cli, shops, answer: str, left: int) -> None:
    cli.add("shop", shops.url, "--set", "scope=global", "--set", "peel=thin")
    result = cli("store", "remove", "shop", stdin=answer)
    assert result.exit_code == 0
    assert "Forget shop (https://shop.example)" in result.stderr
    assert len(cli.json("store", "list")["stores"]) == left
