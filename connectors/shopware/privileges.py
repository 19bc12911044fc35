"""What the integration's role has to allow, and harmless ways to find out what it does not."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from connectors.errors import ConnectorError, Forbidden, NotFound, Rejected
from connectors.sentences import sentence
from connectors.shopware.client import ShopwareClient, equals, operation
from connectors.shopware.failures import MissingReference
from connectors.shopware.mapping import SYSTEM_CURRENCY
from connectors.shopware.orders import ASSOCIATIONS as ORDER_ASSOCIATIONS

READ = (
    "customer_group",
    "rule",
    "rule_condition",
    "product",
    "product_price",
    "customer",
    "currency",
    "tax",
    "sales_channel",
    "sales_channel_domain",
    "category",
)
CREATE = ("customer_group", "rule", "rule_condition", "product_price")
UPDATE = ("customer_group", "customer", "product_price")
DELETE = ("customer_group", "rule", "product_price")

NEEDED = (
    *(f"{entity}:read" for entity in READ),
    *(f"{entity}:create" for entity in CREATE),
    *(f"{entity}:update" for entity in UPDATE),
    *(f"{entity}:delete" for entity in DELETE),
)
UNPROBED = (
    *(f"{entity}:update" for entity in UPDATE),
    *(f"{entity}:delete" for entity in DELETE),
)
"""These cannot be tried without a row to change: the shop looks for the row first and asks for
the privilege afterwards."""


Operations = Mapping[str, Mapping[str, Any]]
PROBE_NAME = "Loyalty Bridge privilege probe"
_NO_CONDITION = "loyaltyBridgeProbe"


def impossible_rule(rule_id: str) -> dict[str, Any]:
    condition = {"type": _NO_CONDITION, "value": {}}
    return {"id": rule_id, "name": PROBE_NAME, "priority": 0, "conditions": [condition]}


@dataclass(frozen=True, slots=True)
class Feature:
    """What works only with privileges that groups and prices do without."""

    text: str
    """What does not work where one is missing."""
    entity: str
    """The list that is asked for to find out."""
    associations: Mapping[str, Any]
    privileges: tuple[str, ...]
    trial: Callable[[], Operations] | None = None
    """What it would write, of which the shop names what is not allowed before it writes."""


def _reads(*entities: str) -> tuple[str, ...]:
    return tuple(f"{entity}:read" for entity in entities)


_PARTS = (
    "promotion",
    "promotion_discount",
    "promotion_discount_prices",
    "promotion_sales_channel",
    "promotion_individual_code",
)
_CONTENT = (
    "landing_page",
    "cms_page",
    "cms_section",
    "cms_block",
    "cms_slot",
    "landing_page_sales_channel",
)
_LINKS = ("promotion_cart_rule", "promotion_persona_rule", "promotion_discount_rule")


def _promotion_trial() -> Operations:
    """A promotion with all its parts, in a sales channel that does not exist, for a rule with a
    condition that does not exist."""
    rule, nothing = uuid.uuid4().hex, uuid.uuid4().hex
    link = [{"id": rule}]
    price = {"currencyId": SYSTEM_CURRENCY, "price": 1}
    discount = {
        "scope": "cart",
        "type": "absolute",
        "value": 1,
        "considerAdvancedRules": False,
        "discountRules": link,
        "promotionDiscountPrices": [price],
    }
    promotion = {
        "id": uuid.uuid4().hex,
        "name": PROBE_NAME,
        "active": False,
        "useCodes": True,
        "useIndividualCodes": True,
        "discounts": [discount],
        "salesChannels": [{"salesChannelId": nothing, "priority": 1}],
        "individualCodes": [{"code": nothing}],
        "cartRules": link,
        "personaRules": link,
    }
    return {
        "rule": operation("rule", "upsert", [impossible_rule(rule)]),
        "promotion": operation("promotion", "upsert", [promotion]),
    }


FEATURES = (
    Feature(
        sentence("Orders are not seen: nobody earns points in this shop"),
        "order",
        ORDER_ASSOCIATIONS,
        _reads(
            "order",
            "order_line_item",
            "order_customer",
            "order_transaction",
            "order_transaction_capture",
            "order_transaction_capture_refund",
            "order_transaction_capture_refund_position",
            "order_delivery",
            "state_machine_state",
        ),
    ),
    Feature(
        sentence(
            "Orders are not seen: their times of payment and completion are in the state history"
        ),
        "state_machine_history",
        {},
        _reads("state_machine_history"),
    ),
    Feature(sentence("Reviews earn no points"), "product_review", {}, _reads("product_review")),
    Feature(
        sentence("The newsletter earns no points"),
        "newsletter_recipient",
        {},
        _reads("newsletter_recipient"),
    ),
    Feature(
        sentence("The shop does not show its customers their points"),
        "custom_field_set",
        {"customFields": {}, "relations": {}},
        (
            *_reads("custom_field_set", "custom_field", "custom_field_set_relation"),
            "custom_field_set:create",
            "custom_field:create",
            "custom_field_set_relation:create",
            "custom_field_set:update",
            "custom_field_set:delete",
        ),
    ),
    Feature(
        sentence("No vouchers, gifts and discounts in this shop's baskets"),
        "promotion",
        {
            "discounts": {"associations": {"promotionDiscountPrices": {}}},
            "salesChannels": {},
            "individualCodes": {},
        },
        (
            *_reads(*_PARTS),
            *(f"{entity}:create" for entity in (*_PARTS, *_LINKS)),
            *(f"{entity}:update" for entity in (*_PARTS, "rule", "rule_condition")),
            *(f"{entity}:delete" for entity in (*_PARTS, *_LINKS)),
            "promotion_order_rule:delete",
            "rule_condition:delete",
        ),
        _promotion_trial,
    ),
    Feature(
        sentence("The shop cannot show the terms of the programme"),
        "landing_page",
        {"salesChannels": {}, "translations": {}},
        (
            *_reads("landing_page", "landing_page_translation", "cms_slot", "language", "locale"),
            *(f"{entity}:create" for entity in _CONTENT),
            *(f"{entity}:update" for entity in _CONTENT[:-1]),
        ),
    ),
)
"""``customer:read``, ``customer:update`` and ``currency:read``, which these need too, are needed
in any case."""


_PRIVILEGE = re.compile(r"\w+:\w+")


@dataclass(frozen=True, slots=True)
class Granted:
    missing: tuple[str, ...]
    unproved: tuple[str, ...] = ()
    trouble: tuple[str, ...] = ()
    """Probes that ended in something else than yes or no."""
    lacking: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By the text of a feature that does not work, the privileges it lacks."""


