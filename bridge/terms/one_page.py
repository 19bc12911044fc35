"""One page of the terms in one shop: claimed, looked at, written, settled.

What is written is noted before it is sent, and what came of it is read back; so it may end at any
moment, and the next one knows its own page.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

from sqlmodel import Session

from bridge.db import Database
from bridge.installations.models import Installation
from bridge.kit.clock import Clock
from bridge.terms import pages as rows
from bridge.terms.judging import Seen, Verdict, Wanted, is_untouched, judge
from bridge.terms.models import PageState, TermsPage
from bridge.terms.pages import Key
from bridge.terms.service import digest
from connectors.content import ContentPages, HeldPage, PageText, Place
from connectors.errors import AlreadyExists, ConnectorError, Mismatch, Rejected, Unsafe

_ABOUT_THIS_PAGE = (Rejected, Mismatch, Unsafe)
"""Others are about the shop as a whole: it is not asked about the next page."""
_LEFT = {
    Verdict.EDITED: (
        "Somebody changed this page in the shop, or switched it off. It is left as it is. "
        "Take it over, and the terms stand there again."
    ),
    Verdict.REMOVED: (
        "Somebody deleted this page in the shop. Take it over, and it is made again."
    ),
}


@dataclass
class Published:
    """What became of the pages of one shop."""

    written: int = 0
    kept: int = 0
    hidden: int = 0
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Desk:
    """What a publishing works with."""

    database: Database
    workspace_id: int
    clock: Clock
    catalogue: str = ""
    """The address of the members' page of rewards; empty: there is none."""
    owner: str = field(default_factory=lambda: uuid.uuid4().hex)


@dataclass(frozen=True, slots=True)
class PageWork:
    """On the pages of one shop. Both methods raise ConnectorError when the shop as a whole cannot
    be worked with; what is about the page alone is noted with it."""

    desk: Desk
    shop: Installation
    pages: ContentPages
    done: Published

    def bring(self, place: Place, text: PageText, told: str, language: str) -> None:
        """``told``: a digest of the terms in the text, without their date."""
        key = self._key(place.id)
        page = self._claim(key)
        if page is None:
            return
        try:
            held = self._look(place, page, text)
            wanted = Wanted(digest(text), told)
            verdict = judge(rows.remembered(page), _seen(held), wanted)
            if verdict is Verdict.WRITE:
                held = self._write(key, place, text, held)
        except ConnectorError as error:
            self._failed(key, place, error)
            return
        if verdict in _LEFT:
            self._leave(key, place, verdict, held)
        else:
            assert held is not None
            self._note(key, held, told, language, is_new=verdict is Verdict.WRITE)

    def withdraw(self, page: TermsPage) -> None:
        """Switches a page off that nobody changed; one that was changed is a person's by now."""
        if page.state == PageState.HIDDEN.value:
            return
        key = self._key(page.place_id)
        claimed = self._claim(key)
        if claimed is None:
            return
        place = Place(claimed.place_id, claimed.store_id, "", claimed.place_name)
        try:
            is_ours = bool(claimed.native_id) and self._switch_off(place, claimed)
        except ConnectorError as error:
            self._failed(key, place, error)
            return
        with self.desk.database.writing() as session:
            if is_ours:
                off = {"state": PageState.HIDDEN.value, "is_handed_over": False}
                self._settle(session, key, **off, error="", intent="")
            else:
                rows.forget(session, key)

    # -- asking the shop --------------------------------------------------------------------

    def _look(self, place: Place, page: TermsPage, text: PageText) -> HeldPage | None:
        """The page that was bound; else one of ours whose answer was lost."""
        if page.native_id:
            return self.pages.read(place, page.native_id)
        return self.pages.own(place, text.url_key)

    def _write(self, key: Key, place: Place, text: PageText, held: HeldPage | None) -> HeldPage:
        with self.desk.database.writing() as session:
            rows.intend(session, key, self.desk.owner, digest(text))
        return self.pages.write(place, text, held.native_id if held is not None else "")

    def _switch_off(self, place: Place, page: TermsPage) -> bool:
        """Whether it is ours still."""
        held = self.pages.read(place, page.native_id)
        if held is None:
            return False
        if held.is_active:
            if not is_untouched(rows.remembered(page), Seen(digest(held.text), is_active=True)):
                return False
            self.pages.hide(place, page.native_id)
            self.done.hidden += 1
        return True

    # -- noting what came of it -------------------------------------------------------------

    def _note(self, key: Key, held: HeldPage, told: str, language: str, *, is_new: bool) -> None:
        values: dict[str, object] = {
            "native_id": held.native_id,
            "address": held.address,
            "written": digest(held.text),
            "told": told,
            "intent": "",
            "language": language,
            "state": PageState.PUBLISHED.value,
            "is_handed_over": False,
            "error": "",
        }
        if is_new:
            values["published_at"] = self.desk.clock()
        with self.desk.database.writing() as session:
            self._settle(session, key, **values)
        self.done.written += is_new
        self.done.kept += not is_new

    def _leave(self, key: Key, place: Place, verdict: Verdict, held: HeldPage | None) -> None:
        values = {"state": verdict.value, "error": _LEFT[verdict]}
        if held is not None:
            values["native_id"] = held.native_id
        with self.desk.database.writing() as session:
            self._settle(session, key, **values)
        self.done.problems.append(f"{self.shop.name}, {place.name}: {_LEFT[verdict]}")

    def _failed(self, key: Key, place: Place, error: ConnectorError) -> None:
        """Raises it again where it is about more than this page."""
        state = PageState.TAKEN if isinstance(error, AlreadyExists) else PageState.FAILED
        with self.desk.database.writing() as session:
            self._settle(session, key, state=state.value, error=str(error))
        if not isinstance(error, _ABOUT_THIS_PAGE):
            raise error
        self.done.problems.append(f"{self.shop.name}, {place.name}: {error}")

    def _key(self, place_id: str) -> Key:
        assert self.shop.id is not None
        return Key(self.desk.workspace_id, self.shop.id, place_id)

    def _claim(self, key: Key) -> TermsPage | None:
        with self.desk.database.writing() as session:
            return rows.claim(session, key, self.desk.owner, self.desk.clock())

    def _settle(self, session: Session, key: Key, **values: object) -> None:
        looked_at = self.desk.clock()
        rows.settle(session, key, self.desk.owner, looked_at=looked_at, **values)


def _seen(held: HeldPage | None) -> Seen | None:
    return None if held is None else Seen(digest(held.text), held.is_active)
