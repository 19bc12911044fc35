"""What the demo plays on: two sandboxes and a mail server in this process, and a folder that goes
at the end."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from bridge.config import Settings
from bridge.demo.differences import Difference, differences
from bridge.demo.mailbox import Mailbox
from bridge.demo.sample import CUSTOMERS, SENDER, STORES, copy_to
from bridge.plugins import sandboxes
from connectors.sandbox.sandbox import Sandbox
from connectors.sandbox.server import RunningSandbox


@dataclass
class Shop:
    name: str
    sandbox: Sandbox
    running: RunningSandbox
    credentials: Path
    at_first: Mapping[str, Any] = field(repr=False)
    """Everything it held before the bridge came."""

    @property
    def url(self) -> str:
        return self.running.url

    def changes(self) -> list[Difference]:
        """What is different from how it was at first."""
        return differences(self.at_first, self.running.dump())

    def price(self, email: str, sku: str, quantity: int) -> Decimal:
        """What one piece costs this signed-in shopper, asked over HTTP."""
        return self.sandbox.shopper_price(self.url, email, sku, quantity)

    def calls(self) -> int:
        """How often it was asked anything so far."""
        return self.running.log.total


@dataclass
class Stage:
    settings: Settings
    programme: Path
    shops: Mapping[str, Shop]
    """By the name they have as stores."""
    mailbox: Mailbox
    """Where every letter of the bridge ends."""
    port: int = 0
    """Where the bridge listened when it was at work; 0: it was not yet."""

    def is_reached_at(self, url: str, port: int = 0) -> None:
        """From now on links of letters begin with it."""
        self.settings = self.settings.model_copy(update={"public_url": url})
        self.port = port or self.port

    @property
    def folder(self) -> Path:
        """For files that the story makes."""
        return self.programme.parent


@contextmanager
def stage() -> Iterator[Stage]:
    """Two shops on ports that the system chooses, and settings that are nobody else's."""
    with ExitStack() as stack:
        folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="loyalty-bridge-demo-"))
        )
        shops = {name: _shop(stack, folder, name, platform) for name, platform in STORES.items()}
        mailbox = stack.enter_context(Mailbox())
        yield Stage(_settings(folder / "home", mailbox), copy_to(folder), shops, mailbox)


def _shop(stack: ExitStack, folder: Path, name: str, platform: str) -> Shop:
    sandbox = sandboxes()[platform]
    running = stack.enter_context(sandbox.serve(customers=CUSTOMERS))
    credentials = folder / f"{name}.env"
    lines = (f"{field}={value}\n" for field, value in sandbox.credentials.items())
    credentials.write_text("".join(lines), encoding="utf-8")
    return Shop(name, sandbox, running, credentials, running.dump())


def _settings(home: Path, mailbox: Mailbox) -> Settings:
    """Every field is given, so that nothing of the visitor's environment is used."""
    defaults = {name: field.default for name, field in Settings.model_fields.items()}
    own = {
        "home": home,
        "smtp_url": SecretStr(mailbox.url),
        "mail_from": f"Demo <{SENDER}>",
        "allow_private_stores": True,
    }
    return Settings(**{**defaults, **own})
