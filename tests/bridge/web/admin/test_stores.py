"""The stores' pages: adding one step by step, what is shown of it, changing it, letting go."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from office import Browser, Office, seen
from orchard import SECRET, Orchard
from sqlmodel import select
from toyshop import Raises, Style, World

from bridge.audit.models import AuditEntry
from bridge.db import Database
from bridge.installations.models import Installation, ShopFacts, StoreDraft
from bridge.member_sign_in.models import MemberLinkKey
from bridge.outbox.models import Binding
from bridge.users.roles import Role
from bridge.web.jobs import EXTENSION, Jobs
from connectors.errors import Unreachable

SHOP = "https://orchard.example"
INSIDE = "http://inside.example"
TYPED = {"name": "orchard-de", "url": f"{SHOP}/", "secret_api_token": SECRET}


def resolve(host: str) -> Sequence[str]:
    places = {"orchard.example": ["93.184.215.14"], "inside.example": ["93.184.215.14", "10.0.0.7"]}
    if host not in places:
        raise OSError
    return places[host]


@dataclass
class Yard:
    """An office whose bridge knows orchards; at :data:`SHOP` stands one."""

    office: Office
    orchard: Orchard

    @property
    def browser(self) -> Browser:
        return self.office.sign_in(Role.MANAGER)

    def every(self, table: Any) -> list[Any]:
        with self.office.application.database.reading() as session:
            return list(session.exec(select(table)))

    def store(self, name: str) -> Installation:
        return self.office.world.installations()[name]

    def add(self, **settings: str) -> int:
        """Connected on the command line, as it were; its id."""
        self.office.world.connect("orchard-de", "orchard", SHOP, {"api_token": SECRET}, settings)
        return self.store("orchard-de").id or 0

    def wait(self, what: str, store_id: int) -> None:
        jobs: Jobs = self.office.app.extensions[EXTENSION]
        found = jobs.newest(self.office.application.workspace_id, f"{what}-{store_id}")
        assert found is not None
        jobs.wait(found.id)

    def done(self) -> list[str]:
        """The audit log's actions."""
        return [entry.action for entry in self.every(AuditEntry)]


@pytest.fixture
def yard(sqlite_url: str, open_database: Callable[[str], Database], tmp_path: Path) -> Yard:
    orchard = Orchard()
    platforms = {"orchard": orchard.platform()}
    world = World(open_database(sqlite_url), tmp_path / "home", more_platforms=platforms)
    orchard.stand(SHOP, world.open(Style.NUMBERED))
    world.app.resolve = resolve
    return Yard(Office(world), orchard)


# -- adding ---------------------------------------------------------------------------------


def test_a_store_is_added_step_by_step_and_read_at_once(yard: Yard) -> None:
    browser = yard.browser
    assert "Orchard" in seen(browser.get("stores/add"))
    form = browser.get("stores/add/on/orchard")
    assert "Where to find them in Orchard Pick a token." in seen(form)

    questions = browser.follow(browser.post("stores/add/on/orchard", TYPED))
    assert "The shop answers Orchard · 3.1" in seen(questions)
    assert "shop1" in {one.name for one in yard.every(Installation)}
    assert len(yard.every(Installation)) == 1, "nothing is read before the questions are answered"

    answered = {"answer_scope": "website", "answer_peel": "5"}
    page = browser.follow(browser.post("stores/add/questions", answered))
    assert "orchard-de is connected." in seen(page)
    store = yard.store("orchard-de")
    assert (store.url, store.settings) == (SHOP, {"scope": "website", "peel": "5"})
    assert store.is_public_only
    yard.wait("check", store.id or 0)
    yard.wait("pull", store.id or 0)

    page = seen(browser.get(f"stores/{store.id}"))
    assert "must be mended The resource Orchard::pick is missing. Grant it, and save." in page
    assert "3 things are in order" in page and "All needed privileges are there." in page
    assert yard.store("orchard-de").pulled_at is not None
    assert yard.office.woken == ["poll"]
    assert yard.every(StoreDraft) == []
    assert all(connection.public_only for connection in yard.orchard.seen)
    assert yard.done() == ["store.tested", "store.connected"]


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"name": "bad name"}, "Use at most 63 letters"),
        ({"name": "SHOP1"}, "a store of this name already"),
        ({"url": "orchard.example"}, "needs http:// or https://"),
        ({"url": "https://shop1.acme.example"}, "The store shop1 is this shop already."),
        ({"url": "https://nowhere.example"}, "There is no host nowhere.example."),
        ({"url": INSIDE}, "inside.example leads to an address that is not public"),
        ({"url": "http://169.254.169.254"}, "not public"),
        ({"url": "http://[::ffff:127.0.0.1]"}, "not public"),
        ({"secret_api_token": "wrong"}, "The shop does not take this token"),
        ({"secret_api_token": ""}, "Please fill this in."),
    ],
)
def test_what_cannot_be_connected_is_explained_and_stays_typed(
    yard: Yard, wrong: dict[str, str], why: str
) -> None:
    def literally(host: str) -> Sequence[str]:
        return [host] if host[0] in "1:" else resolve(host)

    yard.office.application.resolve = literally
    if "shop1" in wrong.get("url", ""):
        yard.office.application.resolve = lambda _host: ["93.184.215.14"]
    typed = {**TYPED, **wrong}
    answer = yard.browser.post("stores/add/on/orchard", typed)
    assert answer.status_code == 422
    assert why in seen(answer)
    assert f'value="{typed["name"]}"' in answer.text and f'value="{typed["url"]}"' in answer.text
    assert SECRET not in answer.text, "what is secret is never sent back"
    assert yard.every(StoreDraft) == [] and yard.done() == []


