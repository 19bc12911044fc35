"""What is done for a merchant, one function each. Read :data:`bridge.engine.schedule.steps` for
when. Every one may run beside itself, in threads and in processes; each says why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from bridge.balances import queue
from bridge.balances.pushing import always_shows
from bridge.catalogue.pulling import Source, pull
from bridge.earning.activities import claim_activities
from bridge.earning.clockwork import pass_time
from bridge.earning.occasions_due import give_for_occasions
from bridge.engine import days, intake
from bridge.engine.bench import Bench
from bridge.engine.order_news import OrderNews
from bridge.engine.protocol import NOTHING_DONE, Done
from bridge.inbox.handling import HandleResult, handle_queue
from bridge.inbox.polling import poll
from bridge.inbox.retention import forget
from bridge.inbox.signals import fetch_signalled
from bridge.installations import drafts
from bridge.installations.models import Installation
from bridge.installations.service import installations
from bridge.kit.errors import BridgeError
from bridge.members.gathering import gather
from bridge.members.segmenting import recompute
from bridge.outbox.delivering import ELSEWHERE, ENDING
from bridge.outbox.judging import Verdict
from bridge.plans.planning import Extent
from bridge.plans.runs import open_installations
from bridge.plans.service import deliver, store_plan
from bridge.programme.service import current
from bridge.subscribers.messages import forget as forget_messages
from bridge.tiers.service import review

AT_ONCE = 200
"""Rows or members between two looks at whether to stop."""
AFTER_NEWS = frozenset(
    {
        "activities",
        "welcome",
        "time",
        "segments",
        "tiers",
        "rewards",
        "ending",
        "vouchers",
        "baskets",
        "due",
    }
)
"""Steps that what came in may give something to do."""


# -- for each shop --------------------------------------------------------------------------


def pull_shop(bench: Bench, shop: Installation) -> Done:
    """Reads groups, products and prices anew when that is due, so that the categories of new
    products are known. Safe: what two pulls at once see is stored, and neither drops anything.
    """
    every = bench.app.settings.pull_hours
    if shop.pulled_at is not None and (
        not every or bench.app.now() - shop.pulled_at < timedelta(hours=every)
    ):
        return NOTHING_DONE
    if intake.is_being_pulled(bench, shop):
        return NOTHING_DONE
    with bench.connectors.using(shop) as connector:
        report = pull(
            Source(bench.app.database, shop, connector, bench.app.now, bench.interruptible)
        )
    return Done({"products": report.products}, follow=frozenset({"poll", "moves"}))


def poll_shop(bench: Bench, shop: Installation) -> Done:
    """Asks the shop what changed. Safe: what came in is unique by its content, and cursors only
    move together with it; two polls at once do the work twice."""
    if intake.waits_for_first_pull(bench, shop):
        return NOTHING_DONE
    app = bench.app
    assert shop.id is not None
    with bench.connectors.using(shop) as connector:
        result = poll(
            app.database,
            app.workspace_id,
            shop.id,
            connector,
            app.now,
            since=bench.since,
            at_once=bench.at_once,
            progress=bench.interruptible,
        )
    return Done(
        {"changes": sum(result.told.values()), "fetched": result.fetched, "news": result.stored},
        _told_once(result.errors),
        result.remarks,
        frozenset({"handle", "time"}) if result.stored else frozenset(),
    )


def fetch_for_signals(bench: Bench, shop: Installation) -> Done:
    """Fetches what webhooks named. Safe: as a poll is; a signal fetched twice is told once."""
    if intake.waits_for_first_pull(bench, shop):
        return NOTHING_DONE
    app = bench.app
    assert shop.id is not None
    with bench.connectors.using(shop) as connector:
        result = fetch_signalled(app.database, app.workspace_id, shop.id, connector, app.now)
    return Done(
        {"signals": result.signals, "fetched": result.fetched, "news": result.stored},
        (result.error,) if result.error else (),
        follow=frozenset({"handle"}) if result.stored else frozenset(),
        failed=bool(result.error),
    )


def deliver_to_shop(bench: Bench, shop: Installation) -> Done:
    """Sends what waits in the outbox. Safe: rows are leased, and what a dead worker left is
    compared with the shop before anything is sent again."""
    app = bench.app
    with app.database.reading() as session:
        if not open_installations(session, app.workspace_id).get(shop.id or 0):
            return NOTHING_DONE
    result = deliver(app, [shop], bench.progress, bench.pause, bench.stopping.is_set)
    problems = [failure.message for failure in result.failures]
    counts = dict.fromkeys(Verdict, 0)
    for outcome in result.outcomes.values():
        if outcome.stopped not in ("", ELSEWHERE, ENDING):
            problems.append(f"{outcome.stopped} ({outcome.left:,} changes wait)")
        for verdict, count in outcome.counts.items():
            counts[verdict] += count
    refused = counts[Verdict.DEAD] + counts[Verdict.CONFLICT]
    if refused:
        problems.append(f"{refused:,} changes were refused: see `loyalty-bridge deliveries`.")
    done = counts[Verdict.DONE]
    return Done(
        {"delivered": done, "refused": refused},
        tuple(problems),
        follow=_after_delivery(has_problems=bool(problems)) if done else frozenset(),
        failed=bool(problems) and not done,
    )


def _after_delivery(*, has_problems: bool) -> frozenset[str]:
    """Baskets are looked at: a gift that is not free any more costs the shopper money. Nothing
    was planned for this shop while it had something to deliver."""
    return frozenset({"gifts"}) if has_problems else frozenset({"gifts", "moves"})


def push_balances(bench: Bench, shop: Installation) -> Done:
    """Tells the shop its customers' points. Safe: each customer is told by one worker at a
    time, under a lease, what holds at that moment."""
    assert shop.id is not None
    with bench.connectors.using(shop) as connector:
        pushed = bench.pusher.push(shop.id, connector)
    problems = [*pushed.problems.values()]
    if pushed.failed and not problems:
        problems.append(f"{pushed.failed:,} balances were refused, and are tried again.")
    return Done(
        {"balances": pushed.sent}, tuple(problems), failed=bool(problems) and not pushed.sent
    )


# -- for the merchant -----------------------------------------------------------------------


def handle(bench: Bench) -> Done:
    """Works off the inbox. Safe: an entity is handled by one worker at a time, and the book
    takes one effect of one cause once."""
    app = bench.app
    failing = intake.failing(bench)
    total = HandleResult()
    customers, orders = intake.CustomersSeen(), OrderNews()
    with bench.progress.task("Handling what came in", unit="rows") as task:
        while not bench.stopping.is_set():
            done = handle_queue(
                app.database,
                app.workspace_id,
                intake.handlers(customers, orders),
                app.now,
                together={"order": orders.many},
                limit=AT_ONCE,
            )
            if not done.total:
                break
            total += done
            task.advance(done.total)
    problems = intake.newly_failed(bench, failing) if total.failed else ()
    follow = AFTER_NEWS if total.handled else frozenset()
    return Done(
        {"handled": total.handled, "stale": total.stale, "failed": total.failed},
        problems,
        orders.told(),
        follow | {"moves"} if customers.any else follow,
    )


def activities(bench: Bench) -> Done:
    """Gives members what they did under an address before it was known to be theirs. Safe: the
    book takes one effect of one cause once."""
    app = bench.app
    claimed = 0
    while not bench.stopping.is_set():
        with app.database.writing() as session:
            some = claim_activities(session, app.workspace_id, app.now(), most=AT_ONCE)
        claimed += some
        if some < AT_ONCE:
            break
    return Done({"activities": claimed}, follow=frozenset({"due"}) if claimed else frozenset())


def welcome(bench: Bench) -> Done:
    """Points for joining, for who is new. Safe: an occasion is a cause, and counts once."""
    app = bench.app
    given = give_for_occasions(app.database, app.workspace_id, app.now, new_only=True)
    return Done({"occasions": given}, follow=frozenset({"due"}) if given else frozenset())


def new_day(bench: Bench) -> Done:
    """Once a day of the programme's time zone: what days bring, and what lies astray since
    members were merged. Safe: as a welcome is; gathered again, there is nothing left."""
    app = bench.app
    today = days.unseen(bench)
    if today is None:
        return NOTHING_DONE
    with app.database.writing() as session:
        gather(session, app.workspace_id, app.now())
    given = give_for_occasions(app.database, app.workspace_id, app.now)
    days.seen(bench, today)
    return Done(
        {"occasions": given},
        follow=frozenset(
            {"segments", "tiers", "campaigns", "promotions", "moves", "due", "forget"}
        ),
    )


def pass_the_time(bench: Bench) -> Done:
    """Settles orders whose past is known, ripens and expires points. Safe: each lot is looked at
    again under its account's lock, each order under its own."""
    app = bench.app
    known = intake.known_through(bench)
    passed = pass_time(app.database, app.workspace_id, app.now, known_through=known.through)
    counts = {"decided": passed.decided, "ripened": passed.ripened, "expired": passed.expired}
    follow = frozenset({"due"}) if any(counts.values()) else frozenset()
    return Done(counts, known.problems, follow=follow)


