"""Settings, from the environment (``LOYALTY_BRIDGE_…``) or the command line."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Every setting the bridge reads. The reference in ``docs/`` is made from this class."""

    model_config = SettingsConfigDict(env_prefix="LOYALTY_BRIDGE_", extra="ignore", frozen=True)

    home: Path = Field(
        default=Path(".loyalty-bridge"),
        description="Folder of the database and the key file; made by `init`.",
    )
    database_url: SecretStr | None = Field(
        default=None,
        description=(
            "SQLAlchemy URL, for example `postgresql+psycopg://user:password@host/name`; "
            "default: an SQLite file in the home folder."
        ),
    )
    keys: SecretStr | None = Field(
        default=None,
        description=(
            "Encryption keys for stored credentials, newest first, separated by commas; "
            "default: the key file in the home folder."
        ),
    )
    workspace: str = Field(default="default", description="The merchant to work for.")
    log_level: str = Field(
        default="warning", description="`debug`, `info`, `warning` or `error`, to standard error."
    )
    delivery_threads: int = Field(
        default=4, ge=1, le=32, description="Calls at once to one installation, at most."
    )
    lease_seconds: int = Field(
        default=1200,
        ge=10,
        description=(
            "How long a worker may hold rows it delivers; longer than the longest call it makes."
        ),
    )

    @property
    def url(self) -> str:
        """The database's URL. Holds a password: never print it."""
        if self.database_url is not None:
            return normalised(self.database_url.get_secret_value())
        return f"sqlite:///{self.home / 'loyalty-bridge.db'}"

    @property
    def key_file(self) -> Path:
        return self.home / "loyalty-bridge.keys"


def normalised(url: str) -> str:
    """PostgreSQL always through psycopg 3, however the URL spells it."""
    for prefix in ("postgres://", "postgresql://", "postgresql+psycopg2://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url
