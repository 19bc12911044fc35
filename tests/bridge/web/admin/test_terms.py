"""The terms on the staff's pages: own words, the preview, and what becomes of pages in shops."""

from __future__ import annotations

from office import Browser, Office, seen
from people import PROGRAMME
from toyshop.content import edit_page

from bridge.audit.service import entries
from bridge.engine.bench import open_bench
from bridge.engine.protocol import Done
from bridge.engine.terms_steps import terms_to_shop
from bridge.preferences.sections import Terms
from bridge.preferences.service import preferences
from bridge.terms.rendering import as_html
from bridge.terms.service import source


def kept(office: Office) -> Terms:
    app = office.application
    with app.database.reading() as session:
        return preferences(session, app.workspace_id, Terms)


def audited(office: Office) -> list[str]:
    app = office.application
    with app.database.reading() as session:
        return [one.action for one in entries(session, app.workspace_id)]


def ready(office: Office) -> tuple[Browser, str]:
    """A page to work on, and the name of the only store."""
    office.world.load(PROGRAMME)
    office.world.pull()
    (name,) = office.world.installations()
    return office.sign_in(), f"{name}/main"


def worked(office: Office) -> Done:
    bench = open_bench(office.application)
    try:
        (shop,) = office.world.installations().values()
        return terms_to_shop(bench, shop)
    finally:
        bench.close()


def test_own_words_are_kept_by_language_and_seen_in_the_preview(office: Office) -> None:
    browser, _store = ready(office)
    words = {
        "language": "de",
        "intro": "Hallo!",
        "clauses": "- Recht\r\n",
        "contact": "<b>Hier</b>",
    }
    assert "Saved." in seen(browser.follow(browser.post("settings/terms/words", words)))
    found = kept(office).words
    assert list(found) == ["de"]
    assert (found["de"].intro, found["de"].clauses) == ("Hallo!", "- Recht")
    app = office.application
    with app.database.reading() as session:
        made_of = source(session, app.workspace_id, app.now())
    assert made_of is not None
    shown = browser.get("settings/terms?language=de").text
    assert as_html(made_of.in_language("de")) in shown
    assert "<b>Hier" not in shown
    assert "preferences.set" in audited(office)
    browser.post("settings/terms/words", {"language": "de"})
    assert kept(office).words == {}


def test_a_wrong_address_says_why_and_keeps_what_was_typed(office: Office) -> None:
    browser, store = ready(office)
    for wrong in ("Club Terms", "4711", "-", ""):
        answer = browser.post("settings/terms", {"stores": [store], "url_key": wrong})
        assert answer.status_code == 422
        assert f'value="{wrong}"' in answer.text
    assert "small letters, digits and dashes" in seen(answer)
    assert kept(office) == Terms()


def test_a_page_is_published_and_taken_over(office: Office) -> None:
    browser, store = ready(office)
    browser.post("settings/terms", {"stores": [store], "url_key": "our-club"})
    assert kept(office).stores == {store}
    assert worked(office).counts == {"terms pages": 1}
    assert "Published" in seen(browser.get("settings/terms"))
    edit_page(office.world.shop, "<p>Mine.</p>")
    browser.post("settings/terms/publish")
    assert "Somebody changed this page" in worked(office).problems[0]
    answer = browser.get("settings/terms")
    assert "Changed in the shop" in seen(answer)
    (shop,) = office.world.installations()
    place = {"installation": shop, "place": "s1/en_GB"}
    browser.post("settings/terms/take-over", place)
    assert "terms.taken_over" in audited(office)
    assert worked(office).counts == {"terms pages": 1}
    (page,) = office.world.shop.pages.values()
    assert "Mine" not in page.text.html
    answer = browser.follow(browser.post("settings/terms/take-over", place))
    assert "nothing to take over" in seen(answer)
    assert worked(office).counts == {}
