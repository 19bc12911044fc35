"""The demo's story: each step says what happens and why, does it, and checks what came of it."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass

from bridge.demo.friend_part import FriendPart
from bridge.demo.gifts_part import GiftsPart
from bridge.demo.part import Teller
from bridge.demo.plugins_part import PluginsPart
from bridge.demo.points_part import PointsPart
from bridge.demo.prices_part import PricesPart
from bridge.demo.shopping import Shopping
from bridge.demo.stage import Stage
from bridge.demo.vouchers_part import VouchersPart


@dataclass
class Story:
    stage: Stage
    teller: Teller

    def tell(self) -> None:
        """Raises StepFailed at the first step that does not do what it should."""
        shopping = Shopping(self.stage)
        with ExitStack() as until_the_end:
            parts = (
                PricesPart(self.stage, self.teller),
                PointsPart(self.stage, self.teller, shopping),
                VouchersPart(self.stage, self.teller, shopping),
                GiftsPart(self.stage, self.teller, shopping),
                FriendPart(self.stage, self.teller, shopping),
                PluginsPart(self.stage, self.teller, shopping, until_the_end),
            )
            steps = [step for part in parts for step in part.steps()]
            for number, step in enumerate(steps, 1):
                self.teller.step(number, len(steps), step.title, step.why)
                step.do()
