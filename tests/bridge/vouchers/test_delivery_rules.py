"""What is done with a pool's promotion, case by case."""

from __future__ import annotations

import pytest

from bridge.vouchers.pool_rules import Standing, Verdict, before_adding, before_writing

OURS = "ours"


@pytest.mark.parametrize(
    ("native", "intended", "is_there", "theirs", "verdict"),
    [
        pytest.param("", "", False, None, Verdict.WRITE, id="new"),
        pytest.param("", OURS, False, None, Verdict.WRITE, id="sent, and it did not arrive"),
        pytest.param("", OURS, False, OURS, Verdict.AGREED, id="sent, and nobody heard of it"),
        pytest.param("", "older", False, "older", Verdict.WRITE, id="an older text had arrived"),
        pytest.param("", OURS, False, "other", Verdict.CHANGED, id="changed before it was heard"),
        pytest.param("", "", False, OURS, Verdict.AGREED, id="the backup did not know it"),
        pytest.param("", "", False, "older", Verdict.WRITE, id="the backup did not know it, older"),
        pytest.param(OURS, OURS, False, None, Verdict.WRITE, id="gone, and wanted again"),
        pytest.param("older", "", False, "older", Verdict.WRITE, id="only ours changed"),
        pytest.param("older", "", True, "other", Verdict.CHANGED, id="both changed"),
        pytest.param(OURS, OURS, True, None, Verdict.GONE, id="taken away by hand"),
    ],
)
def test_before_a_promotion_is_written(
    native: str, intended: str, is_there: bool, theirs: str | None, verdict: Verdict
) -> None:
    assert before_writing(Standing(native, intended, is_there, theirs), OURS) is verdict


@pytest.mark.parametrize(
    ("theirs", "verdict"),
    [(OURS, Verdict.AGREED), ("other", Verdict.CHANGED), (None, Verdict.GONE)],
)
def test_before_codes_are_added(theirs: str | None, verdict: Verdict) -> None:
    assert before_adding(Standing(OURS, OURS, True, theirs)) is verdict
