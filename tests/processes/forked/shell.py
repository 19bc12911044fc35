"""``loyalty-bridge`` for a shell, where what it starts is forked (see :mod:`forked`)."""

from __future__ import annotations

import json
import os
import socket
import struct
import sys
import threading
from pathlib import Path
from types import TracebackType

import forked

_SCRIPT = """#!{python} -IS
import json, os, socket, struct, sys
told = json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()
with socket.socket(socket.AF_UNIX) as asked:
    asked.connect({address!r})
    socket.send_fds(asked, [struct.pack("=q", len(told))], [0, 1, 2])
    asked.sendall(told)
    (code,) = struct.unpack("=i", asked.recv(4))
sys.exit(code if code >= 0 else 128 - code)
"""


class Commands:
    """While it is open, ``folder`` holds a command ``loyalty-bridge`` to be put into ``PATH``. It
    does not pass signals on: start what is to be stopped in the ordinary way."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        address = str(folder / "socket")
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(address)
        self._listening.listen()
        script = folder / "loyalty-bridge"
        script.write_text(_SCRIPT.format(python=sys.executable, address=address), "utf-8")
        script.chmod(0o700)
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                asked, _ = self._listening.accept()
            except OSError:  # closed
                return
            threading.Thread(target=_answer, args=[asked], daemon=True).start()

    def __enter__(self) -> Commands:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()


def _answer(asked: socket.socket) -> None:
    with asked:
        length, fds, _, _ = socket.recv_fds(asked, 8, 3)
        with asked.makefile("rb") as file:
            told = file.read(struct.unpack("=q", length)[0])
        arguments, cwd, env = json.loads(told)
        process = forked.Popen(
            [sys.executable, "-m", "bridge.cli", *arguments],
            cwd=cwd,
            env=env,
            stdin=fds[0],
            stdout=fds[1],
            stderr=fds[2],
        )
        for fd in fds:
            os.close(fd)
        asked.sendall(struct.pack("=i", process.wait()))
