"""Error answers of Magento's REST services, classed by what can be done about them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from connectors.errors import (
    AlreadyExists,
    ConnectorError,
    Forbidden,
    InUse,
    NotAShop,
    NotFound,
    Rejected,
    ShopFault,
    TooMany,
    Unauthorized,
)
from connectors.http import Answer
from connectors.magento.auth import not_signed_in
from connectors.magento.messages import message_of, parameters_by_name
from connectors.sentences import sentence

_TOO_MANY = re.compile(r"Maximum (?:items of type|SearchCriteria pageSize).*?\bis (\d+)", re.DOTALL)
_NO_ACCESS = "The consumer isn't authorized to access"
_BAD_SIGNATURE = re.compile(
    r"token length is invalid|Signature method .* is not supported|Oauth version isn't supported"
    r"|\boauth_\w+"
)
"""What is wrong with a signature's form is a 400 (magento2 Framework/Oauth/Oauth.php,
``OauthInputException``), with its keys a 401."""
_CLOCK_ADVICE = sentence("Set this clock by NTP: it is more than ten minutes ahead of the shop's.")
_BEARER_ADVICE = (
    "Grant the integration that resource; if every call is refused like this, the token is wrong "
    "or bearer tokens are switched off (see `loyalty-bridge store check`)."
)


class FailedInside(ShopFault):
    """Magento itself caught an exception and answered (500, in its own words): the call is over,
    unlike one that a gateway gave up waiting for."""


class NoRoute(NotAShop):
    """Magento answered, and has no such service: a module that would bring it is not there."""


def classify(answer: Answer) -> ConnectorError:
    """The error for an answer with status 400 or above."""
    said = message_of(answer.body)
    if not said:
        return _foreign(answer)
    if answer.status in {401, 403}:
        return _refused(answer, said)
    if answer.status >= 500:
        return FailedInside(f"The shop failed inside: {said}", where=answer.where)
    if _BAD_SIGNATURE.search(said):
        return _unsigned(answer, said)
    limit = _TOO_MANY.search(said)
    if limit:
        return TooMany(said, where=answer.where, limit=max(1, int(limit.group(1))))
    return _by_words(answer, said)


def missing_privileges(answer: Answer) -> tuple[str, ...]:
    """The resources an answer names as not granted (recorded: auth.json #2 and #3)."""
    body: Any = answer.body
    if answer.status not in {401, 403} or not message_of(body).startswith(_NO_ACCESS):
        return ()
    named = parameters_by_name(body["message"], body.get("parameters"))
    resources = named.get("resources", "")
    return tuple(part.strip() for part in resources.split(",") if part.strip()) or ("?",)


def _refused(answer: Answer, said: str) -> ConnectorError:
    privileges = missing_privileges(answer)
    if privileges:
        return Forbidden(
            sentence(
                "The shop does not let these credentials use %(privileges)s",
                privileges=", ".join(privileges),
            ),
            where=answer.where,
            advice=_BEARER_ADVICE,
            privileges=privileges,
        )
    return _unsigned(answer, said)


def _unsigned(answer: Answer, said: str) -> Unauthorized:
    if "oauth_timestamp parameter" in said:
        return Unauthorized(said, where=answer.where, advice=_CLOCK_ADVICE)
    return not_signed_in(said, answer.where)


def _by_words(answer: Answer, said: str) -> ConnectorError:
    lower = said.lower()
    kind: Callable[..., ConnectorError] = Rejected
    if "does not match any route" in lower:
        return NoRoute(
            said,
            where=answer.where,
            advice=sentence(
                "The shop lacks this service: a module is switched off, or it is too old."
            ),
        )
    if "already exists" in lower:
        kind = AlreadyExists
    elif answer.status == 404 or lower.startswith("no such entity"):
        kind = NotFound
    elif lower.startswith("cannot delete"):
        kind = InUse
    return kind(said, where=answer.where)


def _foreign(answer: Answer) -> ConnectorError:
    if answer.status >= 500:
        return ShopFault(
            sentence("The shop answered %(status)s", status=answer.status), where=answer.where
        )
    return NotAShop(
        sentence(
            "The address answered %(status)s in words that are not Magento's", status=answer.status
        ),
        where=answer.where,
    )
