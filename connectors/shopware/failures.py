"""Shopware's error bodies, classed by what one can do about them.

The status alone misleads: a foreign key that does not exist is a 500 with SQL text (recorded:
products_and_advanced_prices.json #11, #12; customers.json #10), an id that is taken is a 400
(customer_groups.json #4). SQL is never shown; it says nothing to the one who can act.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
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
from connectors.http import Answer, default_error
from connectors.sentences import sentence

_FOREIGN_KEY = re.compile(
    r"`(?P<table>\w+)`, CONSTRAINT .*?FOREIGN KEY \(`(?P<column>\w+)`.*?"
    r"REFERENCES `(?P<target>\w+)`",
    re.DOTALL,
)
_POINTER = re.compile(r"^/(?:(?P<operation>[^/\d][^/]*)/)?(?P<index>\d+)(?:/(?P<field>.+))?$")
_TRANSLATION = re.compile(r"^translations/[0-9a-f]{32}/")
_GRANT = sentence(
    "Grant it to the role of the bridge's integration (Settings > System > Users & permissions)."
)
_WORDS = {
    "product_price": "advanced prices",
    "customer": "customers",
    "customer_group": "customer groups",
    "product": "products",
    "sales_channel": "sales channels",
    "promotion": "promotions",
    "shipping_method": "shipping methods",
    "payment_method": "payment methods",
    "rule": "rules",
}
_SINGULAR = {"rule": "rule", "product": "product", "customer_group": "customer group"}


class InvalidRows(Rejected):
    """A batch was refused as a whole, and the shop named the rows that are to blame."""

    def __init__(self, message: str, *, where: str, reasons: Mapping[int, str]) -> None:
        super().__init__(message, where=where)
        self.reasons = dict(reasons)
        """Index in the payload → what is wrong with that row, in the shop's words."""


class MissingReference(Rejected):
    """A row names a thing that is not in the shop; the shop says in which field, not which row."""

    def __init__(self, thing: str, *, where: str, field: str, thing_id: str = "") -> None:
        known = f" {thing_id}" if thing_id else ""
        super().__init__(
            sentence(
                "The %(thing)s%(known)s it names is not in the shop", thing=thing, known=known
            ),
            where=where,
        )
        self.thing = thing
        self.field = field
        """As the API spells it: ``ruleId``."""

    def naming(self, thing_id: str) -> MissingReference:
        """The same for one row, of which it is known what it refers to."""
        return MissingReference(self.thing, where=self.where, field=self.field, thing_id=thing_id)


def classify(answer: Answer) -> ConnectorError:
    """The error of an answer with a status of 400 or above and a JSON body."""
    errors = _errors(answer.body)
    if not errors:
        if answer.status == 404:
            return NotAShop(sentence("What answers there is not Shopware"), where=answer.where)
        return default_error(answer)
    if answer.status == 401:
        return Unauthorized(
            sentence("The shop refused the token: %(detail)s", detail=_detail(errors[0])),
            where=answer.where,
        )
    known = _by_code(errors[0], answer.where)
    if known is not None:
        return known
    if answer.status == 403:
        return Forbidden(_detail(errors[0]), where=answer.where)
    if answer.status == 404:
        return NotFound(_detail(errors[0]), where=answer.where)
    if answer.status >= 500:
        return _fault(errors[0], answer)
    return _invalid(errors, answer.where)


def missing_privileges(error: Mapping[str, Any]) -> tuple[str, ...]:
    """Names such as ``product_price:create``, each once (the shop repeats them: recorded
    app_configuration.json #5)."""
    try:
        detail = json.loads(str(error.get("detail")))
        return tuple(dict.fromkeys(str(name) for name in detail["missingPrivileges"]))
    except (ValueError, KeyError, TypeError):
        return ()


def _errors(body: object) -> list[dict[str, Any]]:
    if not isinstance(body, dict) or not isinstance(body.get("errors"), list):
        return []
    return [error for error in body["errors"] if isinstance(error, dict)]


