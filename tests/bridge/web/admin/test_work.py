"""What waits for a person: listed with its reason, tried again, counted in the menu."""

from __future__ import annotations

from typing import Any

import pytest
from office import Office, seen
from sqlmodel import select

from bridge.audit.service import entries
from bridge.balances.models import ShownBalance
from bridge.inbox.models import InboxRow, InboxState
from bridge.installations.models import Installation
from bridge.members.models import Member
from bridge.outbox.models import Delivery, DeliveryState, Run
from bridge.users.roles import Role
from bridge.web.admin.work.reconciliation import NAME
from bridge.web.jobs import EXTENSION


@pytest.fixture
def shop(office: Office) -> int:
    with office.application.database.reading() as session:
        found = session.exec(select(Installation.id)).one()
    assert found is not None
    return found


def add(office: Office, *rows: Any) -> None:
    with office.application.database.writing() as session:
        for row in rows:
            session.add(row)
            session.flush()


def came_in(office: Office, shop: int, number: int, state: InboxState) -> InboxRow:
    now = office.application.now()
    return InboxRow(
        workspace_id=office.application.workspace_id,
        installation_id=shop,
        resource="order",
        entity_id=str(number),
        content_hash=str(number),
        content="",
        changed_at=now,
        fetched_at=now,
        state=state.value,
        attempts=3,
        error=f"No rate for order {number}." if state is InboxState.FAILED else "",
    )


def states(office: Office, table: Any) -> list[str]:
    with office.application.database.reading() as session:
        return [one.state for one in session.exec(select(table).order_by(table.id))]


def test_what_failed_is_listed_with_its_reason_and_tried_again(office: Office, shop: int) -> None:
    kinds = (InboxState.FAILED, InboxState.HANDLED, InboxState.FAILED)
    add(office, *(came_in(office, shop, place, kind) for place, kind in enumerate(kinds, 1)))
    browser = office.sign_in(Role.SUPPORT)
    page = browser.get("work/inbox")
    told = seen(page)
    assert "No rate for order 1." in told and "No rate for order 3." in told
    assert told.index("order 3.") < told.index("order 1."), "the newest first"
    assert "id 2" not in told
    assert "id 2" in seen(browser.get("work/inbox?state=handled"))
    assert "Nothing failed" not in told

    answer = browser.post("work/inbox/retry", {"id": ["1"]})
    assert "1 is tried again." in seen(browser.follow(answer))
    assert states(office, InboxRow) == ["queued", "handled", "failed"]
    assert office.woken == ["handle", "poll"]
    browser.post("work/inbox/retry", {"all": "1"})
    assert states(office, InboxRow) == ["queued", "handled", "queued"]
    with office.application.database.reading() as session:
        found = entries(session, office.application.workspace_id)
    assert [(one.action, one.after) for one in found] == [
        ("inbox.retried", {"rows": 1, "which": "all"}),
        ("inbox.retried", {"rows": 1, "which": [1]}),
    ]
    assert "Nothing was chosen" in seen(browser.follow(browser.post("work/inbox/retry")))


def test_only_awards_can_be_dropped(office: Office, shop: int) -> None:
    award = came_in(office, shop, 2, InboxState.FAILED)
    award.resource = "award"
    add(office, came_in(office, shop, 1, InboxState.FAILED), award)
    browser = office.sign_in(Role.SUPPORT)
    assert "Drop the chosen awards" in seen(browser.get("work/inbox"))
    answer = browser.post("work/inbox/drop", {"id": ["1", "2"]})
    assert "1 award was dropped." in seen(browser.follow(answer))
    assert states(office, InboxRow) == ["failed", "dropped"]
    assert "Drop the chosen awards" not in seen(browser.get("work/inbox"))
    assert "dropped" in seen(browser.get("work/inbox?state=dropped"))
    assert browser.post("work/inbox/drop", {"id": ["1"]}).status_code == 303
    assert states(office, InboxRow) == ["failed", "dropped"]


