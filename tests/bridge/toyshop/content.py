"""Pages of text in a toy shop: each store has some languages, and a page in each."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from connectors.content import HeldPage, PageText, Place
from connectors.errors import AlreadyExists, NotFound
from toyshop.shop import ToyShop


@dataclass(frozen=True)
class ShopPage:
    id: str
    place_id: str
    text: PageText
    mark: str = ""
    """Empty: somebody else made it."""
    is_active: bool = True


class ToyContent:
    def __init__(self, shop: ToyShop, mark: str) -> None:
        self._shop = shop
        self._mark = mark

    def places(self) -> Sequence[Place]:
        def act() -> list[Place]:
            return [
                Place(f"{store.id}/{locale}", store.id, locale, f"{store.name} {locale}")
                for store in sorted(self._shop.stores, key=lambda one: one.id)
                for locale in sorted(self._shop.locales)
            ]

        answer: list[Place] = self._shop.asked("places", act)
        return answer

    def read(self, place: Place, native_id: str) -> HeldPage | None:
        answer: HeldPage | None = self._shop.asked("read_page", lambda: self._read(native_id))
        return answer

    def own(self, place: Place, url_key: str) -> HeldPage | None:
        def act() -> HeldPage | None:
            for page in self._shop.pages.values():
                here = (page.place_id, page.text.url_key, page.mark)
                if here == (place.id, url_key, self._mark):
                    return self._read(page.id)
            return None

        answer: HeldPage | None = self._shop.asked("own_page", act)
        return answer

    def write(self, place: Place, text: PageText, native_id: str = "") -> HeldPage:
        def act() -> HeldPage:
            if native_id and native_id not in self._shop.pages:
                raise NotFound(f"There is no page {native_id}")
            for page in self._shop.pages.values():
                here = (page.place_id, page.text.url_key) == (place.id, text.url_key)
                if here and page.id != native_id:
                    raise AlreadyExists(f"Another page is at {text.url_key} already")
            id_ = native_id or self._new_id(place)
            self._shop.pages[id_] = ShopPage(id_, place.id, text, self._mark)
            return self._held(id_)

        answer: HeldPage = self._shop.asked("write_page", act, (place.id, text))
        return answer

    def hide(self, place: Place, native_id: str) -> None:
        def act() -> None:
            page = self._shop.pages.get(native_id)
            if page is not None:
                self._shop.pages[native_id] = replace(page, is_active=False)

        self._shop.asked("hide_page", act, (native_id,))

    def _new_id(self, place: Place) -> str:
        if not self._shop.is_ruled:
            return self._shop.number()
        return hashlib.sha256(f"{self._mark}|{place.id}".encode()).hexdigest()[:32]

    def _read(self, native_id: str) -> HeldPage | None:
        return self._held(native_id) if native_id in self._shop.pages else None

    def _held(self, native_id: str) -> HeldPage:
        page = self._shop.pages[native_id]
        address = f"https://toy.example/{page.text.url_key}"
        return HeldPage(native_id, page.text, page.is_active, address)


def edit_page(shop: ToyShop, html: str, native_id: str = "") -> None:
    """A person changes a page in the shop; the only one, if none is named."""
    (id_,) = [native_id] if native_id else list(shop.pages)
    page = shop.pages[id_]
    shop.pages[id_] = replace(page, text=replace(page.text, html=html))


def foreign_page(shop: ToyShop, url_key: str, store_id: str = "s1") -> str:
    """A person makes a page of his own at this address, in every language; the id of the last."""
    id_ = ""
    for locale in shop.locales:
        id_ = shop.number()
        text = PageText(url_key, "By hand", "<p>Mine.</p>")
        shop.pages[id_] = ShopPage(id_, f"{store_id}/{locale}", text)
    return id_
