"""Bringing the terms into a shop: one page in each place of the stores that show them.

A page that a person changed is reported, and written to when he hands it over. Pages of others are
never touched. A store that shows no terms any more has its page switched off, not deleted: links to
it, and its place in the shop's menus, stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from bridge.installations.models import Installation, ShopFacts
from bridge.preferences.sections import Letters, Terms
from bridge.preferences.service import preferences
from bridge.terms import pages as rows
from bridge.terms.judging import is_due
from bridge.terms.languages import language_of
from bridge.terms.models import PageState, TermsPage
from bridge.terms.one_page import Desk, PageWork, Published
from bridge.terms.service import source
from connectors.base import Connector
from connectors.content import Place
from connectors.errors import ConnectorError


def has_work(
    session: Session, workspace_id: int, shop: Installation, now: datetime, catalogue: str = ""
) -> bool:
    """Whether a shop is to be asked about its pages. Asks the database alone. ``catalogue``: as in
    :class:`~bridge.terms.one_page.Desk`."""
    assert shop.id is not None
    settings = preferences(session, workspace_id, Terms)
    there = rows.of_shop(session, workspace_id, shop.id)
    stores = {one for one in settings.stores if one.startswith(f"{shop.name}/")}
    if stores - {f"{shop.name}/{page.store_code}" for page in there}:
        return True
    made_of = source(session, workspace_id, now, catalogue=catalogue) if there else None
    return any(
        is_due(
            PageState(page.state),
            page.looked_at,
            is_wanted=made_of is not None and f"{shop.name}/{page.store_code}" in stores,
            is_current=made_of is not None and made_of.told(page.language) == page.told,
            now=now,
        )
        for page in there
    )


def publish(desk: Desk, shop: Installation, connector: Connector) -> Published:
    """Brings every page of one shop up to date. Safe to run beside itself: a page is claimed.

    Raises ConnectorError when the shop cannot be asked where pages can stand, and BridgeError when
    this release cannot read the programme.
    """
    done = Published()
    shop_pages = connector.content_pages
    if shop_pages is None:
        done.problems.append(f"{shop.name} has no pages that the bridge can make.")
        return done
    places = shop_pages.places()
    with desk.database.writing() as session:
        made_of = source(session, desk.workspace_id, desk.clock(), catalogue=desk.catalogue)
        wanted = _wanted(session, desk.workspace_id, shop, places) if made_of else []
        assert shop.id is not None
        rows.note_places(session, desk.workspace_id, shop.id, wanted)
        there = rows.of_shop(session, desk.workspace_id, shop.id)
    work = PageWork(desk, shop, shop_pages, done)
    try:
        for place, _code, language in wanted:
            assert made_of is not None
            work.bring(place, made_of.page(language), made_of.told(language), language)
        for page in _unwanted(there, wanted):
            work.withdraw(page)
    except ConnectorError as error:
        done.problems.append(f"{shop.name}: {error}")
    return done


def _wanted(
    session: Session, workspace_id: int, shop: Installation, places: Sequence[Place]
) -> list[tuple[Place, str, str]]:
    """Places of stores that show the terms, with the store's code and the language."""
    settings = preferences(session, workspace_id, Terms)
    letters = preferences(session, workspace_id, Letters)
    told = session.exec(
        select(ShopFacts.stores).where(
            col(ShopFacts.workspace_id) == workspace_id, col(ShopFacts.installation_id) == shop.id
        )
    ).first()
    codes = {one["id"]: one["code"] for one in told or ()}
    found = []
    for place in places:
        code = codes.get(place.store_id, place.store_id)
        store = f"{shop.name}/{code}"
        if store in settings.stores:
            is_alone = sum(one.store_id == place.store_id for one in places) == 1
            language = language_of(place.locale, store, letters, is_alone=is_alone)
            found.append((place, code, language))
    return found


def _unwanted(
    there: Sequence[TermsPage], wanted: Sequence[tuple[Place, str, str]]
) -> list[TermsPage]:
    """Pages that are there, in places that are to have none; of one page in several languages
    none as long as one of them stays."""
    places = {place.id for place, _, _ in wanted}
    kept = {page.native_id for page in there if page.place_id in places}
    return [page for page in there if page.place_id not in places and page.native_id not in kept]
