"""The module as a merchant installs it: the same zip for composer and for app/code.

It holds no secret and no address: the bridge tells it those by the shop's API. ``composer.json``
lies at the root: Composer takes a package of an artifact repository from there (its
``Util/Zip::getComposerJson``), and unzipped into ``app/code/LoyaltyBridge/Loyalty`` the files are
where Magento looks for them.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from functools import cached_property
from importlib import resources
from importlib.resources.abc import Traversable

from connectors.magento.module_gifts import read_said
from connectors.sentences import sentence

MODULE = "LoyaltyBridge_Loyalty"
PACKAGE = "loyalty-bridge/magento-module"
FILE_NAME = "loyalty-bridge-magento.zip"
CRON_GROUP = "loyalty_bridge"

_SOMETIME = (2026, 1, 1, 0, 0, 0)
"""Equal sources make equal archives."""
_FOLDER = "module"
_NOT_OURS = ("__", ".")
"""What names of files begin with that other tools leave behind."""


class MagentoModule:
    """A :class:`connectors.plugins.PluginPackage`."""

    kind = "module"
    takes_points = False
    file_name = FILE_NAME
    switch = "Stores > Settings > Configuration > Customers > Loyalty Bridge"
    steps = (
        sentence(
            "Copy the file to the shop's server, into the folder Magento stands in, and run the "
            "commands below there, as the user who owns Magento's files. Name the languages of "
            "your shop in the line of static content. The shop is closed for some minutes "
            "meanwhile: choose a quiet hour, and try it on a copy of the shop first."
        ),
        sentence(
            "In a shop without Composer, unzip the file into app/code/LoyaltyBridge/Loyalty in "
            "place of the three lines before module:enable. Never do both."
        ),
        sentence(
            "Let the bridge speak to it: in the admin, open System > Extensions > Integrations, "
            "edit the bridge's integration, tick Loyalty Bridge under API, and save. Do not choose "
            "Reauthorize, which makes new keys. One that may use all resources has it already."
        ),
        sentence(
            "See that Magento's cron runs every minute (bin/magento cron:install): what could not "
            "be sent at once is sent by it, in the group loyalty_bridge."
        ),
        sentence(
            "Nothing has to be typed into the shop: the bridge tells the module everything, within "
            "a minute of seeing it."
        ),
    )

    @cached_property
    def version(self) -> str:
        return str(json.loads(files()["composer.json"])["version"])

    @property
    def commands(self) -> tuple[str, ...]:
        return (
            "bin/magento maintenance:enable",
            f"mkdir -p artifacts && mv {FILE_NAME} artifacts/",
            "composer config repositories.loyalty-bridge artifact artifacts",
            f"composer require {PACKAGE}:{self.version}",
            f"bin/magento module:enable {MODULE}",
            "bin/magento setup:upgrade",
            "bin/magento setup:di:compile",
            "bin/magento setup:static-content:deploy en_US de_DE",
            "bin/magento cache:flush",
            "bin/magento maintenance:disable",
            f"bin/magento cron:run --group={CRON_GROUP}",
        )

    def package(self) -> bytes:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in sorted(files().items()):
                entry = zipfile.ZipInfo(name, _SOMETIME)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, content)
        return buffer.getvalue()

    def gives(self, native: str) -> bool:
        return read_said(native) is not None


def files() -> dict[str, bytes]:
    """By their paths in the module."""
    root = resources.files(__package__).joinpath(_FOLDER)
    return {name: found.read_bytes() for name, found in _walk(root, "")}


def _walk(folder: Traversable, path: str) -> Iterator[tuple[str, Traversable]]:
    for found in folder.iterdir():
        if found.name.startswith(_NOT_OURS):
            continue
        if found.is_dir():
            yield from _walk(found, f"{path}{found.name}/")
        else:
            yield f"{path}{found.name}", found
