"""A mail server on this machine that keeps every letter: nothing leaves it."""

from __future__ import annotations

import email
import email.policy
import socketserver
import threading
from email.message import EmailMessage
from types import TracebackType
from typing import Self


class Mailbox:
    """Context manager. Takes letters to anybody, over SMTP, on a port that the system chooses."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self._server = _Server(self)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="mailbox", daemon=True
        )

    @property
    def url(self) -> str:
        """For the setting ``smtp_url``."""
        return f"smtp://127.0.0.1:{self._server.server_address[1]}?tls=no"

    def to(self, address: str) -> list[EmailMessage]:
        """In the order in which they came."""
        return [letter for letter in self.letters if letter["To"] == address]

    def answer_to(self, address: str) -> str:
        """What the sender hears when he names whom a letter is for."""
        return "250 fine"

    def take(self, letter: EmailMessage) -> str:
        """Keeps it; what the sender hears."""
        self.letters.append(letter)
        return "250 taken"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def text_of(letter: EmailMessage) -> str:
    """What somebody reads whose program shows no HTML."""
    body = letter.get_body(("plain",))
    return "" if body is None else str(body.get_content())


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, mailbox: Mailbox) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.mailbox = mailbox


class _Conversation(socketserver.StreamRequestHandler):
    """As much of RFC 5321 as a sender of one letter needs."""

    server: _Server

    def handle(self) -> None:
        self._say("220 mailbox of the demo")
        while line := self.rfile.readline():
            word = line.split(b" ")[0].split(b":")[0].strip().upper()
            if word == b"DATA":
                self._take()
            elif word == b"RCPT":
                address = line.partition(b"<")[2].partition(b">")[0]
                self._say(self.server.mailbox.answer_to(address.decode()))
            elif word == b"QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 fine")

    def _take(self) -> None:
        self._say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b"."))  # RFC 5321, 4.5.2
        letter = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
        assert isinstance(letter, EmailMessage)
        self._say(self.server.mailbox.take(letter))

    def _say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")
