"""`init`: the folder, the key, the tables, the workspace."""

from __future__ import annotations

import click

from bridge.application import environment_keys, open_database, where
from bridge.cli.frame import Command, Invocation, with_invocation
from bridge.config import Settings
from bridge.db import Database
from bridge.installations import service as installations
from bridge.kit.clock import utc_now
from bridge.kit.errors import BridgeError
from bridge.kit.key_file import create_keys, read_keys
from bridge.migrations import migrate
from bridge.schema import SchemaState, schema_state
from bridge.workspaces.service import ensure_workspace, workspace_ids


@click.command(cls=Command, example=("loyalty-bridge init", "loyalty-bridge init --workspace acme"))
@click.option("--workspace", metavar="NAME", help="The merchant to work for.")
@with_invocation
def init(invocation: Invocation, workspace: str | None) -> None:
    """Make the database, the encryption key and the workspace.

    Repeatable: what is there is kept. It also brings a database of an older version up to
    date; make a backup and stop other processes first.
    """
    settings, output = invocation.settings, invocation.output
    name = workspace or settings.workspace
    _make_home(settings)
    database = open_database(settings, create=True)
    try:
        before = schema_state(database)
        if before is SchemaState.NEWER:
            raise BridgeError(
                "The database was made by a newer version of the bridge. Install that version."
            )
        migrate(database)
        made_key = _ensure_key(settings, database)
        with database.writing() as session:
            made_workspace = ensure_workspace(session, name, utc_now())
    finally:
        database.close()
    output.line(f"{_DATABASE[before]}: {where(database.engine)}")
    if made_key:
        output.line(f"Encryption key made: {settings.key_file}")
        output.line("Keep a copy of it: without it the stored credentials cannot be read.")
    output.line(f"Workspace {'made' if made_workspace else 'was there already'}: {name}")
    # What the environment says holds for the next command as well; an option does not.
    option = "" if name == Settings().workspace else f"--workspace {name} "
    output.line(f"Next: loyalty-bridge {option}store add --help")


_DATABASE = {
    SchemaState.MISSING: "Database made",
    SchemaState.OLDER: "Database brought up to date",
    SchemaState.CURRENT: "Database was there already",
}


def _make_home(settings: Settings) -> None:
    if settings.home.is_dir():
        return
    settings.home.mkdir(mode=0o700, parents=True)
    settings.home.chmod(0o700)  # whatever the umask


def _ensure_key(settings: Settings, database: Database) -> bool:
    """Whether a key file was made. A lost one is never replaced while credentials need it."""
    if environment_keys(settings):
        return False
    if settings.key_file.exists():
        read_keys(settings.key_file)
        return False
    with database.reading() as session:
        if any(installations.sealed(session, found) for found in workspace_ids(session)):
            read_keys(settings.key_file)  # says that it is missing
    try:
        create_keys(settings.key_file)
    except FileExistsError:
        return False  # another `init` was quicker
    return True
