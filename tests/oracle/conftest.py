"""Makes ``oracle`` and ``shopping`` importable, and what the book's own tests have."""

from __future__ import annotations

import sys
from pathlib import Path

_BRIDGE = Path(__file__).parents[1] / "bridge"
for folder in (Path(__file__).parent, _BRIDGE / "earning", _BRIDGE / "points"):
    sys.path.insert(0, str(folder))
