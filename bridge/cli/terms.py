"""`terms`: what the programme says to members, and the pages in the shops that show it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import Any

import click
from pydantic import ValidationError

from bridge.application import Application
from bridge.audit.service import Actor
from bridge.cli.frame import Group, json_option, with_application
from bridge.cli.members import by
from bridge.cli.output import Output, plural
from bridge.installations.models import Installation
from bridge.installations.service import selected
from bridge.kit.errors import BridgeError
from bridge.languages.catalogues import MEMBER_NAMES, SOURCE
from bridge.preferences.sections import Terms
from bridge.preferences.service import preferences, set_preferences
from bridge.terms.models import PageState
from bridge.terms.one_page import Desk, Published
from bridge.terms.pages import ListedPage, hand_over, listed
from bridge.terms.publishing import publish as publish_to
from bridge.terms.rendering import as_html, as_text
from bridge.terms.service import catalogue_address, source
from bridge.vouchers.stores import stores_of
from connectors.errors import ConnectorError

_LEFT = (PageState.EDITED, PageState.REMOVED)


@click.group(
    cls=Group,
    example=(
        "loyalty-bridge terms show --language de",
        "loyalty-bridge terms settings --on north/main",
        "loyalty-bridge terms publish",
    ),
)
def terms() -> None:
    """Tell members what the programme does, and show it in the shops."""


@terms.command(
    example=("loyalty-bridge terms show", "loyalty-bridge terms show --language de --html")
)
@click.option(
    "--language",
    type=click.Choice(list(MEMBER_NAMES)),
    default=SOURCE,
    show_default=True,
    help="Of the text.",
)
@click.option("--html", is_flag=True, help="As it stands in the shops' pages.")
@with_application
def show(app: Application, output: Output, language: str, html: bool) -> None:
    """Show the terms as they are now. Nothing is published."""
    with app.database.reading() as session:
        catalogue = catalogue_address(app.settings.public_url, app.workspace)
        made_of = source(session, app.workspace_id, app.now(), catalogue=catalogue)
    if made_of is None:
        raise BridgeError("No programme was loaded yet. See `loyalty-bridge program load`.")
    said = made_of.in_language(language)
    output.line((as_html(said) if html else as_text(said)).rstrip())


@terms.command(
    example=(
        "loyalty-bridge terms publish",
        "loyalty-bridge terms publish --store north --take-over",
    )
)
@click.option("--store", "names", multiple=True, metavar="NAME", help="Only in these; else in all.")
@click.option(
    "--take-over",
    is_flag=True,
    help="Put the terms also where somebody changed or deleted the page in the shop.",
)
@with_application
def publish(app: Application, output: Output, names: tuple[str, ...], take_over: bool) -> None:
    """Bring the pages in the shops up to date now. `run` does it by itself."""
    with app.database.reading() as session:
        shops = selected(session, app.workspace_id, names)
    if take_over:
        _take_over(app, [shop.name for shop in shops])
    problems = []
    for shop in shops:
        done = _published(app, shop)
        problems += done.problems
        output.line(
            f"{shop.name}: {plural(done.written, 'page')} written, {done.kept:,} up to date, "
            f"{done.hidden:,} switched off."
        )
    for problem in problems:
        output.warn(problem)
    if problems:
        raise BridgeError(f"{plural(len(problems), 'page')} could not be brought up to date.")


def _published(app: Application, shop: Installation) -> Published:
    catalogue = catalogue_address(app.settings.public_url, app.workspace)
    desk = Desk(app.database, app.workspace_id, app.now, catalogue)
    with closing(app.connect(shop)) as connector:
        try:
            return publish_to(desk, shop, connector)
        except ConnectorError as error:
            return Published(problems=[f"{shop.name}: {error}"])


def _take_over(app: Application, names: Sequence[str]) -> None:
    with app.database.writing() as session:
        for page in listed(session, app.workspace_id):
            if page.installation in names and page.state in _LEFT:
                hand_over(
                    session,
                    app.workspace_id,
                    page.installation,
                    page.place_id,
                    Actor(by()),
                    app.now(),
                )


@terms.command("list", example=("loyalty-bridge terms list", "loyalty-bridge terms list --json"))
@json_option
@with_application
def list_(app: Application, output: Output, as_json: bool) -> None:
    """List the pages in the shops, and what keeps them from being up to date."""
    with app.database.reading() as session:
        found = listed(session, app.workspace_id)
    if as_json:
        output.json([_record(one) for one in found])
        return
    if not found:
        output.line("No shop shows the terms. See `loyalty-bridge terms settings --on STORE`.")
        return
    output.table(
        ("store", "place", "language", "state", "published", "address", "why"),
        [
            (
                f"{one.installation}/{one.store_code}",
                one.place_name,
                one.language,
                one.state.value,
                f"{one.published_at:%Y-%m-%d %H:%M}" if one.published_at else "",
                one.address,
                one.error,
            )
            for one in found
        ],
    )


@terms.command(
    example=(
        "loyalty-bridge terms settings",
        "loyalty-bridge terms settings --on north/main --url-key loyalty-club",
    )
)
@click.option("--on", multiple=True, metavar="STORE", help="Show the terms in this store.")
@click.option("--off", multiple=True, metavar="STORE", help="Show them there no more.")
@click.option("--url-key", metavar="KEY", help="The last part of the page's address.")
@json_option
@with_application
def settings(
    app: Application,
    output: Output,
    on: tuple[str, ...],
    off: tuple[str, ...],
    url_key: str | None,
    as_json: bool,
) -> None:
    """Show which stores have a page with the terms, or change it. The merchant's own words are
    written in the web app."""
    with app.database.writing() as session:
        known = {one.name for one in stores_of(session, app.workspace_id)}
        before = preferences(session, app.workspace_id, Terms)
        wanted = _wanted(before, known, on, off, url_key)
        set_preferences(session, app.workspace_id, wanted, Actor(by()), app.now())
    if as_json:
        output.json(wanted.model_dump(mode="json"))
        return
    output.table(
        ("terms", ""),
        [
            ("shown in", ", ".join(sorted(wanted.stores)) or "no store"),
            ("address", wanted.url_key),
            ("own words in", ", ".join(sorted(wanted.words)) or "no language"),
        ],
    )


def _wanted(
    before: Terms, known: set[str], on: Sequence[str], off: Sequence[str], url_key: str | None
) -> Terms:
    """Raises UsageError."""
    unknown = sorted(set(on) - known)
    if unknown:
        listed_ = ", ".join(sorted(known)) or "none; see `loyalty-bridge pull`"
        raise click.UsageError(f"There is no store {unknown[0]}. There are: {listed_}.")
    changed: dict[str, Any] = {"stores": (before.stores | set(on)) - set(off)}
    if url_key is not None:
        changed["url_key"] = url_key
    try:
        return Terms.model_validate(before.model_dump() | changed)
    except ValidationError as error:
        told = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise click.UsageError(f"url-key: {told}.") from None


def _record(one: ListedPage) -> dict[str, Any]:
    return {
        "store": f"{one.installation}/{one.store_code}",
        "place": one.place_name,
        "language": one.language,
        "state": one.state.value,
        "published_at": one.published_at.isoformat() if one.published_at else None,
        "address": one.address,
        "error": one.error,
    }
