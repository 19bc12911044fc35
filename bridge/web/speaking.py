"""The language of the request that is being answered, and texts said in it."""

from __future__ import annotations

from typing import Any

from flask import g, has_request_context, request
from markupsafe import Markup, escape

from bridge.languages.catalogues import NAMES, PSEUDO, SOURCE
from bridge.languages.speech import Speech
from connectors.sentences import Sentence, text_of

SENTENCES = "sentences"
"""The domain of what services and connectors say."""
STAFF = "staff"
"""The domain of the pages behind the sign-in."""


def speech() -> Speech:
    """Of this request; English outside of one."""
    if not has_request_context():
        return Speech(SOURCE, STAFF)
    found: Speech | None = g.get("speech")
    if found is None:
        found = g.speech = Speech(_accepted(), STAFF)
    return found


def speak(language: str, zone: Any = None) -> None:
    """Answers this request in a user's own language, where he chose one."""
    told = language if language in NAMES or language == PSEUDO else _accepted()
    g.speech = Speech(told, STAFF, zone) if zone is not None else Speech(told, STAFF)


def _(message: str, /, **parts: Any) -> str:
    return speech().text(message, **parts)


def ngettext(one: str, many: str, number: int, /, **parts: Any) -> str:
    return speech().count(one, many, number, **parts)


def said(text: str | BaseException) -> str:
    """What a service or a connector says, in the language of the page: a sentence in its
    translation, anything else as it is."""
    if isinstance(text, BaseException):
        text = text_of(text)
    if not isinstance(text, Sentence):
        return str(text)
    own = speech()
    return text.said(Speech(own.language, SENTENCES).text, own.number)


class Lazy:
    """A text that is said when it is shown: for what is made once, such as labels of forms."""

    def __init__(self, message: str, **parts: Any) -> None:
        self._message = message
        self._parts = parts

    def __str__(self) -> str:
        return _(self._message, **self._parts)

    def __html__(self) -> Markup:
        return escape(str(self))

    def __mod__(self, parts: Any) -> str:
        return f"{str(self) % parts}"


class LazySaid:
    """What a connector says, in the language of the page that shows it."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __str__(self) -> str:
        return said(self._text)

    def __html__(self) -> Markup:
        return escape(str(self))


def lazy(message: str, /, **parts: Any) -> Any:
    return Lazy(message, **parts)


def _accepted() -> str:
    return request.accept_languages.best_match([*NAMES], default=SOURCE) or SOURCE
