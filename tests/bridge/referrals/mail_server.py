"""A mail server on this machine: takes letters, or refuses them as it is told."""

from __future__ import annotations

from email.message import EmailMessage

from bridge.demo.mailbox import Mailbox


class MailServer(Mailbox):
    def __init__(self) -> None:
        super().__init__()
        self.refuses: dict[str, str] = {}
        """Answers to RCPT by address, like ``550 no such user``."""
        self.answer_to_data = "250 taken"
        """Empty: the line is cut before the answer."""

    def answer_to(self, address: str) -> str:
        return self.refuses.get(address, super().answer_to(address))

    def take(self, letter: EmailMessage) -> str:
        if self.answer_to_data.startswith("2"):
            super().take(letter)
        if not self.answer_to_data:
            raise ConnectionAbortedError
        return self.answer_to_data