def _by_code(error: Mapping[str, Any], where: str) -> ConnectorError | None:
    code = str(error.get("code"))
    parameters = _parameters(error)
    detail = _detail(error)
    if code == "FRAMEWORK__MISSING_PRIVILEGE_ERROR":
        return _forbidden(missing_privileges(error), where)
    if code == "FRAMEWORK__DELETE_RESTRICTED":
        return InUse(f"It is still in use by {_usages(parameters)}", where=where)
    if code == "FRAMEWORK__WRITE_TYPE_INTEND_ERROR":
        if "InsertCommand" in str(parameters.get("expectedClass")):
            return AlreadyExists("A thing with this id is there already", where=where)
        return NotFound("There is no thing with this id", where=where)
    if code == "FRAMEWORK__RESOURCE_NOT_FOUND":
        return NotFound(detail, where=where)
    if code == "FRAMEWORK__QUERY_LIMIT_EXCEEDED":
        return TooMany(detail, where=where, limit=_limit(parameters))
    return _by_sql(code, detail, where)


def _by_sql(code: str, detail: str, where: str) -> ConnectorError | None:
    if code == "1452" or "constraint violation: 1452" in detail:
        return _missing_reference(detail, where)
    if code == "1062" or "constraint violation: 1062" in detail:
        return AlreadyExists("A thing with this id or unique value is there already", where=where)
    return None


def _missing_reference(detail: str, where: str) -> Rejected:
    found = _FOREIGN_KEY.search(detail)
    if found is None:
        return Rejected("It names a thing that is not in the shop", where=where)
    target = found["target"]
    field = re.sub(r"_(\w)", lambda letter: letter[1].upper(), found["column"])
    thing = _SINGULAR.get(target, target.replace("_", " "))
    return MissingReference(thing, where=where, field=field)


def _forbidden(privileges: tuple[str, ...], where: str) -> Forbidden:
    if not privileges:
        return Forbidden(sentence("The integration lacks a privilege"), where=where, advice=_GRANT)
    word = "privilege" if len(privileges) == 1 else "privileges"
    message = sentence(
        "The integration lacks the %(word)s %(privileges)s",
        word=word,
        privileges=", ".join(privileges),
    )
    return Forbidden(message, where=where, advice=_GRANT, privileges=privileges)


def _usages(parameters: Mapping[str, Any]) -> str:
    usages = parameters.get("usages")
    if not isinstance(usages, list) or not usages:
        return str(parameters.get("usagesString") or "other things")
    named = []
    for usage in usages:
        entity = str(usage.get("entityName"))
        named.append(f"{usage.get('count')} {_WORDS.get(entity, entity)}")
    return ", ".join(named)


def _limit(parameters: Mapping[str, Any]) -> int:
    limit = parameters.get("maxLimit")
    return limit if isinstance(limit, int) and limit > 0 else 1


def _fault(error: Mapping[str, Any], answer: Answer) -> ShopFault:
    detail = _detail(error)
    if "SQLSTATE" in detail:
        detail = "its database refused a query"
    return ShopFault(
        sentence(
            "The shop failed inside (%(status)s): %(detail)s",
            status=answer.status,
            detail=detail[:200],
        ),
        where=answer.where,
    )


def _invalid(errors: list[dict[str, Any]], where: str) -> Rejected:
    reasons: dict[int, str] = {}
    for error in errors:
        found = _POINTER.match(_pointer(error))
        if found is None:
            continue
        index = int(found["index"])
        reason = _reason(error, found["field"])
        reasons[index] = f"{reasons[index]} {reason}" if index in reasons else reason
    if not reasons:
        return Rejected(" ".join(_reason(error, None) for error in errors), where=where)
    message = " ".join(dict.fromkeys(reasons.values()))
    return InvalidRows(message, where=where, reasons=reasons)


def _reason(error: Mapping[str, Any], field: str | None) -> str:
    detail = _detail(error)
    return f"{_TRANSLATION.sub('', field)}: {detail}" if field else detail


def _pointer(error: Mapping[str, Any]) -> str:
    source = error.get("source")
    return str(source.get("pointer") or "") if isinstance(source, dict) else ""


def _parameters(error: Mapping[str, Any]) -> Mapping[str, Any]:
    meta = error.get("meta")
    parameters = meta.get("parameters") if isinstance(meta, dict) else None
    return parameters if isinstance(parameters, dict) else {}


def _detail(error: Mapping[str, Any]) -> str:
    return str(error.get("detail") or error.get("title") or "no reason given")
