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
    modules: tuple[tuple[str, str], ...] = ()
    """Name and address of its pages in the administration."""
    buttons: tuple[tuple[str, str, str], ...] = ()
    """Action, entity and address."""
    flow_actions: tuple[FlowAction, ...] = ()


@dataclass(frozen=True, slots=True)
class FlowAction:
    """An action that a flow of the shop can take (``Resources/flow.xml``)."""

    name: str
    url: str
    parameters: tuple[tuple[str, str], ...]
    """Name and template."""


def read_manifest(text: str, flow: str = "") -> Manifest:
    """``flow``: the text of the app's ``Resources/flow.xml``; empty: it has none.

    Raises ValueError, as the shop refuses it, for one that lacks what it needs.
    """
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 - a sandbox, and its own user's file
    except ElementTree.ParseError as error:
        raise ValueError(f"The manifest is no XML: {error}.") from error
    for name in ("name", "label", "author", "copyright", "version", "license"):
        if not root.findtext(f"meta/{name}"):
            raise ValueError(f"The manifest has no {name}.")
    actions = _flow_actions(flow) if flow else ()
    # An action of a flow is a webhook as well (shopware ``WebhookPersister::getWebhooks``).
    found = (
        *((one.name, one.name, one.url) for one in actions),
        *(
            (one.attrib["name"], one.attrib["event"], one.attrib["url"])
            for one in root.findall("webhooks/webhook")
        ),
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
        modules=tuple(
            (one.attrib["name"], one.attrib["source"])
            for one in root.findall("admin/module")
            if "source" in one.attrib
        ),
        buttons=tuple(
            (one.attrib["action"], one.attrib["entity"], one.attrib["url"])
            for one in root.findall("admin/action-button")
        ),
        flow_actions=actions,
    )


def _flow_actions(text: str) -> tuple[FlowAction, ...]:
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 - a sandbox, and its own user's file
    except ElementTree.ParseError as error:
        raise ValueError(f"The flow extensions are no XML: {error}.") from error
    return tuple(
        FlowAction(
            one.findtext("meta/name", ""),
            one.findtext("meta/url", ""),
            tuple(
                (told.attrib["name"], told.attrib["value"])
                for told in one.findall("parameters/parameter")
            ),
        )
        for one in root.findall("flow-actions/flow-action")
    )
