"""How the rows of a stage are shared out among threads."""

from __future__ import annotations

import pytest

from bridge.outbox.sharing import Share, share_out

MAGENTO = (1000, 450)
SHOPWARE = (500, 500)

TABLE = [
    # rows, products, threads, the most of one call, the share
    (1930, 1930, 4, MAGENTO, Share(4, 1000, 242)),
    (1800, 1800, 4, MAGENTO, Share(4, 1000, 450)),
    (1000, 1000, 4, MAGENTO, Share(4, 1000, 250)),
    (20_000, 2000, 4, MAGENTO, Share(4, 1000, 100)),
    (1850, 1850, 2, SHOPWARE, Share(2, 500, 463)),
    (30, 30, 4, MAGENTO, Share(1, 1000, 30)),
    (60, 60, 4, MAGENTO, Share(3, 1000, 20)),
    (3, 1, 4, MAGENTO, Share(1, 1000, 1)),
    (5000, 1, 2, SHOPWARE, Share(2, 500, 1)),
    (25, 25, 2, (10, 10), Share(1, 10, 10)),
]


@pytest.mark.parametrize(("rows", "keys", "threads", "most", "share"), TABLE)
def test_every_thread_gets_as_much_and_no_call_more_than_it_may(
    rows: int, keys: int, threads: int, most: tuple[int, int], share: Share
) -> None:
    assert share_out(rows, keys, threads, most) == share
