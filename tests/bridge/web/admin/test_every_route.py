"""Who may open what: every route, every role, and a workspace of others. A new route is tested as
soon as it is there; what it needs must stand in the table below."""

from __future__ import annotations

import pytest
from office import Browser, Office

from bridge.users.roles import PERMISSIONS, Permission, Role
from bridge.web.admin.registering import routes
from bridge.web.admin.routes import Needs, Route
from bridge.web.api.serving import operations
from bridge.web.member.registering import routes as member_routes

NEEDS: dict[str, str] = {
    "/": "sign-in",
    "/account": "person",
    "/account/password": "person",
    "/account/second-factor": "person",
    "/account/second-factor/off": "person",
    "/account/sessions/<int:session_id>/end": "person",
    "/account/sessions/end": "person",
    "/administration": "nothing",
    "/administration/instead": "nothing",
    "/fleet": "sign-in",
    "/sign-in": "nothing",
    "/sign-in/code": "nothing",
    "/sign-in/service": "nothing",
    "/sign-in/service/back": "nothing",
    "/sign-out": "sign-in",
    "/welcome/<token>": "nothing",
    "/w/<workspace>/": "look",
    "/w/<workspace>/audit": "see-audit",
    "/w/<workspace>/jobs/<job_id>": "look",
    "/w/<workspace>/reports": "look",
    "/w/<workspace>/reports/liability.csv": "look",
    "/w/<workspace>/surveys": "look",
    "/w/<workspace>/surveys/new": "change-programme",
    "/w/<workspace>/surveys/<int:survey_id>": "look",
    "/w/<workspace>/surveys/<int:survey_id>/<how>": "change-programme",
    "/w/<workspace>/surveys/<int:survey_id>/remove": "change-programme",
    "/w/<workspace>/surveys/<int:survey_id>/settings": "change-programme",
    "/w/<workspace>/surveys/<int:survey_id>/questions": "look",
    "/w/<workspace>/surveys/<int:survey_id>/texts": "change-programme",
    "/w/<workspace>/surveys/<int:survey_id>/questions/new/<kind>": "change-programme",
    "/w/<workspace>/surveys/<int:survey_id>/questions/<key>": "change-programme",
    "/w/<workspace>/surveys/<int:survey_id>/questions/<key>/<how>": "change-programme",
    "/w/<workspace>/surveys/<int:survey_id>/answers": "see-members",
    "/w/<workspace>/surveys/<int:survey_id>/answers.csv": "see-members",
    "/w/<workspace>/surveys/<int:survey_id>/answers/<int:answer_id>/<how>": "fulfil",
    "/w/<workspace>/stores": "look",
    "/w/<workspace>/stores/<int:store_id>": "look",
    "/w/<workspace>/stores/<int:store_id>/access": "change-stores",
    "/w/<workspace>/stores/<int:store_id>/check": "change-stores",
    "/w/<workspace>/stores/<int:store_id>/links": "change-stores",
    "/w/<workspace>/stores/<int:store_id>/links/drop": "change-stores",
    "/w/<workspace>/stores/<int:store_id>/plugin": "look",
    "/w/<workspace>/stores/<int:store_id>/plugin/administration": "change-users",
    "/w/<workspace>/stores/<int:store_id>/plugin/administration/end": "change-users",
    "/w/<workspace>/stores/<int:store_id>/plugin/file": "change-stores",
    "/w/<workspace>/stores/<int:store_id>/plugin/forget": "change-stores",
    "/w/<workspace>/stores/<int:store_id>/plugin/look": "change-stores",
    "/w/<workspace>/stores/<int:store_id>/plugin/tell": "change-stores",
    "/w/<workspace>/stores/<int:store_id>/pull": "change-stores",
    "/w/<workspace>/stores/<int:store_id>/remove": "change-stores",
    "/w/<workspace>/stores/<int:store_id>/settings": "change-stores",
    "/w/<workspace>/stores/add": "change-stores",
    "/w/<workspace>/stores/add/forget": "change-stores",
    "/w/<workspace>/stores/add/on/<platform>": "change-stores",
    "/w/<workspace>/stores/add/questions": "change-stores",
    "/w/<workspace>/settings/branding": "change-settings",
    "/w/<workspace>/settings/branding/logo": "change-settings",
    "/w/<workspace>/settings/branding/logo/remove": "change-settings",
    "/w/<workspace>/settings/limits": "change-settings",
    "/w/<workspace>/settings/terms": "change-settings",
    "/w/<workspace>/settings/terms/publish": "change-settings",
    "/w/<workspace>/settings/terms/take-over": "change-settings",
    "/w/<workspace>/settings/terms/words": "change-settings",
    "/w/<workspace>/settings/tokens": "change-settings",
    "/w/<workspace>/settings/webhooks": "change-settings",
    "/w/<workspace>/settings/webhooks/<int:subscriber_id>": "change-settings",
    "/w/<workspace>/settings/webhooks/<int:subscriber_id>/disable": "change-settings",
    "/w/<workspace>/settings/webhooks/<int:subscriber_id>/enable": "change-settings",
    "/w/<workspace>/settings/webhooks/<int:subscriber_id>/remove": "change-settings",
    "/w/<workspace>/settings/webhooks/<int:subscriber_id>/resend": "change-settings",
    "/w/<workspace>/settings/webhooks/<int:subscriber_id>/rotate": "change-settings",
    "/w/<workspace>/settings/webhooks/<int:subscriber_id>/test": "change-settings",
    "/w/<workspace>/settings/tokens/<int:token_id>/revoke": "change-settings",
    "/w/<workspace>/programme": "look",
    "/w/<workspace>/programme/differences": "look",
    "/w/<workspace>/programme/file": "look",
    "/w/<workspace>/programme/previews/<job_id>": "change-programme",
    "/w/<workspace>/programme/sections/<section>": "change-programme",
    "/w/<workspace>/programme/sections/<section>/entries/<key>": "change-programme",
    "/w/<workspace>/programme/sections/<section>/new": "change-programme",
    "/w/<workspace>/programme/sections/<section>/remove": "change-programme",
    "/w/<workspace>/programme/templates": "change-programme",
    "/w/<workspace>/programme/templates/<int:template_id>": "change-programme",
    "/w/<workspace>/programme/templates/<int:template_id>/names": "change-programme",
    "/w/<workspace>/programme/templates/<int:template_id>/remove": "change-programme",
    "/w/<workspace>/programme/text": "GET: look, POST: change-programme",
    "/w/<workspace>/programme/versions": "look",
    "/w/<workspace>/programme/versions/<int:number>": "look",
    "/w/<workspace>/programme/versions/<int:number>/restore": "change-programme",
    "/w/<workspace>/simulate": "look",
    "/w/<workspace>/users": "change-users",
    "/w/<workspace>/work": "look",
    "/w/<workspace>/work/balances": "look",
    "/w/<workspace>/work/balances/retry": "retry",
    "/w/<workspace>/work/deliveries": "look",
    "/w/<workspace>/work/deliveries/retry": "retry",
    "/w/<workspace>/work/inbox": "look",
    "/w/<workspace>/work/inbox/retry": "retry",
    "/w/<workspace>/work/inbox/drop": "adjust-points",
    "/w/<workspace>/work/reconcile": "GET: look, POST: retry",
    "/w/<workspace>/work/vouchers": "look",
    "/w/<workspace>/work/vouchers/promotions/<how>": "apply",
    "/w/<workspace>/work/vouchers/retry": "retry",
    "/w/<workspace>/users/<int:user_id>": "change-users",
    "/w/<workspace>/users/<int:user_id>/password": "change-users",
    "/w/<workspace>/users/<int:user_id>/remove": "change-users",
    "/w/<workspace>/users/invitations/<int:link_id>/withdraw": "change-users",
    "/w/<workspace>/users/invite": "change-users",
    "/w/<workspace>/fulfilment": "see-members",
    "/w/<workspace>/fulfilment/<int:number>/cancelled": "fulfil",
    "/w/<workspace>/fulfilment/<int:number>/provided": "fulfil",
    "/w/<workspace>/members": "see-accounts",
    "/w/<workspace>/members/<int:member_id>": "see-accounts",
    "/w/<workspace>/members/<int:member_id>/adjust": "adjust-points",
    "/w/<workspace>/members/<int:member_id>/entries/<int:entry_id>": "see-accounts",
    "/w/<workspace>/members/<int:member_id>/history": "see-accounts",
    "/w/<workspace>/members/<int:member_id>/join": "change-members",
    "/w/<workspace>/members/<int:member_id>/leave": "change-members",
    "/w/<workspace>/members/<int:member_id>/looked-after": "change-users",
    "/w/<workspace>/members/<int:member_id>/merge": "change-members",
    "/w/<workspace>/members/<int:member_id>/merge/<int:other_id>": "change-members",
    "/w/<workspace>/members/<int:member_id>/privacy": "change-members",
    "/w/<workspace>/members/<int:member_id>/privacy/erase": "change-members",
    "/w/<workspace>/members/<int:member_id>/privacy/file": "change-members",
    "/w/<workspace>/members/<int:member_id>/redeem": "redeem",
    "/w/<workspace>/members/<int:member_id>/redeem/preview": "redeem",
    "/w/<workspace>/members/<int:member_id>/referral-code": "redeem",
    "/w/<workspace>/members/<int:member_id>/split": "change-members",
    "/w/<workspace>/members/<int:member_id>/vouchers": "see-accounts",
    "/w/<workspace>/members/<int:member_id>/vouchers/<int:voucher_id>": "see-accounts",
    "/w/<workspace>/members/<int:member_id>/vouchers/<int:voucher_id>/exchange": "redeem",
    "/w/<workspace>/members/<int:member_id>/vouchers/<int:voucher_id>/withdraw": "redeem",
    "/w/<workspace>/privacy": "change-members",
    "/w/<workspace>/privacy/requests/<int:erasure_id>/refuse": "change-members",
    "/w/<workspace>/questions": "see-members",
    "/w/<workspace>/settings/retention": "change-settings",
    "/w/<workspace>/settings/backup": "change-settings",
    "/w/<workspace>/questions/<int:number>/<reply>": "change-members",
    "/w/<workspace>/questions/referrals": "see-members",
    "/w/<workspace>/questions/referrals/<int:number>/accept": "change-members",
    "/w/<workspace>/questions/referrals/<int:number>/refuse": "change-members",
    "/w/<workspace>/plan": "look",
    "/w/<workspace>/plan/make": "change-prices",
    "/w/<workspace>/plan/finish": "apply",
    "/w/<workspace>/plan/<int:plan_id>/approve": "apply",
    "/w/<workspace>/plan/<int:plan_id>/outcome": "look",
    "/w/<workspace>/plan/<int:plan_id>/resolve": "apply",
    "/w/<workspace>/plan/<int:plan_id>/rows.csv": "look",
    "/w/<workspace>/runs": "look",
    "/w/<workspace>/runs/<int:number>": "look",
    "/w/<workspace>/runs/<int:number>/continue": "apply",
    "/w/<workspace>/runs/<int:number>/progress": "look",
    "/w/<workspace>/runs/<int:number>/retry": "retry",
    "/w/<workspace>/runs/<int:number>/undo": "apply",
    "/w/<workspace>/waiting": "look",
    "/w/<workspace>/waiting/<int:change_id>/approve": "decide",
    "/w/<workspace>/waiting/<int:change_id>/refuse": "decide",
    "/w/<workspace>/waiting/<int:change_id>/withdraw": "look",
    "/w/<workspace>/groups": "look",
    "/w/<workspace>/groups/new": "change-prices",
    "/w/<workspace>/members/<int:member_id>/tier": "change-members",
    "/w/<workspace>/members/<int:member_id>/tier/by-rules": "change-members",
    "/w/<workspace>/members/<int:member_id>/company": "change-members",
    "/w/<workspace>/members/<int:member_id>/company/leave": "change-members",
    "/w/<workspace>/members/<int:member_id>/company/hold": "change-members",
    "/w/<workspace>/members/<int:member_id>/company/release": "change-members",
    "/w/<workspace>/members/<int:member_id>/link": "change-members",
    "/w/<workspace>/members/<int:member_id>/reward": "redeem",
    "/w/<workspace>/settings/letters": "change-settings",
    "/w/<workspace>/settings/letters/sample": "change-settings",
    "/w/<workspace>/settings/letters/test": "change-settings",
    "/w/<workspace>/settings/letters/texts": "change-settings",
    "/w/<workspace>/settings/letters/texts/preview": "change-settings",
    "/w/<workspace>/settings/letters/texts/standard": "change-settings",
    "/w/<workspace>/work/letters": "see-members",
    "/w/<workspace>/work/letters/<int:letter_id>": "see-members",
    "/w/<workspace>/work/letters/retry": "retry",
    "/w/<workspace>/groups/<key>": "change-prices",
    "/w/<workspace>/groups/<key>/remove": "change-prices",
    "/w/<workspace>/price-lists/new": "change-prices",
    "/w/<workspace>/price-lists/<key>": "look",
    "/w/<workspace>/price-lists/<key>/settings": "change-prices",
    "/w/<workspace>/price-lists/<key>/remove": "change-prices",
    "/w/<workspace>/price-lists/<key>/price": "change-prices",
    "/w/<workspace>/price-lists/<key>/price/remove": "change-prices",
    "/w/<workspace>/price-lists/<key>/rules/new": "change-prices",
    "/w/<workspace>/price-lists/<key>/rules/<int:number>": "change-prices",
    "/w/<workspace>/price-lists/<key>/rules/<int:number>/up": "change-prices",
    "/w/<workspace>/price-lists/<key>/rules/<int:number>/remove": "change-prices",
    "/w/<workspace>/price-lists/<key>/prices.csv": "look",
    "/w/<workspace>/price-lists/<key>/file": "change-prices",
    "/w/<workspace>/price-lists/<key>/file/<job_id>": "change-prices",
}
"""By address: what GET and POST need; where they differ, ``GET: …, POST: …``."""