def test_more_than_a_page_is_paged_and_counted_in_the_menu(office: Office, shop: int) -> None:
    add(office, *(came_in(office, shop, place, InboxState.FAILED) for place in range(1, 106)))
    browser = office.sign_in(Role.VIEWER)
    page = browser.get("work/inbox")
    assert page.text.count("No rate for order") == 50
    assert "below=56" in page.text
    assert 'name="id"' not in page.text, "who only looks has nothing to tick"
    older = seen(browser.get("work/inbox?below=6"))
    assert older.count("No rate for order") == 5 and "Newest" in older
    assert "99+" in seen(browser.get("work"))


def test_refused_changes_are_tried_again_and_conflicts_are_left_to_the_plan(
    office: Office, shop: int
) -> None:
    workspace_id, now = office.application.workspace_id, office.application.now()
    run = Run(workspace_id=workspace_id, number=7, kind="apply", created_at=now, finished_at=now)
    add(office, run)
    rows = [
        Delivery(
            workspace_id=workspace_id,
            installation_id=shop,
            run_id=1,
            stage=1,
            batch=state.value,
            kind="price",
            key=state.value,
            label=f"SKU-{state.value}",
            state=state.value,
            error=f"The shop says {state.value}.",
        )
        for state in (DeliveryState.DEAD, DeliveryState.CONFLICT, DeliveryState.DONE)
    ]
    add(office, *rows)
    browser = office.sign_in(Role.SUPPORT)
    told = seen(browser.get("work/deliveries"))
    assert "The shop says dead." in told and "The shop says conflict." in told
    assert "Decide in the plan" in told and "SKU-done" not in told
    assert "SKU-done" in seen(browser.get("work/deliveries?state=done&run=7"))
    assert "There is nothing of this kind" in seen(browser.get("work/deliveries?state=queued"))

    answer = browser.post("work/deliveries/retry", {"id": ["1", "2", "3"]})
    assert "1 is tried again." in seen(browser.follow(answer)), "only what was refused"
    assert states(office, Delivery) == ["queued", "conflict", "done"]
    assert office.woken == ["deliver"]


def test_refused_balances_are_tried_again(office: Office, shop: int) -> None:
    workspace_id = office.application.workspace_id
    add(office, Member(workspace_id=workspace_id, joined_at=office.application.now()))
    add(
        office,
        ShownBalance(
            installation_id=shop,
            customer_id="4/2",
            workspace_id=workspace_id,
            member_id=1,
            is_dead=True,
            attempts=9,
            error="The shop knows no such customer.",
        ),
    )
    browser = office.sign_in()
    page = browser.get("work/balances")
    assert "The shop knows no such customer." in seen(page)
    with office.application.database.reading() as session:
        name = session.exec(select(Installation.name)).one()
    browser.follow(browser.post("work/balances/retry", {"id": [f"{name}/4/2"]}))
    with office.application.database.reading() as session:
        assert session.exec(select(ShownBalance.is_dead)).one() is False


def test_pages_without_work_say_so(office: Office) -> None:
    browser = office.sign_in(Role.VIEWER)
    assert "Every store could be read" in seen(browser.get("work"))
    assert "Nothing was refused" in seen(browser.get("work/deliveries"))
    assert "Every voucher is where it shall be" in seen(browser.get("work/vouchers"))
    assert "There is nothing of this kind" not in seen(browser.get("work/vouchers?which=waiting"))
    assert "No shop refused a balance" in seen(browser.get("work/balances"))
    assert "Do books and shops agree?" in seen(browser.get("work/reconcile"))


def test_the_books_are_reconciled_in_the_background_and_mended(office: Office, shop: int) -> None:
    """Somebody took away what keeps entries from being deleted."""
    browser, jobs = office.sign_in(), office.app.extensions[EXTENSION]

    def run(do: str) -> str:
        browser.post("work/reconcile", {"do": do, "where": "books", "days": "30"})
        job = jobs.newest(office.application.workspace_id, NAME)
        jobs.wait(job.id)
        return seen(browser.get("work/reconcile"))

    assert "Nothing is wrong" in run("look")
    with office.application.database.writing() as session:
        session.connection().exec_driver_sql("DROP TRIGGER entries_are_never_deleted")
    told = run("look")
    assert "1 thing is wrong" in told and "What mends it" in told
    assert "1 was mended" in run("repair")
    with office.application.database.reading() as session:
        found = entries(session, office.application.workspace_id)
    assert (found[0].action, found[0].after) == ("books.repaired", {"repaired": 1, "left": 0})
