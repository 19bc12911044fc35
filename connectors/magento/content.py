"""The bridge's CMS pages, one for each store view (recorded: cms_pages.json).

A page that is made in the scope of a store view belongs to that view, in the scope ``all`` to every
view (magento2 ``Cms\\Model\\PageRepository::save``: without a store id, that of the call's scope).
A change in the scope ``all`` leaves it where it is: the page is loaded with its views first, and
only what the call names is replaced. No layout is named: the shop's own holds, and the right to
change designs is not needed (``Cms\\Model\\Page\\Authorization``).

REST shows neither the views of a page nor any field of ours, so a comment in front of the content
is the mark. It names mark and view by a hash: customers can read it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress

from connectors.content import HeldPage, PageText, Place
from connectors.errors import AlreadyExists, Mismatch, NotFound
from connectors.magento.client import MagentoClient
from connectors.magento.criteria import Filter, where
from connectors.magento.paging import Row
from connectors.magento.views import View, Views

_PATH = "cmsPage"


class MagentoContent:
    """Safe to share between threads."""

    def __init__(self, client: MagentoClient, views: Views, mark: str) -> None:
        self._client = client
        self._views = views
        self._mark = mark

    def places(self) -> Sequence[Place]:
        return sorted((_place(view) for view in self._views.all()), key=lambda one: one.id)

    def read(self, place: Place, native_id: str) -> HeldPage | None:
        try:
            row = self._client.get(f"{_PATH}/{native_id}")
        except NotFound:
            return None
        return self._held(place, row)

    def own(self, place: Place, url_key: str) -> HeldPage | None:
        """Pages of several views may have the same address."""
        criteria = where(Filter("identifier", url_key), size=100)
        for row in self._client.search(f"{_PATH}/search", criteria).items:
            if str(row.get("content") or "").startswith(self._sign(place)):
                return self._held(place, row)
        return None

    def write(self, place: Place, text: PageText, native_id: str = "") -> HeldPage:
        page = {
            "identifier": text.url_key,
            "title": text.title,
            "content": f"{self._sign(place)}\n{text.html}",
            "active": True,
        }
        try:
            if native_id:
                body = {"page": {"id": int(native_id), **page}}
                self._client.put(f"{_PATH}/{native_id}", body, repeatable=True)
            else:
                made = self._client.post(_PATH, {"page": page}, scope=self._code(place))
                native_id = str(made["id"])
        except AlreadyExists as taken:
            raise _taken(text.url_key, taken) from None
        held = self.read(place, native_id)
        if held is None or held.text != text or not held.is_active:
            raise Mismatch(
                f"The shop made something else of the page “{text.title}”",
                advice="See under Content > Pages what a module changed in it, then try again.",
            )
        return held

    def hide(self, place: Place, native_id: str) -> None:
        held = self.read(place, native_id)
        if held is not None and held.is_active:
            page = {"id": int(native_id), "identifier": held.text.url_key, "active": False}
            with suppress(NotFound):
                self._client.put(f"{_PATH}/{native_id}", {"page": page}, repeatable=True)

    def _held(self, place: Place, row: Row) -> HeldPage:
        content, key = str(row.get("content") or ""), str(row.get("identifier") or "")
        html = content.removeprefix(f"{self._sign(place)}\n")
        text = PageText(key, str(row.get("title") or ""), html)
        url = next((view.url for view in self._views.of_website(place.store_id)), "")
        return HeldPage(str(row["id"]), text, bool(row.get("active")), f"{url}{key}" if url else "")

    def _code(self, place: Place) -> str:
        for view in self._views.of_website(place.store_id):
            if view.id == place.id:
                return view.code
        raise NotFound(f"There is no store view {place.name} (id {place.id}) in the shop any more")

    def _sign(self, place: Place) -> str:
        said = hashlib.sha256(f"{self._mark}|{place.id}".encode()).hexdigest()[:16]
        return f"<!-- loyalty-bridge {said} -->"


def _place(view: View) -> Place:
    return Place(view.id, view.website, view.locale, view.code)


def _taken(url_key: str, taken: AlreadyExists) -> AlreadyExists:
    return AlreadyExists(
        f"The shop has another page or product at the address “{url_key}” already",
        where=taken.where,
        advice="Choose another address for the terms, or give the other page another one.",
    )
