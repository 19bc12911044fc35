"""What the database itself watches over: that entries are only added, and each cause once."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

from sqlalchemy import inspect, text
from sqlmodel import Session

from bridge.reconciling.books import Books
from bridge.reconciling.findings import Finding

TRIGGER = "guard-trigger"
UNIQUE = "guard-unique"
_MIGRATION = "bridge.migrations.versions.0002_orders_in_points_members"
_CONSTRAINTS = (
    ("entries", "one_cause_one_effect"),
    ("lots", "uq_lots"),
    ("vouchers", "one_cause_one_voucher"),
)


def find(books: Books) -> Iterator[Finding]:
    with books.looking() as session:
        missing = _missing(session)
        unique = _missing_unique(session)
    for name in missing:
        yield Finding(
            TRIGGER,
            f"trigger {name}",
            "It is gone or switched off: entries of the book can be changed and deleted.",
            "Somebody who may change the database's tables took it away.",
            "Put it back. What may have been done meanwhile, the other checks tell.",
            books.fix(lambda session, now: _restore(session)),
        )
    for table, name in unique:
        yield Finding(
            UNIQUE,
            f"constraint {name} of {table}",
            "It is gone: one cause can have its effect twice.",
            "Somebody who may change the database's tables took it away.",
            "Put it back by hand, once no two rows contradict it: see the table's reference.",
        )


def _missing(session: Session) -> list[str]:
    if session.get_bind().dialect.name == "sqlite":
        found = session.execute(
            text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'entries'")
        )
        wanted = ["entries_are_never_changed", "entries_are_never_deleted"]
    else:
        found = session.execute(
            text(
                "SELECT tgname FROM pg_trigger WHERE tgrelid = 'entries'::regclass"
                " AND NOT tgisinternal AND tgenabled IN ('O', 'A')"
            )
        )
        wanted = ["entries_are_never_changed"]
    known = set(found.scalars())
    return [name for name in wanted if name not in known]


def _missing_unique(session: Session) -> list[tuple[str, str]]:
    inspector = inspect(session.connection())
    found = []
    for table, name in _CONSTRAINTS:
        if name not in {one["name"] for one in inspector.get_unique_constraints(table)}:
            found.append((table, name))
    return found


def _restore(session: Session) -> bool:
    missing = _missing(session)
    statements: dict[str, tuple[str, ...]] = import_module(_MIGRATION)._ONLY_ADDED_TO
    if session.get_bind().dialect.name == "sqlite":
        for name in missing:
            for statement in statements["sqlite"]:
                if f"CREATE TRIGGER {name} " in statement:
                    session.execute(text(statement))
    elif missing:
        session.execute(text("DROP TRIGGER IF EXISTS entries_are_never_changed ON entries"))
        for statement in statements["postgresql"]:
            again = statement.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
            session.execute(text(again))
    return bool(missing)
