"""The addresses of the Admin API for orders: states, versions, edits, number ranges."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from connectors.shopware.sandbox import drafts, errors, recalculating, states
from connectors.shopware.sandbox.access import require
from connectors.shopware.sandbox.admin import Admin
from connectors.shopware.sandbox.admin_routes import api_of, caller
from connectors.shopware.sandbox.application import Handler, Request, Response, Route
from connectors.shopware.sandbox.cart_lines import ProductLines
from connectors.shopware.sandbox.criteria import Criteria
from connectors.shopware.sandbox.database import Database, Row
from connectors.shopware.sandbox.definitions import LIVE_VERSION, definitions
from connectors.shopware.sandbox.identifiers import HEX_ID, new_id
from connectors.shopware.sandbox.numbers import reserve
from connectors.shopware.sandbox.presenting import present
from connectors.shopware.sandbox.shop import Shop
from connectors.shopware.sandbox.storefront import Session, Storefront

_ID = r"([0-9a-f]{32})"
_WORD = r"([a-z_]+)"


# -- states ----------------------------------------------------------------------------------


def _carry_out(shop: Shop, request: Request, entity: str, key: str, action: str) -> Row:
    admin = api_of(shop, request)
    request.work("transition")
    require(admin.granted, [f"{entity}:update"])
    integration = caller(shop, request)
    return states.move(admin.database, entity, key, action, integration=integration)


def _shown_state(shop: Shop, request: Request, row: Row) -> dict[str, Any]:
    admin = api_of(shop, request)
    definition = definitions()["state_machine_state"]
    return present(admin.reader, definition, row, Criteria(definition), {}, joined=True)


def _state(entity: str) -> Handler:
    """``/api/_action/order/<id>/state/<action>`` (recorded: orders.json #1 to #12)."""

    def handle(shop: Shop, request: Request, groups: tuple[str, ...]) -> Response:
        after = _carry_out(shop, request, entity, groups[0], groups[1])
        shown = _shown_state(shop, request, after)
        del shown["apiAlias"]
        return Response(shown)

    return handle


def _stateful(word: str) -> str:
    entity = word.replace("-", "_")
    if entity not in states.STATEFUL:
        raise errors.plain(404, f'No state machine for "{word}"')
    return entity


def _any_state(shop: Shop, request: Request, groups: tuple[str, ...]) -> Response:
    """The general way, also for captures and their refunds."""
    after = _carry_out(shop, request, _stateful(groups[0]), groups[1], groups[2])
    return Response({"data": _shown_state(shop, request, after)})


def _transitions(shop: Shop, request: Request, groups: tuple[str, ...]) -> Response:
    admin, entity = api_of(shop, request), _stateful(groups[0])
    database = admin.database
    with database.lock:
        row = database[entity].by_id(groups[1])
        if row is None:
            raise errors.no_stateful(entity, groups[1])
        names = database["state_machine_state"].rows
        found = [
            {
                "name": admin.reader.translated(names[one.values["toStateId"]], "name"),
                "technicalName": names[one.values["toStateId"]].values["technicalName"],
                "actionName": one.values["actionName"],
                "fromStateName": names[one.values["fromStateId"]].values["technicalName"],
                "toStateName": names[one.values["toStateId"]].values["technicalName"],
                "url": f"{request.url}/{one.values['actionName']}",
            }
            for one in states.available(database, entity, row.values["stateId"])
        ]
    return Response({"transitions": found})


# -- versions --------------------------------------------------------------------------------


def _open(shop: Shop, request: Request, groups: tuple[str, ...]) -> Response:
    """Recorded: activities.json #4."""
    admin, entity = api_of(shop, request), groups[0].replace("-", "_")
    request.work("write", 1)
    given = request.fields.get("versionId")
    if given is not None and (not isinstance(given, str) or not HEX_ID.match(given)):
        raise errors.not_a_uuid(given)
    with shop.database.lock:
        if entity != "order" or groups[1] not in shop.database["order"].rows:
            raise errors.not_found(entity, groups[1])
        require(admin.granted, [f"{entity}:create"])
        draft = drafts.open_draft(shop.database, entity, groups[1], given)
    name = request.fields.get("versionName")
    return Response(
        {"versionId": draft.version_id, "versionName": name, "id": groups[1], "entity": entity}
    )


def _merge(shop: Shop, request: Request, groups: tuple[str, ...]) -> Response:
    admin = api_of(shop, request)
    request.work("write", 1)
    require(admin.granted, ["order:update"])
    with shop.database.transaction():
        drafts.merge(shop.database, groups[1])
    return Response(status=204)


def _discard(shop: Shop, request: Request, groups: tuple[str, ...]) -> Response:
    api_of(shop, request)
    with shop.database.lock:
        if groups[0] == LIVE_VERSION:
            text = "Live version can not be deleted. Delete entity instead."
            raise errors.plain(400, text)
        shop.database.drafts.pop(groups[0], None)
    return Response(status=204)


# -- edits -----------------------------------------------------------------------------------

Edit = Callable[[Database, Admin, Request, tuple[str, ...]], Any]


def _edit(change: Edit) -> Handler:
    def handle(shop: Shop, request: Request, groups: tuple[str, ...]) -> Response:
        admin = api_of(shop, request)
        request.work("write", 1)
        require(admin.granted, ["order:update"])
        with admin.database.transaction():
            change(admin.database, admin, request, groups)
        version = request.headers("sw-version-id")
        return Response(status=204, headers={"sw-version-id": version} if version else {})

    return handle


def _recalculate(
    database: Database, admin: Admin, request: Request, groups: tuple[str, ...]
) -> None:
    recalculating.recalculate(database, groups[0])


def _add_product(
    database: Database, admin: Admin, request: Request, groups: tuple[str, ...]
) -> None:
    order = database["order"].by_id(groups[0])
    if order is None or groups[1] not in database["product"].rows:
        entity, key = ("product", groups[1]) if order else ("order", groups[0])
        raise errors.not_found(entity, key)
    store = _as_buyer(database, order)
    quantity = int(request.fields.get("quantity") or 1)
    item = {"id": new_id(), "unique": new_id(), "quantity": quantity, "referencedId": groups[1]}
    line = ProductLines(store, {}).line(item, store.buyer())
    if line is None:
        raise errors.not_found("product", groups[1])
    recalculating.add_product(database, groups[0], line, line["quantity"])


def _as_buyer(database: Database, order: Row) -> Storefront:
    """The shop as the one who placed the order sees it."""
    values = order.values
    customers = database["order_customer"]
    keys = customers.where("orderId", values["id"])
    customer_id = customers.rows[keys[0]].values.get("customerId") if keys else None
    session = Session("", values["salesChannelId"], customer_id=customer_id)
    channel = database["sales_channel"].rows[values["salesChannelId"]]
    return Storefront(database, channel, session, currency=values["currencyId"])


def _add_item(kind: str) -> Edit:
    def add(database: Database, admin: Admin, request: Request, groups: tuple[str, ...]) -> None:
        recalculating.add_custom(database, groups[0], request.fields, kind)

    return add


# -- numbers ---------------------------------------------------------------------------------


def _reserve(shop: Shop, request: Request, groups: tuple[str, ...]) -> Response:
    api_of(shop, request)
    with shop.database.transaction():
        if not shop.database["number_range_type"].where("technicalName", groups[0]):
            text = f'No number range for "{groups[0]}"'
            raise errors.coded(400, "FRAMEWORK__NO_NUMBER_RANGE_CONFIGURATION", text)
        number = reserve(shop.database, groups[0])
    return Response({"number": number})


def _route(path: str, **handlers: Handler) -> Route:
    return Route(re.compile("/api/_action" + path), handlers)


ROUTES = (
    _route(f"/order/{_ID}/state/{_WORD}", POST=_state("order")),
    _route(f"/order_transaction/{_ID}/state/{_WORD}", POST=_state("order_transaction")),
    _route(f"/order_delivery/{_ID}/state/{_WORD}", POST=_state("order_delivery")),
    _route(f"/state-machine/([a-z_-]+)/{_ID}/state/{_WORD}", POST=_any_state),
    _route(f"/state-machine/([a-z_-]+)/{_ID}/state", GET=_transitions),
    _route(f"/version/merge/([a-z-]+)/{_ID}", POST=_merge),
    _route(f"/version/([a-z-]+)/{_ID}", POST=_open),
    _route(f"/version/{_ID}/([a-z-]+)/{_ID}", POST=_discard),
    _route(f"/order/{_ID}/recalculate", POST=_edit(_recalculate)),
    _route(f"/order/{_ID}/product/{_ID}", POST=_edit(_add_product)),
    _route(f"/order/{_ID}/lineItem", POST=_edit(_add_item("custom"))),
    _route(f"/order/{_ID}/creditItem", POST=_edit(_add_item("credit"))),
    _route(f"/number-range/reserve/([a-z_]+)(?:/{_ID})?", GET=_reserve),
)
