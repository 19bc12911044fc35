"""All operations, and how they are hung into the application."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache

from flask import Blueprint, Flask, Response, make_response
from werkzeug.exceptions import HTTPException

from bridge.application import Application
from bridge.web.admin import shown
from bridge.web.api import (
    activities,
    dead_letters,
    entries,
    figures,
    members,
    participation,
    privacy,
    programme,
    referrals,
    rewards,
    stores,
    subscribers,
    surveys,
    vouchers,
    work,
)
from bridge.web.api.description import document
from bridge.web.api.operations import PREFIX, Operation
from bridge.web.api.problems import Refusal, answer_of
from bridge.web.api.running import JSON, Runner

TOPICS = (
    members.operations,
    participation.operations,
    privacy.operations,
    entries.operations,
    vouchers.operations,
    rewards.operations,
    activities.operations,
    referrals.operations,
    programme.operations,
    figures.operations,
    surveys.operations,
    stores.operations,
    work.operations,
    dead_letters.operations,
    subscribers.operations,
)


def operations() -> list[Operation]:
    return [operation for topic in TOPICS for operation in topic.all]


def register(app: Flask, application: Application, wake: Callable[[str], None]) -> None:
    runner = Runner(application, wake)
    blueprint = Blueprint("api", __name__)
    for operation in operations():
        blueprint.add_url_rule(
            operation.rule, operation.name, runner.view(operation), methods=[operation.method]
        )

    @blueprint.get(f"{PREFIX}/openapi.json")
    def openapi() -> Response:
        """The description: nothing in it is secret."""
        response = make_response(_description())
        response.content_type = JSON
        return response

    @blueprint.get(f"{PREFIX}/")
    def browse() -> Response:
        """The same for people."""
        return shown.page("api.html", operations=operations(), described=json.loads(_description()))

    app.register_blueprint(blueprint)


@cache
def _description() -> str:
    """Made when it is asked for first: it takes longer than all the rest of starting."""
    return json.dumps(document(operations()))


def refusal(error: HTTPException) -> Response:
    """Of an address or method that no operation has."""
    status = error.code or 500
    response = answer_of(Refusal(status, error.description or error.name))
    allowed = getattr(error, "valid_methods", None)
    if allowed:
        response.headers["Allow"] = ", ".join(sorted(allowed))
    return response


def fault() -> Response:
    return answer_of(Refusal(500, "Nothing was changed. Try again; the bridge's log says more."))
