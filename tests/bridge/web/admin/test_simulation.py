"""What somebody would pay and earn: what is typed is read, and what cannot be told is said."""

from __future__ import annotations

import pytest
from office import Office, seen

from bridge.simulating.records import Item
from bridge.users.roles import Role
from bridge.web.admin.simulation import BadGoods, goods


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("A-1 10", [Item("A-1", 10)]),
        ("A-1\n\n B 2 \nA-1 3\n", [Item("A-1", 4), Item("B", 2)]),
        ("Oak board 40", [Item("Oak board", 40)]),
        ("Oak board x40", [Item("Oak board x40", 1)]),
        ("4711", [Item("4711", 1)]),
        ("A-1 ²", [Item("A-1 ²", 1)]),
    ],
)
def test_a_line_is_an_sku_and_how_many(text: str, items: list[Item]) -> None:
    assert goods(text) == tuple(items)


def test_too_much_is_refused(office: Office) -> None:
    with office.app.test_request_context():
        for text in ("A 0", "A 1000001", "\n".join(f"S-{one}" for one in range(51))):
            with pytest.raises(BadGoods):
                goods(text)


def test_what_cannot_be_told_is_said_and_nothing_typed_is_lost(office: Office) -> None:
    browser = office.sign_in(Role.VIEWER)
    assert "No shop is asked" in seen(browser.get("simulate"))
    answer = browser.get("simulate?goods=NO-SUCH+3&email=ada@example.com&code=X-1")
    assert answer.status_code == 422
    assert "There is no programme yet." in seen(answer)
    assert "NO-SUCH 3" in answer.text and "ada@example.com" in answer.text and "X-1" in answer.text
