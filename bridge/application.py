"""The bridge at work for one workspace: its database, its keys, its way to the shops."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Self

from sqlalchemy import Engine
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

import bridge.models  # noqa: F401 - tables refer to each other: all are known before one is used
from bridge.config import Settings
from bridge.db import Database
from bridge.installations import connecting
from bridge.installations.answering import Answer, answers, complete
from bridge.installations.models import Installation
from bridge.installations.public import Resolver, resolved
from bridge.kit.clock import Clock, utc_now
from bridge.kit.encryption import KeyRing, UnreadableSecret
from bridge.kit.errors import BridgeError
from bridge.kit.key_file import read_keys
from bridge.plugins import platforms
from bridge.schema import SchemaState, schema_state, sqlite_path
from bridge.workspaces.service import workspace_id
from connectors.base import Connector, Platform


class NotInitialised(BridgeError):
    def __init__(self, reason: str) -> None:
        super().__init__(f"{reason} Run `loyalty-bridge init` first.")


class Application:
    """Share it between threads. Close it at the end, or use it as a context manager."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        workspace_id: int,
        *,
        platforms: Mapping[str, Platform] | None = None,
        now: Clock = utc_now,
        resolve: Resolver = resolved,
    ) -> None:
        """``resolve``: where names of hosts lead; asked for stores of the web app."""
        self.settings = settings
        self.database = database
        self.workspace_id = workspace_id
        self.workspace = settings.workspace
        self.now = now
        self.resolve = resolve
        self._platforms = platforms

    @classmethod
    def open(cls, settings: Settings, *, now: Clock = utc_now) -> Self:
        """Opens the database that `init` made, and the workspace in it.

        It never changes the schema: an older database is refused with the advice to run
        `init`, so that no process changes tables under another one that still runs.
        Raises :class:`NotInitialised`, UnknownWorkspace, BridgeError.
        """
        database = open_database(settings)
        try:
            _require_current(database, settings)
            with database.reading() as session:
                found = workspace_id(session, settings.workspace)
        except BaseException:
            database.close()
            raise
        return cls(settings, database, found, now=now)

    @property
    def platforms(self) -> Mapping[str, Platform]:
        """By name, imported when first asked for. An unknown name raises UnknownPlugin."""
        if self._platforms is None:
            self._platforms = platforms()
        return self._platforms

    def keyring(self) -> KeyRing:
        """The keys as they are now: read each time, since `keys rotate` may run beside us."""
        return key_ring(self.settings)

    def connect(self, installation: Installation) -> Connector:
        """A connector to this shop; the caller closes it. Sends nothing yet.

        Raises BridgeError when the platform is not installed or refuses the credentials'
        form, and UnreadableSecret.
        """
        try:
            secrets = self.keyring().decrypt(installation.credentials)
        except UnreadableSecret:
            # The key may have been rotated between reading the row and reading the keys.
            with self.database.reading() as session:
                token = connecting.stored_credentials(session, self.workspace_id, installation)
            secrets = self.keyring().decrypt(token)
        platform = self.platforms[installation.platform]
        return connecting.connect(
            platform,
            installation,
            secrets,
            self.workspace,
            allow_private=self.settings.allow_private_stores,
        )

    def answers(self, installation: Installation) -> dict[str, str]:
        """What a compiler must know of this shop: every answer, told or assumed.

        ``installation.settings`` alone lacks what nobody has told.
        """
        return complete(self.platforms[installation.platform], installation.settings)

    def answered(self, installation: Installation) -> list[Answer]:
        """The same, with who said it."""
        return answers(self.platforms[installation.platform], installation.settings)

    def at(self, workspace_id: int, workspace: str) -> Application:
        """The same for another workspace of this database, which stays this one's to close."""
        if workspace_id == self.workspace_id:
            return self
        settings = self.settings.model_copy(update={"workspace": workspace})
        return Application(
            settings,
            self.database,
            workspace_id,
            platforms=self._platforms,
            now=self.now,
            resolve=self.resolve,
        )

    def close(self) -> None:
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def open_database(settings: Settings, *, create: bool = False) -> Database:
    """Raises BridgeError for a URL that cannot be read, and :class:`NotInitialised` when the
    SQLite file is not there; ``create`` lets the first connection make it."""
    try:
        path = sqlite_path(settings.url)
        if path is not None and not path.exists() and not create:
            raise NotInitialised(f"There is no database at {path}.")
        return Database(settings.url)
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        # The error's own text may repeat the URL, and with it a password.
        raise BridgeError(
            "The database URL cannot be read. Write it like "
            "postgresql+psycopg://user:password@host/name or sqlite:////path/to/file.db."
        ) from error


def key_ring(settings: Settings) -> KeyRing:
    """The keys of the environment, else those of the key file."""
    return KeyRing(environment_keys(settings) or read_keys(settings.key_file))


def environment_keys(settings: Settings) -> list[str]:
    """The keys in ``LOYALTY_BRIDGE_KEYS``, newest first; empty when it is not set."""
    if settings.keys is None:
        return []
    keys = [key.strip() for key in settings.keys.get_secret_value().split(",") if key.strip()]
    try:
        KeyRing(keys)
    except ValueError as error:
        raise BridgeError(f"LOYALTY_BRIDGE_KEYS cannot be used. {error}") from error
    return keys


def where(engine: Engine) -> str:
    """The database's address without its password."""
    return engine.url.render_as_string(hide_password=True)


def _require_current(database: Database, settings: Settings) -> None:
    state = schema_state(database)
    if state is SchemaState.MISSING:
        raise NotInitialised(f"The database {where(database.engine)} has no tables yet.")
    if state is SchemaState.OLDER:
        raise BridgeError(
            "The database was made by an older version. Make a backup, stop what else uses "
            "it, and run `loyalty-bridge init` to bring it up to date."
        )
    if state is SchemaState.NEWER:
        raise BridgeError(
            "The database was made by a newer version of the bridge. Install that version."
        )