def segments(bench: Bench) -> Done:
    """Who is in which segment now. Safe: set-semantics; what one sees too late, the next run
    puts right."""
    app = bench.app
    with app.database.writing() as session:
        found = current(session, app.workspace_id)
        changes = recompute(session, app.workspace_id, found[1], app.now()) if found else []
    return Done({"segment changes": len(changes)})


def tiers(bench: Bench) -> Done:
    """Decides every member's tier. Safe: it is computed from what was bought, whoever does it."""
    moved = review(bench.app.database, bench.app.workspace_id, bench.app.now)
    follow = frozenset({"moves", "due"}) if moved else frozenset()
    return Done({"tier changes": len(moved)}, follow=follow)


def moves(bench: Bench) -> Done:
    """Plans which customers change their group, as :func:`bridge.plans.service.move_members`
    does; each shop's deliveries take it from there. Safe: plans are made one at a time, and not
    for shops that have something left to deliver."""
    app = bench.app
    with app.database.reading() as session:
        shops = installations(session, app.workspace_id)
        has_programme = current(session, app.workspace_id) is not None
    pulled = [shop for shop in shops if shop.pulled_at is not None]
    if not pulled or not has_programme:
        return NOTHING_DONE
    planned = store_plan(app, pulled, Extent.MEMBERS).written.deliveries
    follow = frozenset({"deliver"}) if planned else frozenset()
    return Done({"moves": planned}, follow=follow)


