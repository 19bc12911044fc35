"""From a template to a new version of another workspace's programme: what has to be chosen, what
would be different, and then the version, stored as any change of a programme is."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlmodel import Session

from bridge.audit.service import Actor, record
from bridge.kit.errors import BridgeError
from bridge.programme.differing import Differences, differences
from bridge.programme.document import Programme
from bridge.programme.editing import Draft, Present, Saved, from_fields, present, save
from bridge.programme.issues import Loc, listed
from bridge.programme_templates.choices import WORDS
from bridge.programme_templates.fitting import Fitted, TooSmall, fit, template_fields
from bridge.programme_templates.known import known_names
from bridge.programme_templates.mapping import Chosen, KnownNames, Reference, lean, references
from bridge.programme_templates.models import ProgrammeTemplate
from bridge.programme_templates.places import TwoBecomeOne
from bridge.programme_templates.sections import OF_ONE_CURRENCY
from bridge.programme_templates.service import content, subject_of
from connectors.sentences import sentence


class CannotApply(BridgeError):
    """Something has to be chosen first, or chosen otherwise."""


class BadBeginning(CannotApply):
    """A programme cannot begin so."""


class NotChosen(CannotApply):
    """Names of the template that nothing stands for here."""

    def __init__(self, missing: list[Reference]) -> None:
        told = [f"{WORDS[one.kind]} {one.name}" for one in missing]
        super().__init__(
            sentence(
                "Nothing stands here for %(names)s. Say what does, or that what names it is left "
                "out.",
                names=listed(told, 10),
            )
        )
        self.missing = tuple(missing)


@dataclass(frozen=True, slots=True)
class Beginning:
    """How a programme begins in a workspace that has none yet."""

    name: str
    currency: str = ""
    """Empty: the template's; so are the next ones."""
    timezone: str = ""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A template in front of a workspace: what a person has to know and to choose."""

    template: ProgrammeTemplate
    content: Programme
    sections: tuple[str, ...]
    present: Present
    target: Programme
    """As it is; where there is none yet, an empty one as it would begin."""
    references: tuple[Reference, ...]
    known: KnownNames

    @property
    def is_other_currency(self) -> bool:
        return self.content.currency != self.target.currency


@dataclass(frozen=True, slots=True)
class Proposal:
    """What would become of the programme. Nothing is stored yet."""

    prepared: Prepared
    draft: Draft
    differences: Differences
    gone: tuple[Loc, ...]
    """Entries of the template that are left out."""
    prices_left_out: int
    """SKUs whose prices are left out, since no shop here has them."""


def applicable(session: Session, workspace_id: int, template: ProgrammeTemplate) -> tuple[str, ...]:
    """Its sections that can be applied here: prices of another currency cannot. Raises
    BridgeError."""
    found = present(session, workspace_id).programme
    is_other = found is not None and found.currency != content(template).currency
    return tuple(name for name in template.sections if not (is_other and name in OF_ONE_CURRENCY))


def prepare(
    session: Session,
    workspace_id: int,
    template: ProgrammeTemplate,
    sections: Collection[str],
    *,
    beginning: Beginning | None = None,
) -> Prepared:
    """``sections``: which of the template's. Who asks must be allowed to see it: see
    :func:`bridge.programme_templates.service.template_of`. Raises CannotApply, BridgeError."""
    taken = tuple(name for name in template.sections if name in sections)
    if not taken:
        raise CannotApply(
            sentence("Choose from its sections: %(names)s.", names=", ".join(template.sections))
        )
    said, found = content(template), present(session, workspace_id)
    target = found.programme or _begun(said, beginning)
    unfit = [name for name in taken if name in OF_ONE_CURRENCY]
    if unfit and said.currency != target.currency:
        raise CannotApply(
            sentence(
                "The template is in %(theirs)s, this programme in %(ours)s: prices and rates are "
                "not converted. Leave out %(names)s.",
                theirs=said.currency,
                ours=target.currency,
                names=", ".join(unfit),
            )
        )
    fields = lean(said, taken)
    known = known_names(session, workspace_id, target, fields)
    return Prepared(template, said, taken, found, target, tuple(references(fields, known)), known)


def propose(
    session: Session,
    workspace_id: int,
    prepared: Prepared,
    chosen: Chosen,
    *,
    replaces: bool = False,
) -> Proposal:
    """Raises NotChosen, CannotApply, and ProgrammeError when the programme that comes of it
    cannot be used."""
    missing = [
        one
        for one in prepared.references
        if not one.suggested and (one.kind, one.name) not in chosen.names
    ]
    if missing:
        raise NotChosen(missing)
    if prepared.is_other_currency and chosen.factor is None:
        raise CannotApply(
            sentence(
                "The amounts of the template are in %(theirs)s, those here in %(ours)s: say by "
                "what they are multiplied (1 keeps the numbers).",
                theirs=prepared.content.currency,
                ours=prepared.target.currency,
            )
        )
    fitted = _fitted(prepared, chosen, replaces=replaces)
    changes = {loc: _as_text(value) for loc, value in fitted.changes.items()}
    if prepared.present.programme is None:
        changes = {**_head(prepared.target), **changes}
    draft = from_fields(session, workspace_id, prepared.present, changes)
    found = differences(prepared.target, draft.programme)
    return Proposal(prepared, draft, found, fitted.gone, fitted.prices_left_out)


def store(
    session: Session,
    workspace_id: int,
    proposal: Proposal,
    actor: Actor,
    why: str,
    now: datetime,
) -> Saved:
    """Makes it the newest version. The workspace the template is of learns that it was used, and
    not where. Raises ChangedMeanwhile."""
    saved = save(
        session, workspace_id, proposal.draft, proposal.prepared.present.number, actor, why, now
    )
    if saved.stored.is_new:
        note_use(session, proposal, actor, now)
    return saved


def note_use(session: Session, proposal: Proposal, actor: Actor, now: datetime) -> None:
    """In the audit log of the workspace that the template is of."""
    template = proposal.prepared.template
    record(
        session,
        template.workspace_id,
        actor,
        "template.applied",
        subject_of(template),
        now,
        after={"sections": list(proposal.prepared.sections)},
    )


def _fitted(prepared: Prepared, chosen: Chosen, *, replaces: bool) -> Fitted:
    factor = chosen.factor if prepared.is_other_currency else None
    try:
        fields = template_fields(prepared.content, prepared.sections, prepared.target, factor)
        return fit(fields, prepared.target, chosen, prepared.known, replaces=replaces)
    except TooSmall as error:
        raise CannotApply(
            sentence(
                "%(told)s would be %(exact)s, which is no amount of %(currency)s: multiply by "
                "more.",
                told=error.told,
                exact=error.exact,
                currency=prepared.target.currency,
            )
        ) from None
    except TwoBecomeOne as error:
        raise CannotApply(
            sentence(
                "Two entries of %(place)s would both be %(name)s.",
                place=".".join(map(str, error.loc)),
                name=error.name,
            )
        ) from None


def _begun(template: Programme, beginning: Beginning | None) -> Programme:
    if beginning is None:
        raise BadBeginning(sentence("There is no programme here yet: say what it is called."))
    fields = {
        "programme": beginning.name,
        "currency": beginning.currency or template.currency,
        "timezone": beginning.timezone or template.timezone,
        "prices_are": template.prices_are,
    }
    try:
        return Programme.model_validate(fields, by_alias=True)
    except ValidationError as error:
        (first, *_others) = error.errors()
        message = str(first["msg"]).removeprefix("Value error, ")
        raise BadBeginning(
            sentence("%(field)s: %(problem)s.", field=str(first["loc"][0]), problem=message)
        ) from None


def _head(target: Programme) -> dict[Loc, Any]:
    return {
        ("programme",): target.name,
        ("currency",): target.currency,
        ("timezone",): target.timezone,
        ("prices_are",): target.prices_are.value,
    }


def _as_text(value: Any) -> Any:
    """As a file would say it: all of it as text."""
    if isinstance(value, dict):
        return {name: _as_text(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_as_text(item) for item in value]
    if isinstance(value, bool):
        return "yes" if value else "no"
    return None if value is None else str(value)
