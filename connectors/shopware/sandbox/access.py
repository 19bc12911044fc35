"""Who may do what: access tokens and the privileges behind them."""

from __future__ import annotations

import base64
import binascii
import json
import re
import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from connectors.shopware.sandbox import errors
from connectors.shopware.sandbox.database import Database
from connectors.shopware.sandbox.fieldvalues import hashed

TOKEN_SECONDS = 600
"""How long a token lasts (recorded: oauth.json #0)."""


@dataclass(frozen=True, slots=True)
class Grant:
    integration_id: str
    issued: float
    epoch: int


def refused(code: str, status: int, title: str, detail: str | None) -> errors.ShopError:
    """What the authorization server says; its codes are its own small numbers."""
    error = {"code": code, "status": str(status), "title": title, "detail": detail}
    return errors.ShopError(status, [error])


def denied(detail: str) -> errors.ShopError:
    title = "The resource owner or authorization server denied the request."
    return refused("9", 401, title, detail)


class Tokens:
    """Issued tokens. They end with time, or all at once when the epoch moves on."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._grants: dict[str, Grant] = {}

    def issue(self, request: dict[str, Any], epoch: int) -> dict[str, Any]:
        """Answers a token request. Raises ShopError 400 or 401 (recorded: oauth.json)."""
        if request.get("grant_type") != "client_credentials":
            raise refused(
                "2",
                400,
                "The authorization grant type is not supported by the authorization server.",
                "Check that all required parameters have been provided",
            )
        if not request.get("client_id"):
            raise refused(
                "3",
                400,
                "The request is missing a required parameter, includes an invalid parameter "
                "value, includes a parameter more than once, or is otherwise malformed.",
                "Check the `client_id` parameter",
            )
        integration = self._authenticated(request)
        token = ".".join(
            [
                _encoded({"typ": "JWT", "alg": "HS256"}),
                _encoded({"aud": request["client_id"], "jti": secrets.token_hex(20)}),
                secrets.token_urlsafe(32),
            ]
        )
        with self._database.lock:
            self._grants[token] = Grant(integration, time.monotonic(), epoch)
        return {"token_type": "Bearer", "expires_in": TOKEN_SECONDS, "access_token": token}

    def _authenticated(self, request: dict[str, Any]) -> str:
        table = self._database["integration"]
        with self._database.lock:
            for key in table.where("accessKey", request["client_id"]):
                secret = table.rows[key].values.get("secretAccessKey")
                if secret == hashed(request.get("client_secret")):
                    return str(key)
        raise refused("4", 401, "Client authentication failed", None)

    def check(self, header: str | None, *, seconds: float, epoch: int) -> str:
        """The integration behind an Authorization header.

        Raises ShopError 401 (recorded: oauth.json #4, #5).
        """
        if not header:
            raise denied('Missing "Authorization" header')
        # as league/oauth2-server: what does not begin with "Bearer " is taken for a token whole
        token = re.sub(r"^\s*Bearer\s", "", header).strip()
        if not token:
            raise denied('Missing "Bearer" token')
        with self._database.lock:
            grant = self._grants.get(token)
        if grant is None:
            _check_form(token)
            raise denied("Access token could not be verified")
        if grant.epoch != epoch or time.monotonic() - grant.issued >= seconds:
            raise denied("Access token could not be verified")
        return grant.integration_id


def _encoded(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _check_form(token: str) -> None:
    parts = token.strip().split(".")
    if len(parts) != 3:
        raise denied("The JWT string must have two dots")
    for part in parts[:2]:
        try:
            raw = base64.b64decode(part + "=" * (-len(part) % 4), b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise denied(_NOT_BASE64) from None
        if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != part:
            raise denied(_NOT_BASE64)
        try:
            json.loads(raw)
        except ValueError:
            raise denied("Error while decoding from JSON") from None


_NOT_BASE64 = "Error while decoding from Base64Url, invalid base64 characters detected"


def privileges_of(database: Database, integration_id: str) -> frozenset[str] | None:
    """What an integration may do; ``None``: everything."""
    row = database["integration"].by_id(integration_id)
    if row is None or row.values.get("admin"):
        return None
    granted: set[str] = set()
    mapping = database["integration_role"]
    for key in mapping.where("integrationId", integration_id):
        role = database["acl_role"].by_id(mapping.rows[key].values["aclRoleId"])
        granted.update((role and role.values.get("privileges")) or ())
    return frozenset(granted)


def require(granted: frozenset[str] | None, needed: Iterable[str]) -> None:
    """Raises ShopError 403 naming every missing privilege."""
    if granted is None:
        return
    missing = [privilege for privilege in needed if privilege not in granted]
    if missing:
        raise errors.missing_privileges(missing)
