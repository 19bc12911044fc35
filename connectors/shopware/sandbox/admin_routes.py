"""The addresses of the Admin API."""

from __future__ import annotations

import re
from typing import Any

from connectors.shopware.sandbox import errors, settings
from connectors.shopware.sandbox.access import privileges_of, require
from connectors.shopware.sandbox.admin import Admin
from connectors.shopware.sandbox.application import Handler, Request, Response, Route
from connectors.shopware.sandbox.definitions import SYSTEM_LANGUAGE, Association, definitions
from connectors.shopware.sandbox.presenting import as_json_api
from connectors.shopware.sandbox.shop import Shop

_ENTITY = r"([a-z][a-z0-9-]*)"
_ID = r"([0-9a-f]{32})"
_NAME = r"([a-zA-Z-]+)"


def _token(shop: Shop, request: Request, _: tuple[str, ...]) -> Response:
    request.work("token")
    fields = request.body if isinstance(request.body, dict) else {}
    answer = shop.tokens.issue(fields, int(shop.faults.shop["token_epoch"]))
    return Response(answer, headers={"Content-Type": "application/json; charset=UTF-8"})


def caller(shop: Shop, request: Request) -> str:
    """The integration that asks. Raises ShopError 401."""
    switches = shop.faults.shop
    return shop.tokens.check(
        request.headers("authorization"),
        seconds=float(switches["token_seconds"]),
        epoch=int(switches["token_epoch"]),
    )


def api_of(shop: Shop, request: Request) -> Admin:
    """The API for the caller. Raises ShopError 401, or 412 for an unknown language."""
    switches = shop.faults.shop
    integration = caller(shop, request)
    with shop.database.lock:
        granted = privileges_of(shop.database, integration)
        language = request.headers("sw-language-id") or SYSTEM_LANGUAGE
        if language not in shop.database["language"].rows:
            raise errors.no_language(language)
    if switches["privileges"] is not None:
        granted = frozenset(switches["privileges"])
    # A version that is not there is no mistake: the live rows are seen (VersionManager).
    draft = shop.database.drafts.get(request.headers("sw-version-id") or "")
    return Admin(
        draft or shop.database,
        granted,
        language,
        inheritance=request.headers("sw-inheritance") in ("1", "true"),
        poisoned=shop.faults.poisoned,
    )


# -- entities --------------------------------------------------------------------------------


def _entity(request: Request, word: str) -> str:
    """The entity an address names with hyphens. Raises ShopError 404 for none."""
    entity = word.replace("-", "_")
    if "_" in word or entity not in definitions():
        raise errors.plain(404, f'No route found for "{request.method} {request.url}"')
    return entity


def _listing(request: Request, found: dict[str, Any]) -> Response:
    if _wants_plain_json(request):
        return Response(found)
    data = [as_json_api(row, request.base) for row in found["data"]]
    body = {
        "data": data,
        "included": [],
        "links": {"self": request.url},
        "meta": {"totalCountMode": 0, "total": found["total"]},
        "aggregations": found["aggregations"],
    }
    return Response(body, headers={"Content-Type": "application/vnd.api+json"})


def _one(request: Request, shown: dict[str, Any]) -> Response:
    if _wants_plain_json(request):
        return Response(shown)
    body = {"data": as_json_api(shown["data"], request.base), "included": []}
    return Response(body, headers={"Content-Type": "application/vnd.api+json"})


def _wants_plain_json(request: Request) -> bool:
    return "application/json" in (request.headers("accept") or "")


def _search(shop: Shop, request: Request, groups: tuple[str, ...]) -> Response:
    entity = _entity(request, groups[0])
    admin = api_of(shop, request)
    found = admin.search(entity, request.fields)
    request.work("search", len(found["data"]))
    return _listing(request, found)


def _search_ids(shop: Shop, request: Request, groups: tuple[str, ...]) -> Response:
    entity = _entity(request, groups[0])
    admin = api_of(shop, request)
    found = admin.search_ids(entity, request.fields)
    request.work("search", len(found["data"]))
    return Response(found)


