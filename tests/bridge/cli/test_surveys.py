"""`surveys`: opened, read, exported; and what comes of them in `figures`."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bridge.application import Application
from bridge.cli import main
from bridge.db import Database

sys.path.insert(0, str(Path(__file__).parents[1] / "letters"))
sys.path.insert(0, str(Path(__file__).parents[1] / "referrals"))
sys.path.insert(0, str(Path(__file__).parents[1] / "surveys"))

from survey_world import SurveyWorld


@pytest.fixture
def run(
    sqlite_url: str,
    open_database: Callable[[str], Database],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> tuple[SurveyWorld, Callable[..., Result]]:
    world = SurveyWorld(open_database(sqlite_url), tmp_path, "smtp://127.0.0.1:9")
    monkeypatch.setattr(Application, "open", lambda *_: world.app)
    monkeypatch.setattr(Application, "close", lambda *_: None)

    def invoke(*words: str) -> Result:
        return CliRunner().invoke(main, [*words], catch_exceptions=False)

    return world, invoke


def test_a_survey_by_command(
    run: tuple[SurveyWorld, Callable[..., Result]], tmp_path: Path
) -> None:
    world, invoke = run
    survey = str(world.survey(is_open=False))
    assert "is open" in invoke("surveys", "open", survey).output
    world.answers(int(survey), world.member("ada@example.com"), 10, "=1+1")
    world.answers(int(survey), world.member("bob@example.com"), 2, "Slow")
    shown = json.loads(invoke("surveys", "show", survey, "--json").output)
    assert shown["state"] == "open" and shown["results"]["answers"] == 2
    assert "2\t1\t50 %" in invoke("surveys", "show", survey).output
    (listed,) = json.loads(invoke("surveys", "list", "--json").output)
    assert (listed["answers"], listed["to_handle"]) == (2, 1)
    told = json.loads(invoke("surveys", "answers", survey, "--json").output)
    assert [one["score"] for one in told] == [2, 10]
    only = invoke("surveys", "answers", survey, "--only", "detractor", "--unhandled")
    assert "bob@example.com" in only.output and "ada@example.com" not in only.output
    path = tmp_path / "answers.csv"
    assert "2 answers" in invoke("surveys", "export", survey, str(path)).output
    rows = list(csv.reader(path.read_text("utf-8-sig").splitlines()))
    assert [row[8] for row in rows[1:]] == ["Slow", "'=1+1"]
    assert "is closed" in invoke("surveys", "close", survey).output
    score = json.loads(invoke("figures", "recommendations", "--json").output)
    assert score["total"]["score"] == "0.0" and score["stores"][0]["score"]["promoters"] == 1
    assert "Net promoter score: 0.0" in invoke("figures", "overview").output
    missing = CliRunner().invoke(main, ["surveys", "show", "4711"])
    assert missing.exit_code == 1 and "There is no survey 4711" in missing.output
