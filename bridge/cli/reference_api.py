"""The page ``docs/reference/api.md``: operations of the API, and the commands that have none."""

from __future__ import annotations

from itertools import groupby

from bridge.cli.api_routes import ROUTES, WITHOUT
from bridge.web.api.operations import PREFIX, Operation
from bridge.web.api.serving import operations


def api_page(made: str) -> str:
    every = operations()
    intro = (
        f"Every path stands below `{PREFIX}`; what each takes and answers in full is at "
        f"`{PREFIX}/`, and for programs (OpenAPI 3.1) at `{PREFIX}/openapi.json`. How to use it: "
        "[Let programs use the bridge](../how-to/api.md)."
    )
    topics = [_topic(topic, list(found)) for topic, found in groupby(every, lambda one: one.topic)]
    return "\n\n".join(["# The API", made, intro, *topics, _commands(every), _without()]) + "\n"


def _topic(topic: str, found: list[Operation]) -> str:
    rows = [
        f"| `{one.method} {one.path}` | `{one.scope.value}` | {_cell(one.summary)} |"
        for one in found
    ]
    return "\n".join([f"## {topic}", "", "| operation | scope | |", "|---|---|---|", *rows])


def _commands(every: list[Operation]) -> str:
    by_name = {one.name: one for one in every}
    rows = [
        f"| `{command}` | {', '.join(_address(by_name[name]) for name in names)} |"
        for command, names in ROUTES.items()
    ]
    head = ["## Commands and their operations", "", "| command | operation |", "|---|---|"]
    return "\n".join([*head, *rows])


def _without() -> str:
    rows = [f"| `{command}` | {_cell(reason)} |" for command, reason in WITHOUT.items()]
    head = ["## Commands without an operation", "", "| command | why |", "|---|---|"]
    return "\n".join([*head, *rows])


def _address(one: Operation) -> str:
    return f"`{one.method} {one.path}`"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
