"""`points explain`: the rule, the event and the calculation behind one entry."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import click

from bridge.application import Application
from bridge.cli.frame import Command, json_option, with_application
from bridge.cli.output import Output
from bridge.cli.points_whose import holder_name, last_day, local, stamp, zone_of
from bridge.earning.explaining import Explained, explain
from bridge.points.origins import Origin
from bridge.points.statement import Line
from bridge.points.wording import sentence


@click.command(
    "explain",
    cls=Command,
    example=(
        "loyalty-bridge points explain 4711",
        "loyalty-bridge points explain 4711 --json",
    ),
)
@click.argument("entry_id", metavar="ENTRY", type=int)
@json_option
@with_application
def explain_(app: Application, output: Output, entry_id: int, as_json: bool) -> None:
    """Explain one ENTRY, as `points history` numbers them: the event, the rule as it was then,
    the calculation, what it takes back and what took it back."""
    with app.database.reading() as session:
        found = explain(session, app.workspace_id, entry_id)
        name = holder_name(session, app, (found.holder, found.holder_id))
        zone = zone_of(session, app)
    if as_json:
        output.json(_record(found, name))
        return
    for line in _lines(found, name, zone):
        output.line(line)


def _record(found: Explained, name: str) -> dict[str, Any]:
    line, lot = found.line, found.lot
    return {
        "entry": line.id,
        "text": sentence(line, found.origin),
        "account": {"holder": found.holder.value, "id": found.holder_id, "name": name},
        "points": line.points,
        "from": line.debit.value,
        "to": line.credit.value,
        "effect": line.effect,
        "occurred_at": stamp(line.at),
        "posted_at": stamp(line.posted_at),
        "revision": line.revision,
        "source": {
            "store": found.origin.store or None,
            "kind": line.source_kind,
            "id": line.source_id,
            "line": line.source_line or None,
        },
        "event": dict(found.event),
        "rule": line.rule or None,
        "rule_text": found.rule_text or None,
        "programme": line.programme_number,
        "programme_since": stamp(found.programme_since),
        "calculation": dict(line.why),
        "reverses": _related(found.reverses, found.origin),
        "reversed_by": _related(found.reversed_by, found.origin),
        "lot": None
        if lot is None
        else {
            "id": lot.id,
            "earned_at": stamp(lot.earned_at),
            "ripens_at": stamp(lot.ripens_at),
            "ripened_at": stamp(lot.ripened_at),
            "expires_at": stamp(lot.expires_at),
            "available": lot.available,
            "pending": lot.pending,
            "reserved": lot.reserved,
        },
    }


def _related(lines: Sequence[Line], origin: Origin) -> list[dict[str, Any]]:
    return [
        {"entry": line.id, "points": line.points, "text": sentence(line, origin)} for line in lines
    ]


def _lines(found: Explained, name: str, zone: ZoneInfo) -> Iterator[str]:
    line = found.line
    yield f"Entry {line.id}: {sentence(line, found.origin)}"
    yield f"Account of {name}: {line.points:,} from {line.debit.value} to {line.credit.value}"
    posted = local(line.posted_at, zone)
    revision = f", revision {line.revision}" if line.revision else ""
    yield f"Happened {local(line.at, zone)}, posted {posted}{revision}"
    if found.event:
        yield "Event"
        yield from _fields(found.event)
    if line.programme_number is not None and found.programme_since is not None:
        since = local(found.programme_since, zone)
        yield f"Programme version {line.programme_number}, in force since {since}"
    if found.rule_text:
        yield from (f"  {text}" for text in found.rule_text.splitlines())
    if line.why:
        yield "Calculation"
        yield from _fields(line.why)
    for label, related in (("Takes back", found.reverses), ("Taken back by", found.reversed_by)):
        for one in related:
            yield f"{label} entry {one.id}: {sentence(one, found.origin)}"
    yield from _lot(found, zone)


def _lot(found: Explained, zone: ZoneInfo) -> Iterator[str]:
    lot = found.lot
    if lot is None:
        return
    held = ", ".join(
        f"{points:,} {place}"
        for place, points in (
            ("available", lot.available),
            ("pending", lot.pending),
            ("reserved", lot.reserved),
        )
        if points
    )
    expires = (
        "it never expires"
        if lot.expires_at is None
        else f"it expires at the end of {last_day(lot.expires_at, zone)}"
    )
    yield f"Lot {lot.id}: {held or 'nothing'} in it now; {expires}"


def _fields(fields: Mapping[str, Any]) -> Iterator[str]:
    for key, value in fields.items():
        if value not in (None, "", [], {}):
            text = value if isinstance(value, str | int) else json.dumps(value, ensure_ascii=False)
            yield f"  {key.replace('_', ' ')}: {text}"