FRAMED = {"sample_letter", "letter_text_frame"}
"""What stands in a frame of ours: it can run nothing there."""


def asked(route: Route) -> str:
    """A path with something in each place; what is not there gives 404 to those who may look."""
    told = route.rule.replace("<workspace>", "acme")
    for place, value in (("<int:", "4711"), ("<", "nothing")):
        while place in told:
            start = told.index(place)
            told = told[:start] + value + told[told.index(">", start) + 1 :]
    return told


def sent(browser: Browser, route: Route, **options: object) -> int:
    send = browser.get if route.method == "GET" else browser.post
    return send(asked(route), **options).status_code


def test_every_route_says_what_it_needs_and_no_other_is_listed() -> None:
    found: dict[str, dict[str, str]] = {}
    for route in routes():
        found.setdefault(route.rule, {})[route.method] = route.needs.value
    told = {
        rule: next(iter(needs.values()))
        if len(set(needs.values())) == 1
        else ", ".join(f"{method}: {needs[method]}" for method in sorted(needs))
        for rule, needs in found.items()
    }
    assert told == NEEDS


def test_no_route_of_the_application_is_unguarded(office: Office) -> None:
    guarded = {f"admin.{route.name}" for route in routes()}
    asking_for_tokens = {f"api.{one.name}" for one in operations()}
    of_members = {f"member.{route.name}" for route in member_routes()}
    known = guarded | asking_for_tokens | of_members
    others = {rule.endpoint for rule in office.app.url_map.iter_rules()} - known
    assert others == {
        "api.browse",
        "api.openapi",
        "static",
        "receive",
        "register",
        "confirm",
        "shop_module",
        "shop_open",
        "shop_button",
        "shop_member",
        "shop_award",
        "basket_options",
        "basket_post",
        "invitation",
        "invited",
        "letter",
        "confirmed",
        "letters",
        "letters_chosen",
        "_healthy",
        "ready",
    }


