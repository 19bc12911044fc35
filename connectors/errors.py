"""The error taxonomy: classed by what one can do about it, not by status code.

``str(error)`` is one line for the one who can act: what happened, where, and what to do.
"""

from __future__ import annotations

from connectors.sentences import joined, sentence


class ConnectorError(Exception):
    """What every connector raises. ``where`` is a method and path, never a secret."""

    transient = False
    """The same call may succeed later without anyone doing anything."""
    outcome_unknown = False
    """The shop may have done what was asked: read before trying again."""
    advice: str = ""

    def __init__(self, message: str, *, where: str = "", advice: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        if advice is not None:
            self.advice = advice

    @property
    def text(self) -> str:
        """What happened, where, and what to do."""
        place = f" ({self.where})" if self.where else ""
        stop = "" if self.message.endswith((".", "!", "?")) else "."
        what = joined(self.message, f"{place}{stop}", separator="")
        return joined(what, self.advice)

    def __str__(self) -> str:
        return str(self.text)


# -- the shop could not be asked, or did not answer -----------------------------------------


class Unreachable(ConnectorError):
    """No connection: name not found, refused, timed out before anything was sent."""

    transient = True
    advice: str = sentence("Check the address and that the shop is up.")


class AnswerLost(ConnectorError):
    """The call was sent and no whole answer came back: cut, timed out, truncated."""

    transient = True
    outcome_unknown = True
    advice: str = sentence("It will be read again before anything is sent again.")


class Throttled(ConnectorError):
    """429, or 503 with or without Retry-After, after the allowed retries."""

    transient = True
    advice: str = sentence("The shop asks for fewer calls; it is tried again later.")

    def __init__(
        self,
        message: str,
        *,
        where: str = "",
        advice: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, where=where, advice=advice)
        self.retry_after = retry_after
        """Seconds the shop asked to wait, where it said so."""


class ShopFault(ConnectorError):
    """The shop failed inside (a 5xx whose body names no known cause)."""

    transient = True
    outcome_unknown = True
    advice: str = sentence("Look into the shop's log if it goes on.")


# -- a person has to act --------------------------------------------------------------------


class Unauthorized(ConnectorError):
    """The credentials are wrong, expired or switched off. Never retried in a loop."""

    advice: str = sentence("Check the credentials with `loyalty-bridge store check`.")


class Forbidden(ConnectorError):
    """The credentials are good but lack a privilege; the message names it."""

    def __init__(
        self,
        message: str,
        *,
        where: str = "",
        advice: str | None = None,
        privileges: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message, where=where, advice=advice)
        self.privileges = privileges


class NotAShop(ConnectorError):
    """Something answered that is not this platform's API: HTML, a redirect, another product."""

    advice: str = sentence(
        "Check the URL: it must be the shop's base address, with its API reachable below it."
    )


# -- this row or call will not succeed as it is ---------------------------------------------


class Rejected(ConnectorError):
    """The shop checked the input and refused it; the message is the shop's own."""


class NotFound(Rejected):
    """The thing is not there."""


class AlreadyExists(Rejected):
    """A thing with this name or id is there already."""


class InUse(Rejected):
    """It cannot be deleted while other things hang on it."""


class TooMany(Rejected):
    """The call had more items than the shop allows; ``limit`` says how many it allows."""

    def __init__(
        self, message: str, *, where: str = "", advice: str | None = None, limit: int = 1
    ) -> None:
        super().__init__(message, where=where, advice=advice)
        self.limit = limit


class Mismatch(ConnectorError):
    """What was read back is not what was written."""


class Unsafe(ConnectorError):
    """The shop's own call could hit a row that is not ours; nothing was sent."""
