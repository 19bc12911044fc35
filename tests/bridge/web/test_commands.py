"""`shopware-app` and `webhooks`: the way from the command line to a shop that is heard."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bridge.application import Application
from bridge.cli import main
from bridge.config import Settings
from bridge.installations import endpoints, rotating, service
from bridge.installations.service import NewInstallation
from bridge.web import create_app, serve
from connectors.magento.webhooks import MagentoWebhooks
from connectors.shopware.sandbox import SANDBOX
from connectors.shopware.sandbox.apps import AppSystem, RegistrationFailed

BASE = "https://bridge.example/in"


class Desk:
    """A merchant's home folder, with a Shopware and a Magento shop."""

    def __init__(self, home: Path) -> None:
        self.home = home
        assert self.run("init").exit_code == 0
        self.connect("sw", "shopware", "https://shop.example")
        self.connect("m2", "magento", "https://magento.example")

    def run(self, *words: str) -> Result:
        return CliRunner().invoke(main, ["--home", str(self.home), *words])

    def open(self) -> Application:
        return Application.open(Settings(home=self.home))

    def connect(self, name: str, platform: str, url: str) -> None:
        with self.open() as application, application.database.writing() as session:
            new = NewInstallation(name, platform, url, {"key": "x"}, {})
            seal = application.keyring().encrypt
            service.add(session, application.workspace_id, new, seal, datetime.now(UTC))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    yield Desk(tmp_path / "home")


def secret_in(manifest: str) -> str:
    return manifest.split("<secret>")[1].split("</secret>")[0]


def test_the_manifest_is_written_for_its_owner_alone_and_stays_the_same(
    desk: Desk, tmp_path: Path
) -> None:
    out = tmp_path / "manifest.xml"
    words = ("shopware-app", "build", "sw", "--url", f"{BASE}/", "--out", str(out))
    first = desk.run(*words)
    assert first.exit_code == 0, first.output
    text = out.read_text()
    assert out.stat().st_mode & 0o777 == 0o600
    assert f"{BASE}/shopware/" in text
    assert secret_in(text) not in first.output
    out.chmod(0o644)
    assert desk.run(*words).exit_code == 0
    assert out.read_text() == text
    assert out.stat().st_mode & 0o777 == 0o600
    assert desk.run(*words, "--renew").exit_code == 0
    assert out.read_text() == text.replace(secret_in(text), secret_in(out.read_text()))
    assert secret_in(out.read_text()) != secret_in(text)


def test_it_is_packed_as_a_shop_wants_it(desk: Desk, tmp_path: Path) -> None:
    out = tmp_path / "app.zip"
    made = desk.run("shopware-app", "build", "sw", "--url", BASE, "--out", str(out))
    assert made.exit_code == 0, made.output
    with zipfile.ZipFile(io.BytesIO(out.read_bytes())) as archive:
        names = archive.namelist()
    assert "LoyaltyBridge/manifest.xml" in names
    assert {name.split("/")[0] for name in names} == {"LoyaltyBridge"}


def test_the_only_shop_need_not_be_named_and_the_former_word_still_works(
    desk: Desk, tmp_path: Path
) -> None:
    for word in ("build", "manifest"):
        out = tmp_path / f"{word}.xml"
        made = desk.run("shopware-app", word, "--url", BASE, "--out", str(out))
        assert made.exit_code == 0, made.output
    assert (tmp_path / "build.xml").read_text() == (tmp_path / "manifest.xml").read_text()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("build", "m2", "--url", BASE, "--out", "x"), "is for Shopware"),
        (("build", "sv", "--url", BASE, "--out", "x"), "no store `sv`"),
        (("build", "sw", "--url", "bridge.example", "--out", "x"), "https://"),
        (("build", "sw", "--url", BASE, "--out", "/nowhere/x"), "cannot be written"),
        (("release", "sw", "--yes"), "no address for webhooks yet"),
    ],
)
def test_what_cannot_be_done_is_said(desk: Desk, words: tuple[str, ...], says: str) -> None:
    result = desk.run("shopware-app", *words)
    assert result.exit_code == 1
    assert says in result.output


