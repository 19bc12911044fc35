"""One connector, many threads."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from connectors.base import Connector
from connectors.conformance.base import Suite, Till
from connectors.conformance.shop import Shop

Result = TypeVar("Result")
THREADS = 8


def at_once(work: Callable[[int], Result]) -> list[Result]:
    """What each of the threads got, all of them let go at the same moment."""
    barrier = Barrier(THREADS)

    def wait_and_work(number: int) -> Result:
        barrier.wait(timeout=30)
        return work(number)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(wait_and_work, range(THREADS)))


class SharingTests(Suite):
    def test_threads_can_begin_together(self, shop: Shop) -> None:
        """All of them sign in at once; a limiter of logins must not see eight attempts fail."""
        connector = shop.platform.connect(shop.connection)
        seen = at_once(lambda number: connector.groups())
        connector.close()
        assert all(groups == seen[0] for groups in seen)

    def test_threads_read_what_one_reads(self, connector: Connector) -> None:
        """Answers do not get mixed up between calls that are under way together."""
        alone = (connector.groups(), connector.shop().stores, connector.audiences())
        seen = at_once(
            lambda number: (connector.groups(), connector.shop().stores, connector.audiences())
        )
        assert seen == [alone] * THREADS

    def test_threads_write_side_by_side(self, till: Till) -> None:
        """The delivery hands out batches to a pool: every row of each of them arrives."""
        products = till.simple_products()[:THREADS]
        batches = [
            [till.row(products[number % len(products)], 1 + number * 10 + row) for row in range(5)]
            for number in range(THREADS)
        ]
        refusals = at_once(lambda number: till.connector.write_tier_prices(batches[number]))
        assert refusals == [[]] * THREADS
        assert till.stored(*products) == {row.key: row.value for batch in batches for row in batch}
