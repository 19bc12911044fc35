"""The command line for a test that cannot wait minutes; run as a program.

Polls overlap less, so that it is soon proven that a code was not used; and what a killed process
had sent last is sooner believed to have arrived, as nothing is under way for long in a sandbox.
"""

from __future__ import annotations

from datetime import timedelta

from bridge.cli import main
from bridge.inbox.polling import poll
from bridge.vouchers import readying

if __name__ == "__main__":
    assert poll.__kwdefaults__ is not None
    poll.__kwdefaults__["overlap"] = timedelta(seconds=1)
    readying.ON_ITS_WAY = timedelta(seconds=2)
    main()
