"""Who calls, and what he may use: integration, admin, shopper, or nobody."""

from __future__ import annotations

import hmac
import secrets
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from connectors.magento.sandbox import oauth
from connectors.magento.sandbox.errors import Refused, all_required, not_allowed
from connectors.magento.sandbox.routing import Call, Route

if TYPE_CHECKING:
    from connectors.magento.sandbox.shop import Shop

CONSUMER_KEY = "r6p7wd7og1bqhq4feurb0grjovra6kts"
CONSUMER_SECRET = "lxcp9h5fshr6dojyonh99m01hyfxdvka"  # noqa: S105 - published throw-away keys
ACCESS_TOKEN = "qc3egw4dsudebjoao574pi4xzpsn4te3"  # noqa: S105 - (recorded: oauth1.json)
ACCESS_TOKEN_SECRET = "ildj3nv989cw21fu7bfxpsm3b59ak1tb"  # noqa: S105
ADMIN_USER = "admin"
ADMIN_PASSWORDS = ("Sandbox-Admin-1", "<admin-password>")
"""A throw-away password, and what the recordings show in its place."""

ANONYMOUS = "anonymous"
SELF = "self"

_SIGN_IN = (
    "The account sign-in was incorrect or your account is disabled temporarily. "
    "Please wait and try again later."
)
_FAILURES_ALLOWED = 6
_LOCKED_SECONDS = 30 * 60.0
_TOKEN_SECONDS = 4 * 3600.0


@dataclass(slots=True)
class Access:
    """The tokens the shop gave out, and sign-ins that failed."""

    admin_tokens: dict[str, float] = field(default_factory=dict)
    """Token to the time (monotonic) it ends."""
    shopper_tokens: dict[str, int] = field(default_factory=dict)
    """Token to customer id."""
    failures: int = 0
    locked_until: float = 0.0
    nonces: set[str] = field(default_factory=set)


def authorize(shop: Shop, call: Call, resource: str) -> None:
    """Lets the call pass or raises Refused. Sets ``call.customer_id`` for a signed-in shopper."""
    admin = _is_admin(shop, call)
    if resource == ANONYMOUS:
        return
    if resource == SELF:
        if call.customer_id is None:
            raise not_allowed("self")
        return
    if not admin or resource in shop.faults.shop["missing_privileges"]:
        raise not_allowed(resource)


def _is_admin(shop: Shop, call: Call) -> bool:
    header = call.authorization
    signed = oauth.parameters(header)
    if signed is not None:
        _check_signature(shop, call, signed)
        return True
    kind, _, token = header.partition(" ")
    if kind.lower() != "bearer":
        return False
    token = token.strip()
    call.customer_id = shop.access.shopper_tokens.get(token)
    if hmac.compare_digest(token.encode(), ACCESS_TOKEN.encode()):
        return bool(shop.faults.shop["integration_as_bearer"])
    return shop.access.admin_tokens.get(token, 0.0) > time.monotonic()


_SIGNED = (
    "oauth_consumer_key",
    "oauth_signature",
    "oauth_signature_method",
    "oauth_nonce",
    "oauth_timestamp",
    "oauth_token",
)


def _check_signature(shop: Shop, call: Call, signed: dict[str, str]) -> None:
    """In the shop's own order (magento2: Framework/Oauth/Oauth.php, validateAccessTokenRequest;
    Integration/Model/Oauth/Token/Provider.php), so that of two faults the same one is named."""
    _check_form(signed)
    _check_consumer(signed["oauth_consumer_key"])
    _check_nonce(shop, signed)
    if signed["oauth_token"] != ACCESS_TOKEN:
        raise Refused(401, "Specified token does not exist")
    right = oauth.signature(call.method, call.url, signed, CONSUMER_SECRET, ACCESS_TOKEN_SECRET)
    if not hmac.compare_digest(right.encode(), signed["oauth_signature"].encode()):
        raise Refused(401, "The signature is invalid. Verify and try again.")


def _check_form(signed: dict[str, str]) -> None:
    version = signed.get("oauth_version", "1.0")
    if version != "1.0":
        raise Refused(400, 'The "%1" Oauth version isn\'t supported.', [version])
    missing = [name for name in _SIGNED if name not in signed]
    if missing:
        raise all_required(missing)
    if len(signed["oauth_token"].encode()) != oauth.LENGTH:
        raise Refused(400, "The token length is invalid. Check the length and try again.")
    method = signed["oauth_signature_method"]
    if method not in oauth.SIGNATURE_METHODS:
        raise Refused(400, "Signature method %1 is not supported", [method])


def _check_consumer(key: str) -> None:
    if len(key.encode()) != oauth.LENGTH:
        raise Refused(401, "Consumer key is not the correct length")
    if key != CONSUMER_KEY:
        raise Refused(401, "A consumer having the specified key does not exist")


def _check_nonce(shop: Shop, signed: dict[str, str]) -> None:
    """A real shop takes each nonce once; replays of recordings need it switched off."""
    if not shop.faults.shop["nonce_once"]:
        return
    nonce = signed.get("oauth_nonce", "")
    if nonce in shop.access.nonces:
        raise Refused(401, "The nonce is already being used by the consumer with ID %1.", [1])
    shop.access.nonces.add(nonce)


# -- signing in -----------------------------------------------------------------------------


def _sign_in_fields(call: Call) -> tuple[str, str]:
    body = call.body()
    missing = [name for name in ("username", "password") if not body.get(name)]
    if missing:
        raise all_required(missing)
    return str(body["username"]), str(body["password"])


def admin_token(shop: Shop, call: Call) -> Any:
    """Six failures lock the account for half an hour (PLATFORM_FACTS Magento 23)."""
    username, password = _sign_in_fields(call)
    access = shop.access
    if access.locked_until > time.monotonic():
        raise Refused(401, _SIGN_IN)
    if username != ADMIN_USER or password not in ADMIN_PASSWORDS:
        access.failures += username == ADMIN_USER
        if access.failures >= _FAILURES_ALLOWED:
            access.locked_until = time.monotonic() + _LOCKED_SECONDS
            access.failures = 0
        raise Refused(401, _SIGN_IN)
    access.failures = 0
    token = secrets.token_hex(16)
    access.admin_tokens[token] = time.monotonic() + _TOKEN_SECONDS
    return token


def customer_token(shop: Shop, call: Call) -> Any:
    token = sign_in(shop, *_sign_in_fields(call))
    if not token:
        raise Refused(401, _SIGN_IN)
    return token


def sign_in(shop: Shop, email: str, password: str) -> str:
    """A shopper's token; empty: that is not his password."""
    row = shop.customers.by_email(email)
    if row is None or shop.customers.passwords.get(row["id"]) != password:
        return ""
    token = secrets.token_hex(16)
    shop.access.shopper_tokens[token] = row["id"]
    return token


ROUTES = (
    Route("POST", "integration/admin/token", ANONYMOUS, admin_token),
    Route("POST", "integration/customer/token", ANONYMOUS, customer_token),
)
