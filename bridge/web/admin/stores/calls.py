"""Calling shops from pages: a short test that somebody waits for, and longer work in jobs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar

from bridge.installations import checks, endpoints, service
from bridge.installations.checking import check_one
from bridge.installations.models import Installation
from bridge.kit.encryption import UnreadableSecret
from bridge.kit.errors import BridgeError
from bridge.kit.progress import Progress
from bridge.plans.service import pull_all
from bridge.shop_plugins.checking import with_plugins
from bridge.web.admin.visit import Visit
from bridge.web.jobs import AlreadyRunning, Job, jobs
from connectors.sentences import sentence, text_of

PATIENCE = 30.0
"""Seconds that somebody waits for a shop in front of a page."""
_AT_ONCE = threading.BoundedSemaphore(8)

T = TypeVar("T")


class TooSlow(BridgeError):
    def __init__(self) -> None:
        super().__init__(
            sentence(
                "The shop did not answer within %(patience)s seconds. Look whether it is up "
                "and can be reached from where the bridge runs, and try again.",
                patience=f"{PATIENCE:.0f}",
            )
        )


class TooManyTests(BridgeError):
    def __init__(self) -> None:
        super().__init__(
            sentence("Too many stores are being tested at this moment. Try again in a minute.")
        )


def in_time(work: Callable[[], T], seconds: float = PATIENCE) -> T:
    """What ``work`` returns or raises. A shop that drips bytes keeps a thread and not the page:
    :class:`TooSlow` is raised, and the thread ends with the connector's own time-outs."""
    if not _AT_ONCE.acquire(blocking=False):
        raise TooManyTests
    found: list[T] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            found.append(work())
        except BaseException as error:  # noqa: BLE001 - it is raised in the request's thread
            failed.append(error)
        finally:
            _AT_ONCE.release()

    thread = threading.Thread(target=run, name="store-test", daemon=True)
    thread.start()
    thread.join(seconds)
    if failed:
        raise failed[0]
    if not found:
        raise TooSlow
    return found[0]


def start_check(visit: Visit, shop: Installation) -> None:
    """`store check` of one shop; its findings are kept. One at a time."""
    app = visit.app

    def work(progress: Progress) -> None:
        with app.database.reading() as session:
            registered = endpoints.registrations(session, app.workspace_id)
        with progress.task(shop.name, 1):
            report = check_one(
                shop,
                app.connect,
                lambda one: app.platforms[one.platform],
                registered.get(shop.id or 0),
            )
        (report,) = with_plugins(app, [report])
        with app.database.writing() as session:
            # It may have been removed meanwhile.
            service.installation(session, app.workspace_id, shop.name)
            checks.keep(session, app.workspace_id, [report], app.now())

    _start(visit, shop, "check", work)


def start_pull(visit: Visit, shop: Installation) -> None:
    """`pull` of one shop. One at a time; afterwards the engine is told to ask it for news."""
    app, wake = visit.app, visit.wake

    def work(progress: Progress) -> None:
        try:
            result = pull_all(app, [shop.name], progress)
        except UnreadableSecret as error:
            raise BridgeError(text_of(error)) from error
        if result.failures:
            raise BridgeError(result.failures[0].message)
        wake("poll")

    _start(visit, shop, "pull", work)


def job_of(visit: Visit, shop: Installation, what: str) -> Job | None:
    """The newest ``check``, ``pull`` or ``plugin``."""
    return jobs().newest(visit.app.workspace_id, f"{what}-{shop.id}")


def _start(visit: Visit, shop: Installation, what: str, work: Callable[[Progress], Any]) -> None:
    start_job(visit, shop, what, work, visit.url("one_store", store_id=shop.id))


def start_job(
    visit: Visit, shop: Installation, what: str, work: Callable[[Progress], Any], then: str
) -> None:
    """One of its kind at a time; ``then``: the page that shows what came of it."""
    try:
        jobs().start(
            f"{what}-{shop.id}", visit.app.workspace_id, work, visit.user.name, lambda _id: then
        )
    except AlreadyRunning:
        return
