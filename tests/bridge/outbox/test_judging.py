"""What becomes of a delivery: the tables of :mod:`bridge.outbox.judging`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.outbox.judging import (
    MOST_ATTEMPTS,
    NOTHING,
    Held,
    Item,
    Verdict,
    after_failure,
    after_sending,
    before_sending,
)
from connectors.errors import (
    AlreadyExists,
    AnswerLost,
    ConnectorError,
    InUse,
    Mismatch,
    NotFound,
    Rejected,
    ShopFault,
    Throttled,
    Unsafe,
)

ITEM = Item(
    id=1,
    fence=1,
    kind="price",
    batch="A",
    key="A",
    label="A",
    before="old",
    after="new",
    native_id="",
    source="list",
    hints="",
    base=None,
    releases=False,
    restores=None,
    intended=False,
    attempts=1,
)
SEND, DONE, CONFLICT, RETRY, DEAD = (
    Verdict.SEND,
    Verdict.DONE,
    Verdict.CONFLICT,
    *[
        Verdict.RETRY,
        Verdict.DEAD,
    ],
)


def held(value: str | None) -> Held:
    return NOTHING if value is None else Held(value)


BEFORE_SENDING = [
    # before, after, the shop holds, bound, intended, verdict
    ("old", "new", "old", False, False, SEND),
    ("old", "new", "old", True, False, SEND),
    ("old", "new", "old", False, True, SEND),
    ("old", "new", "else", False, False, CONFLICT),
    ("old", "new", "else", True, True, CONFLICT),
    ("old", "new", None, True, False, CONFLICT),
    ("old", "new", None, False, True, CONFLICT),
    # what we wanted is there already: ours if we may have written it, or own the row
    ("old", "new", "new", False, True, DONE),
    ("old", "new", "new", True, False, DONE),
    ("old", "new", "new", False, False, CONFLICT),
    # a new row
    (None, "new", None, False, False, SEND),
    (None, "new", None, False, True, SEND),
    (None, "new", "new", False, True, DONE),
    (None, "new", "new", False, False, CONFLICT),
    (None, "new", "else", False, True, CONFLICT),
    # a removal
    ("old", None, "old", True, False, SEND),
    ("old", None, None, True, False, DONE),
    ("old", None, None, False, False, DONE),
    ("old", None, "else", True, False, CONFLICT),
    # going back to what is there: nothing to send
    ("same", "same", "same", True, False, DONE),
]


@pytest.mark.parametrize(
    ("before", "after", "there", "bound", "intended", "verdict"), BEFORE_SENDING
)
def test_before_sending(
    before: str | None,
    after: str | None,
    there: str | None,
    bound: bool,
    intended: bool,
    verdict: Verdict,
) -> None:
    item = replace(
        ITEM, before=before, after=after, base="{}" if bound else None, intended=intended
    )
    judgement = before_sending(item, held(there))
    assert judgement.verdict is verdict
    assert judgement.written is (verdict is DONE)
    assert bool(judgement.reason) is (verdict is CONFLICT)


REFUSED, BUSY = Rejected("No"), Throttled("Later")

AFTER_SENDING = [
    # before, after, the shop holds, refusal, verdict, written
    ("old", "new", "new", None, DONE, True),
    ("old", "new", "new", REFUSED, DONE, True),
    ("old", "new", "old", None, RETRY, False),
    ("old", "new", "old", BUSY, RETRY, False),
    ("old", "new", "old", REFUSED, DEAD, False),
    ("old", "new", None, REFUSED, DEAD, False),
    ("old", "new", "else", REFUSED, DEAD, False),
    ("old", "new", "else", None, CONFLICT, True),
    ("old", "new", None, None, CONFLICT, True),
    (None, "new", None, None, RETRY, False),
    (None, "new", None, NotFound("No product"), DEAD, False),
    ("old", None, None, None, DONE, True),
    ("old", None, "old", None, RETRY, False),
    ("old", None, "old", InUse("Customers"), DEAD, False),
    ("old", None, "else", None, CONFLICT, True),
]


@pytest.mark.parametrize(
    ("before", "after", "there", "refusal", "verdict", "written"), AFTER_SENDING
)
def test_after_sending(
    before: str | None,
    after: str | None,
    there: str | None,
    refusal: ConnectorError | None,
    verdict: Verdict,
    written: bool,
) -> None:
    item = replace(ITEM, before=before, after=after)
    judgement = after_sending(item, held(there), refusal)
    assert (judgement.verdict, judgement.written) == (verdict, written)
    if refusal is not None and verdict is not DONE:
        assert refusal.message in judgement.reason


def test_what_someone_else_made_between_reading_and_writing_is_not_ours() -> None:
    """A group of the wanted name that the shop says was there already."""
    item = replace(ITEM, before=None, after="Gold")
    taken = AlreadyExists("There is a group Gold")
    judgement = after_sending(item, held("Gold"), taken)
    assert (judgement.verdict, judgement.written, judgement.void) == (CONFLICT, False, True)


def test_what_an_earlier_try_may_have_made_is_ours() -> None:
    item = replace(ITEM, before=None, after="Gold", intended=True)
    taken = AlreadyExists("There is a group Gold")
    assert after_sending(item, held("Gold"), taken).verdict is DONE


@pytest.mark.parametrize("error", [REFUSED, NotFound("gone"), Unsafe("twin")])
def test_a_clear_no_leaves_no_claim(error: ConnectorError) -> None:
    assert after_sending(ITEM, held("old"), error).void
    assert not after_sending(replace(ITEM, intended=True), held("old"), error).void


@pytest.mark.parametrize("error", [Mismatch("odd"), BUSY, ShopFault("broken")])
def test_an_unclear_answer_leaves_the_claim(error: ConnectorError) -> None:
    assert not after_sending(ITEM, held("old"), error).void


@pytest.mark.parametrize("error", [AnswerLost("cut"), ShopFault("500"), BUSY])
def test_a_row_is_tried_so_often_and_no_more(error: ConnectorError) -> None:
    last = replace(ITEM, attempts=MOST_ATTEMPTS)
    early = replace(ITEM, attempts=MOST_ATTEMPTS - 1)
    assert after_failure(early, error).verdict is RETRY
    assert after_failure(last, error).verdict is DEAD
    assert error.message in after_failure(last, error).reason
