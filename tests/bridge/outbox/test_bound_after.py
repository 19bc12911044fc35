"""What the bridge remembers of a thing once its value reached the shop."""

from __future__ import annotations

from dataclasses import replace

from bridge.outbox.judging import NOTHING, Held, Item
from bridge.outbox.settling import bound_after
from bridge.outbox.snapshots import Snapshot

NEW = Item(
    id=1,
    fence=1,
    kind="price",
    batch="A",
    key="A",
    label="A",
    before=None,
    after="9",
    native_id="",
    source="list",
    hints="",
    base=None,
    releases=False,
    restores=None,
    intended=True,
    attempts=1,
)
BASE = Snapshot("8", "8", "hand-made", owned=True, native_id="id-1", source="list")


def test_a_row_of_our_own_goes_back_to_nothing() -> None:
    assert bound_after(NEW, Held("9", "id-1")) == Snapshot(
        "9", "9", None, owned=True, native_id="id-1", source="list"
    )


def test_a_row_that_was_taken_over_goes_back_to_what_it_was() -> None:
    bound = bound_after(replace(NEW, before="hand-made"), Held("9"))
    assert bound is not None
    assert bound.original == "hand-made"


def test_a_later_change_keeps_the_first_original() -> None:
    changed = replace(NEW, before="8", base=BASE.to_text())
    bound = bound_after(changed, Held("9", "id-1"))
    assert bound is not None
    assert (bound.ours, bound.theirs, bound.original) == ("9", "9", "hand-made")


def test_what_was_removed_is_no_longer_ours() -> None:
    assert bound_after(replace(NEW, before="8", after=None, base=BASE.to_text()), NOTHING) is None


def test_what_was_given_back_is_no_longer_ours() -> None:
    back = replace(NEW, before="8", after="hand-made", base=BASE.to_text(), releases=True)
    assert bound_after(back, Held("hand-made", "id-1")) is None


def test_an_undo_brings_the_memory_back_too() -> None:
    undo = replace(NEW, before="9", after="8", restores=BASE.to_text())
    assert bound_after(undo, Held("8", "id-1")) == BASE


def test_an_undo_takes_the_id_of_what_was_made_anew() -> None:
    undo = replace(NEW, after="8", restores=BASE.to_text())
    assert bound_after(undo, Held("8", "id-2")) == replace(BASE, native_id="id-2")


def test_a_snapshot_survives_being_written_down() -> None:
    assert Snapshot.from_text(BASE.to_text()) == BASE
