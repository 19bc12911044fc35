"""Bringing friends: a link on asking, once; what became of friends, and never who they are."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from club import Club, MemberBrowser, seen
from people import PROGRAMME, actions
from sqlmodel import select

from bridge.referrals.codes import make_code
from bridge.referrals.models import Referral, ReferralCode, ReferralState
from bridge.web.member.referral import ways

STATES = {
    ReferralState.CONFIRMED: "Signed up; has not bought yet",
    ReferralState.KNOWN: "This brought nothing",
    ReferralState.ORDERED: "Bought; your thanks come after Nov 12, 2026",
    ReferralState.REVIEW: "Bought; we look at it",
    ReferralState.REWARDED: "Bought; you got 100 points",
    ReferralState.REFUSED: "This brought nothing",
    ReferralState.RETURNED: "The order was cancelled or given back",
}


@pytest.fixture
def ada(club: Club) -> MemberBrowser:
    return club.sign_in(club.people.ada)


def codes(club: Club) -> list[ReferralCode]:
    with club.app.database.reading() as session:
        return list(session.exec(select(ReferralCode)))


def friend(club: Club, code: ReferralCode, state: ReferralState) -> None:
    now = club.app.now()
    with club.app.database.writing() as session:
        referral = Referral(
            workspace_id=club.app.workspace_id,
            code_id=code.id or 0,
            email=f"{state}@friends.example",
            state=state.value,
            reasons='["the same company"]',
            asked_at=now,
            confirmed_at=None if state is ReferralState.ASKED else now,
        )
        if state is ReferralState.ORDERED:
            referral.due_at = now.replace(2026, 11, 12, 23, 0)
        if state is ReferralState.REWARDED:
            referral.reward_points = 100
        session.add(referral)


def test_the_link_is_made_on_asking_and_once(club: Club, ada: MemberBrowser) -> None:
    shown = seen(ada.get("referral"))
    assert "a voucher for a discount of 10%" in shown
    assert "You get as thanks 100 points" in shown
    assert codes(club) == []

    shown = seen(ada.follow(ada.post("referral")))
    (code,) = codes(club)
    assert code.member_id == club.people.ada
    assert f"/r/{code.code}" in shown
    ada.post("referral")
    assert len(codes(club)) == 1
    assert actions(club.people).count("referral.code-made") == 1


def test_friends_are_told_by_links_alone(club: Club, ada: MemberBrowser) -> None:
    app = club.app
    app.settings = app.settings.model_copy(update={"public_url": "http://loyalty.example.com"})
    page = ada.follow(ada.post("referral")).text
    (code,) = codes(club)
    link = f"http://loyalty.example.com/r/{code.code}"
    outside = [unescape(one) for one in re.findall(r'<a class="btn" href="([^"]+)" target', page)]
    assert len(outside) == 6
    for one in outside:
        told = parse_qs(urlsplit(one).query)
        assert any(link in value for values in told.values() for value in values), one
    assert page.count('rel="noopener noreferrer"') == 6

    picture = ada.get(f"referral/{code.id}/code.svg")
    assert picture.mimetype == "image/svg+xml" and b"<svg" in picture.data
    assert ada.client.get(ada.path(f"referral/{code.id}/code.png")).data.startswith(b"\x89PNG")
    assert ada.get(f"referral/{code.id}/code.pdf").status_code == 404
    bob = club.sign_in(club.people.bob)
    assert bob.get(f"referral/{code.id}/code.svg").status_code == 404


def test_what_is_written_stays_one_text() -> None:
    by_mail = ways("https://a.example/r/X", "Müller & Söhne", "50% off & more")[0].url
    told = parse_qs(urlsplit(by_mail).query)
    assert told["subject"] == ["Müller & Söhne"]
    assert told["body"] == ["50% off & more https://a.example/r/X"]
    assert "+" not in by_mail  # mail programs show it as it is


def test_what_became_of_friends_and_never_who_they_are(club: Club, ada: MemberBrowser) -> None:
    ada.post("referral")
    (code,) = codes(club)
    for state in ReferralState:
        friend(club, code, state)
    answer = ada.get("referral")
    shown = seen(answer)
    for text in STATES.values():
        assert text in shown
    assert shown.count("A friend, ") == len(STATES)  # who only asked could be typed by anybody
    assert "friends.example" not in answer.text and "same company" not in answer.text
    assert "Visits of your link 0 Signed up 6" in shown
    assert "So far you got 100 points for friends." in shown
    assert "A friend, " not in seen(club.sign_in(club.people.bob).get("referral"))


def test_a_partner_has_a_link_of_his_own(club: Club, ada: MemberBrowser) -> None:
    partner = {"owner": "ada@example.com", "points": "1.5", "each": 10}
    club.office.world.load(PROGRAMME | {"partners": {"studio": partner}})
    with club.app.database.writing() as session:
        now = club.app.now()
        make_code(
            session, club.app.workspace_id, club.people.ada, now, partner="studio", wished="STUDIO"
        )
    shown = seen(ada.get("referral"))
    assert "You get 3 points for each €20.00 that customers spend whom you brought." in shown
    assert "/r/STUDIO" in shown and "Get my link" in shown


def test_without_referrals_there_is_no_such_page(club: Club, ada: MemberBrowser) -> None:
    assert "Bring a friend" in seen(ada.get("more"))
    club.office.world.load({**PROGRAMME, "referrals": None})
    assert "Bring a friend" not in seen(ada.get("more"))
    assert ada.get("referral").status_code == 404
    assert ada.post("referral").status_code == 404
