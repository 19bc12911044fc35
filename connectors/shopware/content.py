"""The bridge's landing pages: one for each sales channel, with a translation for each language.

All of them share one layout of ours (a ``cms_page`` of type ``landingpage`` with one text in it);
what a page says in a language stands in its ``slotConfig``, which is translated (recorded:
entities.json), so that an admin may arrange the layout as he likes. A landing page cannot be
without a sales channel (shopware ``LandingPageValidator``), nor without name and address in the
system's language: where the channel does not speak it, they are those of the first language.

A page is known by its id, which derives from mark and channel, and by the mark in its custom
fields, which are translated too: they are written and read in the system's language, as those of
promotions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from connectors.content import HeldPage, PageText, Place
from connectors.errors import AlreadyExists, Mismatch, NotFound, Unsafe
from connectors.shopware import ids, mapping
from connectors.shopware.client import ShopwareClient, equals, operation
from connectors.shopware.paging import Criteria, Row

SYSTEM_LANGUAGE = "2fbb5fe2e29a4d70aa5854ce7ce3e20b"
"""The same in every shop (shopware ``Defaults::LANGUAGE_SYSTEM``)."""
_CHANNELS: Criteria = {
    "associations": {
        "domains": {"associations": {"language": {"associations": {"locale": {}}}}},
    },
    "includes": {
        "sales_channel": ["id", "name", "typeId", "domains"],
        "sales_channel_domain": ["url", "languageId", "language"],
        "language": ["id", "locale"],
        "locale": ["code"],
    },
}
_PAGE: Criteria = {
    "associations": {"translations": {}, "salesChannels": {}},
    "includes": {
        "landing_page": ["id", "active", "customFields", "translations", "salesChannels"],
        "landing_page_translation": ["languageId", "name", "url", "slotConfig", "customFields"],
        "sales_channel": ["id"],
    },
}
_NAME = "Loyalty Bridge"


class ShopwareContent:
    """Safe to share between threads."""

    def __init__(self, client: ShopwareClient, mark: str) -> None:
        self._client = client
        self._mark = mark
        self._slot = ids.derived_id(mark, "terms-slot")

    def places(self) -> Sequence[Place]:
        """A language that no address of the channel speaks is seen by nobody."""
        rows = self._client.all("sales_channel", _CHANNELS)
        found = {one.id: one for row in rows for one in _places(row)}
        return [found[id_] for id_ in sorted(found)]

    def read(self, place: Place, native_id: str) -> HeldPage | None:
        row = self._row(native_id)
        return None if row is None else self._held(place, row)

    def own(self, place: Place, url_key: str) -> HeldPage | None:
        row = self._row(self._page_id(place))
        return self._held(place, row) if row is not None and self._is_ours(row) else None

    def write(self, place: Place, text: PageText, native_id: str = "") -> HeldPage:
        page_id = self._page_id(place)
        there = self._row(page_id)
        if native_id and (native_id != page_id or there is None):
            raise NotFound(f"There is no landing page with the id {native_id} in the shop")
        if there is not None and not self._is_ours(there):
            raise Unsafe(
                f"The landing page {page_id} does not carry the bridge's mark any more",
                advice="Delete it in the shop, and it is made anew.",
            )
        self._refuse_taken(place, text.url_key, page_id)
        operations = {"layout": self._layout()} if self._lacks_layout() else {}
        page = operation("landing_page", "upsert", [self._payload(place, text, there)])
        self._client.sync({**operations, "page": page})
        held = self.read(place, page_id)
        if held is None or held.text != text or not held.is_active:
            raise Mismatch(
                f"The shop made something else of the landing page “{text.title}”",
                advice="See under Catalogues > Categories what an app changed, then try again.",
            )
        return held

    def hide(self, place: Place, native_id: str) -> None:
        """In every language at once: a landing page has one switch."""
        with suppress(NotFound):
            self._client.update("landing_page", native_id, {"active": False})

    # -- reading ----------------------------------------------------------------------------

    def _row(self, page_id: str) -> Row | None:
        rows = self._client.search("landing_page", {**_PAGE, "ids": [page_id], "limit": 1}).rows
        return rows[0] if rows else None

    def _held(self, place: Place, row: Row) -> HeldPage | None:
        """``None`` where it was never said in this language."""
        said = _said(row, _language(place))
        html = _html(said.get("slotConfig"), self._slot)
        if html is None:
            return None
        text = PageText(str(said.get("url") or ""), str(said.get("name") or ""), html)
        return HeldPage(str(row["id"]), text, bool(row.get("active")))

    def _is_ours(self, row: Row) -> bool:
        fields = _said(row, SYSTEM_LANGUAGE).get("customFields")
        own = fields.get(ids.CUSTOM_FIELD) if isinstance(fields, dict) else None
        return isinstance(own, dict) and own.get("mark") == self._mark

    def _refuse_taken(self, place: Place, url_key: str, page_id: str) -> None:
        """The shop itself takes two pages at one address, and shows one of them."""
        criteria = {
            **_PAGE,
            "filter": [equals("translations.url", url_key)],
            "limit": 100,
        }
        for row in self._client.search("landing_page", criteria).rows:
            if row["id"] != page_id and place.store_id in _channels(row):
                raise AlreadyExists(
                    f"The shop has another landing page at the address “{url_key}” already",
                    advice="Choose another address for the terms, or give that page another one.",
                )

    def _lacks_layout(self) -> bool:
        criteria = {"ids": [self._slot], "limit": 1, "includes": {"cms_slot": ["id"]}}
        return not self._client.search("cms_slot", criteria).rows

    # -- writing ----------------------------------------------------------------------------

    def _page_id(self, place: Place) -> str:
        return ids.derived_id(self._mark, "terms-page", place.store_id)

    def _payload(self, place: Place, text: PageText, there: Row | None) -> dict[str, Any]:
        language = _language(place)
        content = {"content": {"source": "static", "value": text.html}}
        said: dict[str, Any] = {
            "name": text.title,
            "metaTitle": text.title,
            "url": text.url_key,
            "slotConfig": {self._slot: content},
        }
        translations = {language: said}
        if there is None or language == SYSTEM_LANGUAGE:
            names = {"name": text.title, "url": text.url_key} | translations.get(
                SYSTEM_LANGUAGE, {}
            )
            own = {ids.CUSTOM_FIELD: {"mark": self._mark}}
            translations[SYSTEM_LANGUAGE] = {**names, "customFields": own}
        payload = {
            "id": self._page_id(place),
            "active": True,
            "cmsPageId": ids.derived_id(self._mark, "terms-layout"),
            "translations": translations,
        }
        if there is None or place.store_id not in _channels(there):
            payload["salesChannels"] = [{"id": place.store_id}]
        return payload

    def _layout(self) -> dict[str, Any]:
        slot = {"id": self._slot, "type": "text", "slot": "content"}
        block = {
            "id": ids.derived_id(self._mark, "terms-block"),
            "type": "text",
            "position": 0,
            "sectionPosition": "main",
            "slots": [slot],
        }
        section = {
            "id": ids.derived_id(self._mark, "terms-section"),
            "type": "default",
            "position": 0,
            "sizingMode": "boxed",
            "blocks": [block],
        }
        layout = {
            "id": ids.derived_id(self._mark, "terms-layout"),
            "type": "landingpage",
            "name": _NAME,
            "sections": [section],
        }
        return operation("cms_page", "upsert", [layout])


def _places(row: Row) -> Iterator[Place]:
    if row.get("typeId") == mapping.FEED_TYPE:
        return
    for domain in row.get("domains") or ():
        language = domain.get("language") or {}
        code = str((language.get("locale") or {}).get("code") or "")
        channel = str(row["id"])
        yield Place(f"{channel}/{domain['languageId']}", channel, code, f"{row['name']} ({code})")


def _language(place: Place) -> str:
    return place.id.rpartition("/")[2]


def _channels(row: Row) -> set[str]:
    return {str(one["id"]) for one in row.get("salesChannels") or ()}


def _said(row: Row, language: str) -> Mapping[str, Any]:
    for one in row.get("translations") or ():
        if one.get("languageId") == language:
            found: Mapping[str, Any] = one
            return found
    return {}


def _html(config: object, slot: str) -> str | None:
    """PHP writes an empty object as a list."""
    content = config.get(slot) if isinstance(config, dict) else None
    value = content.get("content", {}).get("value") if isinstance(content, dict) else None
    return value if isinstance(value, str) else None
