"""Client credentials: one cached bearer token for all threads of a connector."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from decimal import Decimal

from connectors.errors import NotAShop, NotFound, Unauthorized
from connectors.http import NO_AUTH, HttpClient, Token, TokenAuth
from connectors.sentences import sentence

TOKEN_PATH = "/api/oauth/token"  # noqa: S105 - an address
_EARLY = 30.0
_REFUSED = (
    "Create the integration anew under Settings > System > Integrations and give its access key "
    "id and secret to the bridge."
)


class ClientCredentials(TokenAuth):
    """Fetches a token when needed and keeps it until 30 s before its end (recorded: oauth.json
    #0, ten minutes). A refused token is fetched anew once; refused credentials, or a fresh
    token that is refused, stop every further call of this connector, since the shop's limiter
    counts failures per IP (PLATFORM_FACTS Shopware 9)."""

    def __init__(
        self,
        client_id: str,
        client_secret: str,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client_id = client_id
        self._client_secret = client_secret
        self._http: HttpClient | None = None
        super().__init__(self._ask, early=_EARLY, pause=math.inf, clock=clock)

    def use(self, http: HttpClient) -> None:
        """The client that tokens are fetched with; it may itself be signed by this object."""
        self._http = http

    def _ask(self) -> Token:
        if self._http is None:
            raise RuntimeError("ClientCredentials.use() comes before the first call")
        try:
            answer = self._http.request(
                "POST",
                TOKEN_PATH,
                json={
                    "grant_type": "client_credentials",
                    "client_id": self._client_id,
                    "client_secret": self._client_secret,
                },
                repeatable=True,
                reading=True,
                auth=NO_AUTH,
            )
        except Unauthorized as refused:
            raise Unauthorized(
                sentence("The shop does not accept the access key id and secret"),
                where=refused.where,
                advice=_REFUSED,
            ) from None
        except NotFound as missing:
            raise NotAShop(sentence("There is no Shopware API"), where=missing.where) from None
        return _token(answer.body, answer.where)


def _token(body: object, where: str) -> Token:
    if not isinstance(body, dict) or not isinstance(body.get("access_token"), str):
        raise NotAShop(sentence("The address answers, but gives out no token"), where=where)
    lifetime = body.get("expires_in")
    seconds = float(lifetime) if isinstance(lifetime, int | Decimal) else 600.0
    return Token(value=body["access_token"], lifetime=seconds)
