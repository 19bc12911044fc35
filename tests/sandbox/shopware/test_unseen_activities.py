"""Reviews and the newsletter beyond the recordings."""

from __future__ import annotations

import hashlib

from shopware_replay.asking import Client
from shopware_replay.shopping import (
    SAW,
    STANDARD_BUYER,
    Body,
    Shopper,
)


def test_a_review_counts_for_its_author_once_it_is_approved(api: Client, buyer: Shopper) -> None:
    said = {"title": "Sturdy", "content": "It cuts and cuts, and then it cuts more.", "points": 4}
    assert buyer.ask(f"product/{SAW}/review", said).status == 204
    review = api.search("product-review").body["data"][0]

    def counted() -> int:
        found = api.search("customer", filter={"email": STANDARD_BUYER}).body["data"][0]
        return int(found["reviewCount"])

    assert (review["status"], counted()) == (False, 0)
    api.ask("PATCH", f"/api/product-review/{review['id']}", {"status": True})
    assert counted() == 1


def test_reviews_are_for_customers_with_something_to_say(api: Client, buyer: Shopper) -> None:
    assert Shopper(api).ask(f"product/{SAW}/review", {}).status == 403
    short = buyer.ask(f"product/{SAW}/review", {"title": "Ok", "content": "Fine.", "points": 9})
    assert (short.status, short.pointers) == (400, ["/title", "/content", "/points"])
    assert api.search("product-review").body["data"] == []


def test_the_newsletter_with_a_confirmation(api: Client) -> None:
    api.post("/api/_action/system-config", {"core.newsletter.doubleOptIn": True})
    reader = Shopper(api)
    said = {"email": "n@example.org", "option": "subscribe", "storefrontUrl": "http://shop"}
    assert reader.ask("newsletter/subscribe", said).status == 204

    def recipient() -> Body:
        found: Body = api.search("newsletter-recipient").body["data"][0]
        return found

    assert recipient()["status"] == "notSet"
    wrong = reader.ask("newsletter/confirm", {"hash": recipient()["hash"], "em": "other"})
    assert wrong.status == 400
    em = hashlib.sha1(b"n@example.org", usedforsecurity=False).hexdigest()
    assert reader.ask("newsletter/confirm", {"hash": recipient()["hash"], "em": em}).status == 204
    assert (recipient()["status"], recipient()["confirmedAt"] is None) == ("optIn", False)
    assert reader.ask("newsletter/unsubscribe", {"email": "n@example.org"}).status == 204
    assert recipient()["status"] == "optOut"
    assert reader.ask("newsletter/unsubscribe", {"email": "x@example.org"}).status == 404
