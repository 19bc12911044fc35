"""``make bench``: prints the figures; ``--json FILE`` keeps them for a script."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from tests.bench import applying, handling, pages, planning, plugins, vouchers, webhooks
from tests.bench import figures as shown
from tests.bench.points import KINDS
from tests.bench.shops import PLATFORMS

Figures = dict[str, object]
Chosen = argparse.Namespace


def _apply(chosen: Chosen, figures: Figures) -> None:
    for platform in PLATFORMS:
        applied = applying.measure(platform, chosen.products)
        figures[f"apply {platform}"] = applying.record(applied)
        _say(applying.lines(applied))


def _plan(chosen: Chosen, figures: Figures) -> None:
    small = planning.measure(chosen.products // 10, 5, 10)
    large = planning.measure(chosen.products, 5, 10)
    figures["plan"] = [asdict(small), asdict(large)]
    _say(planning.lines(small, large))


def _handle(chosen: Chosen, figures: Figures) -> None:
    for kind in KINDS:
        handled = handling.measure(kind, chosen.orders)
        figures[f"handle {kind}"] = handling.record(handled)
        _say(handling.lines(handled))


def _webhooks(chosen: Chosen, figures: Figures) -> None:
    for kind in KINDS:
        compared = webhooks.measure(kind, chosen.messages)
        figures[f"webhooks {kind}"] = webhooks.record(compared)
        _say(webhooks.lines(compared))


def _vouchers(chosen: Chosen, figures: Figures) -> None:
    for platform in PLATFORMS:
        issued = vouchers.measure(platform, chosen.vouchers)
        figures[f"vouchers {platform}"] = vouchers.record(issued)
        _say(vouchers.lines(issued))


def _grow(chosen: Chosen, figures: Figures) -> None:
    small, large = handling.grow(chosen.grown // 10), handling.grow(chosen.grown)
    figures["grow"] = [asdict(small), asdict(large)]
    _say(handling.growth_lines(small, large))


def _figures(chosen: Chosen, figures: Figures) -> None:
    for kind in KINDS if chosen.database is None else (chosen.database,):
        measured = shown.measure(kind, chosen.members)
        figures[f"figures {kind}"] = shown.record(measured)
        _say(shown.lines(measured))


def _pages(chosen: Chosen, figures: Figures) -> None:
    for kind in KINDS if chosen.database is None else (chosen.database,):
        measured = pages.measure(kind, chosen.members)
        figures[f"pages {kind}"] = pages.record(measured)
        _say(pages.lines(measured))


def _plugins(_chosen: Chosen, figures: Figures) -> None:
    measured = plugins.measure()
    figures["plugins"] = plugins.record(measured)
    _say(plugins.lines(measured))


PARTS = {
    "apply": _apply,
    "plan": _plan,
    "handle": _handle,
    "webhooks": _webhooks,
    "vouchers": _vouchers,
    "grow": _grow,
    "figures": _figures,
    "pages": _pages,
    "plugins": _plugins,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--part", choices=PARTS, action="append", help="only this part")
    parser.add_argument("--products", type=int, default=2000, help="products of each shop")
    parser.add_argument("--orders", type=int, default=3000, help="of the part handle")
    parser.add_argument("--messages", type=int, default=3000, help="of the part webhooks")
    parser.add_argument("--vouchers", type=int, default=1000, help="of the part vouchers")
    parser.add_argument("--grown", type=int, default=100_000, help="orders of the part grow")
    parser.add_argument(
        "--members", type=int, default=100_000, help="of the parts figures and pages"
    )
    parser.add_argument("--database", choices=KINDS, help="only this one, of figures and pages")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    chosen = parser.parse_args()
    figures: Figures = {}
    for part in chosen.part or PARTS:
        PARTS[part](chosen, figures)
    if chosen.json:
        chosen.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def _say(lines: list[str]) -> None:
    sys.stdout.write("\n".join([*lines, "", ""]))
    sys.stdout.flush()


main()
