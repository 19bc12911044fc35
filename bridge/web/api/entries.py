"""Why an entry stands in the book of points."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from bridge.api_tokens.scopes import Scope
from bridge.earning.explaining import Explained, explain
from bridge.kit.errors import BridgeError
from bridge.points.models import Holder
from bridge.points.origins import Origin
from bridge.points.statement import Line
from bridge.points.wording import sentence
from bridge.web.api.operations import Call, Nothing, Operations
from bridge.web.api.problems import Refusal

operations = Operations("The book")


class RelatedOut(BaseModel):
    id: int
    points: int
    text: str


class ExplanationOut(BaseModel):
    id: int
    text: str
    holder: Holder
    holder_id: int
    points: int
    debit: str = Field(description="The place the points came from.")
    credit: str = Field(description="The place they went to.")
    effect: str
    at: datetime
    posted_at: datetime
    store: str | None
    source: str
    source_id: str
    event: dict[str, Any]
    rule: str | None
    rule_text: str | None = Field(description="As that version of the programme has it.")
    programme: int | None = Field(description="The version's number.")
    programme_since: datetime | None
    calculation: dict[str, Any]
    lot: int | None
    reverses: list[RelatedOut]
    reversed_by: list[RelatedOut]


@operations.get("/entries/{entry}", Scope.READ_MEMBERS, ExplanationOut)
def explain_entry(call: Call, query: Nothing, entry: int) -> ExplanationOut:
    """The event, the rule as it was then, the calculation, and what took the entry back."""
    with call.app.database.reading() as session:
        try:
            found = explain(session, call.app.workspace_id, entry)
        except BridgeError:
            raise Refusal(404, f"There is no entry {entry}.") from None
    return _explanation(found)


def _explanation(found: Explained) -> ExplanationOut:
    line = found.line
    return ExplanationOut(
        id=line.id,
        text=sentence(line, found.origin),
        holder=found.holder,
        holder_id=found.holder_id,
        points=line.points,
        debit=line.debit.value,
        credit=line.credit.value,
        effect=line.effect,
        at=line.at,
        posted_at=line.posted_at,
        store=found.origin.store or None,
        source=line.source_kind,
        source_id=line.source_id,
        event=dict(found.event),
        rule=line.rule or None,
        rule_text=found.rule_text or None,
        programme=line.programme_number,
        programme_since=found.programme_since,
        calculation=dict(line.why),
        lot=found.lot.id if found.lot else None,
        reverses=_related(found.reverses, found.origin),
        reversed_by=_related(found.reversed_by, found.origin),
    )


def _related(lines: Sequence[Line], origin: Origin) -> list[RelatedOut]:
    return [RelatedOut(id=one.id, points=one.points, text=sentence(one, origin)) for one in lines]