def test_who_is_not_signed_in_gets_nowhere(office: Office) -> None:
    for route in routes():
        if route.needs is Needs.NOTHING:
            continue
        browser = office.browser()
        browser.get("/sign-in")
        answer = browser.get(asked(route)) if route.method == "GET" else None
        if answer is not None:
            assert answer.status_code == 303, route.rule
            assert answer.location.startswith("/sign-in"), route.rule
        else:
            assert sent(browser, route) == 401, route.rule


@pytest.mark.parametrize("role", list(Role))
def test_each_role_opens_what_it_may_and_nothing_else(office: Office, role: Role) -> None:
    for route in routes():
        if not isinstance(route.needs, Permission):
            continue
        # Each by a browser of its own: some end what the next would need.
        browser = office.sign_in(role, email=f"{role.value}-{routes().index(route)}@acme.example")
        status = sent(browser, route)
        if route.needs in PERMISSIONS[role]:
            assert status not in (401, 403) and status < 500, (route.method, route.rule, status)
        else:
            assert status == 403, (route.method, route.rule, status)


def test_a_workspace_of_others_does_not_exist(office: Office) -> None:
    stranger = office.sign_in(Role.OWNER, workspace="other")
    for route in routes():
        if isinstance(route.needs, Permission):
            assert sent(stranger, route) == 404, (route.method, route.rule)


