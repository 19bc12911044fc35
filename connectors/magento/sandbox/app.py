"""The shop over HTTP: paths, store codes, authentication, errors, JSON."""

from __future__ import annotations

import json
import logging
import re
from typing import Any

from flask import Flask, Response, request

from connectors.magento.sandbox import (
    auth,
    cart_routes,
    cart_shown,
    categories,
    checkout,
    cms,
    coupons,
    creditmemos,
    customers,
    groups,
    invoices,
    module_routes,
    order_routes,
    prices,
    products,
    sales_rules,
    shipments,
    stock,
    storefront,
    stores,
    taxes,
    tier_prices,
)
from connectors.magento.sandbox.errors import Refused, internal
from connectors.magento.sandbox.fields import cut_down
from connectors.magento.sandbox.routing import Call, Router, typed
from connectors.magento.sandbox.shop import Shop
from connectors.sandbox.latency import note_work

_ROUTES = (
    *auth.ROUTES,
    *cart_shown.ROUTES,
    *cart_routes.ROUTES,
    *categories.ROUTES,
    *checkout.ROUTES,
    *cms.ROUTES,
    *coupons.ROUTES,
    *creditmemos.ROUTES,
    *customers.ROUTES,
    *groups.ROUTES,
    *invoices.ROUTES,
    *order_routes.ROUTES,
    *prices.ROUTES,
    *products.ROUTES,
    *sales_rules.ROUTES,
    *shipments.ROUTES,
    *stock.ROUTES,
    *stores.ROUTES,
    *taxes.ROUTES,
    *tier_prices.ROUTES,
)
ROUTER = Router(_ROUTES)
WITH_MODULE = Router((*_ROUTES, *module_routes.ROUTES))
"""Of a shop with the bridge's module."""

_LOG = logging.getLogger(__name__)
_METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"]


def create_app(shop: Shop) -> Flask:
    app = Flask(__name__, static_folder=None)

    @app.route("/", defaults={"path": ""}, methods=_METHODS, provide_automatic_options=False)
    @app.route("/<path:path>", methods=_METHODS, provide_automatic_options=False)
    def everything(path: str) -> Response:
        if shop.faults.shop["maintenance"]:
            return storefront.shown(
                503, "Service Temporarily Unavailable", "The server is under maintenance."
            )
        if shop.faults.shop["html"]:
            return storefront.shown(200, "Home Page", "Welcome to our store.")
        if path.split("/")[0] != "rest":
            with shop.lock:
                return storefront.page(shop, path, request)
        return _rest(shop)

    return app


def _rest(shop: Shop) -> Response:
    try:
        call = _call()
        with shop.lock:
            answer = _answer(shop, call)
        note_work(request.environ, call.work.kind, call.work.rows, call.work.skus)
        return _json(200, cut_down(answer, _fields(call)))
    except Refused as refusal:
        return _json(refusal.status, refusal.as_json())
    except Exception:  # noqa: BLE001 - as the shop: a report in the log, a number for the caller
        _LOG.exception("%s %s", request.method, request.path)
        failure = internal()
        return _json(failure.status, failure.as_json())


def _answer(shop: Shop, call: Call) -> Any:
    route = (WITH_MODULE if shop.module.is_installed else ROUTER).find(call)
    auth.authorize(shop, call, route.resource)
    typed(route, call)
    return route.handler(shop, call)


def _fields(call: Call) -> str | None:
    """An empty one counts as none."""
    wanted = call.query.get("fields")
    return wanted if isinstance(wanted, str) and wanted else None


def _json(status: int, value: Any) -> Response:
    text = json.dumps(value, separators=(",", ":"))
    return Response(text, status, content_type="application/json; charset=utf-8")


def _call() -> Call:
    """Reads the call off the wire. Raises Refused for a store or service that is not there."""
    raw_path, _, query = request.environ["RAW_URI"].partition("?")
    pieces = raw_path.strip("/").split("/")[1:]
    store = "default" if pieces[:1] == ["V1"] else pieces.pop(0) if pieces else ""
    if pieces[:1] == ["async"]:
        raise Refused(400, "Something went wrong while processing the request.")
    if store not in stores.STORE_CODES or not re.match(r"V\d", "".join(pieces[:1])):
        raise Refused(400, "Specified request cannot be processed.")
    if request.method not in ("GET", "POST", "PUT", "DELETE"):
        raise Refused(400, "Request method is invalid.")
    if pieces[:1] != ["V1"]:
        raise Refused(404, "Request does not match any route.")
    return Call(
        method=request.method,
        url=f"{request.scheme}://{request.host}{request.environ['RAW_URI']}",
        path="/".join(pieces[1:]),
        store=store,
        query_string=query,
        authorization=request.headers.get("Authorization", ""),
        content_type=request.headers.get("Content-Type", ""),
        raw=request.get_data(),
        base_url=f"{request.scheme}://{request.host}/",
        referral=storefront.noted_referral(request),
    )
