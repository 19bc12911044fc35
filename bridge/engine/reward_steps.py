"""What the programme gives beside points: campaigns, thanks for referrals. As in
:mod:`bridge.engine.steps`, every step may run beside itself and says why."""

from __future__ import annotations

from bridge.campaigns.due import CampaignsDone, campaigns_due
from bridge.engine import intake
from bridge.engine.bench import Bench
from bridge.engine.protocol import NOTHING_DONE, Done
from bridge.gifts.working import GiftDesk, gifts_for_shop
from bridge.installations.models import Installation
from bridge.installations.service import installations
from bridge.mailing import sending as mailing
from bridge.plans.service import end_promotions
from bridge.programme.service import current
from bridge.referrals.forgetting import forget_unconfirmed
from bridge.referrals.rewarding import pass_time
from bridge.referrals.sending import send_letters


def rewards(bench: Bench) -> Done:
    """What orders and time bring: vouchers for the next purchase, welcomes, thanks to who
    referred a friend. Safe: each is a cause, and counts once."""
    app = bench.app
    through = intake.known_through(bench).through
    given = campaigns_due(
        app.database,
        app.workspace_id,
        app.keyring,
        app.now,
        known_through=through,
        new_only=True,
    )
    passed = pass_time(app.database, app.workspace_id, app.keyring, app.now, known_through=through)
    counts = {"referrals decided": passed.decided, "partner orders": passed.credited}
    done = _done(given)
    follow = done.follow
    if any(counts.values()):
        follow |= {"vouchers", "due"}
    return Done({**done.counts, **counts}, done.problems, follow=follow)


def campaigns_of_the_day(bench: Bench) -> Done:
    """Once a day. Safe: as :func:`rewards` is."""
    app = bench.app
    with app.database.writing() as session:
        forget_unconfirmed(session, app.workspace_id, app.now())
    through = intake.known_through(bench).through
    given = campaigns_due(
        app.database, app.workspace_id, app.keyring, app.now, known_through=through
    )
    return _done(given)


def gifts_in_baskets(bench: Bench, shop: Installation) -> Done:
    """Adds gifts to open baskets and removes them. Safe: one worker walks a shop's baskets at a
    time, and each step is noted before it is sent."""
    app = bench.app
    assert shop.id is not None
    desk = GiftDesk(
        app.database,
        app.settings.home,
        bench.worker.id,
        app.now,
        bench.lease,
        stopping=bench.stopping.is_set,
    )
    with bench.connectors.using(shop) as connector:
        done = gifts_for_shop(desk, app.workspace_id, shop.id, connector)
    return Done(
        {"gifts added": done.added, "gifts removed": done.removed},
        tuple(done.problems),
        follow=frozenset({"gifts"}) if done.has_more else frozenset(),
        failed=bool(done.problems) and not (done.added or done.removed),
    )


def letters(bench: Bench) -> Done:
    """Mails codes to sign in, what referrals wait for, and what members are told. Safe: each
    letter is leased, and one cause has one letter."""
    codes = mailing.send_codes(bench.app, bench.worker.id)
    to_friends = send_letters(bench.app, bench.worker.id)
    to_members = mailing.send_letters(bench.app, bench.worker.id)
    sent = codes.sent + to_friends.sent + to_members.sent
    # A mail server that is down is the same problem for all.
    problems = tuple(dict.fromkeys((*codes.problems, *to_friends.problems, *to_members.problems)))
    return Done({"letters": sent}, problems, failed=bool(problems) and not sent)


def end_of_promotions(bench: Bench) -> Done:
    """Plans the removal of gifts and discounts whose time is over. Safe: as planning moves is."""
    app = bench.app
    with app.database.reading() as session:
        shops = installations(session, app.workspace_id)
        has_programme = current(session, app.workspace_id) is not None
    pulled = [shop for shop in shops if shop.pulled_at is not None]
    if not pulled or not has_programme:
        return NOTHING_DONE
    planned = end_promotions(app, pulled).written.deliveries
    follow = frozenset({"deliver"}) if planned else frozenset[str]()
    return Done({"promotions ended": planned}, follow=follow)


def _done(given: CampaignsDone) -> Done:
    counts = {
        "campaign vouchers": given.vouchers,
        "campaign points": given.points,
        "campaign vouchers taken back": given.ended,
    }
    follow = set()
    if given.vouchers or given.ended:
        follow.add("vouchers")
    if given.points:
        follow.add("due")
    return Done(counts, given.problems, follow=frozenset(follow))