def _search_below(shop: Shop, request: Request, groups: tuple[str, ...]) -> Response:
    """``product/<id>/prices``: the rows an association leads to."""
    entity, association = _association(request, groups)
    parent_id = groups[1]
    admin = api_of(shop, request)
    payload = {**request.fields}
    with shop.database.lock:
        payload["ids"] = _ids_below(shop, entity, parent_id, association)
        if not payload["ids"]:
            return _listing(request, {"total": 0, "data": [], "aggregations": []})
        return _listing(request, admin.search(association.entity, payload))


def _association(request: Request, groups: tuple[str, ...]) -> tuple[str, Association]:
    """The entity an address begins with and the association it names. Raises ShopError 404."""
    entity = _entity(request, groups[0])
    association = definitions()[entity].associations.get(_camel(groups[2]))
    if association is None or association.entity not in definitions():
        raise errors.plain(404, f'No route found for "{request.method} {request.url}"')
    return entity, association


def _create_below(shop: Shop, request: Request, groups: tuple[str, ...]) -> Response:
    """Adds a part (``product/<id>/prices``) or a link (``product/<id>/categories``)."""
    entity, association = _association(request, groups)
    admin, payload = api_of(shop, request), request.fields
    request.work("write", 1)
    word = association.entity.replace("_", "-")
    if association.kind == "one_to_many":
        made = admin.create(association.entity, {**payload, association.reference: groups[1]})
        answer = _written(admin, request, association.entity, word, made)
        if answer.status == 204:  # its address names the parent, as the shop's does
            answer.headers["Location"] = f"{request.base}/api/{word}/{groups[1]}"
        return answer
    if association.kind != "many_to_many":
        raise errors.plain(405, f'No route found for "{request.method} {request.url}"')
    linked = payload["id"] if set(payload) == {"id"} else admin.create(association.entity, payload)
    admin.update(entity, groups[1], {association.name: [{"id": linked}]})
    return _written(admin, request, association.entity, word, str(linked))


def _detail_below(shop: Shop, request: Request, groups: tuple[str, ...]) -> Response:
    _, association = _association(request, groups)
    found = api_of(shop, request).detail(association.entity, groups[3], request.query)
    return _one(request, found)


def _delete_below(shop: Shop, request: Request, groups: tuple[str, ...]) -> Response:
    """Removes a part, or of a link the link alone."""
    _, association = _association(request, groups)
    admin = api_of(shop, request)
    request.work("write", 1)
    entity: str = association.entity
    if association.kind == "many_to_many":
        entity = association.mapping
        key = {association.mapping_local: groups[1], association.mapping_reference: groups[3]}
        admin.unlink(entity, key)
    else:
        admin.remove(entity, groups[3])
    location = f"{request.base}/api/{entity.replace('_', '-')}/{groups[3]}"
    return Response(status=204, headers={"Location": location})


def _ids_below(shop: Shop, entity: str, parent_id: str, association: Association) -> list[str]:
    admin = Admin(shop.database)
    row = shop.database[entity].by_id(parent_id)
    if row is None:
        return []
    rows = admin.reader.associated(definitions()[entity], row, association)
    return [one.values["id"] for one in rows]


def _camel(name: str) -> str:
    head, *rest = name.split("-")
    return head + "".join(part.capitalize() for part in rest)


def _create(shop: Shop, request: Request, groups: tuple[str, ...]) -> Response:
    entity = _entity(request, groups[0])
    admin = api_of(shop, request)
    if isinstance(request.body, list):
        raise errors.plain(
            400,
            "Only single write operations are supported. Please send the entities one by one "
            "or use the /sync api endpoint.",
        )
    entity_id = admin.create(entity, request.body)
    request.work(f"create {entity}", 1)
    return _written(admin, request, entity, groups[0], entity_id)


def _update(shop: Shop, request: Request, groups: tuple[str, ...]) -> Response:
    entity = _entity(request, groups[0])
    admin = api_of(shop, request)
    entity_id = admin.update(entity, groups[1], request.fields)
    request.work("write", 1)
    return _written(admin, request, entity, groups[0], entity_id)


def _written(admin: Admin, request: Request, entity: str, word: str, entity_id: str) -> Response:
    if request.query.get("_response"):
        return _one(request, admin.detail(entity, entity_id, {}))
    headers = {"Location": f"{request.base}/api/{word}/{entity_id}"}
    version = request.headers("sw-version-id")
    if version:
        headers["sw-version-id"] = version
    return Response(status=204, headers=headers)