def due_balances(bench: Bench) -> Done:
    """Notes for each shop whose points changed. Safe: accounts are locked while it does so."""
    app = bench.app
    with app.database.reading() as session:
        shops = installations(session, app.workspace_id)
    able = [shop.id for shop in shops if shop.id is not None and _shows_balances(bench, shop)]
    found = 0
    while True:
        with app.database.writing() as session:
            some = queue.enqueue(session, app.workspace_id, able)
        found += some
        if some < queue.MOST:
            return Done(follow=frozenset({"balances"}) if found else frozenset())


def forget_old(bench: Bench) -> Done:
    """Lets go of what was handled long ago, and of stores that nobody went on to set up. Safe: it
    is deleted once."""
    app = bench.app
    before = app.now() - timedelta(days=app.settings.retention_days)
    with app.database.writing() as session:
        drafts.forget(session, app.workspace_id, app.now())
        forget_messages(session, app.workspace_id, app.now())
        return Done({"forgotten": forget(session, app.workspace_id, before)})


def _told_once(errors: Mapping[str, str]) -> tuple[str, ...]:
    """By resource. A shop that is down fails every walk for the same reason."""
    resources: dict[str, list[str]] = {}
    for resource, error in errors.items():
        resources.setdefault(error, []).append(resource)
    return tuple(f"{', '.join(names)}: {error}" for error, names in resources.items())


def _shows_balances(bench: Bench, shop: Installation) -> bool:
    try:
        with bench.connectors.using(shop) as connector:
            return always_shows(connector)
    except BridgeError:
        return True  # it is not known; once it can be reached it wants to be told
