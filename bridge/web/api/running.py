"""From a request to an operation and back: token, scope, what was sent, unit of work, answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from flask import Response, make_response, request
from pydantic import BaseModel, ValidationError
from sqlmodel import Session

from bridge.api_tokens import repeated
from bridge.api_tokens.service import Holder, holder, note_use
from bridge.application import Application
from bridge.kit.errors import BridgeError
from bridge.web.api.operations import Call, Operation
from bridge.web.api.problems import FieldProblem, Refusal, answer_of, invalid

JSON = "application/json"
LONGEST_BODY = 256 * 1024
_LONGEST_KEY = 200


class Runner:
    """Share it between threads."""

    def __init__(self, application: Application, wake: Callable[[str], None]) -> None:
        self._app = application
        self._wake = wake

    def view(self, operation: Operation) -> Callable[..., Response]:
        def run(**places: int) -> Response:
            try:
                call = self._call(operation)
                if operation.method == "GET":
                    return self._read(operation, call, places)
                return self._change(operation, call, places)
            except Refusal as refusal:
                return answer_of(refusal)
            except BridgeError as error:
                return answer_of(Refusal(409, str(error)))

        return run

    # -- who asks ------------------------------------------------------------------------------

    def _call(self, operation: Operation) -> Call:
        found = self._holder()
        if operation.scope.value not in found.scopes:
            raise Refusal(
                403, f"This token may not do this: it lacks the scope {operation.scope.value}."
            )
        app = self._app.at(found.workspace_id, found.workspace)
        is_ours = found.workspace_id == self._app.workspace_id
        return Call(app, found, self._wake if is_ours else _nobody_listens)

    def _holder(self) -> Holder:
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        now = self._app.now()
        found = None
        if kind.lower() == "bearer" and token.strip():
            with self._app.database.reading() as session:
                found = holder(session, token.strip(), now)
        if found is None:
            raise Refusal(401, "Send a valid token: `Authorization: Bearer lbt_…`.")
        if found.is_due:
            with self._app.database.writing() as session:
                note_use(session, found.token_id, now)
        return found

    # -- reading and changing ------------------------------------------------------------------

    def _read(self, operation: Operation, call: Call, places: dict[str, int]) -> Response:
        told = request.args.to_dict()
        if any("\0" in value for value in told.values()):
            raise Refusal(422, "A parameter holds a NUL, which no text has.")
        query = _checked(operation.query, "query", told)
        return _answer(operation.does(call, query, **_possible(places)), operation.status)

    def _change(self, operation: Operation, call: Call, places: dict[str, int]) -> Response:
        raw = _body()
        assert operation.body is not None
        body = _checked(operation.body, "body", _parsed(raw))
        key = _key()
        numbers = _possible(places)
        with call.app.database.writing() as session:
            told = self._once(operation, call, session, key, raw)
            if told is not None:
                return _text(told.body, told.status, repeated=True)
            done = operation.does(call, session, body, **numbers)
            text = done.model_dump_json()
            if key:
                repeated.end(session, call.holder.token_id, key, operation.status, text)
        for step in operation.wakes:
            call.wake(step)
        return _text(text, operation.status)

    def _once(
        self, operation: Operation, call: Call, session: Session, key: str, raw: bytes
    ) -> repeated.Answered | None:
        if not key:
            return None
        digest = repeated.digest_of(operation.method, request.path, raw)
        holder = call.holder
        try:
            return repeated.begin(
                session, holder.workspace_id, holder.token_id, key, digest, call.app.now()
            )
        except repeated.KeyUsedOtherwise:
            raise Refusal(
                422,
                "This Idempotency-Key came with another request before. Use a new one for each.",
                code="key-used-otherwise",
            ) from None


def _checked(model: type[BaseModel], where: str, told: Any) -> BaseModel:
    try:
        return model.model_validate(told)
    except ValidationError as error:
        raise invalid(where, error) from None


def _body() -> bytes:
    if request.mimetype not in ("", JSON) and request.content_length:
        raise Refusal(415, "Send the body as application/json.")
    if (request.content_length or 0) > LONGEST_BODY:
        raise Refusal(413, f"A body has at most {LONGEST_BODY} bytes.")
    return request.get_data()


def _parsed(raw: bytes) -> Any:
    if not raw.strip():
        return {}
    try:
        told = json.loads(raw)
        text = json.dumps(told, ensure_ascii=False)
        text.encode()
    except (ValueError, RecursionError):  # half a surrogate pair, too: no database keeps it
        raise Refusal(400, "The body is not JSON.") from None
    if "\\u0000" in text:
        raise Refusal(400, "The body holds a NUL, which no text has.")
    return told


def _key() -> str:
    key = request.headers.get("Idempotency-Key", "")
    if len(key) > _LONGEST_KEY or not key.isprintable():
        error = FieldProblem(field="header.Idempotency-Key", message="At most 200 printable signs.")
        raise Refusal(422, "This Idempotency-Key cannot be kept.", errors=[error])
    return key


def _possible(places: dict[str, int]) -> dict[str, int]:
    """A number no database has is of nothing."""
    if any(value > 2**31 - 1 for value in places.values()):
        raise Refusal(404, "There is nothing with this number.")
    return places


def _answer(done: BaseModel, status: int) -> Response:
    return _text(done.model_dump_json(), status)


def _text(text: str, status: int, *, repeated: bool = False) -> Response:
    response = make_response(text, status)
    response.content_type = JSON
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    if repeated:
        response.headers["Idempotent-Replayed"] = "true"
    return response


def _nobody_listens(step: str) -> None:
    """Another process works for that workspace, and looks by itself."""
