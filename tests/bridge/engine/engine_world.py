"""A merchant whose two stores are the platforms' sandboxes, with shoppers in them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import forked
from sqlalchemy import select, text, update
from sqlmodel import col
from toyshop.world import KEY

from bridge.application import Application
from bridge.config import Settings
from bridge.db import Database
from bridge.installations.models import Installation
from bridge.installations.service import NewInstallation, add, installation
from bridge.kit.clock import utc_now
from bridge.members.models import MemberEmail
from bridge.plugins import sandboxes
from bridge.points.models import Account, Holder
from bridge.programme.canonical import canonical_text, digest
from bridge.programme.document import Programme
from bridge.programme.loading import LoadedProgramme
from bridge.programme.service import store
from bridge.workspaces.models import Workspace
from connectors.sandbox.sandbox import Sandbox
from connectors.sandbox.server import RunningSandbox
from connectors.sandbox.shopper import Till

POINTS: dict[str, Any] = {
    "basis": {"price": "net"},
    "ripen": {"after": "placed", "days": 0},
    "rules": {"base": {"per_amount": {"points": 1, "each": 1}}},
}


def programme(**sections: Any) -> dict[str, Any]:
    return {"programme": "Acme", "currency": "EUR", "points": POINTS, **sections}


@dataclass
class Merchant:
    """One workspace over real platforms' sandboxes; time is what it is."""

    database: Database
    url: str
    home: Path
    key: str = "acme"
    app: Application = field(init=False)
    shops: dict[str, RunningSandbox] = field(default_factory=dict)

    def __post_init__(self) -> None:
        with self.database.writing() as session:
            made = Workspace(key=self.key, created_at=utc_now())
            session.add(made)
            session.flush()
            assert made.id is not None
            id_ = made.id
        settings = Settings(home=self.home, keys=KEY, workspace=self.key, database_url=self.url)
        self.app = Application(settings, self.database, id_)

    def connect(self, sandbox: Sandbox, running: RunningSandbox) -> None:
        new = NewInstallation(
            sandbox.name, sandbox.name, running.url, sandbox.credentials, dict(sandbox.settings)
        )
        with self.database.writing() as session:
            add(session, self.app.workspace_id, new, self.app.keyring().encrypt, utc_now())
        self.shops[sandbox.name] = running

    def load(self, raw: dict[str, Any]) -> None:
        document = Programme.model_validate(raw, by_alias=True, by_name=False)
        written = canonical_text(document)
        loaded = LoadedProgramme(document, (), written, digest(written), {})
        with self.database.writing() as session:
            # Magento tells whole seconds: an order of this very second would seem older.
            store(session, self.app.workspace_id, loaded, (), utc_now() - timedelta(minutes=1))

    def till(self, shop: str) -> Till:
        till: Till = self.shops[shop].state.till()
        return till

    def points(self, email: str) -> tuple[int, int]:
        """Available and pending ones of the member with this confirmed address."""
        with self.database.reading() as session:
            row = session.execute(
                select(col(Account.available), col(Account.pending))
                .join(MemberEmail, col(MemberEmail.member_id) == col(Account.holder_id))
                .where(
                    col(MemberEmail.workspace_id) == self.app.workspace_id,
                    col(MemberEmail.email) == email,
                    col(Account.holder) == Holder.MEMBER.value,
                )
            ).one()
            return row.available, row.pending

    def installation(self, name: str) -> Installation:
        with self.database.reading() as session:
            return installation(session, self.app.workspace_id, name)

    def lock_out(self, name: str) -> None:
        """The shop no longer knows the bridge's credentials."""
        wrong = dict.fromkeys(sandboxes()[name].credentials, "wrong")
        with self.database.writing() as session:
            session.execute(
                update(Installation)
                .where(col(Installation.id) == self.installation(name).id)
                .values(credentials=self.app.keyring().encrypt(wrong))
            )

    # -- the book ---------------------------------------------------------------------------

    def book(self) -> dict[str, Any]:
        """What every order came to, by line, rule and effect; what everybody has; and how many
        orders there are."""
        workspace = {"w": self.app.workspace_id}
        with self.database.reading() as session:
            entries = session.execute(
                text(
                    "SELECT i.name, source_kind, source_id, source_line, rule, effect, sum(points)"
                    " FROM entries e JOIN installations i ON i.id = e.installation_id"
                    " WHERE e.workspace_id = :w GROUP BY 1, 2, 3, 4, 5, 6"
                ),
                workspace,
            )
            orders = session.execute(
                text("SELECT count(*) FROM orders WHERE workspace_id = :w"), workspace
            ).scalar_one()
            accounts = session.execute(
                text(
                    "SELECT m.email, a.available, a.pending, a.reserved, a.debt FROM accounts a"
                    " JOIN member_emails m ON m.member_id = a.holder_id"
                    " WHERE a.workspace_id = :w AND a.holder = 'member'"
                ),
                workspace,
            )
            return {
                "entries": {tuple(row[:-1]): int(row[-1]) for row in entries},
                "accounts": {row[0]: tuple(row[1:]) for row in accounts},
                "orders": orders,
            }

    def handled(self) -> int:
        with self.database.reading() as session:
            return int(
                session.execute(
                    text("SELECT count(*) FROM orders WHERE workspace_id = :w"),
                    {"w": self.app.workspace_id},
                ).scalar_one()
            )

    # -- processes --------------------------------------------------------------------------

    def start(self, *options: str, **settings: object) -> Process:
        """`loyalty-bridge run` in a process of its own."""
        environment = {
            **{name: value for name, value in os.environ.items() if "LOYALTY_BRIDGE" not in name},
            "LOYALTY_BRIDGE_HOME": str(self.home),
            "LOYALTY_BRIDGE_DATABASE_URL": self.url,
            "LOYALTY_BRIDGE_KEYS": KEY,
            "LOYALTY_BRIDGE_WORKSPACE": self.key,
            "LOYALTY_BRIDGE_POLL_SECONDS": "1",
            **{f"LOYALTY_BRIDGE_{name.upper()}": str(value) for name, value in settings.items()},
        }
        command = [sys.executable, "-m", "bridge.cli", "run", *(options or ("--port", "0"))]
        return Process(
            forked.Popen(
                command,
                env=environment,
                cwd=Path(__file__).parents[3],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        )


@dataclass
class Process:
    process: subprocess.Popen[str]
    said: list[str] = field(default_factory=list)

    def line(self) -> str:
        """The next line of its output."""
        assert self.process.stdout is not None
        self.said.append(self.process.stdout.readline().rstrip())
        return self.said[-1]

    @property
    def url(self) -> str:
        """Where it listens, once it says so."""
        found = self.line()
        return found.removeprefix("Listening on ").partition(": ")[0]

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def end(self, seconds: float = 30) -> tuple[int, str]:
        """Its exit code and what it wrote to standard error."""
        _, errors = self.process.communicate(timeout=seconds)
        return self.process.returncode, errors

    def __enter__(self) -> Process:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


def until(true: Callable[[], object], seconds: float = 60) -> None:
    """Waits for a condition that comes from elsewhere."""
    ends = time.monotonic() + seconds
    pause = threading.Event()
    while not true():
        assert time.monotonic() < ends, "it did not come"
        pause.wait(0.02)
