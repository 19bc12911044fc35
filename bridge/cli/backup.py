"""`backup`: a copy of the database while everything runs, and what is in one."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy.exc import SQLAlchemyError

from bridge.application import environment_keys, open_database
from bridge.audit.service import Actor
from bridge.backups.looking import Contents, look
from bridge.backups.making import Made
from bridge.backups.making import make as make_backup
from bridge.backups.noting import note
from bridge.cli.failing import FAILED
from bridge.cli.frame import Group, Invocation, json_option, with_invocation
from bridge.cli.members import by
from bridge.cli.output import Output, plural
from bridge.config import Settings
from bridge.db import Database
from bridge.kit.clock import utc_now
from bridge.kit.key_file import KeyFileMissing, read_keys
from bridge.schema import SchemaState, schema_state


class _Backup(Group):
    """`backup FILE` is `backup make FILE`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in (*self.commands, *ctx.help_option_names):
            args = ["make", *args]
        return super().parse_args(ctx, args)


@click.group(
    cls=_Backup,
    example=(
        "loyalty-bridge backup loyalty-2026-11-23.db",
        "loyalty-bridge backup loyalty-2026-11-23.zip --with-keys",
        "loyalty-bridge backup check loyalty-2026-11-23.db",
    ),
)
def backup() -> None:
    """Copy the whole database into a file while everything runs, and look into such a file.

    `backup FILE` is short for `backup make FILE`.
    """


@backup.command(
    example=(
        "loyalty-bridge backup make loyalty-2026-11-23.db",
        "loyalty-bridge backup make loyalty-2026-11-23.zip --with-keys",
    )
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--with-keys",
    is_flag=True,
    help="Make a ZIP of the copy and the encryption keys: it opens every stored secret.",
)
@json_option
@with_invocation
def make(invocation: Invocation, file: Path, with_keys: bool, as_json: bool) -> None:
    """Copy the database, of every workspace, into FILE, which must not be there yet.

    Others go on writing: the copy is of one moment. It is checked, and gets its name when it is
    whole. On PostgreSQL `pg_dump` makes it, which must be on the PATH. The encryption keys are
    not in it unless you ask: without them its secrets cannot be read.
    """
    settings, output = invocation.settings, invocation.output
    database = open_database(settings)
    try:
        progress = output.progress()
        now = utc_now()
        made = make_backup(settings, database, file, now, progress, with_keys=with_keys)
        _note(database, made, now, output)
    finally:
        database.close()
    if as_json:
        output.json({"file": str(file), "bytes": made.size, **_as_json(made.contents)})
    else:
        output.line(f"Backup made: {file} ({_megabytes(made.size)})")
        _show(output, made.contents)
    _say_of_keys(output, settings, made.contents)


@backup.command(example=("loyalty-bridge backup check loyalty-2026-11-23.db",))
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@json_option
@with_invocation
def check(invocation: Invocation, file: Path, as_json: bool) -> None:
    """Say what is in the backup FILE, whether it is sound, and whether the present keys read its
    secrets.

    Exit code 1 when it is damaged, or when neither the present keys nor those in it read all
    of its secrets.
    """
    settings, output = invocation.settings, invocation.output
    try:
        keys = environment_keys(settings) or read_keys(settings.key_file)
    except KeyFileMissing as error:
        keys = []
        output.note(str(error))
    found = look(file, keys, output.progress())
    if as_json:
        output.json({"file": str(file), "bytes": file.stat().st_size, **_as_json(found)})
    else:
        output.line(f"{file} is sound ({_megabytes(file.stat().st_size)})", "green")
        _show(output, found)
    if found.unread and found.unread_by_its_own:
        output.warn("Find the key file of its time: without it, each store has to be added anew.")
        click.get_current_context().exit(FAILED)


def _note(database: Database, made: Made, now: datetime, output: Output) -> None:
    if schema_state(database) is not SchemaState.CURRENT:
        return  # the audit log of another version may look otherwise
    try:
        with database.writing() as session:
            note(session, made, Actor(by()), now)
    except SQLAlchemyError:
        output.warn("The backup is made, but the audit log could not be told of it.")


def _show(output: Output, found: Contents) -> None:
    output.line(f"Database: {found.kind}, revision {found.revision}, {_STATE[found.state]}")
    output.line(f"Workspaces: {', '.join(found.workspaces) or 'none'}")
    newest = found.newest_entry
    moment = f", the newest of {newest:%Y-%m-%d %H:%M:%S} UTC" if newest else ""
    output.line(f"Book: {plural(found.entries, 'entry', 'entries')}{moment}")
    output.line(f"Secrets: {found.secrets:,}{_read(found)}")


_STATE = {
    SchemaState.CURRENT: "of this version",
    SchemaState.OLDER: "of an older version: `loyalty-bridge init` brings it up to date",
    SchemaState.NEWER: "of a newer version of the bridge than this one",
}


def _read(found: Contents) -> str:
    if not found.secrets:
        return ""
    told = [_by("the present keys", found.secrets, found.unread)]
    if found.has_keys:
        told.append(_by("the keys in it", found.secrets, found.unread_by_its_own))
    return f", {', '.join(told)}"


def _by(whose: str, secrets: int, unread: int) -> str:
    if not unread:
        return f"all read by {whose}"
    return (
        f"{unread:,} of them not read by {whose}" if unread < secrets else f"none read by {whose}"
    )


def _say_of_keys(output: Output, settings: Settings, found: Contents) -> None:
    if found.unread:
        output.warn("Not all secrets in it can be read with the present keys.")
    if found.has_keys:
        output.note("The keys are in it: whoever has this file can read every secret. Lock it up.")
        return
    place = "LOYALTY_BRIDGE_KEYS" if environment_keys(settings) else settings.key_file
    output.note(
        f"The keys ({place}) are not in it. Without them its secrets, such as the shops' "
        "credentials, cannot be read again: keep a copy of them, apart from this file."
    )


def _as_json(found: Contents) -> dict[str, Any]:
    return {
        "database": found.kind.lower(),
        "revision": found.revision,
        "state": found.state.value,
        "workspaces": found.workspaces,
        "entries": found.entries,
        "newest_entry": found.newest_entry.isoformat() if found.newest_entry else None,
        "secrets": found.secrets,
        "secrets_unread": found.unread,
        "with_keys": found.has_keys,
        "secrets_unread_by_its_keys": found.unread_by_its_own if found.has_keys else None,
    }


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:,.1f} MB"
