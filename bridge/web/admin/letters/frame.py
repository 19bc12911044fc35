"""A letter's HTML in a frame of its own: no script runs there, nothing is loaded, and only the
styles that stand in it count."""

from __future__ import annotations

import base64
import hashlib
import re
from html import unescape

from flask import Response

from bridge.web.admin.shown import POLICY

_STYLE = re.compile(r'\sstyle="([^"]*)"')


def policy_of(html: str) -> str:
    """A Content-Security-Policy that allows this document's style attributes alone. Pure."""
    styles = {unescape(one) for one in _STYLE.findall(html)}
    allowed = " ".join(sorted(f"'sha256-{_digest(one)}'" for one in styles))
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src 'unsafe-hashes' {allowed}" if allowed else "style-src 'none'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'self'",
            "sandbox",
        )
    )


def framed(html: str) -> Response:
    """What the frame shows."""
    answer = Response(html, mimetype="text/html")
    answer.headers["Content-Security-Policy"] = policy_of(html)
    answer.headers["X-Frame-Options"] = "SAMEORIGIN"
    return answer


def with_frame(answer: Response) -> Response:
    """The page around it, which may show frames of ours."""
    answer.headers["Content-Security-Policy"] = f"{POLICY}; frame-src 'self'"
    return answer


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
