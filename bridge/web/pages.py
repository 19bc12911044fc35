"""Pages for people: rendered without scripts and without anything from elsewhere."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from flask import Response, request
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from bridge.web.referral_texts import TEXTS

STYLE = """\
:root{color-scheme:light dark}
body{margin:0;font:1.0625rem/1.5 system-ui,sans-serif}
main{max-width:32rem;margin:0 auto;padding:1.5rem 1rem}
h1{font-size:1.5rem;line-height:1.25}
label{display:block;font-weight:600}
input[type=email],select,button{box-sizing:border-box;width:100%;font:inherit;padding:.65rem;\
border:1px solid #777;border-radius:.4rem}
button{background:#00703c;color:#fff;border-color:#00703c;font-weight:600}
:focus-visible{outline:3px solid #1d70b8;outline-offset:2px}
.consent{display:grid;grid-template-columns:auto 1fr;gap:.75rem}
.consent label{font-weight:400}
.consent input{width:1.5rem;height:1.5rem;margin:0}
.error{border-left:.3rem solid #c00;padding-left:.75rem}
.code{font:700 1.6rem/1.3 ui-monospace,monospace;overflow-wrap:anywhere;padding:1rem;\
border:2px dashed #777;border-radius:.4rem;text-align:center}
.small{font-size:.9rem}
.trap{position:absolute;left:-100vw}
"""
_DIGEST = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{_DIGEST}'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
    "Vary": "Accept-Language, Cookie",
}

_STYLE = Markup(STYLE)  # noqa: S704 - a constant; the policy knows its digest
_ENVIRONMENT = Environment(
    loader=PackageLoader("bridge.web"), autoescape=True, undefined=StrictUndefined
)


def language() -> str:
    """Of this request's visitor, as his browser says."""
    return request.accept_languages.best_match([*TEXTS], default="en") or "en"


def page(template: str, title: str, status: int = 200, **values: Any) -> Response:
    """``title`` is the key of its text."""
    told = language()
    texts = TEXTS[told]

    def text(key: str, **parts: str) -> str:
        return texts[key].format(**parts)

    return said(template, told, text(title), status, text=text, **values)


def said(template: str, language: str, title: str, status: int = 200, **values: Any) -> Response:
    """``title`` as it is shown."""
    body = _ENVIRONMENT.get_template(template).render(
        language=language, title=title, style=_STYLE, **values
    )
    response = Response(body, status, content_type="text/html; charset=utf-8")
    response.headers.update(HEADERS)
    response.headers["Content-Language"] = language
    return response


def message(name: str, status: int = 200, **parts: str) -> Response:
    """A page that says one thing."""
    line = TEXTS[language()][name].format(**parts)
    return page("message.html", f"{name}_title", status, lines=[line], code="", again=False)
