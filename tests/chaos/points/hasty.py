"""The command line with a shorter overlap between polls, so that a test need not wait minutes
until every order that was placed is known; run as a program. A busy machine answers in seconds, and
by so much the shop's clock is misjudged: the overlap is longer than that."""

from __future__ import annotations

from datetime import timedelta

from bridge.cli import main
from bridge.inbox.polling import poll

if __name__ == "__main__":
    assert poll.__kwdefaults__ is not None
    poll.__kwdefaults__["overlap"] = timedelta(seconds=4)
    main()
