"""Pages of text: one in each place, known again by its mark, never over somebody else's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connectors.base import Connector
from connectors.conformance.base import Suite, given
from connectors.conformance.records import wrong_fields
from connectors.conformance.shop import Ability, Faults, Shop, Target, Trouble, needs
from connectors.content import ContentPages, HeldPage, PageText, Place
from connectors.errors import AlreadyExists, AnswerLost, NotFound, ShopFault

TEXT = PageText(
    url_key="loyalty-programme",
    title="Bedingungen für Bohnen & Co.",
    html=(
        '<div class="loyalty-terms" lang="de" dir="ltr">\n<h2>Punkte</h2>\n<p>1 &lt; 2 &amp; “ja”.'
        '<br>\nمتن ポイント</p>\n<ul>\n<li><a href="https://shop.example/a?b=1&amp;c=2">mehr</a>'
        "</li>\n</ul>\n</div>"
    ),
)
OTHER = PageText("loyalty-club", "Terms", "<p>Other.</p>")


class ContentSuite(Suite):
    @pytest.fixture
    def pages(self, connector: Connector) -> ContentPages:
        return given(connector.content_pages, Ability.CONTENT)

    @pytest.fixture
    def place(self, shop: Shop, pages: ContentPages) -> Place:
        """In the store that the till sells in."""
        return next(one for one in pages.places() if one.store_id == shop.store_id)


@needs(Ability.CONTENT)
class ContentTests(ContentSuite):
    def test_places_are_told_apart_and_belong_to_stores(
        self, connector: Connector, pages: ContentPages
    ) -> None:
        places = list(pages.places())
        ids = [one.id for one in places]
        assert ids == sorted(set(ids))
        assert {one.store_id for one in places} <= {one.id for one in connector.shop().stores}
        assert all(one.locale and one.name and wrong_fields(one, Place) == [] for one in places)
        assert list(pages.places()) == places

    def test_a_page_reads_as_it_was_written(self, pages: ContentPages, place: Place) -> None:
        """To the letter; what reads back differently would look as if a person had changed it."""
        assert pages.own(place, TEXT.url_key) is None
        held = pages.write(place, TEXT)
        assert held.text == TEXT
        assert held.is_active
        assert wrong_fields(held, HeldPage) == []
        assert pages.read(place, held.native_id) == held
        assert pages.own(place, TEXT.url_key) == held

    def test_it_is_changed_and_stays_one_page(self, pages: ContentPages, place: Place) -> None:
        """Its address too."""
        first = pages.write(place, TEXT)
        held = pages.write(place, OTHER, first.native_id)
        assert (held.native_id, held.text) == (first.native_id, OTHER)
        assert pages.read(place, first.native_id) == held

    def test_it_is_switched_off_and_on_again(self, pages: ContentPages, place: Place) -> None:
        held = pages.write(place, TEXT)
        for _ in range(2):
            pages.hide(place, held.native_id)
            assert pages.read(place, held.native_id) == replace(held, is_active=False)
        assert pages.write(place, TEXT, held.native_id) == held

    def test_one_that_is_gone_is_none(self, shop: Shop, pages: ContentPages, place: Place) -> None:
        assert pages.read(place, shop.unknown_page_id) is None
        pages.hide(place, shop.unknown_page_id)
        with pytest.raises(NotFound):
            pages.write(place, TEXT, shop.unknown_page_id)

    def test_somebody_elses_page_is_neither_found_nor_replaced(
        self, shop: Shop, pages: ContentPages, place: Place
    ) -> None:
        assert shop.foreign_page is not None
        shop.foreign_page(TEXT.url_key)
        assert pages.own(place, TEXT.url_key) is None
        with pytest.raises(AlreadyExists):
            pages.write(place, TEXT)
        held = pages.write(place, OTHER)
        with pytest.raises(AlreadyExists):
            pages.write(place, TEXT, held.native_id)
        assert pages.read(place, held.native_id) == held

    @needs(Ability.FAULTS)
    @pytest.mark.parametrize("trouble", [Trouble.DROPPED_DONE, Trouble.TRUNCATED])
    def test_a_page_whose_answer_was_lost_is_found_again(
        self, pages: ContentPages, place: Place, faults: Faults, trouble: Trouble
    ) -> None:
        faults.strike(Target.CONTENT_WRITE, trouble)
        with pytest.raises((AnswerLost, ShopFault)) as caught:
            pages.write(place, TEXT)
        assert caught.value.outcome_unknown
        held = pages.own(place, TEXT.url_key)
        assert held is not None
        assert held.text == TEXT
        assert pages.write(place, OTHER, held.native_id).native_id == held.native_id
