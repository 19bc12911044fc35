"""Groups and prices: customer groups, how each is mapped to the shops', and the price lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import abort, redirect, request
from sqlmodel import Session

from bridge.audit.service import Subject
from bridge.groups.standing import ShopGroups, Standing, mapped, shop_groups
from bridge.installations.models import Installation
from bridge.installations.service import installations
from bridge.programme.document import Group, Programme
from bridge.programme.editing import Present, present
from bridge.users.roles import Permission
from bridge.web.admin.groups.form import GroupForm, group_plain, typed_group
from bridge.web.admin.prices.changes import Wish, problem_of
from bridge.web.admin.routes import Pages
from bridge.web.admin.shown import page
from bridge.web.admin.visit import Visit
from bridge.web.speaking import _, lazy

pages = Pages()

STANDINGS = {
    Standing.THERE: lazy("in the shop"),
    Standing.MISSING: lazy("not in the shop"),
    Standing.TO_COME: lazy("comes with the next plan"),
    Standing.UNKNOWN: lazy("the shop was never read"),
}
COLOURS = {Standing.THERE: "green", Standing.MISSING: "red", Standing.TO_COME: "blue"}


@dataclass(frozen=True, slots=True)
class Scene:
    """What forms about groups need."""

    found: Present
    shops: list[Installation]
    there: ShopGroups


@pages.get("/groups", Permission.LOOK)
def groups(visit: Visit) -> Any:
    scene = _scene(visit)
    programme = scene.found.programme
    rows = [
        (key, group, [mapped(key, group, shop, scene.there) for shop in scene.shops])
        for key, group in (programme.groups.items() if programme else ())
    ]
    return page(
        "groups.html",
        programme=programme,
        rows=rows,
        lists=programme.price_lists if programme else {},
        shops=scene.shops,
        standings=STANDINGS,
        colours=COLOURS,
    )


@pages.get("/groups/new", Permission.CHANGE_PRICES)
def new_group(visit: Visit) -> Any:
    scene = _scene(visit)
    if scene.found.programme is None:
        abort(404)
    return _form(visit, scene, GroupForm(formdata=None), "")


@pages.post("/groups/new", Permission.CHANGE_PRICES)
def make_group(visit: Visit) -> Any:
    scene = _scene(visit)
    if scene.found.programme is None:
        abort(404)
    form = GroupForm()
    key = (form.key.data or "").strip()
    if key in scene.found.programme.groups:
        form.key.errors = [_("There is such a group already.")]
        return _form(visit, scene, form, "", 422)
    return _save(visit, scene, form, key, None)


@pages.get("/groups/<key>", Permission.CHANGE_PRICES)
def group(visit: Visit, key: str) -> Any:
    scene = _scene(visit)
    found = _group(scene.found.programme, key)
    form = GroupForm(formdata=None, key=key, name=found.name, existing=found.existing)
    return _form(visit, scene, form, key, one=found)


@pages.post("/groups/<key>", Permission.CHANGE_PRICES)
def change_group(visit: Visit, key: str) -> Any:
    scene = _scene(visit)
    return _save(visit, scene, GroupForm(), key, _group(scene.found.programme, key))


@pages.post("/groups/<key>/remove", Permission.CHANGE_PRICES)
def remove_group(visit: Visit, key: str) -> Any:
    scene = _scene(visit)
    found = _group(scene.found.programme, key)
    subject = Subject("group", key, found.name)
    wish = Wish({("groups", key): None}, f"group {key} taken out", subject, {"name": found.name})
    problem = problem_of(visit, wish)
    if problem:
        form = GroupForm(formdata=None, key=key, name=found.name, existing=found.existing)
        form.problem = problem
        return _form(visit, _scene(visit), form, key, 422, one=found)
    return redirect(visit.url("groups"), 303)


def _save(visit: Visit, scene: Scene, form: GroupForm, key: str, before: Group | None) -> Any:
    shops = [shop.name for shop in scene.shops]
    typed = typed_group(form, shops, before)
    if form.validate():
        wish = Wish(
            {("groups", key): group_plain(typed)},
            f"group {key}",
            Subject("group", key, typed["name"]),
            _audited(before.model_dump(exclude_defaults=True)) if before else {},
            _audited(typed),
        )
        form.problem = problem_of(visit, wish)
        if not form.problem:
            return redirect(visit.url("groups"), 303)
    fresh = _scene(visit)
    return _form(visit, fresh, form, key if before else "", 422, typed=typed)


def _audited(told: dict[str, Any]) -> dict[str, Any]:
    """Without the members, which this page does not change."""
    return {name: value for name, value in group_plain(told).items() if name != "members"}


def _form(
    visit: Visit,
    scene: Scene,
    form: GroupForm,
    key: str,
    status: int = 200,
    *,
    one: Group | None = None,
    typed: dict[str, Any] | None = None,
) -> Any:
    shops = [shop.name for shop in scene.shops]
    told = typed if typed is not None else one.model_dump() if one else {}
    return page(
        "group.html",
        status,
        key=key,
        form=form,
        shops=shops,
        there=scene.there.names,
        told=told,
        based_on=scene.found.number,
        programme=scene.found.programme,
        is_repeated=request.method == "POST",
    )


def _scene(visit: Visit) -> Scene:
    with visit.app.database.reading() as session:
        return _read(session, visit)


def _read(session: Session, visit: Visit) -> Scene:
    workspace_id = visit.app.workspace_id
    shops = installations(session, workspace_id)
    found = present(session, workspace_id)
    return Scene(found, shops, shop_groups(session, workspace_id, shops))


def _group(programme: Programme | None, key: str) -> Group:
    if programme is None or key not in programme.groups:
        abort(404)
    return programme.groups[key]
