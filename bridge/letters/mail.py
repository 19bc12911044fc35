"""E-mail over SMTP."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.utils import parseaddr
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

from bridge.config import Settings
from bridge.kit.errors import BridgeError
from bridge.letters.message import Mail, message_of

SECONDS = 20.0
"""How long one answer of the mail server is waited for."""
_PORTS = {"smtp": 587, "smtps": 465}
_HERE = ("localhost", "127.0.0.1", "::1")


class NotSent(Exception):
    """The letter did not go out; later it may. ``str`` holds no password and no address."""


class ServerOut(NotSent):
    """The mail server cannot be reached, or lets nobody in: no letter would go out now."""


class Refused(NotSent):
    """The mail server will never take it: the address does not exist, or the sender is not
    allowed to write to it."""


@dataclass(frozen=True, slots=True)
class MailServer:
    host: str
    port: int
    sender: Address
    username: str = ""
    password: str = ""
    is_tls: bool = False
    """From the first byte on."""
    needs_starttls: bool = True
    """Nothing is said to a server that does not switch to TLS."""

    def __repr__(self) -> str:
        return f"MailServer({self.host}:{self.port})"


def mail_server(settings: Settings) -> MailServer:
    """Raises BridgeError when it is not set up, or cannot be read."""
    if settings.smtp_url is None or not settings.mail_from:
        raise BridgeError(
            "No letter can be sent: set LOYALTY_BRIDGE_SMTP_URL (the mail server) and "
            "LOYALTY_BRIDGE_MAIL_FROM (the sender)."
        )
    name, address = parseaddr(settings.mail_from)
    try:
        sender = Address(name, addr_spec=address)
        url = urlsplit(settings.smtp_url.get_secret_value())
        port = url.port or _PORTS[url.scheme]
        tls = parse_qs(url.query).get("tls", ["yes"])[0]
        host = url.hostname or ""
    except (ValueError, KeyError, IndexError):
        host = ""
    # The error's own text could repeat the URL, and with it a password.
    if not host or "@" not in address:
        raise BridgeError(
            "The mail server cannot be read. Write LOYALTY_BRIDGE_SMTP_URL like "
            "smtp://user:password@mail.example.com:587 and LOYALTY_BRIDGE_MAIL_FROM like "
            "Acme <shop@example.com>."
        )
    return MailServer(
        host,
        port,
        sender,
        unquote(url.username or ""),
        unquote(url.password or ""),
        is_tls=url.scheme == "smtps",
        needs_starttls=url.scheme == "smtp" and tls != "no" and host not in _HERE,
    )


class _Answering:
    """Keeps what the server said to the letter itself; smtplib drops it."""

    answer = ""

    def data(self, msg: Any) -> tuple[int, bytes]:
        code, told = super().data(msg)  # type: ignore[misc]
        self.answer = f"{code} {told.decode('utf-8', 'replace')}"
        return code, told


class _Smtp(_Answering, smtplib.SMTP):
    pass


class _SmtpOverTls(_Answering, smtplib.SMTP_SSL):
    pass


class Mailer:
    """One connection for several letters; opened with the first, closed at the end."""

    def __init__(self, server: MailServer, context: ssl.SSLContext | None = None) -> None:
        self._server = server
        self._context = context
        self._smtp: _Smtp | _SmtpOverTls | None = None

    def send(self, mail: Mail, now: datetime) -> str:
        """What the server answered. Raises :class:`NotSent`: :class:`Refused` where trying again
        is in vain, :class:`ServerOut` where other letters would fare the same."""
        try:
            message = message_of(mail, self._server.sender, now)
        except ValueError:
            raise Refused("the address cannot be written in a letter") from None
        try:
            if self._smtp is None:
                self._smtp = self._opened()
            self._smtp.send_message(message)
            return self._smtp.answer
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            self._reset()
            if codes and min(codes) >= 500:
                raise Refused(f"the mail server refused the address ({codes[0]})") from None
            raise NotSent("the mail server does not take the address now") from None
        except smtplib.SMTPDataError as error:
            self._reset()
            if error.smtp_code >= 500:
                raise Refused(f"the mail server refused the letter ({error.smtp_code})") from None
            raise NotSent(f"the mail server answered {error.smtp_code}") from None
        except smtplib.SMTPResponseException as error:
            self.close()
            raise NotSent(f"the mail server answered {error.smtp_code}") from None
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise NotSent(_reason(self._server, error)) from None

    def _opened(self) -> _Smtp | _SmtpOverTls:
        try:
            return self._open()
        except smtplib.SMTPAuthenticationError as error:
            code = error.smtp_code
            raise ServerOut(
                f"the mail server does not accept the user and password ({code})"
            ) from None
        except smtplib.SMTPResponseException as error:
            raise ServerOut(f"the mail server answered {error.smtp_code}") from None
        except (smtplib.SMTPException, OSError) as error:
            raise ServerOut(_reason(self._server, error)) from None

    def _open(self) -> _Smtp | _SmtpOverTls:
        server = self._server
        context = self._context or ssl.create_default_context()
        if server.is_tls:
            smtp: _Smtp | _SmtpOverTls = _SmtpOverTls(
                server.host, server.port, timeout=SECONDS, context=context
            )
        else:
            smtp = _Smtp(server.host, server.port, timeout=SECONDS)
        try:
            smtp.ehlo()
            if not server.is_tls and (server.needs_starttls or smtp.has_extn("starttls")):
                smtp.starttls(context=context)
                smtp.ehlo()
            if server.username:
                smtp.login(server.username, server.password)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _reset(self) -> None:
        try:
            if self._smtp is not None:
                self._smtp.rset()
        except (smtplib.SMTPException, OSError):
            self.close()

    def close(self) -> None:
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            try:
                smtp.quit()
            except (smtplib.SMTPException, OSError):
                smtp.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _reason(server: MailServer, error: Exception) -> str:
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return (
            f"the mail server {server.host}:{server.port} offers no TLS (or no sign-in); add "
            "?tls=no to its URL only on a network that nobody else is on"
        )
    if isinstance(error, ssl.SSLError):
        return f"the certificate of the mail server {server.host} cannot be verified"
    told = getattr(error, "strerror", None) or type(error).__name__
    return f"the mail server {server.host}:{server.port} cannot be reached ({told})"
