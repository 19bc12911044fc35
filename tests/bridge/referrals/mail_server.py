"""A mail server on this machine: takes letters, or refuses them as it is told."""

from __future__ import annotations

import email
import email.policy
import socketserver
import threading
from email.message import EmailMessage
from types import TracebackType
from typing import Self, cast


class MailServer:
    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.refuses: dict[str, str] = {}
        """Answers to RCPT by address, like ``550 no such user``."""
        self.answer_to_data = "250 taken"
        self.logins: list[str] = []
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.mailbox = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self._server.server_address[1]}"

    def to(self, address: str) -> list[EmailMessage]:
        return [one for one in self.letters if one["To"] == address]

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


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    mailbox: MailServer


class _Handler(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        self._say("220 test")
        while line := self.rfile.readline():
            text = line.decode().strip()
            word = text.split(" ")[0].split(":")[0].upper()
            getattr(self, f"on_{word.lower()}", self.on_other)(text)
            if word == "QUIT":
                return

    def on_ehlo(self, text: str) -> None:
        self.wfile.write(b"250-test\r\n250-AUTH PLAIN\r\n250 8BITMIME\r\n")

    def on_auth(self, text: str) -> None:
        self.server.mailbox.logins.append(text)
        self._say("235 welcome")

    def on_rcpt(self, text: str) -> None:
        address = text.partition("<")[2].partition(">")[0]
        self._say(self.server.mailbox.refuses.get(address, "250 fine"))

    def on_data(self, text: str) -> None:
        self._say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line)
        mailbox = self.server.mailbox
        if mailbox.answer_to_data.startswith("2"):
            read = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
            mailbox.letters.append(cast(EmailMessage, read))
        self._say(mailbox.answer_to_data)

    def on_quit(self, text: str) -> None:
        self._say("221 bye")

    def on_other(self, text: str) -> None:
        self._say("250 fine")

    def _say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")
