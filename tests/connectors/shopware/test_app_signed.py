"""Who opened a page, pressed a button or came with a token: only what the shop itself signed."""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.shop_pages import Award, Awarded, Opened, Pressed
from connectors.shopware.app.signed import ShopwarePages, awarded, opened, pressed, signed_in
from connectors.webhooks import Refused, ShopIdentity, signature

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
AT = int(NOW.timestamp())
SECRET, OLD = "shop-secret", "former-secret"
SHOP = ShopIdentity("G2h3TXun0v08Fzdh", "http://127.0.0.1:8000")
CUSTOMER, CHANNEL = "a" * 32, "b" * 32
QUERY = f"shop-id={SHOP.shop_id}&shop-url={SHOP.shop_url}&timestamp={AT}&sw-user-language=de-DE"
MARK = "shopware-shop-signature"


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(Refused) as caught:
        call()
    return type(caught.value).__name__


# -- a page in the administration ------------------------------------------------------------------


def page(query: str = QUERY, secret: str = SECRET) -> bytes:
    return f"{query}&{MARK}={signature(secret, query.encode())}".encode()


def test_a_page_opened_in_the_administration_is_known_by_its_whole_query() -> None:
    assert opened([SECRET], page(), NOW) == Opened(SHOP, "de-DE", NOW)
    assert opened([SECRET, OLD], page(secret=OLD), NOW).shop == SHOP
    user = f"sw-user-id={CUSTOMER}"
    assert opened([SECRET], page(f"{QUERY}&{user}"), NOW).user_id == CUSTOMER
    own_word = opened([SECRET], page(f"{user}&{QUERY}"), NOW)
    assert own_word.user_id == "", "an older shop signs in front what its user asks it to sign"
    an_hour_ago = page(QUERY.replace(str(AT), str(AT - 3600)))
    assert opened([SECRET], an_hour_ago, NOW).shop == SHOP  # the administration stayed open


@pytest.mark.parametrize(
    ("query", "why"),
    [
        (QUERY.encode(), "Forged"),
        (page(secret="another"), "Forged"),
        (page().replace(b"de-DE", b"en-GB"), "Forged"),
        (page().replace(b"://", b"%3A%2F%2F"), "Forged"),
        (page() + b"&admin=1", "Forged"),
        (page() + b"&" + MARK.encode() + b"=0", "Forged"),
        (page(QUERY.replace(str(AT), str(AT - 43_201))), "Stale"),
        (page(QUERY.replace(str(AT), str(AT + 301))), "Stale"),
        (page(QUERY.replace(f"timestamp={AT}&", "")), "Unreadable"),
        (page(f"{QUERY}&shop-id=other"), "Unreadable"),
        (page(QUERY.replace("shop-id", "id")), "Unreadable"),
    ],
)
def test_no_other_page_is_opened(query: bytes, why: str) -> None:
    assert refusal(lambda: opened([SECRET], query, NOW)) == why


def test_without_a_registered_shop_nothing_is() -> None:
    assert refusal(lambda: opened([""], page(secret=""), NOW)) == "Forged"
    assert refusal(lambda: signed_in([""], token(secret=""), NOW)) == "Forged"


# -- a button --------------------------------------------------------------------------------------


def button(**data: Any) -> bytes:
    told = {"ids": [CUSTOMER], "entity": "customer", "action": "showPoints", **data}
    source = {"url": SHOP.shop_url, "shopId": SHOP.shop_id, "appVersion": "2.0.0"}
    meta = {"timestamp": AT, "reference": "r", "language": "l"}
    return json.dumps({"source": source, "data": told, "meta": meta}).encode()


def test_a_button_says_which_customers_and_the_answer_is_signed() -> None:
    headers = {MARK: signature(SECRET, button())}
    found = pressed([SECRET], headers, button(), NOW)
    assert found == Pressed(SHOP, "customer", (CUSTOMER,), "showPoints", secret=SECRET)
    reply = ShopwarePages().opens(found.secret, "https://bridge.example/members/1")
    assert json.loads(reply.body) == {
        "actionType": "openNewTab",
        "payload": {"redirectUrl": "https://bridge.example/members/1"},
    }
    assert reply.headers["shopware-app-signature"] == signature(SECRET, reply.body)
    headers = {MARK: signature(OLD, button()), "sw-user-language": "de-DE"}
    found = pressed([SECRET, OLD], headers, button(), NOW)
    reply = ShopwarePages().says(found.secret, "Nobody yet.", is_good=False)
    assert reply.headers["shopware-app-signature"] == signature(OLD, reply.body)
    assert (json.loads(reply.body)["payload"], found.language) == (
        {"status": "info", "message": "Nobody yet."},
        "de-DE",
    )


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (button(ids=[]), "Unreadable"),
        (button(ids=["x"]), "Unreadable"),
        (button(ids=[7]), "Unreadable"),
        (button(entity=None), "Unreadable"),
        (b"[]", "Unreadable"),
        (button().replace(str(AT).encode(), str(AT + 400).encode()), "Stale"),
    ],
)
def test_a_button_that_says_nothing_of_use_is_refused(body: bytes, why: str) -> None:
    headers = {MARK: signature(SECRET, body)}
    assert refusal(lambda: pressed([SECRET], headers, body, NOW)) == why
    assert refusal(lambda: pressed([SECRET], {MARK: "0" * 64}, body, NOW)) == "Forged"