def test_private_stores_are_connected_where_the_setting_allows_it(yard: Yard) -> None:
    app = yard.office.application
    app.settings = app.settings.model_copy(update={"allow_private_stores": True})
    browser = yard.browser
    browser.follow(browser.post("stores/add/on/orchard", {**TYPED, "url": INSIDE}))
    (draft,) = yard.every(StoreDraft)
    assert (draft.url, draft.is_public_only) == (INSIDE, False)
    assert not yard.orchard.seen[-1].public_only


def test_the_other_kind_of_credentials_has_its_own_fields(yard: Yard) -> None:
    browser = yard.browser
    form = browser.get("stores/add/on/orchard?kind=pair")
    assert "Client id" in seen(form) and "secret_api_token" not in form.text
    typed = {"name": "o", "url": SHOP, "secret_client_id": "12", "secret_client_secret": SECRET}
    assert browser.post("stores/add/on/orchard?kind=pair", typed).status_code == 303
    assert yard.orchard.seen[-1].credentials == {"client_id": "12", "client_secret": SECRET}


def test_an_answer_the_connector_does_not_understand_is_explained(yard: Yard) -> None:
    browser = yard.browser
    browser.post("stores/add/on/orchard", TYPED)
    answers = {"answer_scope": "website", "answer_peel": "much"}
    answer = browser.post("stores/add/questions", answers)
    assert answer.status_code == 422 and "peel must be a number." in seen(answer)
    assert 'value="much"' in answer.text and "selected" in answer.text
    assert len(yard.every(Installation)) == 1


def test_what_was_begun_can_be_forgotten_and_is_nobody_elses(yard: Yard) -> None:
    browser = yard.browser
    browser.post("stores/add/on/orchard", TYPED)
    other = yard.office.sign_in(Role.MANAGER, email="other@acme.example")
    assert other.get("stores/add/questions").status_code == 303
    assert "You have tested orchard-de" in seen(browser.get("stores/add"))
    assert "the credentials are forgotten" in seen(
        browser.follow(browser.post("stores/add/forget"))
    )
    assert yard.every(StoreDraft) == []


# -- looking --------------------------------------------------------------------------------


def test_the_list_says_how_each_store_is(yard: Yard) -> None:
    yard.add()
    viewer = yard.office.sign_in(Role.VIEWER)
    text = seen(viewer.get("stores"))
    assert "orchard-de Orchard https://orchard.example" in text
    assert "look at it The store was not asked for news yet." in text
    assert "not checked yet" in text and "Add a store" not in text


def test_a_stores_page_says_what_it_can_do_and_what_was_told(yard: Yard) -> None:
    store_id = yard.add(scope="website")
    text = seen(yard.office.sign_in(Role.VIEWER).get(f"stores/{store_id}"))
    assert "Points for orders Orders, payments and refunds are read." in text
    assert "Points shown in the shop Members see their points on the bridge's own page." in text
    assert "One price for all? website" in text and "Peel in percent not told" in text
    assert "Check now" not in text and "Remove this store" not in text


def test_a_check_is_kept_and_a_failed_reading_says_why(yard: Yard) -> None:
    store_id, browser = yard.add(), yard.browser
    assert browser.post(f"stores/{store_id}/check").status_code == 303
    yard.wait("check", store_id)
    assert "one thing to mend" in seen(browser.get("stores"))
    assert {facts.version for facts in yard.every(ShopFacts)} == {"3.1"}

    yard.office.world.shop.always["groups"] = Raises(Unreachable("The orchard is closed"))
    browser.post(f"stores/{store_id}/pull")
    yard.wait("pull", store_id)
    assert "This did not work. The orchard is closed." in seen(browser.get(f"stores/{store_id}"))


# -- changing -------------------------------------------------------------------------------


def test_settings_are_changed_and_a_wrong_one_is_not(yard: Yard) -> None:
    store_id, browser = yard.add(), yard.browser
    told = {"answer_scope": "website", "answer_peel": "much"}
    refused = browser.post(f"stores/{store_id}/settings", told)
    assert refused.status_code == 422 and "peel must be a number." in seen(refused)
    assert yard.store("orchard-de").settings == {}
    browser.follow(browser.post(f"stores/{store_id}/settings", {**told, "answer_peel": ""}))
    assert yard.store("orchard-de").settings == {"scope": "website", "peel": ""}
    (entry,) = yard.every(AuditEntry)
    assert (entry.before, entry.after) == ({"scope": "global"}, {"scope": "website"})


