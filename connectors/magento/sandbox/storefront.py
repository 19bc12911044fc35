"""The pages of the shop that a bridge's customer meets: signing in, and what the module adds.

A shopper's session is a cookie with his token. Nothing is drawn.
"""

from __future__ import annotations

import base64
import html
import re
import secrets
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlencode

from flask import Request, Response

from connectors.magento.sandbox.auth import sign_in
from connectors.webhooks import signature

if TYPE_CHECKING:
    from connectors.magento.sandbox.shop import Shop

SESSION = "PHPSESSID"
REFERRAL = "loyalty_bridge_referral"
_REFERRAL_SECONDS = 30 * 24 * 3600
_CODE = re.compile(r"[A-Za-z0-9-]{3,40}")
_PAGE = re.compile(r"[a-z][a-z0-9-]{0,39}")
_ACCOUNT, _LOGIN = "customer/account", "customer/account/login"


def page(shop: Shop, path: str, request: Request) -> Response:
    path = path.rstrip("/")
    if path == "magento_version":
        return Response("Magento/2.4 (Community)", content_type="text/html; charset=UTF-8")
    if path.startswith("loyaltybridge/") and shop.module.is_installed:
        return _of_module(shop, path.removeprefix("loyaltybridge/"), request)
    bare, _, _ = path.partition("/referer/")
    if bare == f"{_ACCOUNT}/loginPost":
        return _sign_in(shop, request)
    if bare == _LOGIN:
        return shown(200, "Customer Login", _form(path))
    if path == f"{_ACCOUNT}/create":
        return shown(200, "Create New Customer Account", "")
    if path == _ACCOUNT:
        return _account(shop, request)
    if path:
        return shown(404, "404 Not Found", "The page you requested was not found.")
    return shown(200, "Home Page", "Welcome to our store.")


def shown(status: int, title: str, body: str) -> Response:
    text = f"<!doctype html><html><head><title>{title}</title></head><body>{body}</body></html>"
    return Response(text, status, content_type="text/html; charset=UTF-8")


def _moved(address: str) -> Response:
    return Response("", 302, {"Location": address, "Cache-Control": "no-store"})


def _customer(shop: Shop, request: Request) -> int:
    """Who is signed in; 0: nobody."""
    found = shop.access.shopper_tokens.get(request.cookies.get(SESSION, ""), 0)
    return found if found in shop.customers.rows else 0


# -- the account ----------------------------------------------------------------------------


def _form(path: str) -> str:
    back = html.escape(path.removeprefix(_LOGIN))
    return (
        f'<form method="post" action="/{_ACCOUNT}/loginPost{back}">'
        '<input name="login[username]"><input name="login[password]" type="password">'
        "<button>Sign In</button></form>"
    )


def _sign_in(shop: Shop, request: Request) -> Response:
    token = sign_in(
        shop, request.form.get("login[username]", ""), request.form.get("login[password]", "")
    )
    if not token:
        return _moved(f"/{_LOGIN}")
    answer = _moved(_back(request) or f"/{_ACCOUNT}")
    answer.set_cookie(SESSION, token, httponly=True, samesite="Lax")
    return answer


def _back(request: Request) -> str:
    """Where he came from: a page of this shop alone."""
    _, _, coded = request.path.partition("/referer/")
    try:
        address = base64.b64decode(unquote(coded).translate(_PLAIN)).decode()
    except ValueError:
        return ""
    return address if address.startswith(request.host_url) else ""


_PLAIN = str.maketrans("-_~", "+/=")
"""How Magento writes Base64 into addresses (magento2 ``Framework/Url/Encoder.php``)."""
_CODED = str.maketrans("+/=", "-_~")


def _account(shop: Shop, request: Request) -> Response:
    customer = shop.customers.rows.get(_customer(shop, request))
    if customer is None:
        return _to_login(request)
    return shown(200, "My Account", html.escape(str(customer["email"])))


def _to_login(request: Request) -> Response:
    coded = base64.b64encode(request.url.encode()).decode().translate(_CODED)
    return _moved(f"/{_LOGIN}/referer/{quote(coded)}")


# -- the module's ---------------------------------------------------------------------------


def _of_module(shop: Shop, path: str, request: Request) -> Response:
    if path == "member/open":
        return _open_member(shop, request)
    if path == "referral/index":
        return _refer(shop, request)
    return shown(404, "404 Not Found", "The page you requested was not found.")


def _open_member(shop: Shop, request: Request) -> Response:
    """To the member's own page of the bridge, with a link that works once."""
    customer_id = _customer(shop, request)
    if not customer_id:
        return _to_login(request)
    address, secret = shop.module.setting("member_url"), shop.module.setting("link_secret")
    if not address or not secret or not shop.module.works:
        return _moved(f"/{_ACCOUNT}")
    page_name = request.args.get("to", "")
    query = urlencode(
        {
            "customer": customer_id,
            "at": int(shop.clock().timestamp()),
            "nonce": secrets.token_urlsafe(18),
            "to": page_name if _PAGE.fullmatch(page_name) else "",
        }
    )
    return _moved(f"{address}?{query}&signature={signature(secret, query.encode())}")


def _refer(shop: Shop, request: Request) -> Response:
    """A friend's link: its code is noted for the order that may follow."""
    code = request.args.get("code", "")
    if not _CODE.fullmatch(code) or not shop.module.works:
        return _moved("/")
    answer = _moved("/" if _customer(shop, request) else f"/{_ACCOUNT}/create")
    answer.set_cookie(REFERRAL, code, max_age=_REFERRAL_SECONDS, httponly=True, samesite="Lax")
    return answer


def noted_referral(request: Request) -> str:
    """What that link noted. Empty: nothing, or no code."""
    code = request.cookies.get(REFERRAL, "")
    return code if _CODE.fullmatch(code) else ""
