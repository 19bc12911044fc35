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
    poll_seconds: int = Field(
        default=60, ge=1, description="How often `run` asks each shop what changed."
    )
    pull_hours: int = Field(
        default=24,
        ge=0,
        description=(
            "How often `run` and `work` read each shop's groups and products anew, so that the "
            "categories of new products are known; 0: only once."
        ),
    )
    retention_days: int = Field(
        default=90,
        ge=1,
        description="How long older versions of what came in, and webhooks, are kept.",
    )
    worker_threads: int = Field(
        default=16,
        ge=1,
        le=128,
        description="How many things `run` does with shops at the same time, at most.",
    )
    host: str = Field(default="127.0.0.1", description="Where `run` listens for webhooks.")
    port: int = Field(
        default=8700, ge=0, le=65535, description="The port for webhooks; 0: any free one."
    )
    public_url: str = Field(
        default="",
        description=(
            "Where visitors reach `run` from outside, like `https://loyalty.example.com`: what "
            "links of referrals and in letters begin with."
        ),
    )
    trusted_proxy: str = Field(
        default="",
        description=(
            "IP address of the reverse proxy in front of `run`. From it alone, the headers "
            "`X-Forwarded-For` (the visitor's address) and `X-Forwarded-Proto` (whether he came "
            "by HTTPS) are believed; others' are ignored."
        ),
    )
    allow_private_stores: bool = Field(
        default=False,
        description=(
            "Whether the web app may connect stores at private addresses, such as `localhost` or "
            "`192.168.0.10`. Otherwise it calls public addresses only; the command line is free."
        ),
    )
    smtp_url: SecretStr | None = Field(
        default=None,
        description=(
            "The mail server for letters to members and friends: "
            "`smtp://user:password@host:587` (STARTTLS), `smtps://user:password@host:465` (TLS), "
            "or `smtp://host:25?tls=no` for one on a network that nobody else is on."
        ),
    )
    mail_from: str = Field(
        default="", description="The sender of letters, like `Acme <shop@example.com>`."
    )
    oidc_issuer: str = Field(
        default="",
        description=(
            "Staff may also sign in with this OpenID Connect service, like "
            "`https://login.example.com/realms/acme`: where its "
            "`/.well-known/openid-configuration` lies. Empty: with passwords only."
        ),
    )
    oidc_client_id: str = Field(
        default="",
        description="The bridge's name at that service; its address there for coming back is "
        "the public URL with `/sign-in/service/back`.",
    )
    oidc_client_secret: SecretStr | None = Field(
        default=None, description="The bridge's secret at that service."
    )
    oidc_name: str = Field(
        default="", description="What the button calls that service; default: its host."
    )
    grace_seconds: int = Field(
        default=20,
        ge=1,
        description="How long `run` lets work come to an end when it is stopped.",
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
