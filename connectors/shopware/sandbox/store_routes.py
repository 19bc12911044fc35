"""The addresses of the Store API."""

from __future__ import annotations

import re
from collections.abc import Callable

from connectors.shopware.sandbox import activities, errors
from connectors.shopware.sandbox.accounts import Registration
from connectors.shopware.sandbox.app_calls import AppCalls
from connectors.shopware.sandbox.application import Handler, Request, Response, Route
from connectors.shopware.sandbox.carts import Cart
from connectors.shopware.sandbox.checkout import Checkout
from connectors.shopware.sandbox.shop import Shop
from connectors.shopware.sandbox.storefront import Storefront, Struct, sales_channel

Answering = Callable[[Storefront, Request, tuple[str, ...]], Struct | None]


def _handler(answer: Answering, kind: str = "store") -> Handler:
    """Finds channel and session, answers under the shop's lock, returns the context token."""

    def handle(shop: Shop, request: Request, groups: tuple[str, ...]) -> Response:
        request.work(kind)
        with shop.database.lock:
            channel = sales_channel(shop.database, request.headers("sw-access-key"))
            session = shop.sessions.of(request.headers("sw-context-token"), channel.values["id"])
            store = Storefront(
                shop.database,
                channel,
                session,
                currency=_known(shop, "currency", request.headers("sw-currency-id")),
                language=_known(shop, "language", request.headers("sw-language-id")),
            )
            body = answer(store, request, groups)
        status = 200 if body is not None else 204
        return Response(body, status, {"sw-context-token": store.session.token})

    return handle


def _known(shop: Shop, entity: str, key: str | None) -> str | None:
    return key if key in shop.database[entity].rows else None


def _app_token(shop: Shop, request: Request, groups: tuple[str, ...]) -> Response:
    def token(store: Storefront, request: Request, groups: tuple[str, ...]) -> Struct:
        if shop.apps is None:
            raise errors.coded(404, "FRAMEWORK__APP_NOT_FOUND", f'Could not find app "{groups[0]}"')
        return AppCalls(shop, shop.apps, groups[0]).token(store)

    return _handler(token)(shop, request, groups)


def _logout(shop: Shop, request: Request, groups: tuple[str, ...]) -> Response:
    return _handler(lambda store, request, _: store.logout(shop.sessions))(shop, request, groups)


def _remove(store: Storefront, request: Request, _: tuple[str, ...]) -> Struct:
    ids = request.body.get("ids") if isinstance(request.body, dict) else None
    given = ids or request.query.get("ids") or []
    wanted = given if isinstance(given, list) else [given]
    return Cart(store).remove([str(one) for one in wanted])


def _clear(store: Storefront, request: Request, _: tuple[str, ...]) -> None:
    Cart(store).clear()


def _route(path: str, **handlers: Handler) -> Route:
    return Route(re.compile("/store-api" + path), handlers)


def _order(store: Storefront, request: Request, _: tuple[str, ...]) -> Struct:
    return Checkout(store, _address(request)).order(request.fields)


def _register(store: Storefront, request: Request, _: tuple[str, ...]) -> Struct:
    return Registration(store, _address(request)).register(request.fields)


def _address(request: Request) -> str:
    return str(request.environ.get("REMOTE_ADDR") or "")


def _newsletter(do: Callable[[Storefront, Struct], None]) -> Handler:
    return _handler(lambda store, request, _: do(store, request.fields))


def _review(store: Storefront, request: Request, groups: tuple[str, ...]) -> None:
    activities.review(store, groups[0], request.fields)


_account = _handler(lambda store, request, _: store.account(request.fields))
_products = _handler(lambda store, request, groups: store.products(request.fields))

ROUTES = (
    _route("/account/register", POST=_handler(_register)),
    _route("/checkout/order", POST=_handler(_order, "order")),
    _route("/product/([0-9a-f]{32})/review", POST=_handler(_review)),
    _route("/newsletter/subscribe", POST=_newsletter(activities.subscribe)),
    _route("/newsletter/confirm", POST=_newsletter(activities.confirm)),
    _route("/newsletter/unsubscribe", POST=_newsletter(activities.unsubscribe)),
    _route("/app-system/([A-Za-z0-9]+)/generate-token", POST=_app_token),
    _route("/account/login", POST=_handler(lambda store, request, _: store.login(request.fields))),
    _route("/account/logout", POST=_logout),
    _route("/account/customer", GET=_account, POST=_account),
    _route(
        "/context",
        GET=_handler(lambda store, request, _: store.context()),
        PATCH=_handler(lambda store, request, _: store.choose(request.fields)),
    ),
    _route("/product", GET=_products, POST=_products),
    _route(
        "/product/([0-9a-f]{32})",
        POST=_handler(lambda store, request, groups: store.product(groups[0], request.fields)),
    ),
    _route(
        "/checkout/cart",
        GET=_handler(lambda store, request, _: Cart(store).shown(), "cart"),
        DELETE=_handler(_clear, "cart"),
    ),
    _route(
        "/checkout/cart/line-item",
        POST=_handler(lambda store, request, _: Cart(store).add(request.fields), "cart"),
        PATCH=_handler(lambda store, request, _: Cart(store).change(request.fields), "cart"),
        DELETE=_handler(_remove, "cart"),
    ),
)