def test_credentials_are_replaced_and_never_shown(yard: Yard) -> None:
    store_id, browser = yard.add(), yard.browser
    form = browser.get(f"stores/{store_id}/access")
    assert SECRET not in form.text and f'value="{SHOP}"' in form.text
    new = {"url": SHOP, "secret_client_id": "12", "secret_client_secret": SECRET}
    page = browser.follow(browser.post(f"stores/{store_id}/access?kind=pair", new))
    assert "Saved: the shop answers." in seen(page)
    secrets = yard.office.application.keyring().decrypt(yard.store("orchard-de").credentials)
    assert secrets == {"client_id": "12", "client_secret": SECRET}
    (entry,) = yard.every(AuditEntry)
    assert (entry.before, entry.after) == ({}, {"credentials": "replaced"})
    assert not yard.store("orchard-de").is_public_only, "who runs the bridge told this address"


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({"url": "https://evil.example"}, "never sent to another place"),
        ({"url": "http://orchard.example"}, "never sent to another place"),
        ({"url": INSIDE, "secret_api_token": SECRET}, "not public"),
        ({"url": SHOP, "secret_api_token": "wrong"}, "The shop does not take this token"),
    ],
)
def test_stored_credentials_stay_where_they_are(
    yard: Yard, typed: dict[str, str], why: str
) -> None:
    store_id = yard.add()
    if "evil" in typed["url"]:
        yard.office.application.resolve = lambda _host: ["93.184.215.14"]
    before = yard.store("orchard-de")
    answer = yard.browser.post(f"stores/{store_id}/access", typed)
    assert answer.status_code == 422 and why in seen(answer)
    assert f'value="{typed["url"]}"' in answer.text
    assert {one.url for one in yard.orchard.seen} <= {SHOP}
    assert yard.store("orchard-de") == before and yard.done() == []


def test_half_a_pair_of_credentials_is_asked_for_whole(yard: Yard) -> None:
    store_id = yard.add()
    typed = {"url": SHOP, "secret_client_id": "12"}
    answer = yard.browser.post(f"stores/{store_id}/access?kind=pair", typed)
    assert answer.status_code == 422 and "Please fill this in." in seen(answer)


# -- letting go -----------------------------------------------------------------------------


def test_a_store_is_removed_and_its_page_gone(yard: Yard) -> None:
    store_id, browser = yard.add(), yard.browser
    assert "Members keep their points." in seen(browser.get(f"stores/{store_id}/remove"))
    page = browser.follow(browser.post(f"stores/{store_id}/remove"))
    assert "orchard-de is removed." in seen(page)
    assert browser.get(f"stores/{store_id}").status_code == 404
    assert yard.done() == ["store.removed"]
    (row,) = [one for one in yard.every(Installation) if one.id == store_id]
    assert row.credentials == ""


def test_what_the_bridge_made_in_a_shop_is_left_there_only_when_told(yard: Yard) -> None:
    store_id, app = yard.add(), yard.office.application
    with app.database.writing() as session:
        session.add(
            Binding(
                workspace_id=app.workspace_id,
                installation_id=store_id,
                kind="group",
                key="gold",
                owned=True,
                native_id="4",
            )
        )
    browser = yard.browser
    refused = browser.post(f"stores/{store_id}/remove")
    assert refused.status_code == 422
    assert "One customer group" in seen(refused) and "Take these back first" in seen(refused)
    browser.follow(browser.post(f"stores/{store_id}/remove", {"keep_in_shop": "y"}))
    (entry,) = yard.every(AuditEntry)
    assert entry.after == {"left in the shop": {"group": 1}}


# -- signed links ---------------------------------------------------------------------------


def test_the_secret_for_signed_links_is_shown_once(yard: Yard) -> None:
    store_id = yard.add()
    app, path = yard.office.application, f"/w/acme/stores/{store_id}/links"
    browser = yard.browser
    assert "PUBLIC_URL" in seen(browser.post(path))
    assert yard.every(MemberLinkKey) == []
    app.settings = app.settings.model_copy(update={"public_url": "https://loyalty.example"})
    made = browser.post(path)
    assert made.status_code == 201
    [key] = yard.every(MemberLinkKey)
    secret = app.keyring().decrypt(key.secret)["secret"]
    assert secret in seen(made)
    later = seen(browser.get(path))
    assert secret not in later
    assert f"https://loyalty.example/m/acme/from/{key.token}" in later
    again = browser.post(path)
    [newer] = yard.every(MemberLinkKey)
    assert secret not in seen(again)
    assert newer.token == key.token, "the plugin keeps its address"
    assert browser.post(f"{path}/drop").status_code == 303
    assert yard.every(MemberLinkKey) == []
    assert yard.done() == ["store.link-secret"] * 2 + ["store.link-secret-dropped"]
