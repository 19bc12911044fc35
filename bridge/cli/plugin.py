"""`plugin …`: what of the bridge's own is installed in a shop, and what it was told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import click

from bridge.application import Application
from bridge.audit.service import Actor, Subject, record
from bridge.cli.frame import Group, json_option, with_application, yes_option
from bridge.cli.members import by
from bridge.cli.output import Output
from bridge.installations import service
from bridge.installations.models import Installation
from bridge.kit.errors import BridgeError
from bridge.shop_plugins import telling
from bridge.shop_plugins.checklist import Mark, Point, checklist
from bridge.shop_plugins.standing import Standing, standing
from bridge.users import administrations
from bridge.users.roles import Role
from connectors.base import Connector

NOBODY = "nobody"
_BUILDS = {
    "magento": "`loyalty-bridge magento-module build`",
    "shopware": "`loyalty-bridge shopware-app build {name} --url https://BRIDGE`",
}
_STYLES = {Mark.DONE: "green", Mark.WAITING: "cyan", Mark.MEND: "yellow", Mark.WITHOUT: ""}


@click.group(cls=Group, example=("loyalty-bridge plugin show shop-us",))
def plugin() -> None:
    """Look after the bridge's plugins in the shops: Shopware's app, Magento's module."""


@plugin.command(
    example=("loyalty-bridge plugin show shop-us", "loyalty-bridge plugin show shop-us --json")
)
@click.argument("name")
@json_option
@with_application
def show(app: Application, output: Output, name: str, as_json: bool) -> None:
    """Show what works of the plugin in the shop NAME, and what to do about the rest.

    As it was last seen; the shop is not asked. Secrets are not shown.
    """
    one = _standing(app, name)
    if as_json:
        output.json(_record(one))
    else:
        _show(output, one)


@plugin.command(example=("loyalty-bridge plugin tell shop-us",))
@click.argument("name")
@with_application
def tell(app: Application, output: Output, name: str) -> None:
    """Look for the plugin in the shop NAME now, and tell it anew what it has to know.

    `loyalty-bridge run` does so by itself, within a minute of a change. Also after `plugin forget`.
    """
    shop = _standing(app, name).shop
    with _connected(app, shop) as connector:
        looked = telling.tell_again(app, shop, connector)
    _note(app, "store.plugin-told", shop)
    if looked.problem and looked.plugin is not None:
        raise BridgeError(f"{name}: {looked.problem}")
    _show(output, _standing(app, name))


@plugin.command(
    example=(
        "loyalty-bridge plugin administration shop-de",
        "loyalty-bridge plugin administration shop-de --role viewer",
        "loyalty-bridge plugin administration shop-de --role nobody",
    )
)
@click.argument("name")
@click.option(
    "--role",
    type=click.Choice([NOBODY, *(one.value for one in administrations.ROLES)]),
    help="Who opens the bridge from there is signed in with this role.",
)
@click.option(
    "--adjust-limit",
    type=click.IntRange(min=0, max=1_000_000_000),
    help="With --role support: points they give or take of a day, all who come together. "
    f"Default: {administrations.ADJUSTS}.",
)
@click.option("--sign-out", is_flag=True, help="Sign out whoever came in from there.")
@json_option
@with_application
def administration(
    app: Application,
    output: Output,
    name: str,
    role: str | None,
    adjust_limit: int | None,
    sign_out: bool,
    as_json: bool,
) -> None:
    """Say whether who opens the bridge from the administration of the shop NAME is signed in.

    Unless you say so, nobody is. The shop does not tell who it is: each of its users, each
    integration and each other app with access to its Admin API gets in, and so does whoever has
    a copy of its database. As viewer they see every store and every member of this workspace with
    the codes of his vouchers; as support they adjust points within the limit, and redeem anybody's
    for vouchers without one. A new role or limit signs out whoever is in. After --sign-out, and
    after nobody, the shop's administration has to be loaded anew before it leads in again.
    """
    if adjust_limit is not None and role != Role.SUPPORT.value:
        raise click.UsageError("--adjust-limit goes with --role support.")
    shop = _standing(app, name).shop
    if app.platforms[shop.platform].pages is None:
        raise BridgeError(f"The bridge has no page in the administration of `{name}`.")
    with app.database.writing() as session:
        actor, now = Actor(by()), app.now()
        if role is not None:
            chosen = None if role == NOBODY else Role(role)
            limit = administrations.ADJUSTS if adjust_limit is None else adjust_limit
            administrations.set_role(session, shop, chosen, actor, now, adjust_limit=limit)
        if sign_out:
            administrations.sign_all_out(session, shop, actor, now)
        found = administrations.administration_of(session, app.workspace_id, shop.id or 0)
        count = administrations.open_sessions(session, found.user_id, now) if found else 0
    if as_json:
        output.json(
            {
                "store": name,
                "role": found.role.value if found else None,
                "adjust_limit": found.adjust_limit if found else None,
                "open": count,
            }
        )
    elif found is None:
        output.line(f"{name}: nobody is signed in by coming from its administration.")
    else:
        output.line(
            f"{name}: whoever comes from its administration is signed in as "
            f"{_with_limit(found)}. Sessions now: {count:,}."
        )


