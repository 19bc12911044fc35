"""A wrong name is answered with the right one."""

from __future__ import annotations

import pytest

from bridge.kit.suggestions import did_you_mean


@pytest.mark.parametrize(
    ("word", "known", "answer"),
    [
        ("magneto", ["magento", "shopware"], "Did you mean `magento`?"),
        ("BERLIN", ["Berlin"], "Did you mean `Berlin`?"),
        ("zzz", ["magento", "shopware"], "Known are: magento, shopware."),
        ("zzz", [f"shop-{number:02}" for number in range(12)], "Known are: shop-00, shop-01"),
        ("zzz", [], "Nothing is there."),
    ],
)
def test_answers(word: str, known: list[str], answer: str) -> None:
    assert did_you_mean(word, known, nothing="Nothing is there.").startswith(answer)


def test_long_lists_are_cut() -> None:
    many = [f"shop-{number:02}" for number in range(12)]
    assert did_you_mean("zzz", many).endswith("shop-09, ….")
