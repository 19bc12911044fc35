"""What a person is told of himself: everything, over all stores, and nothing of anybody else."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from typing import Any

from eve import ADMIN, EMAIL, FRIEND, NORTH, SOUTH, WORDS, Eve

from bridge.privacy.telling import Told, as_zip, tell


def told(eve: Eve, member: int) -> Told:
    with eve.database.reading() as session:
        return tell(session, eve.workspace, "moon", member, eve.now)


def document(found: Told) -> tuple[dict[str, Any], zipfile.ZipFile]:
    archive = zipfile.ZipFile(io.BytesIO(as_zip(found)))
    return json.loads(archive.read("data.json")), archive


def test_everything_that_is_known_of_her_is_told(one_eve: Eve) -> None:
    data, archive = document(told(one_eve, one_eve.eve))
    sections = data["sections"]
    text = json.dumps(data)
    assert all(word in text for word in WORDS)
    assert {one["customer_id"] for one in sections["customers"]} == {NORTH, SOUTH}
    assert [one["number"] for one in sections["orders"]] == ["100", "103", "104", "101"]
    assert sections["orders"][0]["content"]["lines"][0]["sku"] == "SKU-a"
    earned = [one["text"] for one in sections["entries"] if one["effect"] == "earn"]
    assert "Order 100 in north, 1 \N{MULTIPLICATION SIGN} SKU-a: +100 pending (rule base)" in earned
    assert (
        sum(one["available"] for one in sections["accounts"])
        == one_eve.account(one_eve.eve).available
    )
    assert {"letters", "consents", "vouchers", "rewards", "recommended_to_him"} <= set(sections)
    rows = list(csv.DictReader(io.StringIO(archive.read("orders.csv").decode("utf-8-sig"))))
    assert [row["number"] for row in rows] == ["100", "103", "104", "101"]
    assert "orders.csv: 4 rows" in archive.read("README.txt").decode()


def test_nobody_else_is_told_to_her_nor_she_to_others(one_eve: Eve) -> None:
    mine = json.dumps(document(told(one_eve, one_eve.eve))[0])
    assert not [word for word in (FRIEND, "shopper-bo", ADMIN.name, "BOBO") if word in mine]
    his = json.dumps(document(told(one_eve, one_eve.bo))[0])
    assert not [word for word in WORDS if word in his], "not even as the friend he brought"


def test_of_who_was_erased_only_the_book_is_left(one_eve: Eve) -> None:
    one_eve.is_erased()
    one_eve.shops_are_told()
    one_eve.time_passes()
    data, _ = document(told(one_eve, one_eve.eve))
    assert not [word for word in (*WORDS, EMAIL) if word in json.dumps(data)]
    assert {"customers", "addresses", "shops"} & set(data["sections"]) == set()
    assert data["sections"]["entries"][-1]["text"].startswith("Erasure #1: ")