def test_from_the_manifest_to_a_shop_that_is_heard_and_released(desk: Desk, tmp_path: Path) -> None:
    out = tmp_path / "manifest.xml"
    with (
        desk.open() as application,
        serve(create_app(application)) as serving,
        SANDBOX.serve(products=3, customers=3) as sandbox,
    ):
        desk.connect("live", "shopware", sandbox.url)
        made = desk.run("shopware-app", "build", "live", "--url", serving.url, "--out", str(out))
        assert made.exit_code == 0, made.output
        assert desk.run("shopware-app", "release", "live", "--yes").exit_code == 1
        first = AppSystem(sandbox.state, sandbox.url)
        first.install(out.read_text())
        restored = AppSystem(sandbox.state, sandbox.url)
        with pytest.raises(RegistrationFailed, match="shopware-app release live"):
            restored.install(out.read_text())
        assert desk.run("shopware-app", "release", "live", "--yes").exit_code == 0
        restored.install(out.read_text())

    result = desk.run("webhooks", "--json")
    shown = {one["store"]: one for one in json.loads(result.output)["webhooks"]}
    live = shown["live"]
    assert live["state"] == "active"
    assert live["address"].startswith(f"{serving.url}/shopware/"), "as it stands in the manifest"
    expected = {"registered": 2, "confirmed": 2, "accepted": 2, "takeover": 1}
    assert live["messages"] == expected
    assert live["last_received_at"] is not None
    assert (shown["m2"]["address"], shown["m2"]["messages"]) == (None, {})
    table = desk.run("webhooks")
    assert "polls only" in table.output


# -- a secret that a person tells the shop ----------------------------------------------------


def test_the_example_that_is_printed_is_a_message_that_is_taken(desk: Desk) -> None:
    with desk.open() as application, serve(create_app(application)) as serving:
        made = apart(desk, "webhooks", "secret", "m2", "--url", serving.url)
        lines = [line[2:] for line in made.splitlines() if line.startswith("  ")]
        script = lines[lines.index("SECRET='the secret'") :]
        assert sh([f"SECRET='{lines[0]}'", *script[1:]]) == "202"
        assert sh(script) == "401"

        # Once shown, never again; the address stays, and so does the secret.
        again = apart(desk, "webhooks", "secret", "m2")
        assert lines[0] not in again
        assert "--renew" in again
        assert lines[1] in again

        renewed = json.loads(apart(desk, "webhooks", "secret", "m2", "--renew", "--json"))
        assert renewed["address"] == lines[1]
        # For a minute both are good, in the process that serves as well.
        for secret in (renewed["secret"], lines[0]):
            assert sh([f"SECRET='{secret}'", *script[1:]]) == "202"


def apart(desk: Desk, *words: str) -> str:
    """What it prints in a process of its own, as beside `run`: the one that serves masks what
    lets somebody in, wherever it stands."""
    command = [sys.executable, "-m", "bridge.cli", "--home", str(desk.home), *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout


def sh(lines: list[str]) -> str:
    """The status of the answer."""
    done = subprocess.run(
        ["/bin/sh", "-ec", "\n".join(lines)], capture_output=True, text=True, timeout=30, check=True
    )
    return done.stdout.split()[1]


def test_the_guide_shows_the_same_example() -> None:
    guide = (Path(__file__).parents[3] / "docs/how-to/webhooks.md").read_text()
    assert MagentoWebhooks().example in guide
    assert all(name in guide for name in MagentoWebhooks().headers)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("m2",), "Add --url"),
        (("sw", "--url", BASE), "shopware-app build"),
        (("m3", "--url", BASE), "no store `m3`"),
        (("m2", "--url", "bridge.example"), "https://"),
    ],
)
def test_where_no_secret_can_be_made(desk: Desk, words: tuple[str, ...], says: str) -> None:
    result = desk.run("webhooks", "secret", *words)
    assert result.exit_code == 1
    assert says in result.output


def test_rotated_keys_open_what_shops_sign_with(desk: Desk, tmp_path: Path) -> None:
    out = tmp_path / "manifest.xml"
    desk.run("shopware-app", "build", "sw", "--url", BASE, "--out", str(out))
    with desk.open() as application:
        before = application.settings.key_file.read_text()
        rotating.rotate(application.database, application.settings.key_file)
        assert application.settings.key_file.read_text() != before
        with application.database.reading() as session:
            (sealed,) = endpoints.sealed(session, application.workspace_id).values()
        assert application.keyring().decrypt(sealed)["app"] == secret_in(out.read_text())
