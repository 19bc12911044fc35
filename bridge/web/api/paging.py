"""Pages by keyset: a cursor says what the last one of a page was, not how many came before."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, Field

from bridge.web.api.operations import Sent
from bridge.web.api.problems import FieldProblem, Refusal

T = TypeVar("T")
MOST = 200


class Paging(Sent):
    """What every list takes."""

    limit: Annotated[int, Field(ge=1, le=MOST, description="How many at most.")] = 50
    cursor: Annotated[
        str, Field(max_length=500, description="`next` of the page before; empty: the first page.")
    ] = ""


class Page(BaseModel, Generic[T]):
    items: list[T]
    next: str | None = Field(description="Cursor of the next page; null: this is the last.")


def after(paging: Paging, *kinds: type) -> list[Any] | None:
    """The values the cursor was made of; ``None``: the first page."""
    if not paging.cursor:
        return None
    try:
        padded = paging.cursor + "=" * (-len(paging.cursor) % 4)
        told = json.loads(base64.urlsafe_b64decode(padded.encode("ascii")))
    except (ValueError, binascii.Error, UnicodeError):
        told = None
    if (
        not isinstance(told, list)
        or len(told) != len(kinds)
        or not all(type(one) is kind for one, kind in zip(told, kinds, strict=True))
        or any(isinstance(one, int) and abs(one) > 2**62 for one in told)
        or not all(_is_storable(one) for one in told)
    ):
        error = FieldProblem(field="query.cursor", message="Use `next` of the page before.")
        raise Refusal(422, "This cursor is of no list.", errors=[error])
    return told


def _is_storable(value: Any) -> bool:
    """No database is asked for a NUL or for half a surrogate pair."""
    if not isinstance(value, str):
        return True
    return "\0" not in value and not any("\ud800" <= sign <= "\udfff" for sign in value)


def cursor(*values: Any) -> str:
    told = json.dumps(values, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(told).rstrip(b"=").decode("ascii")


def page(
    found: Sequence[Any],
    paging: Paging,
    show: Callable[[Any], T],
    key: Callable[[Any], Sequence[Any]],
) -> Page[T]:
    """``found``: one more than the limit where there is a next page."""
    shown = found[: paging.limit]
    following = cursor(*key(shown[-1])) if len(found) > paging.limit else None
    return Page(items=[show(one) for one in shown], next=following)
