"""What people see of a plugin, and how the bridge leaves it."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from plugged import PLUGIN, Plugged

from bridge.cli import main
from bridge.installations.checking import PLUGIN as TOPIC
from bridge.installations.checking import check_one
from bridge.shop_plugins.checking import with_plugins
from bridge.shop_plugins.checklist import Mark, checklist, is_complete
from bridge.shop_plugins.standing import standing
from connectors.base import Severity
from connectors.plugins import is_older

Run = Callable[..., str]


@pytest.fixture
def run(plug: Plugged, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A command on this merchant's bridge: what it prints."""
    app = plug.world.app
    monkeypatch.setattr(type(app), "open", lambda *_, **__: app)
    monkeypatch.setattr(type(app), "close", lambda _: None)

    def command(*args: str, exit_code: int = 0) -> str:
        result = CliRunner().invoke(main, args)
        assert result.exit_code == exit_code, result.output
        return result.output

    return command


def marks(plug: Plugged) -> dict[str, Mark]:
    found = standing(plug.world.app, plug.shop)
    assert found is not None
    return {point.topic: point.mark for point in checklist(found)}


def findings(plug: Plugged) -> list[tuple[Severity, str]]:
    app = plug.world.app
    report = check_one(plug.shop, app.connect, lambda one: app.platforms[one.platform])
    (report,) = with_plugins(app, [report])
    return [(one.severity, one.found) for one in report.findings if one.topic == TOPIC]


def test_it_comes_true_step_by_step(plug: Plugged) -> None:
    plug.world.pull()
    waiting = marks(plug)
    assert waiting.pop("points") is Mark.WITHOUT  # it cannot do this, installed or not
    assert set(waiting.values()) == {Mark.WAITING}
    assert findings(plug) == []
    newest = plug.world.app.platforms["plugged"].plugin
    assert newest is not None
    plug.inside.plugin = replace(PLUGIN, version="0.9.12")
    plug.step()
    found = marks(plug)
    assert (found["installed"], found["told"], found["events"]) == (
        Mark.MEND,
        Mark.DONE,
        Mark.WAITING,
    )
    plug.inside.plugin = replace(PLUGIN, version=newest.version)
    plug.step(minutes=61)
    assert marks(plug)["events"] is Mark.MEND
    assert (Severity.WARNING, True) in [
        (severity, "None has come" in text) for severity, text in findings(plug)
    ]
    plug.hear(plug.inside.knocks[-1])
    found = marks(plug)
    assert {found[one] for one in ("installed", "active", "told", "events", "links")} == {Mark.DONE}
    assert (found["points"], found["gifts"]) == (Mark.WITHOUT, Mark.WITHOUT)
    one = standing(plug.world.app, plug.shop)
    assert one is not None and is_complete(checklist(one))
    assert {severity for severity, _ in findings(plug)} == {Severity.OK}


@pytest.mark.parametrize(
    ("seen", "offered", "older"),
    [
        ("1.0.0", "1.0.1", True),
        ("1.9.0", "1.10.0", True),
        ("2.0", "2.0.0", True),
        ("2.0.0", "2.0.0", False),
        ("3.0.0", "2.1.0", False),
        ("", "1.0.0", True),
        ("x", "1.0.0", True),
        ("1.0.0-beta", "1.0.0", True),
    ],
)
def test_versions_are_compared_by_their_numbers(seen: str, offered: str, older: bool) -> None:
    assert is_older(seen, offered) is older


def test_commands_show_tell_and_forget(plug: Plugged, run: Run) -> None:
    plug.world.pull()
    plug.inside.plugin = PLUGIN
    run("plugin", "tell", "plugged")
    held = plug.inside.held
    assert held is not None
    shown = run("plugin", "show", "plugged", "--json")
    assert all(one not in shown for one in (held.events_secret, held.link_secret))
    told: dict[str, Any] = json.loads(shown)
    assert (told["plugin"]["version"], told["told"]["is_current"]) == ("1.0.0", True)
    assert told["told"]["events_url"] == held.events_url
    assert "Events arrive" in run("plugin", "show", "plugged")

    run("plugin", "forget", "plugged", "--yes")
    assert plug.inside.held is None and plug.inside.events_secret == ""
    assert "was made to forget" in run("plugin", "show", "plugged")
    assert {severity for severity, _ in findings(plug)} == {Severity.OK, Severity.WARNING}
    assert not any("can put gifts" in text for _, text in findings(plug))
    run("plugin", "tell", "plugged")
    assert plug.inside.held == held, "the same secrets: nothing that waits in the shop is lost"


def test_a_store_is_let_go_of_once_its_plugin_forgot_the_bridge(plug: Plugged, run: Run) -> None:
    plug.inside.plugin = PLUGIN
    plug.step()
    plug.inside.is_down = True
    said = run("store", "remove", "plugged", "--yes", exit_code=1)
    assert "cannot be made to forget" in said and "--keep-in-shop" in said
    assert "plugged" in plug.world.installations()
    plug.inside.is_down = False
    run("store", "remove", "plugged", "--yes")
    assert plug.inside.held is None
    assert "plugged" not in plug.world.installations()


def test_a_store_that_cannot_be_asked_is_let_go_of_as_it_is(plug: Plugged, run: Run) -> None:
    plug.inside.plugin = PLUGIN
    plug.step()
    plug.inside.is_down = True
    run("store", "remove", "plugged", "--yes", "--keep-in-shop")
    assert plug.inside.held is not None
    assert "plugged" not in plug.world.installations()


def test_the_module_is_one_file_for_composer_and_for_app_code(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "m.zip"
    said = run("magento-module", "build", "--out", str(file))
    for command in ("composer require", "app/code/LoyaltyBridge/Loyalty", "setup:di:compile"):
        assert command in said
    first = file.read_bytes()
    run("magento-module", "build", "--out", str(file))
    assert file.read_bytes() == first
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        names = archive.namelist()
        composer = json.loads(archive.read("composer.json"))
    assert composer["name"] == "loyalty-bridge/magento-module"
    assert composer["type"] == "magento2-module"
    assert composer["version"] in said
    assert {"registration.php", "etc/module.xml", "etc/di.xml"} <= set(names)
    assert not [one for one in names if one.startswith((".", "/")) or "__pycache__" in one]


def test_an_answer_of_another_question_proves_nothing(plug: Plugged) -> None:
    plug.inside.plugin = PLUGIN
    plug.step()
    plug.step(minutes=61)
    first, second = plug.inside.knocks
    assert first != second
    plug.hear(first)
    assert plug.state.heard_at is None
    plug.hear(second)
    assert plug.state.heard_at is not None