# -- an action of a flow ---------------------------------------------------------------------------


def award(**told: Any) -> bytes:
    source = {"url": SHOP.shop_url, "eventId": "e" * 32, "shopId": SHOP.shop_id}
    body = {"customerId": CUSTOMER, "points": "500", "reason": "Thanks", "source": source}
    return json.dumps({**body, "timestamp": AT, **told}).encode()


def test_an_award_says_who_shall_have_how_many_and_which_run_it_is() -> None:
    # As it is rendered twice, each time escaped for HTML.
    body = award(reason="Tom&amp;#039;s  birthday\n", points=" 500 ")
    found = awarded([SECRET], {MARK: signature(SECRET, body)}, body, NOW)
    told = Award("e" * 32, NOW, CUSTOMER, "500", "Tom's birthday")
    assert found == Awarded(SHOP, told)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (award(source={"url": SHOP.shop_url, "shopId": SHOP.shop_id}), "Unreadable"),
        (award(customerId=""), "Unreadable"),
        (award(customerId=7), "Unreadable"),
        (award(timestamp=None), "Unreadable"),
        (award(timestamp=AT - 301), "Stale"),
    ],
)
def test_an_award_that_cannot_be_told_from_another_is_refused(body: bytes, why: str) -> None:
    headers = {MARK: signature(SECRET, body)}
    assert refusal(lambda: awarded([SECRET], headers, body, NOW)) == why
    assert refusal(lambda: awarded(["other"], headers, body, NOW)) == "Forged"


# -- a shopper -------------------------------------------------------------------------------------


def token(secret: str = SECRET, head: dict[str, Any] | None = None, **claims: Any) -> str:
    told = {
        "iat": AT + 0.25,
        "nbf": AT + 0.25,
        "exp": AT + 600.25,
        "customerId": CUSTOMER,
        "salesChannelId": CHANNEL,
        **claims,
    }
    parts = [encoded(json.dumps(one).encode()) for one in (head or {"alg": "HS256"}, told)]
    mark = hmac.new(secret.encode(), ".".join(parts).encode(), "sha256").digest()
    return ".".join([*parts, encoded(mark)])


def encoded(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")


def test_a_token_says_who_the_shopper_is() -> None:
    found = signed_in([SECRET], token(), NOW)
    assert (found.customer_id, found.sales_channel_id) == (CUSTOMER, CHANNEL)
    assert found.expires_at == datetime.fromtimestamp(AT + 630.25, UTC)
    head, claims, mark = token().split(".")
    written_otherwise = signed_in([SECRET], f"{head}.{claims}.{mark}=", NOW)
    assert written_otherwise.token_id == found.token_id
    assert signed_in([SECRET], token(iat=AT + 0.5), NOW).token_id != found.token_id


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (token("another"), "Forged"),
        (token(head={"alg": "none"}), "Forged"),
        (token(head={"alg": "HS512"}), "Forged"),
        (token().rpartition(".")[0] + ".", "Forged"),
        (token() + "x", "Forged"),
        ("", "Forged"),
        ("ä.ö.ü", "Forged"),
        (token(exp=AT - 31, nbf=AT - 600), "Stale"),
        (token(nbf=AT + 31), "Stale"),
        (token(exp=AT + 86_400), "Unreadable"),
        (token(exp=None), "Unreadable"),
        (token(exp=True), "Unreadable"),
        (token(customerId=None), "Unreadable"),
        (token(customerId="1"), "Unreadable"),
        (token(salesChannelId=[CHANNEL]), "Unreadable"),
    ],
)
def test_no_other_token_says_anything(wrong: str, why: str) -> None:
    assert refusal(lambda: signed_in([SECRET], wrong, NOW)) == why


def test_a_changed_claim_is_seen() -> None:
    head, claims, mark = token().split(".")
    _, others, _ = token(customerId="c" * 32).split(".")
    assert claims != others
    assert refusal(lambda: signed_in([SECRET], f"{head}.{others}.{mark}", NOW)) == "Forged"
