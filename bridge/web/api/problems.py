"""The one shape of an error: problem details (RFC 9457)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response, make_response
from pydantic import BaseModel, ValidationError

PROBLEM_TYPE = "application/problem+json"


class FieldProblem(BaseModel):
    field: str
    """Where, like ``body.points`` or ``query.limit``."""
    message: str


class ProblemDetails(BaseModel):
    status: int
    title: str
    """What kind of error, the same each time."""
    detail: str
    """What happened this time, and what to do."""
    code: str
    """For programs: ``not-found``, ``invalid``, ``refused``…"""
    errors: list[FieldProblem] = []


TITLES = {
    400: ("Not understood", "not-understood"),
    401: ("No valid token", "unauthorized"),
    403: ("Not allowed", "forbidden"),
    404: ("Not found", "not-found"),
    405: ("No such method here", "method-not-allowed"),
    409: ("Not possible now", "refused"),
    413: ("Too long", "too-long"),
    415: ("JSON is expected", "unsupported-media-type"),
    422: ("Not valid", "invalid"),
    429: ("Too many requests", "too-many"),
    500: ("A fault of the bridge", "fault"),
    503: ("Not ready", "not-ready"),
}


class Refusal(Exception):
    """Ends a request with an error. Raise it in operations."""

    def __init__(
        self, status: int, detail: str, *, code: str = "", errors: Sequence[FieldProblem] = ()
    ) -> None:
        super().__init__(detail)
        self.status, self.detail, self.code, self.errors = status, detail, code, list(errors)


def answer_of(refusal: Refusal) -> Response:
    title, code = TITLES.get(refusal.status, TITLES[400])
    told = ProblemDetails(
        status=refusal.status,
        title=title,
        detail=refusal.detail,
        code=refusal.code or code,
        errors=refusal.errors,
    )
    response = make_response(told.model_dump_json(), refusal.status)
    response.content_type = PROBLEM_TYPE
    if refusal.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def invalid(where: str, error: ValidationError) -> Refusal:
    """Of what was sent in ``body``, ``query`` or ``path``, without repeating it."""
    errors = [
        FieldProblem(field=".".join((where, *_place(one["loc"]))), message=one["msg"])
        for one in error.errors(include_url=False, include_input=False, include_context=False)
    ]
    return Refusal(422, "What was sent does not fit the description; see errors.", errors=errors)


def _place(loc: Sequence[Any]) -> list[str]:
    return [str(part) for part in loc]
