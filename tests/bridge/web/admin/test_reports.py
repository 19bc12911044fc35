"""What the merchant owes in points, as a page and as a file."""

from __future__ import annotations

import csv
import io
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from office import Office, seen

sys.path.insert(0, str(Path(__file__).parents[2] / "figures"))

from merchant import PROGRAMME, Merchant

from bridge.figures.overview import current_terms, liability_known
from bridge.installations.models import Installation


@pytest.fixture
def merchant(office: Office) -> Merchant:
    world = office.world
    shop = world.installations()["shop1"].id
    assert shop is not None
    world.load(PROGRAMME)
    found = Merchant(world.app.database, world.app.workspace_id, (shop, shop))
    ada, now = found.member("ada"), world.clock()
    found.earns(ada, now, 1_000, expires_at=now + timedelta(days=100))
    found.earns(ada, now, 250)
    found.is_given(ada, now, 7)
    found.earns(found.member("ben"), now, 40, order=found.order(None, now, 4_000), pending=True)
    return found


def test_page_and_file_say_what_the_service_says(office: Office, merchant: Merchant) -> None:
    app, now = office.application, office.application.now()
    told = current_terms(app.database, app.workspace_id, now)
    right = liability_known(app.database, app.workspace_id, told, now).value
    browser = office.sign_in()
    text = seen(browser.get("reports"))
    assert "Open points 1,297 Worth €12.97" in text
    assert "shop1/1 EUR Not known yet 0 40 0 40 €0.40" in text
    assert "Cost prices are not known" in text
    answer = browser.get("reports/liability.csv")
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="liability-')
    heads, *rows = csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")))
    assert heads[:3] == ["Store", "Currency", "Expire in"]
    assert [(row[0], row[2], row[6]) for row in rows] == [
        (one.store, "" if one.month is None else f"{one.month:%Y-%m}", str(one.points))
        for one in right.rows
    ]
    assert sum(int(row[6]) for row in rows) == 1_297


def test_a_stores_name_is_no_formula_in_a_spreadsheet(office: Office, merchant: Merchant) -> None:
    with office.application.database.writing() as session:
        shop = session.get(Installation, merchant.shops[0])
        assert shop is not None
        shop.name = "=cmd()"
    text = office.sign_in().get("reports/liability.csv").text
    assert "'=cmd()" in text and ",=cmd()" not in text and "\n=cmd()" not in text


def test_without_points_it_says_what_will_stand_there(office: Office) -> None:
    browser = office.sign_in()
    assert "No points are open" in seen(browser.get("reports"))
    assert browser.get("reports/liability.csv").status_code == 200
