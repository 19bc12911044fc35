"""A job on its page: how far it is, where it leads, why it failed."""

from __future__ import annotations

import threading

from office import Office, seen

from bridge.kit.errors import BridgeError
from bridge.kit.progress import Progress
from bridge.web.jobs import EXTENSION, Jobs

PART = {"HX-Request": "true"}


def jobs_of(office: Office) -> Jobs:
    found: Jobs = office.app.extensions[EXTENSION]
    return found


def test_a_job_shows_its_progress_and_leads_to_its_result(office: Office) -> None:
    browser, jobs = office.sign_in(), jobs_of(office)
    has_begun, may_end = threading.Event(), threading.Event()

    def work(progress: Progress) -> None:
        with progress.task("shop-de: reading", 2000, "orders") as task:
            task.advance(500)
            has_begun.set()
            assert may_end.wait(60)

    workspace_id = office.application.workspace_id
    job_id = jobs.start("preview", workspace_id, work, "Ada", lambda _: "/w/acme/users")
    assert has_begun.wait(60)
    assert "shop-de: reading 500 of 2,000 orders" in seen(browser.get(f"jobs/{job_id}"))
    part = browser.get(f"jobs/{job_id}", headers=PART)
    assert 'hx-trigger="every 1s"' in part.text and "<html" not in part.text

    may_end.set()
    jobs.wait(job_id)
    assert browser.get(f"jobs/{job_id}", headers=PART).headers["HX-Redirect"] == "/w/acme/users"
    assert browser.get(f"jobs/{job_id}").location == "/w/acme/users"


def test_a_job_that_failed_says_why_and_is_not_asked_for_again(office: Office) -> None:
    def work(progress: Progress) -> None:
        raise BridgeError("The shop does not answer.")

    browser, jobs = office.sign_in(), jobs_of(office)
    workspace_id = office.application.workspace_id
    job_id = jobs.start("preview", workspace_id, work, "Ada", lambda _: "/")
    jobs.wait(job_id)
    part = browser.get(f"jobs/{job_id}", headers=PART)
    assert "The shop does not answer." in seen(part)
    assert "hx-trigger" not in part.text


def test_a_job_that_is_not_known_any_more_is_said_to_be(office: Office) -> None:
    part = office.sign_in().get("jobs/gone", headers=PART)
    assert part.status_code == 200 and "Start it again" in seen(part)
