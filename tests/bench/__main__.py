"""``make bench``: prints the figures; ``--json FILE`` keeps them for a script."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from tests.bench import applying, planning
from tests.bench.shops import PLATFORMS


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--part", choices=("apply", "plan"), help="only this part")
    parser.add_argument("--products", type=int, default=2000, help="products of each shop")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    chosen = parser.parse_args()
    figures: dict[str, object] = {}
    if chosen.part != "plan":
        for platform in PLATFORMS:
            applied = applying.measure(platform, chosen.products)
            figures[f"apply {platform}"] = applying.record(applied)
            _say(applying.lines(applied))
    if chosen.part != "apply":
        small = planning.measure(chosen.products // 10, 5, 10)
        large = planning.measure(chosen.products, 5, 10)
        figures["plan"] = [asdict(small), asdict(large)]
        _say(planning.lines(small, large))
    if chosen.json:
        chosen.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def _say(lines: list[str]) -> None:
    sys.stdout.write("\n".join([*lines, "", ""]))
    sys.stdout.flush()


main()
