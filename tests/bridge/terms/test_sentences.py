"""A programme and what its terms say, section by section."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from bridge.languages.catalogues import MEMBER_NAMES
from bridge.languages.collecting import SOURCES, template
from bridge.programme.document import Programme
from bridge.terms.blocks import Section, TermsText
from bridge.terms.composing import Facts, Words, compose
from bridge.terms.rendering import as_html, as_text

TODAY = date(2026, 11, 23)
FACTS, NOTHING = Facts(TODAY), Words()
BASE = {"programme": "Bean Club", "currency": "EUR", "groups": {"gold": {"name": "G", "base": "B"}}}
PER_TEN = {"per_amount": {"points": 1, "each": 10}}
FULL: dict[str, Any] = {
    "tiers": {
        "silver": {"name": "Silver", "reach": {"spend": 500}, "window": {"months": 12}},
        "gold": {"name": "Gold", "group": "gold", "reach": [{"orders": 9}, {"spend": 2000}]},
    },
    "segments": {"secret-segment": {"rfm": {"orders": 3}}},
    "points": {
        "rules": {
            "base": PER_TEN,
            "hello": {"sign_up": 100},
            "steps": {"order_steps": [{"at": 1, "points": 5}, {"at": 10, "points": 50}]},
            "tools": {"multiply": 2, "when": {"category": "Shop/Grinders", "tier": ["gold"]}},
            "vip": {"per_order": 7, "when": {"segment": "secret-segment", "sku": "SECRET-*"}},
            "own": {"activity": {"name": "secret-webinar", "points": 30}},
        },
        "exclude": {"category": "Vouchers", "sku": "SECRET-*"},
        "caps": {"order": 500},
        "expire": {"months": 24},
    },
    "redemption": {"rate": {"points": 100, "amount": 1}, "step": 5, "of_order": 30},
    "next_purchase": {"soon": {"order": 200, "give": {"percent": 10, "maximum": 50}}},
    "campaigns": {
        "hi": {"sign_up": True, "give": {"amount": 5}, "basket": 50},
        "back": {"quiet_days": 120, "give": {"percent": 15}},
        "past": {"sign_up": True, "give": {"points": 77}, "until": date(2026, 11, 22)},
        "soon": {"on": date(2026, 12, 24), "give": {"points": 24}},
    },
    "gifts": {"mug": {"basket": 250, "sku": "SECRET-1"}},
    "referrals": {"friend": {"give": {"percent": 10}}, "referrer": {"points": 500}},
    "rewards": {"fair": {"name": "Day at the fair", "points": 2500, "stock": 4}},
}


def told(
    language: str = "en", words: Words = NOTHING, facts: Facts = FACTS, **sections: Any
) -> TermsText:
    return compose(Programme.model_validate({**BASE, **sections}), language, facts, words)


def section(key: str, language: str = "en", **sections: Any) -> Section | None:
    return next((one for one in told(language, **sections).sections if one.key == key), None)


def said(key: str, **sections: Any) -> str:
    found = section(key, **sections)
    return "" if found is None else as_text(TermsText("", (found,), "", "en", "ltr"))


def rules(**one: Any) -> dict[str, Any]:
    return {"points": {"rules": {"one": one}}}


@pytest.mark.parametrize(
    ("key", "sections", "sentence"),
    [
        ("taking_part", {}, "Everyone who has a customer account"),
        ("taking_part", {"joining": {"invited": True}}, "We invite members"),
        (
            "taking_part",
            {"joining": {"product": {"sku": "CLUB", "months": 12}}},
            "takes part for 12 months from the payment on",
        ),
        ("earning", rules(**PER_TEN), "1 point for each €10.00."),
        ("earning", rules(per_amount={"points": "1.5", "each": 1}), "3 points for each €2.00."),
        ("earning", rules(**PER_TEN), "Amounts count without tax. Discounts are taken off first."),
        ("earning", {**rules(**PER_TEN), "prices_are": "gross"}, "Amounts count with tax."),
        ("earning", rules(nth_order={"n": 3, "points": 5}), "5 points for your order number 3."),
        ("earning", rules(calendar={"day": "12-06", "points": 5}), "each year on December 6."),
        ("earning", rules(birthday=20, starts=date(2027, 1, 1)), "From January 1, 2027 on."),
        ("earning", rules(birthday=20, until=date(2026, 11, 22)), ""),
        ("earning", rules(per_order=5, share=50), "Only for selected members."),
        (
            "earning",
            rules(multiply=2, when={"category": ["Shop/Grinders", "Mills"]}),
            "Only for products in these categories: Grinders or Mills.",
        ),
        (
            "validity",
            rules(**PER_TEN),
            "14 days after the order was complete. Points do not expire.",
        ),
        (
            "validity",
            {"points": {"rules": {"a": PER_TEN}, "expire": {"yearly": "12-31"}}},
            "Points expire at the end of December 31. The first such day is let pass.",
        ),
        (
            "redeeming",
            {
                "redemption": {
                    "rate": {"points": 20, "amount": 1},
                    "values": [5, 10],
                    "of_order": 30,
                }
            },
            "There are vouchers for €5.00 or €10.00. A voucher pays at most 30% of an order.",
        ),
        ("returns", rules(**PER_TEN), "taken from points that you earn later"),
        (
            "returns",
            {"redemption": {"rate": {"points": 20, "amount": 1}, "step": 5, "returned": "never"}},
            "If you return goods that a voucher paid for, you do not get back its points.",
        ),
        (
            "tiers",
            {"tiers": {"top": {"name": "Top", "reach": {"spend": 900, "orders": 2}}}},
            "Top needs: purchases of €900.00 + 2 orders.",
        ),
        (
            "tiers",
            {
                "tiers": {"top": {"name": "Top", "group": "gold"}},
                "price_lists": {
                    "a": {"groups": ["gold"], "prices": {"S": [{"from": 1, "percent": 5}]}}
                },
            },
            "Top is given by us. This level has prices of its own.",
        ),
        (
            "offers",
            {"gifts": {"m": {"basket": 250, "sku": "M"}}},
            "From a basket of €250.00 on: a gift.",
        ),
        (
            "offers",
            {"next_purchase": {"n": {"give": {"share": 3, "maximum": 9}}}},
            "After each order: a voucher for 3% of what the order came to, at most €9.00.",
        ),
        (
            "referrals",
            {"referrals": {"friend": {"give": {"percent": 10}}, "referrer": {"points": 500}}},
            "You get as thanks: 500 points.",
        ),
        (
            "rewards",
            {"rewards": {"f": {"name": "A day", "points": 2500, "stock": 4}}},
            "A day: 2,500 points. While there are any left.",
        ),
    ],
)
def test_what_the_programme_says_is_said_to_members(
    key: str, sections: dict[str, Any], sentence: str
) -> None:
    if sentence:
        assert sentence in said(key, **sections)
    else:
        assert said(key, **sections) == ""


def test_a_programme_without_anything_has_nobody_earn_anything() -> None:
    assert [one.key for one in told().sections] == ["taking_part"]


def test_what_is_internal_over_or_a_secret_is_not_told() -> None:
    """Names of segments and activities, SKUs, and what to wait for."""
    text = as_text(told(**FULL))
    for word in ("secret", "SECRET", "120", "77", "webinar"):
        assert word not in text
    assert "On December 24, 2026: 24 points." in text


def test_the_merchants_own_words_stand_in_the_text() -> None:
    words = Words(
        intro="Welcome!\nGlad you came.",
        clauses="- One\n- [Two](https://shop.example/two)",
        contact="See https://shop.example/imprint.\n\n<script>alert(1)</script> {{store url}}",
    )
    terms = told(words=words, facts=Facts(TODAY, TODAY, "Star Club", "Star", "Stars"), **FULL)
    html = as_html(terms)
    assert terms.title == "Terms of Star Club"
    assert html.startswith('<div class="loyalty-terms" lang="en" dir="ltr">\n<p>Welcome!<br>Glad')
    assert '<li><a href="https://shop.example/two">Two</a></li>' in html
    assert '<a href="https://shop.example/imprint">https://shop.example/imprint</a>.' in html
    assert "&lt;script&gt;" in html
    assert "{" not in html
    assert "Points are called “Stars” here." in html
    assert "1 Star for each €10.00." in html
    assert html.endswith("<p>As of November 23, 2026.</p>\n</div>")
    assert "As of" not in as_html(terms, with_date=False)


@pytest.mark.parametrize("link", ["javascript:alert(1)", "data:text/html,x", "//evil.example"])
def test_only_addresses_of_pages_and_of_mail_become_links(link: str) -> None:
    html = as_html(told(words=Words(intro=f"[here]({link})")))
    assert "<a " not in html


def test_the_same_programme_gives_the_same_text() -> None:
    assert as_html(told(**FULL)) == as_html(told(**FULL))


@pytest.mark.parametrize("language", [name for name in MEMBER_NAMES if name != "en"])
def test_each_language_says_all_of_it(language: str) -> None:
    """As many sections and entries as in English, in other words, with every part filled in."""
    english, other = told(**FULL), told(language, **FULL)
    assert [one.key for one in other.sections] == [one.key for one in english.sections]
    assert as_html(other).count("<li>") == as_html(english).count("<li>")
    for mine, theirs in zip(english.sections, other.sections, strict=True):
        assert mine.title != theirs.title
    text = as_text(other)
    assert "%(" not in text
    assert other.direction == ("rtl" if language == "fa" else "ltr")


def test_every_sentence_of_the_terms_is_in_the_catalogue() -> None:
    assert SOURCES["terms"] == ("terms",)
    texts = {
        one.id if isinstance(one.id, str) else one.id[0] for one in template("terms") if one.id
    }
    assert {"Points do not expire.", "%(number)s point", "Amounts count with tax."} <= texts
