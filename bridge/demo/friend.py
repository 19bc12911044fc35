"""Someone who was brought along, with a browser: he follows links, fills in the form, presses the
button, all over HTTP."""

from __future__ import annotations

import re
from email.message import EmailMessage
from html import unescape
from http.cookiejar import CookieJar
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, ProxyHandler, Request, build_opener

from bridge.demo.mailbox import text_of

_BROWSER = {"User-Agent": "Mozilla/5.0 (demo)", "Accept-Language": "en"}
_TAG = re.compile(r"<head>.*?</head>|<[^>]+>", re.S)


class Friend:
    def __init__(self, email: str) -> None:
        self.email = email
        self._opener = build_opener(ProxyHandler({}), HTTPCookieProcessor(CookieJar()))

    def accept(self, link: str, store: str) -> str:
        """Opens the link a member gave him, gives his address and chooses where to buy; what the
        page says then. Raises LookupError when it offers no such store."""
        seen = self._open(link)
        chosen = [
            one for one in re.findall(r'<option value="([^"]+)"', seen) if one.startswith(store)
        ]
        visit = re.search(r'name="visit" value="([^"]+)"', seen)
        if visit is None or not chosen:
            raise LookupError(f"the page has no form with {store}: {_text(seen)}")
        form = {"visit": visit[1], "email": self.email, "store": chosen[0], "consent": "yes"}
        return _text(self._open(link, form))

    def confirm(self, letter: EmailMessage) -> str:
        """Opens the link in the letter and presses the button; what the page says then."""
        link = link_in(letter)
        self._open(link)
        self._open(link, {"confirm": "yes"})
        return self.look(letter)

    def look(self, letter: EmailMessage) -> str:
        """The page behind the letter's link, as it is now."""
        return _text(self._open(link_in(letter)))

    def _open(self, url: str, form: dict[str, str] | None = None) -> str:
        data = None if form is None else urlencode(form).encode()
        request = Request(url, data, _BROWSER)  # noqa: S310 - the demo's own page
        with self._opener.open(request, timeout=30) as answer:
            page: bytes = answer.read()
        return page.decode()


def link_in(letter: EmailMessage) -> str:
    """Raises LookupError when it has none."""
    found = re.search(r"https?://\S+", text_of(letter))
    if found is None:
        raise LookupError(f"the letter {letter['Subject']!r} has no link")
    return found[0]


def _text(page: str) -> str:
    """What is read, in one line."""
    return " ".join(unescape(_TAG.sub(" ", page)).split())
