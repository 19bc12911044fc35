"""A plan in a few lines."""

from __future__ import annotations

from decimal import Decimal

from bridge.plans.parts import Agreement, Change, Effect, Remark, RemarkKind, Stage
from bridge.plans.summary import SAMPLE, Money, Operation, operation, summarise


def change(
    before: str | None = None,
    after: str | None = "9",
    effect: Effect | None = None,
    store: str = "de",
) -> Change:
    return Change(
        installation_id=1,
        installation=store,
        stage=Stage.WRITE_PRICES,
        kind="price",
        key="A",
        batch="A",
        label="A",
        before=before,
        after=after,
        native_id="",
        source="list",
        base=None,
        effect=effect,
    )


def effect(before: str, after: str, currency: str = "EUR") -> Effect:
    return Effect(currency, Decimal(before), Decimal(after))


def test_what_a_change_is_called() -> None:
    assert operation(change(None, "9")) is Operation.ADD
    assert operation(change("8", "9")) is Operation.CHANGE
    assert operation(change("8", None)) is Operation.REMOVE


def test_changes_are_counted_by_store_kind_and_operation() -> None:
    summary = summarise([change(), change(), change("8", None), change(store="at")])
    assert summary.counts == {
        ("de", "price", Operation.ADD): 2,
        ("de", "price", Operation.REMOVE): 1,
        ("at", "price", Operation.ADD): 1,
    }
    assert summary.total == 4


def test_money_by_store_and_currency() -> None:
    summary = summarise(
        [
            change(effect=effect("10", "9")),
            change(effect=effect("10", "11.5")),
            change(effect=effect("3", "3")),
            change(effect=effect("10", "9", "CHF")),
            change(),
        ]
    )
    euros = summary.money["de", "EUR"]
    assert (euros.lower, euros.higher, euros.same) == (1, 1, 1)
    assert (euros.before, euros.after) == (Decimal(23), Decimal("23.5"))
    assert summary.money["de", "CHF"].percent == Decimal(-10)


def test_a_percentage_of_nothing_is_not_made_up() -> None:
    money = Money()
    money.add(effect("0", "5"))
    assert money.percent is None


def test_a_large_plan_keeps_a_sample_and_counts_all() -> None:
    many = [change() for _ in range(SAMPLE + 5)]
    assert len(summarise(many).changes) == SAMPLE
    assert summarise(many).total == SAMPLE + 5
    assert len(summarise(many, keep_all=True).changes) == SAMPLE + 5


def test_what_needs_a_person_is_always_kept() -> None:
    conflict = Remark(RemarkKind.CONFLICT, "de", "price", "A", "Someone changed it.")
    note = Remark(RemarkKind.NOTE, "de", "price", "A", "By the way.")
    agreed = Agreement(1, "de", "price", "A", "A", None)
    summary = summarise([conflict, note, agreed])
    assert summary.of(RemarkKind.CONFLICT) == [conflict]
    assert summary.agreements == 1
    assert summary.total == 0