def test_a_form_of_somewhere_else_is_refused(office: Office) -> None:
    for route in routes():
        if route.method != "POST":
            continue
        browser = office.sign_in(email=f"owner-{routes().index(route)}@acme.example")
        answer = browser.client.post(asked(route), data={"csrf_token": "forged"})
        assert answer.status_code == 400, route.rule


def test_every_page_forbids_scripts_and_frames_of_others(office: Office) -> None:
    browser = office.sign_in()
    for route in routes():
        if route.method == "GET":
            headers = browser.get(asked(route)).headers
            policy = headers["Content-Security-Policy"]
            ancestors = "'self'; sandbox" if route.name in FRAMED else "'none'"
            assert "default-src 'none'" in policy, route.rule
            assert f"frame-ancestors {ancestors}" in policy, route.rule
            assert "unsafe-inline" not in policy and "unsafe-eval" not in policy, route.rule
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["Cache-Control"] == "no-store"


def test_numbers_that_nothing_has_are_no_fault(office: Office) -> None:
    browser = office.sign_in()
    asked_for = "?" + "&".join(
        f"{name}={10**30}"
        for name in ("below", "above", "before", "after", "id", "run", "points", "start")
    )
    for route in routes():
        if route.method != "GET" or not isinstance(route.needs, Permission):
            continue
        path = asked(route)
        told = path.replace("4711", str(10**30)) if "4711" in path else path + asked_for
        assert browser.get(told).status_code < 500, told
