"""A signal stops what waits for it, at whatever moment it comes."""

from __future__ import annotations

import os
import signal
import threading
from itertools import count

from bridge.cli.stopping import stop_signals


def test_a_signal_that_comes_just_before_the_wait_ends_it() -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        with stop_signals() as stop:
            os.kill(os.getpid(), number)
            stop.wait()
            assert stop.is_told


def test_a_signal_that_comes_in_the_middle_of_the_wait_ends_it() -> None:
    for moment in range(200):
        with stop_signals() as stop:

            def send(steps: int = moment) -> None:
                for step in count():
                    if step >= steps * 50:
                        break
                os.kill(os.getpid(), signal.SIGTERM)

            sender = threading.Thread(target=send)
            sender.start()
            stop.wait()
            sender.join()
            assert stop.is_told
