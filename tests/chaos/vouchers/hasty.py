"""The command line for a test that cannot wait minutes; run as a program,
or the same in this process.

Polls overlap less, so that it is soon proven that a code was not used; and what a killed process
had sent last is sooner believed to have arrived, as nothing is under way for long in a sandbox.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from bridge.cli import main
from bridge.inbox.polling import poll
from bridge.vouchers import readying


@contextmanager
def haste() -> Iterator[None]:
    assert poll.__kwdefaults__ is not None
    usual = poll.__kwdefaults__["overlap"], readying.ON_ITS_WAY
    poll.__kwdefaults__["overlap"] = timedelta(seconds=1)
    readying.ON_ITS_WAY = timedelta(seconds=2)
    try:
        yield
    finally:
        poll.__kwdefaults__["overlap"], readying.ON_ITS_WAY = usual


if __name__ == "__main__":
    with haste():
        main()
