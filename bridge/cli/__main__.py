"""``python -m bridge.cli`` is the command ``loyalty-bridge``."""

from bridge.cli import main

main()
