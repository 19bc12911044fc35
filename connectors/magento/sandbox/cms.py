"""Pages and blocks of the content management (cms_pages.json)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from connectors.magento.sandbox.criteria import answer, criteria_from, select
from connectors.magento.sandbox.errors import Refused, internal
from connectors.magento.sandbox.inputs import parameter
from connectors.magento.sandbox.routing import Call, Handler, Route

if TYPE_CHECKING:
    from connectors.magento.sandbox.shop import Shop

Row = dict[str, Any]
_COLUMNS = ("identifier", "title", "creation_time", "update_time")


@dataclass(slots=True)
class Contents:
    """Pages, or blocks. ``thing``: what the shop's messages call one."""

    thing: str
    next_id: int
    rows: dict[int, Row] = field(default_factory=dict)

    def get(self, row_id: int) -> Row:
        row = self.rows.get(row_id)
        if row is None:
            raise Refused(404, f'The CMS {self.thing} with the "%1" ID doesn\'t exist.', [row_id])
        return row

    def refuse_twin(self, given: Row, row_id: int | None = None) -> None:
        """There is one store view, so an address is taken once (recorded: #1)."""
        wanted = given.get("identifier")
        if any(row["identifier"] == wanted and row["id"] != row_id for row in self.rows.values()):
            reason = "URL key for specified store already exists."
            raise Refused(400, f"Could not save the {self.thing}: %1", [reason])

    def add(self, given: Row, at: str) -> Row:
        self.refuse_twin(given)
        row = {**given, "id": self.next_id, "creation_time": at, "update_time": at}
        self.rows[self.next_id] = row | {"sort_order": "0"}
        self.next_id += 1
        return row


def _of(name: str) -> tuple[Handler, Handler, Handler, Handler, Handler]:
    """create, search, get, update, delete"""

    def contents(shop: Shop) -> Contents:
        found: Contents = getattr(shop, f"{name}s")
        return found

    def create(shop: Shop, call: Call) -> Any:
        given = parameter(call.body(), name, "any")
        call.work.kind = "write"
        return _saved(contents(shop).add(given, shop.now()), "creation_time", "sort_order")

    def search(shop: Shop, call: Call) -> Any:
        criteria = criteria_from(call.query, largest_page=shop.largest_page)
        columns = {key: lambda row, key=key: row.get(key) for key in _COLUMNS}
        rows = contents(shop).rows.values()
        found, total = select(rows, criteria, columns, lambda unknown: internal())
        return answer([dict(row) for row in found], criteria, total)

    def get(shop: Shop, call: Call) -> Any:
        return dict(contents(shop).get(call.params["id"]))

    def update(shop: Shop, call: Call) -> Any:
        row = contents(shop).get(call.params["id"])
        given = parameter(call.body(), name, "any")
        call.work.kind = "write"
        contents(shop).refuse_twin(given, row["id"])
        row |= {**given, "id": row["id"], "update_time": shop.now()}
        return _saved(row)

    def delete(shop: Shop, call: Call) -> Any:
        row = contents(shop).get(call.params["id"])
        call.work.kind = "write"
        del contents(shop).rows[row["id"]]
        return True

    return create, search, get, update, delete


def _saved(row: Row, *unset: str) -> Row:
    """The answer to a save knows only what was loaded before (recorded: #0, #3)."""
    return {key: value for key, value in row.items() if key not in ("update_time", *unset)}


def _routes(path: str, name: str, resource: str) -> tuple[Route, ...]:
    create, search, get, update, delete = _of(name)
    return (
        Route("POST", path, resource, create),
        Route("GET", f"{path}/search", resource, search),
        Route("GET", f"{path}/{{id:int}}", resource, get),
        Route("PUT", f"{path}/{{id:int}}", resource, update),
        Route("DELETE", f"{path}/{{id:int}}", resource, delete),
    )


ROUTES = (
    *_routes("cmsPage", "page", "Magento_Cms::page"),
    *_routes("cmsBlock", "block", "Magento_Cms::block"),
)
