"""Programmes of a given size over the sandboxes' shared catalogue."""

from __future__ import annotations

from pathlib import Path

BASES = "{magento: General, shopware: Standard customer group}"


def write(folder: Path, skus: list[str], groups: int, quantities: int) -> Path:
    """A price for each SKU, group and quantity; every ladder begins at 1 and falls."""
    lines = ["programme: Bench", "currency: EUR", "prices_are: net", "groups:"]
    for number in range(groups):
        lines += [f"  g{number}:", f"    name: Bench {number}", f"    base: {BASES}"]
    names = ", ".join(f"g{number}" for number in range(groups))
    lines += ["price_lists:", "  all:", f"    groups: [{names}]", "    file: prices.csv"]
    path = folder / "programme.yaml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    rows = ["sku,from,price,group"]
    for position, sku in enumerate(skus):
        for number in range(groups):
            for step in range(quantities):
                quantity = 1 if step == 0 else step * 10
                cents = 500 + position % 400 - step * 10 - number
                rows.append(f"{sku},{quantity},{cents / 100:.2f},g{number}")
    (folder / "prices.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path
