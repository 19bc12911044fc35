"""The app as an admin uploads it: Extensions > My extensions > Upload extension."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable

from connectors.shopware.app.manifests import APP_NAME, flow

_SOMETIME = (2026, 1, 1, 0, 0, 0)
"""Equal manifests make equal archives."""
_FOLDER = "Resources"
_FLOW = f"{_FOLDER}/flow.xml"
_BESIDE = ("LICENSE", "README.md")
"""How to install it, for who opens the archive; the shop does not read them."""
_NOT_OURS = ("__", ".")
"""What names of files begin with that other tools leave behind."""


def package(manifest: str) -> bytes:
    """One top folder, named like the app (PLUGIN_FACTS "Life"); no PHP."""
    contents = {"manifest.xml": manifest.encode(), **files(), _FLOW: flow(manifest).encode()}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(contents):
            entry = zipfile.ZipInfo(f"{APP_NAME}/{name}", _SOMETIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, contents[name])
    return buffer.getvalue()


def files() -> dict[str, bytes]:
    """What is the same in every shop, by its path in the app."""
    own = resources.files(__package__)
    found = {name: own.joinpath(name).read_bytes() for name in _BESIDE}
    for name, file in _walk(own.joinpath(_FOLDER), _FOLDER):
        if name != _FLOW:
            found[name] = file.read_bytes()
    return found


def _walk(folder: Traversable, path: str) -> Iterator[tuple[str, Traversable]]:
    for found in folder.iterdir():
        if found.name.startswith(_NOT_OURS):
            continue
        name = f"{path}/{found.name}"
        if found.is_dir():
            yield from _walk(found, name)
        else:
            yield name, found
