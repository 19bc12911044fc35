"""One catalogue and the same people for every sandbox."""

from __future__ import annotations

from decimal import Decimal

import pytest

from connectors.sandbox.catalogue import CATEGORIES, catalogue
from connectors.sandbox.people import SHOPPERS, people

RECORDED = {
    "B2B-1029": ("Circular saw 190 mm", Decimal("74.86"), Decimal("89.08")),
    "B2B-1032": ("Nitrile gloves L (100)", Decimal("9.35"), Decimal("11.13")),
    "B2B-1056": ("Degreaser 10 l", Decimal("11.09"), Decimal("13.20")),
}


@pytest.mark.parametrize("sku", RECORDED)
def test_recorded_articles_cost_what_was_recorded(sku: str) -> None:
    found = next(article for article in catalogue(60) if article.sku == sku)
    assert (found.name, found.net, found.gross) == RECORDED[sku]


@pytest.mark.parametrize("size", [1, 60, 1962, 2000, 5000])
def test_has_the_size_asked_for_and_no_sku_twice(size: int) -> None:
    skus = [article.sku for article in catalogue(size)]
    assert len(skus) == len(set(skus)) == size


def test_a_larger_catalogue_only_adds() -> None:
    small, large = catalogue(1500), catalogue(2000)
    assert [article.sku for article in small] == [article.sku for article in large[:1500]]
    assert [article.net for article in small] == [article.net for article in large[:1500]]


@pytest.mark.parametrize("size", [70, 333, 2000])
def test_variants_and_parents_name_each_other(size: int) -> None:
    articles = {article.sku: article for article in catalogue(size)}
    variants = [article for article in articles.values() if article.parent_sku]
    assert variants or size < 200
    for variant in variants:
        assert variant.sku in articles[variant.parent_sku].variant_skus
        assert variant.options
    for article in articles.values():
        assert set(article.variant_skus) <= set(articles)


def test_some_variants_have_a_price_of_their_own_and_some_do_not() -> None:
    articles = {article.sku: article for article in catalogue(2000)}
    variants = [article for article in articles.values() if article.parent_sku]
    for variant in variants:
        same = variant.net == articles[variant.parent_sku].net
        assert same or variant.own_price
    assert {variant.own_price for variant in variants} == {True, False}


def test_every_article_is_priced_taxed_and_in_a_category() -> None:
    keys = {node.key for node in CATEGORIES}
    for article in catalogue(2000):
        assert article.net > 0
        assert article.net == article.net.quantize(Decimal("0.01"))
        assert article.tax_rate in (7, 19)
        assert article.category in keys
    assert {node.parent for node in CATEGORIES} - {""} <= keys


def test_people_are_distinct_and_the_shoppers_among_them() -> None:
    emails = [person.email for person in people(1000)]
    assert len(set(emails)) == 1000
    assert tuple(emails[: len(SHOPPERS)]) == SHOPPERS
    assert all(email.isascii() and email == email.lower() for email in emails)
