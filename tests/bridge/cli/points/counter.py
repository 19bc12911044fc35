"""Commands as a merchant's people give them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from click.testing import CliRunner, Result
from ledger_world import LedgerWorld
from sqlalchemy import text

from bridge.cli import main


@dataclass
class Counter:
    world: LedgerWorld

    def __call__(self, *args: str, workspace: int = 0) -> Result:
        key = self._key(workspace or self.world.workspace)
        return CliRunner().invoke(main, ["--workspace", key, *args])

    def ok(self, *args: str, **more: Any) -> str:
        result = self(*args, **more)
        assert result.exit_code == 0, result.output
        return result.stdout

    def json(self, *args: str, **more: Any) -> Any:
        return json.loads(self.ok(*args, "--json", **more))

    def error(self, *args: str, **more: Any) -> str:
        """All that a command that fails says on standard error."""
        result = self(*args, **more)
        assert result.exit_code == 1, result.output
        return result.stderr

    def balance(self, who: str, **more: Any) -> tuple[int, int, int, int]:
        """Available, pending, reserved, owed."""
        found = self.json("points", "show", who, **more)
        return found["available"], found["pending"], found["reserved"], found["owed"]

    def entries(self) -> int:
        with self.world.database.reading() as session:
            counted = session.connection().execute(text("SELECT count(*) FROM entries"))
            return int(counted.scalar_one())

    def _key(self, workspace: int) -> str:
        with self.world.database.reading() as session:
            found = session.connection().execute(
                text("SELECT key FROM workspaces WHERE id = :w"), {"w": workspace}
            )
            return str(found.scalar_one())
