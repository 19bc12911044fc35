"""A programme that people change at screens: field by field or as text, one after the other."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlmodel import Session

from bridge.audit.service import Actor, entries
from bridge.db import Database
from bridge.programme.editing import (
    ChangedMeanwhile,
    Draft,
    Present,
    Saved,
    changed,
    from_fields,
    from_text,
    present,
    save,
)
from bridge.programme.issues import Loc, ProgrammeError
from bridge.programme.source import Plain
from bridge.workspaces.service import ensure_workspace, workspace_id

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ADA = Actor("Ada <ada@acme.example>")
TEXT = """\
programme: Acme
currency: EUR
points:
  rules:
    base: {per_amount: {points: 1, each: 1}} # since 2024
"""


class Desk:
    """One workspace."""

    def __init__(self, session: Session) -> None:
        self.session = session
        ensure_workspace(session, "acme", NOW)
        self.id = workspace_id(session, "acme")

    def present(self) -> Present:
        return present(self.session, self.id)

    def text(self, text: str) -> Draft:
        return from_text(self.session, self.id, text)

    def fields(self, changes: dict[Loc, Plain]) -> Draft:
        return from_fields(self.session, self.id, self.present(), changes)

    def save(self, draft: Draft, based_on: int, why: str = "") -> Saved:
        return save(self.session, self.id, draft, based_on, ADA, why, NOW)


def test_versions_say_who_made_them_and_keep_his_remarks(database: Database) -> None:
    with database.writing() as session:
        desk = Desk(session)
        assert desk.save(desk.text(TEXT), 0, "The first").stored.number == 1
        assert desk.present().text == TEXT

        draft = desk.fields({("points", "rules", "base", "per_amount", "points"): "2"})
        assert desk.save(draft, 1, "Double for all").stored.number == 2
        found = desk.present()
        assert found.made_by == ADA.name
        assert found.text == TEXT.replace("points: 1", "points: 2")
        assert found.programme is not None
        assert found.programme.points is not None
        rule = found.programme.points.rules["base"].per_amount
        assert rule is not None and rule.points == 2

        told = [(one.action, one.subject_id, one.after) for one in entries(session, desk.id)]
        assert told[0] == ("programme.changed", "2", {"version": 2, "why": "Double for all"})


def test_what_says_the_same_makes_no_version(database: Database) -> None:
    with database.writing() as session:
        desk = Desk(session)
        desk.save(desk.text(TEXT), 0)
        saved = desk.save(desk.fields({("points", "name"): "points"}), 1)
        assert (saved.stored.number, saved.stored.is_new) == (1, False)
        assert len(entries(session, desk.id)) == 1


def test_the_second_of_two_is_told(database: Database) -> None:
    with database.writing() as session:
        desk = Desk(session)
        desk.save(desk.text(TEXT), 0)
        mine = desk.fields({("points", "name"): "stars"})
        theirs = desk.fields({("points", "name"): "moons"})
        desk.save(mine, 1)
        with pytest.raises(ChangedMeanwhile, match="Version 2 was stored meanwhile by Ada"):
            desk.save(theirs, 1)
        assert desk.present().number == 2


def test_a_section_that_is_gone_is_named(database: Database) -> None:
    with database.writing() as session:
        desk = Desk(session)
        desk.save(desk.text(TEXT + "tiers:\n  silver: {name: Silver}\n"), 0)
        saved = desk.save(desk.fields({("tiers", "silver"): None}), 1)
        assert saved.left_out == ("tiers: silver",)


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        (
            {("points", "rules", "base", "per_amount", "points"): "many"},
            "points.rules.base.per_amount.points",
            "is not a number",
        ),
        ({("tiers", "gold"): {"name": "Gold", "group": "gold"}}, "tiers.gold.group", "no group"),
        ({("redemption",): {"step": "5"}}, "redemption.rate", "is missing"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    database: Database, changes: dict[Loc, Plain], field: str, message: str
) -> None:
    with database.writing() as session:
        desk = Desk(session)
        desk.save(desk.text(TEXT), 0)
        with pytest.raises(ProgrammeError) as refused:
            desk.fields(changes)
    (problem,) = refused.value.problems
    assert (problem.field, problem.line) == (field, None)
    assert message in problem.message


def test_a_text_is_refused_with_its_line_and_reads_no_file(database: Database) -> None:
    with database.writing() as session:
        desk = Desk(session)
        with pytest.raises(ProgrammeError) as refused:
            desk.text(TEXT + "tiers:\n  silver: {name: ''}\n")
        assert [one.line for one in refused.value.problems] == [7]
        lists = "groups:\n  gold: {name: G, base: B}\nprice_lists:\n  a: {groups: gold, file: /x}\n"
        with pytest.raises(ProgrammeError, match="no other file can be read here"):
            desk.text(TEXT + lists)


def test_changing_a_copy_leaves_the_original() -> None:
    fields = {"points": {"rules": {"base": {"per_item": 1}, "more": {"per_item": 2}}}}
    found = changed(fields, {("points", "rules", "base"): {"per_item": "3"}, ("tiers", "a"): {}})
    assert found == {
        "points": {"rules": {"base": {"per_item": "3"}, "more": {"per_item": 2}}},
        "tiers": {"a": {}},
    }
    assert fields == {"points": {"rules": {"base": {"per_item": 1}, "more": {"per_item": 2}}}}
    assert changed(fields, {("points", "rules", "gone"): None}) == fields
