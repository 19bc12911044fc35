"""The file an app is installed from, as far as it matters to this shop."""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.etree import ElementTree


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the file says that is installed."""

    name: str
    label: str
    version: str
    registration_url: str
    app_secret: str = field(repr=False)
    webhooks: tuple[tuple[str, str, str], ...]
    """Name, event, address."""
    readable: frozenset[str]
    """Entities it may read."""


def read_manifest(text: str) -> Manifest:
    """Raises ValueError, as the shop refuses it, for one that lacks what it needs."""
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 - a sandbox, and its own user's file
    except ElementTree.ParseError as error:
        raise ValueError(f"The manifest is no XML: {error}.") from error
    for name in ("name", "label", "author", "copyright", "version", "license"):
        if not root.findtext(f"meta/{name}"):
            raise ValueError(f"The manifest has no {name}.")
    found = tuple(
        (one.attrib["name"], one.attrib["event"], one.attrib["url"])
        for one in root.findall("webhooks/webhook")
    )
    if len({name for name, _, _ in found}) != len(found):
        raise ValueError("The manifest names a webhook twice.")
    return Manifest(
        name=root.findtext("meta/name", ""),
        label=root.findtext("meta/label", ""),
        version=root.findtext("meta/version", ""),
        registration_url=root.findtext("setup/registrationUrl", ""),
        app_secret=root.findtext("setup/secret", ""),
        webhooks=found,
        readable=frozenset(one.text or "" for one in root.findall("permissions/read")),
    )