def _detail(shop: Shop, request: Request, groups: tuple[str, ...]) -> Response:
    entity = _entity(request, groups[0])
    admin = api_of(shop, request)
    request.work("search", 1)
    return _one(request, admin.detail(entity, groups[1], request.query))


def _delete(shop: Shop, request: Request, groups: tuple[str, ...]) -> Response:
    entity = _entity(request, groups[0])
    api_of(shop, request).remove(entity, groups[1])
    request.work("write", 1)
    location = f"{request.base}/api/{groups[0]}/{groups[1]}"
    return Response(status=204, headers={"Location": location})


# -- actions and information -----------------------------------------------------------------


def _sync(shop: Shop, request: Request, _: tuple[str, ...]) -> Response:
    admin = api_of(shop, request)
    given = request.body.values() if isinstance(request.body, dict) else request.body
    payloads = [one.get("payload") for one in given if isinstance(one, dict)]
    rows = sum(len(one) for one in payloads if isinstance(one, list))
    request.work("sync", rows)
    return Response(admin.sync(request.body))


def _version(shop: Shop, request: Request, _: tuple[str, ...]) -> Response:
    api_of(shop, request)
    return Response({"version": shop.faults.shop["version"]})


def _config(shop: Shop, request: Request, _: tuple[str, ...]) -> Response:
    api_of(shop, request)
    return Response(
        {
            "version": shop.faults.shop["version"],
            "versionRevision": "0" * 32,
            "adminWorker": {
                "enableAdminWorker": shop.faults.shop["admin_worker"],
                "enableQueueStatsWorker": True,
                "enableNotificationWorker": True,
                "transports": ["async", "low_priority"],
            },
            "bundles": {},
            "settings": {
                "enableUrlFeature": True,
                "appUrlReachable": True,
                "appsRequireAppUrl": False,
                "private_allowed_extensions": [],
                "enableHtmlSanitizer": True,
                "enableStagingMode": False,
                "disableExtensionManagement": False,
            },
            "inAppPurchases": [],
        }
    )


def _health(shop: Shop, request: Request, _: tuple[str, ...]) -> Response:
    return Response(status=200)


def _read_settings(shop: Shop, request: Request, _: tuple[str, ...]) -> Response:
    require(api_of(shop, request).granted, ["system_config:read"])
    domain = request.query.get("domain")
    if domain is None:
        raise errors.coded(
            400, "SYSTEM__MISSING_REQUEST_PARAMETER", 'Parameter "domain" is missing.'
        )
    prefix = f"{domain.rstrip('.')}."
    with shop.database.lock:
        found = {
            name: value
            for name, value in settings.all_of(shop.database, request.query.get("salesChannelId"))
            if name.startswith(prefix)
        }
    return Response(found)


def _write_settings(shop: Shop, request: Request, _: tuple[str, ...]) -> Response:
    """It takes all three, whatever is written (PLUGIN_FACTS "Custom fields, configuration")."""
    needed = [f"system_config:{right}" for right in ("update", "create", "delete")]
    require(api_of(shop, request).granted, needed)
    channel = request.query.get("salesChannelId")
    with shop.database.lock:
        for name, value in request.fields.items():
            settings.store(shop.database, name, value, channel)
    return Response(status=204)


def _route(path: str, **handlers: Handler) -> Route:
    return Route(re.compile("/api" + path), handlers)


ROUTES = (
    _route("/oauth/token", POST=_token),
    _route("/_info/version", GET=_version),
    _route("/_info/config", GET=_config),
    _route("/_info/health-check", GET=_health),
    _route("/_action/sync", POST=_sync),
    _route("/_action/system-config", GET=_read_settings, POST=_write_settings),
    _route(f"/search/{_ENTITY}", POST=_search),
    _route(f"/search-ids/{_ENTITY}", POST=_search_ids),
    _route(f"/search/{_ENTITY}/{_ID}/{_NAME}", POST=_search_below),
    _route(f"/{_ENTITY}/{_ID}", GET=_detail, PATCH=_update, DELETE=_delete),
    _route(f"/{_ENTITY}/{_ID}/{_NAME}", GET=_search_below, POST=_create_below),
    _route(f"/{_ENTITY}/{_ID}/{_NAME}/{_ID}", GET=_detail_below, DELETE=_delete_below),
    _route(f"/{_ENTITY}", GET=_search, POST=_create),
)
