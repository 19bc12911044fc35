"""Programmes over the sandboxes' shared catalogue: fixed prices, percentages, first steps above
one piece, variants, a new group with members, and a group that was there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

from connectors.sandbox.catalogue import Article, catalogue

BASES = {"magento": "General", "shopware": "Dealer"}
MEMBERS = ("anna.albers@example.com", "ben.becker@example.com")
"""Whom the programme moves to the new group, where they are in its base."""

_HEAD = """\
programme: Trial
currency: EUR
prices_are: net
groups:
  gold:
    name: {name}
    base: {base}
    move_from: [{moves}]
    members: {{emails: [{members}]}}
  wholesale:
    name: Wholesale
    existing: yes
price_lists:
  all:
    groups: [gold, wholesale]
    policy: ask
    file: {file}
"""


def sold(articles: int) -> list[Article]:
    """What can be bought as it is: single products and variants."""
    return [article for article in catalogue(articles) if not article.variant_skus]


def write(
    folder: Path,
    platform: str,
    articles: int,
    rows_each: int,
    *,
    off: Decimal = Decimal(1),
    name: str = "Gold",
    singles: Sequence[str] = (),
) -> Path:
    """``off`` times all fixed prices, so that another programme differs in many rows.
    ``singles`` are SKUs with one price from one piece on and nothing else."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = ["sku,from,price,percent,group"]
    for place, article in enumerate(sold(articles)):
        if article.sku in singles:
            lines.append(f"{article.sku},1,{article.net * off / 2:.2f},,gold")
        else:
            lines += _ladder(place, article, rows_each, off)
    prices = folder / "prices.csv"
    prices.write_text("\n".join(lines) + "\n", encoding="utf-8")
    base = BASES[platform]
    path = folder / "programme.yaml"
    path.write_text(
        _HEAD.format(
            name=name, base=base, moves=base, members=", ".join(MEMBERS), file=prices.name
        ),
        encoding="utf-8",
    )
    return path


def _ladder(place: int, article: Article, rows_each: int, off: Decimal) -> Iterator[str]:
    """Variants of one product alike; every third article by percentages from 5 pieces on."""
    sku = article.sku
    if place % 3 == 2 and not article.parent_sku:
        for step in range(rows_each):
            yield f"{sku},{5 * (step + 1)},,{4 + 3 * step},gold"
        return
    for step in range(rows_each):
        quantity = 1 if step == 0 else 10 * step
        price = article.net * off * (90 - 5 * step) / 100
        yield f"{sku},{quantity},{max(price, Decimal('0.02')):.2f},,gold"
    if place % 10 == 0:
        yield f"{sku},20,,7.5,wholesale"