def _with_limit(found: administrations.Administration) -> str:
    if found.adjust_limit is None:
        return found.role.value
    return f"{found.role.value}, all together for {found.adjust_limit:,} points a day"


@plugin.command(
    example=(
        "loyalty-bridge plugin forget shop-us --yes",
        "loyalty-bridge plugin forget shop-de --balances --yes",
    )
)
@click.argument("name")
@click.option(
    "--balances",
    is_flag=True,
    help="Also the points in the shop's own fields of its customers.",
)
@yes_option
@with_application
def forget(app: Application, output: Output, name: str, balances: bool, yes: bool) -> None:
    """Make the plugin in the shop NAME forget the bridge, before you uninstall it there.

    Takes away what it was told, its gift rules and its owners of vouchers: a shop keeps them when
    a plugin is uninstalled. It is told nothing until `plugin tell`, or until it was gone and comes
    anew. Points in customers' fields come back with their next change, as long as the store is
    connected.
    """
    shop = _standing(app, name).shop
    question = f"Take away what the plugin in {shop.name} ({shop.url}) was told?"
    if not yes and not output.confirm(question, otherwise="--yes"):
        output.line("Nothing was taken away.")
        return
    with _connected(app, shop) as connector:
        is_there = telling.forget(app, shop, connector, with_balances=balances)
    _note(app, "store.plugin-forgot", shop)
    if is_there:
        output.line(
            f"{name}: the plugin forgot the bridge. Now switch it off in the shop, run "
            "`loyalty-bridge plan --pull` and `loyalty-bridge apply`, so that the shop's own "
            "promotions give the gifts, and uninstall it."
        )
    else:
        output.line(f"{name}: no plugin is seen in the shop; what one was told is gone from it.")


def _standing(app: Application, name: str) -> Standing:
    """Raises BridgeError."""
    with app.database.reading() as session:
        shop = service.installation(session, app.workspace_id, name)
    found = standing(app, shop)
    if found is None:
        label = app.platforms[shop.platform].label
        raise BridgeError(f"There is no plugin for {label} shops such as `{name}`.")
    return found


@contextmanager
def _connected(app: Application, shop: Installation) -> Iterator[Connector]:
    connector = app.connect(shop)
    try:
        yield connector
    finally:
        connector.close()


def _note(app: Application, action: str, shop: Installation) -> None:
    with app.database.writing() as session:
        subject = Subject("store", str(shop.id or ""), shop.name)
        record(session, app.workspace_id, Actor(by()), action, subject, app.now())


def _show(output: Output, one: Standing) -> None:
    output.line(f"{one.shop.name} ({one.label}, {one.shop.url})", "bold")
    build = _BUILDS.get(one.shop.platform)
    if one.plugin is None and build:
        output.line(f"  The file, and how to install it: {build.format(name=one.shop.name)}")
    for point in checklist(one):
        when = f" ({point.at:%Y-%m-%d %H:%M} UTC)" if point.at else ""
        text = f"  {point.mark.value:9}{point.title}: {point.found}{when}"
        output.line(text, _STYLES[point.mark])
        if point.to_do:
            output.line(f"           {point.to_do}")


def _record(one: Standing) -> dict[str, Any]:
    return {
        "store": one.shop.name,
        "platform": one.shop.platform,
        "newest": one.package.version,
        "plugin": asdict(one.plugin) if one.plugin else None,
        "told": {
            "is_current": one.is_told,
            "at": _time(one.state.told_at),
            "problem": one.state.problem or None,
            "is_forgotten": one.state.is_forgotten,
            "events_url": one.wanted.events_url or None,
            "member_url": one.wanted.member_url or None,
            "sign_in_url": one.wanted.sign_in_url or None,
            "redeem_url": one.wanted.redeem_url or None,
            "points_label": one.wanted.points_label or None,
        },
        "looked_at": _time(one.state.looked_at),
        "last_event_at": _time(one.last_event_at),
        "gone_at": _time(one.state.gone_at),
        "points": [_point(point) for point in checklist(one)],
    }


def _point(point: Point) -> dict[str, Any]:
    return {
        "topic": point.topic,
        "mark": point.mark.value,
        "found": point.found,
        "to_do": point.to_do or None,
        "at": _time(point.at),
    }


def _time(moment: Any) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
