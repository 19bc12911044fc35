"""`points import` and `points export`: opening balances in a CSV file."""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import click
from sqlmodel import Session

from bridge.application import Application
from bridge.cli.frame import Command, json_option, with_application
from bridge.cli.output import Output, plural
from bridge.cli.points_whose import required_zone
from bridge.members.addressees import addressees, companies_named, make_members, names_of
from bridge.points.book import HolderKey
from bridge.points.exporting import Exported, export_rows, one_view, workspace_mark
from bridge.points.importing import Imported, ImportProblems, Wanted, import_points
from bridge.points.models import Holder
from bridge.points.opening import COLUMNS, Reading, Totals, Who
from bridge.points.opening_entries import Sums
from bridge.programme.emails import normal_email
from bridge.programme.service import versions


@dataclass(frozen=True, slots=True)
class _People:
    workspace_id: int
    joined_at: datetime
    """Of members that are made."""

    def holders(self, session: Session, names: Iterable[Who]) -> Mapping[Who, Sequence[HolderKey]]:
        wanted = set(names)
        emails = addressees(
            session, self.workspace_id, [who.name for who in wanted if who.kind == "email"]
        )
        companies = companies_named(
            session, self.workspace_id, [who.name for who in wanted if who.kind == "company"]
        )
        found = {Who("email", name): keys for name, keys in emails.items()}
        return found | {Who("company", name): keys for name, keys in companies.items()}

    def make(self, session: Session, emails: Sequence[str]) -> None:
        make_members(session, self.workspace_id, emails, self.joined_at)


@click.command(
    "import",
    cls=Command,
    example=(
        "loyalty-bridge points import balances.csv --dry-run",
        "loyalty-bridge points import balances.csv --total 184250 --create",
    ),
)
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--dry-run", is_flag=True, help="Do everything and take it back: nothing is stored.")
@click.option(
    "--total",
    type=int,
    help="What the points of all rows come to, less what is owed; else nothing is imported.",
)
@click.option(
    "--create",
    is_flag=True,
    help="Make a member for each address nobody has; who confirms it later gets the points.",
)
@click.option(
    "--free-reserved", is_flag=True, help="Make points available that were held for a voucher."
)
@json_option
@click.pass_context
@with_application
def import_(
    app: Application,
    output: Output,
    context: click.Context,
    file: Path,
    dry_run: bool,
    total: int | None,
    create: bool,
    free_reserved: bool,
    as_json: bool,
) -> None:
    """Put opening balances into the book: the whole FILE, or nothing of it.

    Columns: email (or company), points, and where wanted state (available, pending, owed),
    earned_on, available_on, expires_on, reference, note. A row that was imported before changes
    nothing; with other points or dates it is a problem.
    """
    now = app.now()
    with app.database.reading() as session:
        zone = required_zone(session, app)
        mark = workspace_mark(session, app.workspace_id)
        # Older than the programme: joining it earns nothing now.
        first = versions(session, app.workspace_id)[-1].loaded_at
    wanted = Wanted(
        file,
        Reading(zone, now, normal_email),
        _People(app.workspace_id, min(first, now)),
        mark,
        create=create,
        free_reserved=free_reserved,
        total=total,
        dry_run=dry_run,
    )
    try:
        done = import_points(app.database, app.workspace_id, wanted, output.progress())
    except ImportProblems as problems:
        _show_problems(output, file, problems, as_json)
        if as_json:
            context.exit(1)
        raise
    if as_json:
        output.json(_imported_record(file, done, dry_run=dry_run))
        return
    _show_totals(output, file.name, done.totals)
    if done.new_rows:
        output.line(f"Their accounts before: {_sums_text(done.before)}")
        output.line(f"Their accounts after:  {_sums_text(done.after)}")
    if done.undated:
        output.warn(
            f"{done.undated:,} pending points have no available_on: nothing makes them available."
        )
    output.line(_ending(done, dry_run=dry_run))


def _show_problems(output: Output, file: Path, problems: ImportProblems, as_json: bool) -> None:
    if as_json:
        output.json(
            {
                "file": str(file),
                "imported": False,
                "problem_count": problems.count,
                "problems": [one._asdict() for one in problems.problems],
            }
        )
        return
    for one in problems.problems:
        output.note(f"{file.name}:{one.line}: {one.message}")
    more = problems.count - len(problems.problems)
    if more:
        output.note(f"… and {more:,} more")


