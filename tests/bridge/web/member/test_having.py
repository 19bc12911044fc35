"""What a member sees and does: figures are the book's, and what he presses twice happens once."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from club import Club, MemberBrowser, seen
from people import actions, points, request_id
from sqlmodel import col, select
from werkzeug.test import TestResponse

from bridge.audit.service import Actor
from bridge.members.joining import leave
from bridge.members.merging import merge
from bridge.members.models import Company, Member
from bridge.points.models import Place
from bridge.points.statement import Line, LotStanding
from bridge.preferences.colours import contrast
from bridge.preferences.sections import Branding
from bridge.preferences.service import set_preferences
from bridge.rewards.models import RewardClaim
from bridge.vouchers.models import Voucher
from bridge.web.member.brand import css
from bridge.web.member.having import Expiring, expiring
from bridge.web.member.history import joined


def store_of(page: TestResponse) -> str:
    found = re.search(r'<option value="([^"]+)"', page.text)
    assert found is not None
    return found.group(1)


def choice(browser: MemberBrowser, count: int = 500) -> dict[str, str]:
    """What the form holds once he has chosen."""
    store = store_of(browser.get("redeem"))
    page = browser.get(f"redeem?points={count}&store={store}")
    return {"request_id": request_id(page), "points": str(count), "store": store}


def vouchers(club: Club) -> list[Voucher]:
    with club.app.database.reading() as session:
        return list(session.exec(select(Voucher).order_by(col(Voucher.id))))


def test_a_voucher_is_looked_at_made_once_used_or_given_back(club: Club) -> None:
    browser, people = club.sign_in(club.people.ada), club.people
    form = choice(browser)
    page = seen(browser.get(f"redeem?points=500&store={form['store']}"))
    assert "This is your voucher €5.00 For 500 points" in page
    made = browser.post("redeem", form)
    again = browser.post("redeem", form)
    assert made.location == again.location
    assert points(people, people.ada) == (700, 500)
    assert [one.points for one in vouchers(club)] == [500]
    assert "points.redeemed" in actions(people)
    assert "vouchers" in club.office.woken

    assert "on its way to the shop" in seen(browser.get(made.location))
    (voucher,) = vouchers(club)
    with club.app.database.writing() as session:
        session.get_one(Voucher, voucher.id).is_there = True
    assert voucher.code in browser.get("vouchers").text
    assert "700 points" in seen(browser.get(""))

    back = browser.post(f"vouchers/{voucher.id}/give-back")
    assert "points are back" in seen(browser.follow(back))
    assert points(people, people.ada) == (1200, 0)
    assert "Given back" in seen(browser.get("vouchers?show=over"))
    assert "voucher.given-back" in actions(people)
    told = seen(browser.get("history"))
    assert "No longer held" in told
    assert "From our staff A welcome" in told


def test_what_cannot_be_had_is_said_in_his_words(club: Club) -> None:
    browser = club.sign_in(club.people.ada)
    form = choice(browser)
    for count, says in (
        ("501", "The nearest ones: 500 points / 1,000 points"),
        ("5000", "You can spend 1,200 points."),
        ("x", "Please choose again"),
        ("0", "Please choose again"),
        ("99999999999999", "Please choose again"),
    ):
        answer = browser.post("redeem", form | {"points": count})
        assert answer.status_code == 422
        assert says in seen(answer), count
        assert "loyalty-bridge" not in answer.text
    assert browser.post("redeem", form | {"store": "x"}).status_code == 422
    assert vouchers(club) == []
    browser.post("redeem", form)
    other = browser.post("redeem", form | {"points": "1000"})
    assert other.status_code == 422
    assert len(vouchers(club)) == 1


def test_nobody_sees_or_gives_back_anothers(club: Club) -> None:
    ada, bob = club.sign_in(club.people.ada), club.sign_in(club.people.bob)
    ada.post("redeem", choice(ada))
    (voucher,) = vouchers(club)
    assert bob.get(f"vouchers/{voucher.id}").status_code == 404
    assert bob.post(f"vouchers/{voucher.id}/give-back").status_code == 404
    assert voucher.code not in bob.get("vouchers").text
    assert "Not enough yet" in seen(bob.get("redeem"))


def test_a_reward_is_taken_once(club: Club) -> None:
    browser, people = club.sign_in(club.people.ada), club.people
    assert "Day at the fair" in seen(browser.get("rewards"))
    form = {"request_id": request_id(browser.get("rewards/ticket")), "note": "size M"}
    for _ in range(2):
        assert "We are getting it ready" in seen(
            browser.follow(browser.post("rewards/ticket", form))
        )
    with club.app.database.reading() as session:
        (taken,) = session.exec(select(RewardClaim)).all()
    assert (taken.member_id, taken.note) == (people.ada, "size M")
    assert points(people, people.ada) == (1100, 100)
    assert "reward.taken" in actions(people)
    bob = club.sign_in(people.bob)
    page = bob.get("rewards/ticket")
    assert "100 points to go" in seen(page)
    assert "Take it for" not in page.text
    refused = bob.post("rewards/ticket", form)
    assert refused.status_code == 422
    assert "You can spend 0 points" in seen(refused)
    assert bob.get("rewards/none").status_code == 404


def test_who_left_sees_what_is_his_and_turns_it_into_nothing(club: Club) -> None:
    app, browser = club.app, club.sign_in(club.people.ada)
    form = choice(browser)
    with app.database.writing() as session:
        leave(session, app.workspace_id, club.people.ada, "a test", app.now())
    assert "1,200 points" in seen(browser.get(""))
    assert "You take no part" in seen(browser.get(""))
    assert "Get this voucher" not in browser.get("redeem").text
    assert "You take no part" in seen(browser.post("redeem", form))
    assert vouchers(club) == []


def test_merged_members_are_the_one_they_became(club: Club) -> None:
    app, people = club.app, club.people
    bob = club.sign_in(people.bob)
    with app.database.writing() as session:
        ada, bob_ = (session.get_one(Member, one) for one in (people.ada, people.bob))
        merge(session, app.workspace_id, ada, bob_, "a test", app.now())
    assert "1,200 points" in seen(bob.get(""))


def test_who_collects_for_his_company_sees_what_it_has(club: Club) -> None:
    app, people = club.app, club.people
    with app.database.writing() as session:
        now = app.now()
        company = Company(
            workspace_id=app.workspace_id, name="Bolt Ltd", holds_points=True, made_at=now
        )
        session.add(company)
        session.flush()
        session.get_one(Member, people.bob).company_id = company.id
    people.give(people.bob, 700)
    assert "Your company can spend 700 points" in seen(club.sign_in(people.bob).get(""))
    assert "You can spend 1,200 points" in seen(club.sign_in(people.ada).get(""))


def test_each_reads_his_language_and_the_merchants_own_words(club: Club) -> None:
    app, browser = club.app, club.sign_in(club.people.ada)
    wanted = Branding(name="Acme Stars", point="star", points="stars", colour="#7a0026")
    with app.database.writing() as session:
        set_preferences(session, app.workspace_id, wanted, Actor("test"), app.now())
    assert "1,200 stars" in seen(browser.get(""))
    assert "#7a0026" in browser.get("brand.css").text
    answer = browser.post("language", {"language": "fa", "next": f"/m/{app.workspace}/vouchers"})
    assert answer.location == f"/m/{app.workspace}/vouchers"
    page = browser.get("")
    assert 'lang="fa" dir="rtl"' in page.text
    assert "tabler.rtl.min.css" in page.text
    assert browser.post("language", {"language": "../x"}).status_code == 400


@pytest.mark.parametrize("colour", ["#000000", "#ffffff", "#066fd1", "#7a0026", "#ffff00"])
def test_a_brand_is_readable_in_the_light_and_in_the_dark(colour: str) -> None:
    light, dark = css(Branding(colour=colour, header=colour)).splitlines()
    told = dict(re.findall(r"--member-([a-z-]+):(#[0-9a-f]{6})", light))
    assert contrast(told["link"], "#ffffff") >= 4.5
    assert contrast(told["brand"], told["on-brand"]) >= 4.5
    assert contrast(told["header"], told["on-header"]) >= 4.5
    (in_the_dark,) = re.findall(r"--member-link:(#[0-9a-f]{6})", dark)
    assert contrast(in_the_dark, "#262626") >= 4.5


# -- pure -----------------------------------------------------------------------------------

AT = datetime(2026, 5, 1, 22, tzinfo=UTC)


def lot(points: int, expires: datetime | None) -> LotStanding:
    return LotStanding(1, 1, "order", "1", AT, None, expires, 0, points, 0)


def test_points_go_by_their_last_day_in_the_merchants_zone() -> None:
    midnight = datetime(2026, 6, 30, 22, tzinfo=UTC)
    lots = [
        lot(5, midnight),
        lot(7, datetime(2026, 6, 30, 12, tzinfo=UTC)),
        lot(1, AT),
        lot(9, None),
        lot(0, midnight),
        lot(3, datetime(2026, 6, 1, 12, tzinfo=UTC)),
    ]
    found = expiring(lots, AT, ZoneInfo("Europe/Berlin"))
    assert found == (Expiring(3, date(2026, 6, 1)), Expiring(12, date(2026, 6, 30)))


def line(id_: int, points: int, source: str = "7", effect: str = "reserve") -> Line:
    places = (Place.AVAILABLE, Place.RESERVED)
    return Line(
        id_, AT, AT, effect, *places, points, -points, 0, "voucher", source, "", "", 1, 1, None, {}
    )


def test_what_one_cause_took_from_several_lots_is_one_line() -> None:
    found = joined([line(9, 10), line(8, 5), line(7, 1, "6"), line(6, 2, effect="spend")])
    assert [(one.id, one.points, one.change) for one in found] == [
        (8, 15, -15),
        (7, 1, -1),
        (6, 2, -2),
    ]