def granted(client: ShopwareClient, client_id: str) -> Granted:
    """Reads the role where the integration may read itself, else probes.

    Raises Unauthorized, Unreachable and the like when nothing can be asked at all.
    """
    listed = _listed(client, client_id)
    if listed is not None:
        needed = tuple(name for name in NEEDED if name not in listed)
        return Granted(needed, lacking=_lacking(listed))
    missing: list[str] = []
    trouble: list[str] = []
    for probe in (_missing_reads, _missing_creates):
        for found in probe(client):
            (missing if _PRIVILEGE.fullmatch(found) else trouble).append(found)
    lacking, odd = _refused_features(client)
    return Granted(tuple(dict.fromkeys(missing)), UNPROBED, (*trouble, *odd), lacking)


def _lacking(listed: frozenset[str]) -> dict[str, tuple[str, ...]]:
    found = {f.text: tuple(p for p in f.privileges if p not in listed) for f in FEATURES}
    return {text: names for text, names in found.items() if names}


def _refused_features(client: ShopwareClient) -> tuple[dict[str, tuple[str, ...]], list[str]]:
    """One list each, with all that is read along: the shop names every privilege it misses. What
    making the fields for the points needs shows when they are made, and what changing and removing
    promotions needs, when that is done."""
    lacking: dict[str, tuple[str, ...]] = {}
    odd: list[str] = []
    for feature in FEATURES:
        criteria = {
            "limit": 1,
            "associations": feature.associations,
            "includes": {feature.entity: ["id"]},
        }
        try:
            client.search(feature.entity, criteria)
        except Forbidden as refusal:
            lacking[feature.text] = refusal.privileges or feature.privileges
        except NotFound:
            odd.append(
                sentence("The shop does not know the list of %(entity)s", entity=feature.entity)
            )
        if feature.trial is not None:
            refused, text = _tried(client, feature.trial())
            if refused:
                lacking[feature.text] = (*lacking.get(feature.text, ()), *refused)
            odd += [text] if text else []
    return lacking, odd


