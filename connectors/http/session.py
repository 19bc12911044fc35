"""Sessions of requests that never look where a redirect leads."""

from __future__ import annotations

from typing import Any

import requests


class Session(requests.Session):
    """``allow_redirects=False`` alone still reads the whole body of a redirect, unpacked, however
    large it is, and fails at a target that is no address."""

    def get_redirect_target(self, resp: Any) -> None:
        return None
