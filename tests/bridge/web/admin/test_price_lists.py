"""Groups and prices in the web app: the table says what one saves, a change is a new version, a
form that is wrong keeps what was typed, and nobody overwrites what another did meanwhile."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import pytest
from office import Browser, Office, seen
from toyshop import programme
from werkzeug.test import TestResponse

from bridge.audit.service import entries
from bridge.programme.document import Programme
from bridge.programme.editing import Present, present
from bridge.users.roles import Role
from bridge.web.jobs import EXTENSION, Jobs

LISTS = {
    "list": {
        "groups": ["gold"],
        "prices": {
            "A": [{"from": 1, "price": "9.00"}, {"from": 10, "percent": "25"}],
            "GONE": [{"from": 5, "percent": "12.5"}],
        },
        "rules": [{"sku": "B*", "tiers": [{"from": 3, "percent": "5"}]}],
    }
}


@pytest.fixture
def owner(office: Office) -> Browser:
    office.world.load(programme(price_lists=LISTS))
    office.world.pull()
    return office.sign_in()


def now(office: Office) -> Present:
    with office.application.database.reading() as session:
        return present(session, office.application.workspace_id)


def document(office: Office) -> Programme:
    found = now(office).programme
    assert found is not None
    return found


def send(office: Office, browser: Browser, below: str, **fields: Any) -> TestResponse:
    return browser.post(below, {"version": now(office).number, **fields})


def tiers(*rows: tuple[str, str, str]) -> dict[str, list[str]]:
    """Rows of the form: from, price, percent."""
    names = ("from", "price", "percent", "group", "currency")
    return {name: [(*row, "", "")[column] for row in rows] for column, name in enumerate(names)}


def test_the_table_says_what_one_saves(office: Office, owner: Browser) -> None:
    shown = seen(owner.get("price-lists/list"))
    assert "usually €10.00" in shown
    assert "1 €9.00 €1.00 10%" in shown
    assert "10 €7.50 \N{MINUS SIGN}25% €2.50 25%" in shown
    assert (
        "GONE not in the shop" in shown
        and "5 \N{EN DASH} \N{MINUS SIGN}12.5% \N{EN DASH} 12.5%" in shown
    )
    assert "SKU B*" in shown and "from 3: \N{MINUS SIGN}5%" in shown


def test_a_product_is_found_by_its_sku(office: Office, owner: Browser) -> None:
    found = owner.get("price-lists/list?text=go", headers={"HX-Request": "true"})
    assert "GONE" in seen(found) and "€9.00" not in seen(found)
    assert "<html" not in found.text
    assert "No such SKU" in seen(owner.get("price-lists/list?text=nowhere"))


def test_many_products_are_turned_over_page_by_page(office: Office, owner: Browser) -> None:
    skus = [f"P{number:03}" for number in range(120)]
    prices = {sku: [{"from": 1, "price": "1"}] for sku in skus}
    office.world.load(programme(price_lists={"list": {"groups": ["gold"], "prices": prices}}))
    there, url = [], "price-lists/list"
    for _page in range(3):
        shown = owner.get(url).text
        there += [sku for sku in skus if f">{sku}<" in shown]
        url = f"price-lists/list?above={there[-1]}"
    assert there == skus
    shown = owner.get("price-lists/list?below=P100").text
    assert [sku for sku in skus if f">{sku}<" in shown] == skus[50:100]


def test_a_price_is_changed_as_a_new_version(office: Office, owner: Browser) -> None:
    number = now(office).number
    rows = tiers(("1", "8,90", ""), ("20", "", "30"))
    answer = send(office, owner, "price-lists/list/price", sku="A", **rows)
    shown = seen(owner.follow(answer))
    assert f"Saved as version {number + 1}" in shown and "€8.90" in shown
    found = document(office).price_lists["list"].prices
    assert [(one.quantity, one.price, one.percent) for one in found["A"]] == [
        (1, Decimal("8.9"), None),
        (20, None, Decimal(30)),
    ]
    assert "GONE" in found
    with office.application.database.reading() as session:
        (entry, *_rest) = entries(session, office.application.workspace_id)
    assert (entry.action, entry.subject_id) == ("price-list.changed", "list")
    assert entry.before is not None and entry.before["A"][0] == {"from": "1", "price": "9"}
    assert entry.after is not None and entry.after["A"][1] == {"from": "20", "percent": "30"}


def test_a_product_is_added_and_taken_out(office: Office, owner: Browser) -> None:
    new = send(office, owner, "price-lists/list/price", new="1", sku="C", **tiers(("2", "4", "")))
    assert new.status_code == 303
    again = send(office, owner, "price-lists/list/price", new="1", sku="C", **tiers(("2", "4", "")))
    assert again.status_code == 422 and "in the list already" in seen(again)
    assert send(office, owner, "price-lists/list/price/remove", sku="A").status_code == 303
    assert set(document(office).price_lists["list"].prices) == {"GONE", "C"}


def test_a_wrong_row_says_why_and_keeps_what_was_typed(office: Office, owner: Browser) -> None:
    number = now(office).number
    rows = tiers(("1", "9", ""), ("10", "9.5", ""), ("x", "1", ""), ("", "", ""))
    answer = send(office, owner, "price-lists/list/price", sku="A", **rows)
    assert answer.status_code == 422
    assert "more pieces must not cost more each" in seen(answer)
    assert "is not a number of pieces" in seen(answer)
    assert 'value="9.5"' in answer.text and 'value="x"' in answer.text
    nothing = send(office, owner, "price-lists/list/price", sku="A", **tiers(("", "", "")))
    assert nothing.status_code == 422 and "at least one row" in seen(nothing)
    assert now(office).number == number


def test_more_rows_are_to_be_had_without_saving(office: Office, owner: Browser) -> None:
    rows = tiers(("1", "7.77", ""), ("5", "6", ""))
    answer = send(office, owner, "price-lists/list/price", sku="A", more="1", **rows)
    assert answer.status_code == 200 and 'value="7.77"' in answer.text
    assert answer.text.count('name="from"') == 5


def test_the_second_of_two_is_told_and_loses_nothing(office: Office, owner: Browser) -> None:
    mine = now(office).number
    manager = office.sign_in(Role.MANAGER)
    send(office, manager, "price-lists/list/price", sku="A", **tiers(("1", "8", "")))
    rows = tiers(("1", "7.77", ""))
    answer = owner.post("price-lists/list/price", {"version": mine, "sku": "A", **rows})
    assert answer.status_code == 422
    assert f"Manager <manager@acme.example> stored version {mine + 1}" in seen(answer).replace(
        "&lt;", "<"
    )
    assert 'value="7.77"' in answer.text
    assert document(office).price_lists["list"].prices["A"][0].price == Decimal(8)
    # What stands in the form by now is the newest version: to save again puts his on top.
    send(office, owner, "price-lists/list/price", sku="A", **rows)
    assert document(office).price_lists["list"].prices["A"][0].price == Decimal("7.77")


def test_rules_are_written_moved_and_removed(office: Office, owner: Browser) -> None:
    base = "price-lists/list/rules"
    wrong = send(office, owner, f"{base}/new", **tiers(("5", "", "10")))
    assert wrong.status_code == 422 and "Name a category or a SKU pattern" in seen(wrong)
    made = send(
        office,
        owner,
        f"{base}/new",
        category="Tools\nScrews / Wood",
        exclude="X-1",
        **tiers(("5", "", "10")),
    )
    assert made.status_code == 303, seen(made)
    first, second = document(office).price_lists["list"].rules
    assert (first.sku, second.category, second.exclude) == (
        ("B*",),
        ("Tools", "Screws / Wood"),
        ("X-1",),
    )
    assert send(office, owner, f"{base}/2/up").status_code == 303
    assert send(office, owner, f"{base}/1", sku="C*", hold="1").status_code == 303
    first, second = document(office).price_lists["list"].rules
    assert (first.sku, first.hold, second.sku) == (("C*",), True, ("B*",))
    assert send(office, owner, f"{base}/2/remove").status_code == 303
    assert len(document(office).price_lists["list"].rules) == 1
    assert owner.get(f"{base}/2").status_code == 404


def test_a_list_is_made_set_and_removed(office: Office, owner: Browser) -> None:
    answer = send(office, owner, "price-lists/new", key="Not a key", groups=["gold"], policy="ask")
    assert answer.status_code == 422 and "lower-case letters" in seen(answer)
    assert 'value="Not a key"' in answer.text
    fields = {"groups": ["gold"], "stores": ["shop1"], "policy": "restore", "prices_are": "gross"}
    assert send(office, owner, "price-lists/new", key="b2b", **fields).status_code == 303
    entry = document(office).price_lists["b2b"]
    assert (entry.groups, entry.stores, entry.policy.value) == (("gold",), ("shop1",), "restore")
    changed = send(office, owner, "price-lists/list/settings", groups=["gold"], policy="adopt")
    assert changed.status_code == 303, seen(changed)
    entry = document(office).price_lists["list"]
    assert entry.policy.value == "adopt" and set(entry.prices) == {"A", "GONE"} and entry.rules
    assert send(office, owner, "price-lists/b2b/remove").status_code == 303
    assert set(document(office).price_lists) == {"list"}


def test_groups_show_how_they_are_mapped_and_are_changed(office: Office, owner: Browser) -> None:
    shown = seen(owner.get("groups"))
    assert "Gold gold list Gold comes with the next plan tax as in General" in shown
    assert "selected>General" in owner.get("groups/gold").text
    fields = {"name": "Gold", "name-shop1": "Gold Germany", "base-shop1": "Wholesale"}
    assert send(office, owner, "groups/gold", key="gold", **fields).status_code == 303
    group = document(office).groups["gold"]
    assert group.name_in("shop1") == "Gold Germany" and group.base_in("shop1") == "Wholesale"
    office.world.apply()
    assert "Gold Germany in the shop" in seen(owner.get("groups"))


def test_a_group_that_prices_hang_on_is_not_taken_out(office: Office, owner: Browser) -> None:
    answer = send(office, owner, "groups/gold/remove")
    assert answer.status_code == 422 and "there is no group" in seen(answer)
    new = {"key": "silver", "name": "Silver", "base-shop1": "General", "move-shop1": ["General"]}
    assert send(office, owner, "groups/new", **new).status_code == 303
    assert document(office).groups["silver"].movable_from("shop1") == ("General",)
    assert send(office, owner, "groups/silver/remove").status_code == 303
    assert set(document(office).groups) == {"gold"}


def test_what_a_form_does_not_ask_for_stays(office: Office, owner: Browser) -> None:
    members = {"emails": ["a@example.com"], "rule": {"vat_id": "no"}}
    groups = {
        "gold": {"name": "Gold", "base": {"other": "X", "shop1": "General"}, "members": members}
    }
    office.world.load(programme(groups=groups))
    before = document(office).groups["gold"]
    fields = {"name": "Gold", "base-shop1": "General"}
    answer = send(office, owner, "groups/gold", key="gold", **fields)
    assert "Nothing was different" in seen(owner.follow(answer))
    assert document(office).groups["gold"] == before


# --- files ----------------------------------------------------------------------------------


def upload(office: Office, browser: Browser, text: str, way: str = "add") -> TestResponse:
    """Sends a file, and looks at what it would change."""
    data = {"file": (io.BytesIO(text.encode()), "prices.csv"), "way": way}
    answer = browser.post("price-lists/list/file", data, content_type="multipart/form-data")
    if answer.status_code != 303:
        return answer
    jobs: Jobs = office.app.extensions[EXTENSION]
    jobs.wait(answer.location.rsplit("/", 1)[1])
    return browser.follow(browser.get(answer.location))


def take(office: Office, browser: Browser, looked: TestResponse) -> TestResponse:
    return send(office, browser, looked.request.path)


def test_a_file_is_looked_at_before_it_is_taken(office: Office, owner: Browser) -> None:
    before = document(office)
    text = "sku;from;price;percent\nA;1;8,50;\nNEW;5;;10\nBAD;1;-4;\nBAD;2;3;\nGONE;5;;12,5\n"
    looked = upload(office, owner, text)
    shown = seen(looked)
    assert "1 new product, 1 changed, 0 taken out, 1 as before." in shown
    assert "1 product has mistakes" in shown and "4 BAD" in shown
    assert document(office) == before
    assert "Saved as version" in seen(owner.follow(take(office, owner, looked)))
    prices = document(office).price_lists["list"].prices
    assert set(prices) == {"A", "GONE", "NEW"}
    assert [(one.quantity, one.price) for one in prices["A"]] == [(1, Decimal("8.5"))]


def test_a_file_that_replaces_keeps_what_it_has_mistakes_about(
    office: Office, owner: Browser
) -> None:
    looked = upload(office, owner, "sku,from,price\nC,1,2\nGONE,x,2\n", way="replace")
    assert "1 new product, 0 changed, 1 taken out" in seen(looked)
    take(office, owner, looked)
    assert set(document(office).price_lists["list"].prices) == {"C", "GONE"}


def test_what_was_looked_at_is_taken_only_on_the_version_it_was_compared_with(
    office: Office, owner: Browser
) -> None:
    mine = now(office).number
    looked = upload(office, owner, "sku,from,price\nC,1,2\n")
    send(office, owner, "price-lists/list/price", sku="A", **tiers(("1", "8", "")))
    late = owner.post(looked.request.path, {"version": mine})
    assert late.status_code == 422 and f"stored version {mine + 1}" in seen(late)
    assert "C" not in document(office).price_lists["list"].prices
    assert take(office, owner, looked).status_code == 303
    prices = document(office).price_lists["list"].prices
    assert prices["C"] and prices["A"][0].price == Decimal(8)


def test_what_is_handed_out_can_be_sent_back(office: Office, owner: Browser) -> None:
    odd = {"=1+1": [{"from": 1, "price": "5"}], "'@x": [{"from": 1, "price": "5"}]}
    lists = {"list": {"groups": ["gold"], "prices": {**LISTS["list"]["prices"], **odd}}}  # type: ignore[dict-item]
    office.world.load(programme(price_lists=lists))
    text = owner.get("price-lists/list/prices.csv").text
    cells = [line.split(",")[0] for line in text.split("\r\n")]
    assert "'=1+1" in cells and "''@x" in cells
    looked = upload(office, owner, text)
    assert "0 new products, 0 changed, 0 taken out, 4 as before." in seen(looked)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("sku;cost\nA;1\n", 'the column "cost" is not known'),
        ("", "has no rows below a header"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(
    office: Office, owner: Browser, text: str, why: str
) -> None:
    shown = seen(upload(office, owner, text))
    assert "The file cannot be used" in shown and why in shown


def test_a_file_that_is_no_text_or_too_large_is_refused(office: Office, owner: Browser) -> None:
    data = {"file": (io.BytesIO(b"\xff\xfe\x00"), "x.csv"), "way": "add"}
    answer = owner.post("price-lists/list/file", data, content_type="multipart/form-data")
    assert answer.status_code == 422 and "not UTF-8" in seen(answer)
    missing = owner.post("price-lists/list/file", {"way": "add"})
    assert missing.status_code == 422 and "Choose a file" in seen(missing)
    large = {"file": (io.BytesIO(b"x" * (10 * 2**20 + 1)), "x.csv"), "way": "add"}
    refused = owner.post("price-lists/list/file", large, content_type="multipart/form-data")
    assert refused.status_code == 413


def test_who_only_looks_is_offered_nothing_to_change(office: Office, owner: Browser) -> None:
    viewer = office.sign_in(Role.VIEWER)
    assert "Change" not in seen(viewer.get("groups")).replace("Changed in a shop", "")
    shown = seen(viewer.get("price-lists/list"))
    assert "€9.00" in shown and "Add a product" not in shown and "Add a rule" not in shown