def _tried(client: ShopwareClient, operations: Operations) -> tuple[tuple[str, ...], str]:
    """What is not allowed of it, and what else was wrong with trying. See
    :func:`_missing_creates` for why nothing is written."""
    try:
        client.sync(operations)
    except MissingReference:
        return (), ""
    except Forbidden as refusal:
        return refusal.privileges, ""
    except ConnectorError as other:
        is_expected = _NO_CONDITION in other.message
        return (
            (),
            ""
            if is_expected
            else sentence(
                "The probe for writing ended unexpectedly: %(message)s", message=other.message
            ),
        )
    for name in ("promotion", "rule"):
        with suppress(ConnectorError):
            client.delete(name, operations[name]["payload"][0]["id"])
    return (), sentence(
        "The shop took a promotion of a sales channel that does not exist; it was removed"
    )


def _listed(client: ShopwareClient, client_id: str) -> frozenset[str] | None:
    """The privileges of the integration's roles; all of them for an administrator; ``None``
    when it may not read itself (``integration:read``, ``acl_role:read``)."""
    criteria = {
        "filter": [equals("accessKey", client_id)],
        "limit": 1,
        "associations": {"aclRoles": {}},
        "includes": {"integration": ["id", "admin", "aclRoles"], "acl_role": ["privileges"]},
    }
    with suppress(Forbidden, Rejected):
        for row in client.search("integration", criteria).rows:
            if row.get("admin") is True:
                return frozenset([*NEEDED, *(p for f in FEATURES for p in f.privileges)])
            roles = row.get("aclRoles")
            if isinstance(roles, list):
                return frozenset(
                    str(name)
                    for role in roles
                    if isinstance(role, dict)
                    for name in role.get("privileges") or ()
                )
    return None


def _missing_reads(client: ShopwareClient) -> Iterator[str]:
    """Privileges, or sentences about what went wrong."""
    for entity in READ:
        try:
            client.search(entity, {"limit": 1, "includes": {entity: ["id"]}})
        except Forbidden as refusal:
            yield from refusal.privileges or (f"{entity}:read",)
        except NotFound:
            yield sentence("The shop does not know the list of %(entity)s", entity=entity)


def _missing_creates(client: ShopwareClient) -> Iterator[str]:
    """One call that ends before the shop's database is written to: its rule has a condition of a
    kind that does not exist. The shop asks for the privileges of all rows first (403 with all
    that are missing: recorded app_configuration.json #6) and looks at conditions next (400:
    products_and_advanced_prices.json #5), both before the first statement (shopware
    ``EntityWriteGateway::execute``: ``PreWriteValidationEvent``, with ``AclWriteValidator``,
    which throws, and ``RuleValidator``, which collects). Should a shop not mind the condition,
    the price names a product that does not exist, and the transaction is taken back (#11, #17).
    """
    group, rule, price, nothing = (uuid.uuid4().hex for _ in range(4))
    amount = {"currencyId": SYSTEM_CURRENCY, "net": 1, "gross": 1, "linked": False}
    impossible = {
        "id": price,
        "productId": nothing,
        "ruleId": nothing,
        "quantityStart": 1,
        "price": [amount],
    }
    probe = {
        "group": operation("customer_group", "upsert", [{"id": group, "name": PROBE_NAME}]),
        "rule": operation("rule", "upsert", [impossible_rule(rule)]),
        "price": operation("product_price", "upsert", [impossible]),
    }
    try:
        client.sync(probe)
    except MissingReference:
        return
    except Forbidden as refusal:
        yield from refusal.privileges or ("product_price:create",)
    except ConnectorError as other:
        if _NO_CONDITION not in other.message:
            yield sentence(
                "The probe for writing ended unexpectedly: %(message)s", message=other.message
            )
    else:
        _sweep(client, group, rule, price)
        yield sentence(
            "The shop took a price of a product that does not exist; it was removed again"
        )


def _sweep(client: ShopwareClient, group: str, rule: str, price: str) -> None:
    for entity, thing in (("product_price", price), ("rule", rule), ("customer_group", group)):
        with suppress(ConnectorError):
            client.delete(entity, thing)
