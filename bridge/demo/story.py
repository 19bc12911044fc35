"""The demo's story: each step says what happens and why, does it, and checks what came of it."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.demo.part import Teller
from bridge.demo.points_part import PointsPart
from bridge.demo.prices_part import PricesPart
from bridge.demo.stage import Stage


@dataclass
class Story:
    stage: Stage
    teller: Teller

    def tell(self) -> None:
        """Raises StepFailed at the first step that does not do what it should."""
        prices = PricesPart(self.stage, self.teller)
        points = PointsPart(self.stage, self.teller)
        steps = [*prices.steps(), *points.steps()]
        for number, step in enumerate(steps, 1):
            self.teller.step(number, len(steps), step.title, step.why)
            step.do()
