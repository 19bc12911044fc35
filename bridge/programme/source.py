"""YAML as text with line numbers.

YAML guesses types: ``no`` becomes false, ``0123`` becomes 83, ``12.50`` becomes a float. Here
every value stays the text that was written; the field it belongs to decides what it means.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamStartEvent,
)

from bridge.programme.issues import Issue, Loc, Place, ProgrammeError, issue

Plain = str | None | list["Plain"] | dict[str, "Plain"]
"""What YAML holds once types are left out; ``None`` is an empty value."""

_EMPTY = frozenset({"", "~", "null", "Null", "NULL"})
_TAGS = frozenset({None, "!", "tag:yaml.org,2002:str"})
_DEEPEST = 30
_MOST_VALUES = 2_000_000


@dataclass(slots=True)
class Node:
    """A value and the line it starts on (of a field: the line of its name)."""

    line: int
    value: str | list[Node] | dict[str, Node] | None


class Source:
    """One YAML file, read."""

    def __init__(self, name: str, root: Node) -> None:
        self.name = name
        self._root = root

    def plain(self) -> Plain:
        return _plain(self._root)

    def place(self, loc: Loc) -> Place:
        """The line of a field, or of the nearest thing around it that is there."""
        return Place(self.name, self._walk(loc)[0].line)

    def known(self, loc: Loc) -> Loc:
        """The part of ``loc`` that is there in the file."""
        return self._walk(loc)[1]

    def _walk(self, loc: Loc) -> tuple[Node, Loc]:
        node = self._root
        walked: list[str | int] = []
        for part in loc:
            if isinstance(part, int) and isinstance(node.value, dict):
                continue  # the one item of a list, written without brackets
            below = _child(node, part)
            if below is None:
                break
            node = below
            walked.append(part)
        return node, tuple(walked)


def _child(node: Node, part: str | int) -> Node | None:
    if isinstance(node.value, dict):
        return node.value.get(str(part))
    if isinstance(node.value, list) and isinstance(part, int) and part < len(node.value):
        return node.value[part]
    return None


def _plain(node: Node) -> Plain:
    if isinstance(node.value, dict):
        return {name: _plain(child) for name, child in node.value.items()}
    if isinstance(node.value, list):
        return [_plain(child) for child in node.value]
    return node.value


def read_text(path: Path, name: str, place: Place, field: str = "") -> str:
    """A UTF-8 text file, with or without byte order mark.

    Raises ProgrammeError at ``place`` and ``field``: where the file was named.
    """
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        message = f"there is no file {path}"
    except IsADirectoryError:
        message = f"{path} is a folder, not a file"
    except UnicodeDecodeError:
        message = f"{name} is not UTF-8 text: save it as UTF-8 (in Excel: CSV UTF-8)"
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}"
    raise ProgrammeError([issue(place, field, message)])


def read_yaml(text: str, name: str) -> Source:
    """Parses one YAML document. Raises ProgrammeError with every duplicate or foreign thing,
    or with the one place where YAML itself gives up."""
    builder = _Builder(name)
    try:
        root = builder.document(iter(_events(text)))
    except YAMLError as error:
        raise ProgrammeError([*builder.issues, _syntax(name, error)]) from None
    if builder.issues:
        raise ProgrammeError(builder.issues)
    return Source(name, root)


def _events(text: str) -> Iterator[Event]:
    parse = cast(Any, YAML(typ="base", pure=True)).parse
    return cast(Iterator[Event], parse(io.StringIO(text)))


def _syntax(name: str, error: YAMLError) -> Issue:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    line = None if mark is None else mark.line + 1
    what = str(error).splitlines()[0]
    if isinstance(error, MarkedYAMLError):
        what = error.problem or what
    if "\\t" in what:
        what = "a tab is not allowed here: indent with spaces"
    elif "mapping values are not allowed" in what:
        what = "a colon is out of place: check the indentation, or put the text in quotes"
    return issue(Place(name, line), "", f"this is no valid YAML: {what}")


class _Builder:
    """Builds nodes from the parser's events and notes what a programme must not use."""

    def __init__(self, name: str) -> None:
        self.issues: list[Issue] = []
        self._name = name
        self._anchors: dict[str, tuple[Node, int, int]] = {}
        """With how many values there are in it, and how many levels."""
        self._values = 0
        self._reached = 0
        """The deepest level of the node that is being built."""

    def document(self, events: Iterator[Event]) -> Node:
        root: Node | None = None
        for event in events:
            if isinstance(event, StreamStartEvent):
                continue
            if isinstance(event, DocumentStartEvent):
                if root is not None:
                    self._note(event, "a second document starts here: keep one per file")
                    return root
                root = self._node(next(events), events, 0)
        return root or Node(1, None)

    def _node(self, event: Event, events: Iterator[Event], depth: int) -> Node:
        if isinstance(event, AliasEvent):
            return self._alias(event, depth)
        self._check_tag(event)
        before, around = self._values, self._reached
        self._values += 1
        self._reach(depth)
        self._reached = depth
        node = self._build(event, events, depth)
        anchor = event.anchor if isinstance(event, NodeEvent) else None
        if anchor:
            self._anchors[anchor] = (node, self._values - before, self._reached - depth)
        self._reached = max(around, self._reached)
        return node

    def _reach(self, depth: int) -> None:
        self._reached = max(self._reached, depth)
        if self._values > _MOST_VALUES or depth > _DEEPEST:
            raise YAMLError("the file holds too many values, or they are nested too deeply")

    def _build(self, event: Event, events: Iterator[Event], depth: int) -> Node:
        line = _line(event)
        if isinstance(event, MappingStartEvent):
            return Node(line, self._mapping(events, depth))
        if isinstance(event, SequenceStartEvent):
            return Node(line, self._sequence(events, depth))
        scalar = cast(ScalarEvent, event)
        empty = scalar.style is None and scalar.tag is None and scalar.value in _EMPTY
        return Node(line, None if empty else self._text(scalar))

    def _sequence(self, events: Iterator[Event], depth: int) -> list[Node]:
        items: list[Node] = []
        for event in events:
            if isinstance(event, SequenceEndEvent):
                break
            items.append(self._node(event, events, depth + 1))
        return items

    def _mapping(self, events: Iterator[Event], depth: int) -> dict[str, Node]:
        fields: dict[str, Node] = {}
        for event in events:
            if isinstance(event, MappingEndEvent):
                break
            name = self._key(event, events, depth)
            node = self._node(next(events), events, depth + 1)
            if name is None:
                continue
            if name in fields:
                message = f"{name} is there twice, first in line {fields[name].line}: keep one"
                self._note(event, message)
            else:
                fields[name] = Node(_line(event), node.value)
        return fields

    def _key(self, event: Event, events: Iterator[Event], depth: int) -> str | None:
        if not isinstance(event, ScalarEvent):
            self._note(event, "the name of a field must be a text")
            self._node(event, events, depth + 1)
            return None
        if event.value == "<<" and event.style is None:
            self._note(event, "merging with << is not supported: write the fields out")
            return None
        self._check_tag(event)
        return self._text(event)

    def _alias(self, event: AliasEvent, depth: int) -> Node:
        node, size, levels = self._anchors.get(event.anchor, (None, 0, 0))
        if node is None:
            self._note(event, f"*{event.anchor} is used inside or before &{event.anchor}")
            return Node(_line(event), None)
        self._values += size
        if self._values > _MOST_VALUES:
            raise YAMLError("the file holds too many values once its *references are filled in")
        self._reach(depth + levels)
        return Node(_line(event), node.value)

    def _text(self, event: ScalarEvent) -> str:
        """The text; characters escaped as two halves (as JSON does) are put together."""
        text = str(event.value)
        if text.isascii():
            return text
        try:
            return text.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError:
            self._note(event, "an escape stands for half a character: write the character")
            return ""

    def _check_tag(self, event: Event) -> None:
        tag = getattr(event, "tag", None)
        if tag not in _TAGS:
            self._note(event, f"the tag {tag} is not supported: write the plain value")

    def _note(self, event: Event, message: str) -> None:
        self.issues.append(issue(Place(self._name, _line(event)), "", message))


def _line(event: Event) -> int:
    return cast(int, cast(Any, event).start_mark.line) + 1