def _show_totals(output: Output, name: str, totals: Totals) -> None:
    states = ", ".join(f"{points:,} {state}" for state, points in sorted(totals.by_state.items()))
    output.line(
        f"{name}: {plural(totals.rows, 'row')}, {plural(totals.holders, 'account')}, "
        f"{totals.points:,} points" + (f" ({states})" if states else "")
    )
    if totals.by_expiry:
        output.table(
            ("expires", "rows", "points"),
            [
                (month, f"{rows:,}", f"{points:,}")
                for month, (rows, points) in sorted(totals.by_expiry.items())
            ],
            right=("rows", "points"),
        )


def _sums_text(sums: Sums) -> str:
    return (
        f"{sums.available:,} available, {sums.pending:,} pending, {sums.reserved:,} reserved, "
        f"{sums.owed:,} owed"
    )


def _ending(done: Imported, *, dry_run: bool) -> str:
    known = f"; {plural(done.known_rows, 'row')} had been before" if done.known_rows else ""
    made = f", {plural(done.made_members, 'member')} made" if done.made_members else ""
    said = f"{plural(done.new_rows, 'row')} with {done.new_points:,} points"
    if dry_run:
        return f"Would import {said}{made}{known}. Nothing was stored."
    if not done.new_rows:
        return f"Nothing to import{known}."
    return f"Imported {said}{made}{known}."


def _totals_record(totals: Totals) -> dict[str, Any]:
    return {
        "rows": totals.rows,
        "accounts": totals.holders,
        "points": totals.points,
        "by_state": dict(totals.by_state),
        "by_expiry": {
            month: {"rows": rows, "points": points}
            for month, (rows, points) in sorted(totals.by_expiry.items())
        },
    }


def _imported_record(file: Path, done: Imported, *, dry_run: bool) -> dict[str, Any]:
    def sums(some: Sums) -> dict[str, int]:
        return {
            "available": some.available,
            "pending": some.pending,
            "reserved": some.reserved,
            "owed": some.owed,
        }

    return {
        "file": str(file),
        "imported": not dry_run,
        **_totals_record(done.totals),
        "new_rows": done.new_rows,
        "new_points": done.new_points,
        "known_rows": done.known_rows,
        "made_members": done.made_members,
        "undated_points": done.undated,
        "before": sums(done.before),
        "after": sums(done.after),
    }


@click.command(
    "export",
    cls=Command,
    example=(
        "loyalty-bridge points export balances.csv",
        "loyalty-bridge points export - > balances.csv",
    ),
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@json_option
@with_application
def export_(app: Application, output: Output, file: Path, as_json: bool) -> None:
    """Write every open lot to FILE (`-`: standard output), as `points import` reads it.

    Imported into another workspace, also one in another database, it gives the same balances.
    """
    exported = Exported()
    is_out = str(file) == "-"
    if is_out and as_json:
        raise click.UsageError("--json prints the totals: write the rows to a file then.")
    with app.database.reading() as session, _opened(file) as stream:
        one_view(session)
        zone = required_zone(session, app)

        def names(session: Session, holders: Sequence[HolderKey]) -> dict[HolderKey, Who]:
            called = names_of(session, app.workspace_id, holders)
            return {
                key: Who("company" if key[0] is Holder.COMPANY else "email", name)
                for key, name in called.items()
            }

        writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
        writer.writeheader()
        with output.progress().task("writing lots", None, "lots") as task:
            for row in export_rows(session, app.workspace_id, names, zone, app.now(), exported):
                writer.writerow(row)
                task.advance()
    if as_json:
        output.json(
            {
                "file": str(file),
                **_totals_record(exported.totals),
                "expired_points": exported.expired,
                "accounts_without_address": exported.nameless,
            }
        )
        return
    _say_exported(output, file, exported, is_out=is_out)


def _say_exported(output: Output, file: Path, exported: Exported, *, is_out: bool) -> None:
    totals = exported.totals
    said = (
        f"{plural(totals.rows, 'row')}, {plural(totals.holders, 'account')}, "
        f"{totals.points:,} points"
    )
    if is_out:
        output.note(said)
    else:
        output.line(f"{said} written to {file}")
    if exported.expired:
        output.note(f"{exported.expired:,} points have expired and are left out.")
    if exported.nameless:
        output.warn(
            f"{plural(exported.nameless, 'account')} of members whom no address names: their "
            "rows say a number, which means them in this workspace alone."
        )


@contextmanager
def _opened(file: Path) -> Iterator[IO[str]]:
    """A stream that becomes the file when all is written; nobody else may read it: it names
    people."""
    if str(file) == "-":
        yield sys.stdout
        return
    unfinished = file.with_name(f".{file.name}.unfinished")
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    descriptor = os.open(unfinished, flags, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as stream:
            yield stream
        unfinished.replace(file)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
