"""The three ways into Magento's REST services (PLATFORM_FACTS Magento 23)."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from requests_oauthlib import OAuth1

from connectors.base import Credential
from connectors.errors import NotAShop, Unauthorized
from connectors.http import Answer, Authentication, Token, TokenAuth
from connectors.sentences import sentence

ADMIN_TOKEN_LIFETIME = 4 * 3600.0
_RENEWABLE_AFTER = 60.0

_INTEGRATION = (
    sentence(
        "In the admin, open System > Extensions > Integrations and choose Add New Integration."
    ),
    sentence(
        "On its API tab, grant customers, catalogue, sales, carts, cart price rules and stores: "
        "the test at the end names each resource that is missing."
    ),
    sentence("Save, choose Activate, and allow it."),
)

TOKEN = Credential(
    kind="token",
    fields=("access_token",),
    text=sentence("The access token of an integration, where the shop accepts it alone"),
    labels=(sentence("Access token"),),
    steps=(
        *_INTEGRATION,
        sentence(
            "Set Stores > Configuration > Services > OAuth > Consumer Settings > Allow "
            "OAuth Access Tokens to be used as standalone Bearer tokens to Yes: from 2.4.4 "
            "on the token alone is refused without it."
        ),
        sentence("Copy the access token here."),
    ),
)
OAUTH = Credential(
    kind="oauth",
    fields=("consumer_key", "consumer_secret", "access_token", "access_token_secret"),
    text=sentence("All four keys of an integration: every call is signed (OAuth 1.0a)"),
    labels=(
        sentence("Consumer key"),
        sentence("Consumer secret"),
        sentence("Access token"),
        sentence("Access token secret"),
    ),
    steps=(*_INTEGRATION, sentence("Copy all four keys here.")),
)
ADMIN = Credential(
    kind="admin",
    fields=("username", "password"),
    text=sentence("An admin user without two-factor sign-in"),
    labels=(sentence("User name"), sentence("Password")),
    steps=(
        sentence(
            "A stock Magento 2.4 asks admin users for a second factor, and then gives the "
            "bridge no token. Prefer an integration."
        ),
        sentence(
            "Under System > All Users, make a user for the bridge alone, with a role that "
            "may do what the bridge needs: the test at the end names what is missing."
        ),
        sentence("Six wrong passwords lock the user for 30 minutes."),
    ),
)
CREDENTIALS = (OAUTH, TOKEN, ADMIN)
"""The first choice first."""
TWO_FACTOR = sentence(
    "With two-factor sign-in an admin user cannot be used here: create an integration."
)


def credential_kind(given: Mapping[str, str]) -> Credential:
    """Which set of credentials this is: the one whose own fields are there. Raises ValueError
    that names what is missing."""
    there = {name for name, value in given.items() if value}
    for credential, own in ((OAUTH, set(OAUTH.fields) - set(TOKEN.fields)), (ADMIN, ADMIN.fields)):
        if there.intersection(own):
            missing = [name for name in credential.fields if name not in there]
            if missing:
                raise ValueError(f"Magento credentials lack {', '.join(missing)}.")
            return credential
    if not there.issuperset(TOKEN.fields):
        wanted = "; or ".join(", ".join(credential.fields) for credential in CREDENTIALS)
        raise ValueError(f"Magento needs one of these sets of credentials: {wanted}.")
    return TOKEN


class Bearer(Authentication):
    """An integration's access token as it is."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: Any) -> Any:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class OAuthSignature(Authentication):
    """OAuth 1.0a, HMAC-SHA256, in the header (recorded: oauth1.json). A JSON body is not part
    of what is signed. ``nonce`` and ``timestamp`` are given in tests only."""

    def __init__(
        self, keys: Mapping[str, str], *, nonce: str | None = None, timestamp: str | None = None
    ) -> None:
        self._sign = OAuth1(
            client_key=keys["consumer_key"],
            client_secret=keys["consumer_secret"],
            resource_owner_key=keys["access_token"],
            resource_owner_secret=keys["access_token_secret"],
            signature_method="HMAC-SHA256",
            nonce=nonce,
            timestamp=timestamp,
        )

    def __call__(self, request: Any) -> Any:
        signed = self._sign(request)
        header = signed.headers["Authorization"]
        if isinstance(header, bytes):
            signed.headers["Authorization"] = header.decode("ascii")
        return signed


class AdminToken(TokenAuth):
    """An admin user's token. It lives 4 hours unless the shop says less.

    Magento answers a token that has ended just as it answers a missing privilege (401, "isn't
    authorized to access"), so a refused token is renewed once, and only when it is not fresh.
    """

    def __init__(
        self, fetch: Callable[[], Token], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(fetch, early=60.0, clock=clock)

    def renew(self, refused: str, answer: Answer) -> bool:
        return self.forget(refused, older_than=_RENEWABLE_AFTER)


def admin_token(answer: Answer) -> Token:
    """The token in the answer of ``POST /V1/integration/admin/token`` (recorded: auth.json #0)."""
    if isinstance(answer.body, dict) and isinstance(answer.body.get("message"), str):
        raise not_signed_in(answer.body["message"], answer.where)
    if not isinstance(answer.body, str) or not answer.body:
        raise NotAShop(sentence("The address gives out no admin token"), where=answer.where)
    return Token(answer.body, ADMIN_TOKEN_LIFETIME)


def not_signed_in(said: str, where: str) -> Unauthorized:
    """What a shop with two-factor sign-in answers instead of a token: a 400 or a 401, or a 200
    with a message in it, by version (security-package ``TwoFactorAuth/Model/
    AdminAccessTokenService.php``). With it, the shop may send the user an e-mail each time: so
    it counts as refused credentials, which are not tried again."""
    return Unauthorized(said, where=where, advice=TWO_FACTOR if is_two_factor(said) else None)


def is_two_factor(said: str) -> bool:
    return any(word in said.lower() for word in ("2fa", "two-factor", "two factor"))
