"""A group that is still to be made, and what hangs on it."""

from __future__ import annotations

from typing import Any

from bridge.outbox.placeholders import fill_in, is_placeholder, placeholder

NEW = placeholder("gold")


def fill(outbox: Any, name: str, shop_id: str) -> None:
    with outbox.database.writing() as session:
        fill_in(session, outbox.stage_of("group"), name, shop_id)


def test_a_placeholder_is_no_id_of_a_shop() -> None:
    assert is_placeholder(NEW)
    assert not is_placeholder("4")
    assert not is_placeholder("cfbd5018d38d41d8adca10d94fc8bdd6")


def test_prices_audiences_and_customers_learn_the_id(outbox: Any) -> None:
    price, other, audience, customer = outbox.fill(
        {"key": f"A\t\t{NEW}\t10"},
        {"key": "A\t\t2\t10"},
        {"key": NEW, "kind": "audience"},
        {"key": "7", "kind": "customer", "before": "1", "after": NEW},
    )
    fill(outbox, NEW, "4")
    assert outbox.row(price).key == "A\t\t4\t10"
    assert outbox.row(other).key == "A\t\t2\t10"
    assert outbox.row(audience).key == "4"
    assert (outbox.row(customer).before, outbox.row(customer).after) == ("1", "4")


def test_an_id_that_looks_like_a_quantity_a_sku_or_a_website_is_not_mixed_up(outbox: Any) -> None:
    """A group that is made again gets another number; 4 is also a quantity, a SKU, a website."""
    price, foreign = outbox.fill({"key": "4\t4\t4\t4"}, {"key": "4\t4\t2\t4"})
    fill(outbox, "4", "6")
    assert outbox.row(price).key == "4\t4\t6\t4"
    assert outbox.row(foreign).key == "4\t4\t2\t4"


def test_a_customers_own_id_is_not_mixed_up(outbox: Any) -> None:
    (customer,) = outbox.fill({"key": "4", "kind": "customer", "before": "4", "after": "1"})
    fill(outbox, "4", "6")
    row = outbox.row(customer)
    assert (row.key, row.before, row.after) == ("4", "6", "1")


def test_dead_letters_learn_it_too_finished_ones_do_not(outbox: Any) -> None:
    dead, done = outbox.fill(
        {"key": f"A\t\t{NEW}\t1", "state": "dead"}, {"key": f"B\t\t{NEW}\t1", "state": "done"}
    )
    fill(outbox, NEW, "4")
    assert outbox.row(dead).key == "A\t\t4\t1"
    assert outbox.row(done).key == f"B\t\t{NEW}\t1"


def test_another_runs_deliveries_are_left(outbox: Any) -> None:
    (earlier,) = outbox.fill({"key": f"A\t\t{NEW}\t1"})
    outbox.start_run()
    fill(outbox, NEW, "4")
    assert outbox.row(earlier).key == f"A\t\t{NEW}\t1"


def test_a_similar_name_is_another_group(outbox: Any) -> None:
    (longer,) = outbox.fill({"key": f"A\t\t{NEW}-b2b\t1"})
    fill(outbox, NEW, "4")
    assert outbox.row(longer).key == f"A\t\t{NEW}-b2b\t1"
