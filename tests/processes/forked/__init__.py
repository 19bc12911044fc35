"""Python processes that start at once: forked from one that has the bridge imported already.

:class:`Popen` and :func:`run` stand for those of :mod:`subprocess` where the command is this
interpreter with ``-m``, ``-c`` or a script: what runs is a process of its own all the same, with
its own arguments, environment, folder, streams, signals and exit code, and dies by SIGKILL as any
other. To start Python and import the bridge takes 1.3 s, and hundreds of tests do so; to fork
takes 20 ms. That the command line also starts the long way is for tests/bridge/cli/test_frame.py.
"""

from __future__ import annotations

import array
import atexit
import json
import os
import select
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_SCRIPT = Path(__file__).with_name("nursery.py")
_ROOT = Path(__file__).parents[3]
_CAN_FORK = hasattr(os, "pidfd_open") and hasattr(os, "memfd_create")


class _Nursery:
    """The process that others are forked from: one for each process that runs tests."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._socket = ours
        self._lock = threading.Lock()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, str(_SCRIPT), str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                cwd=_ROOT,
                start_new_session=True,
            )
        atexit.register(self.close)

    def fork(self, told: dict[str, Any], fds: Sequence[int]) -> int:
        """The new process's id. ``fds``: its standard streams, and where its end is told."""
        with self._lock, _Message(json.dumps(told).encode()) as (body, length):
            ancillary = array.array("i", [*fds, body])
            self._socket.sendmsg(
                [struct.pack("=q", length)],
                [(socket.SOL_SOCKET, socket.SCM_RIGHTS, ancillary.tobytes())],
            )
            answer = self._socket.recv(4)
        if len(answer) < 4:
            raise RuntimeError("The process that others are forked from has ended.")
        return int(struct.unpack("=i", answer)[0])

    def close(self) -> None:
        self._socket.close()  # by that it ends
        self._process.wait(20)


class _Message:
    """However long it is: as a file in memory."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def __enter__(self) -> tuple[int, int]:
        self._fd = os.memfd_create("command")
        with open(self._fd, "wb", closefd=False) as file:
            file.write(self._body)
        return self._fd, len(self._body)

    def __exit__(self, *_: object) -> None:
        os.close(self._fd)


_nursery: _Nursery | None = None


def _the_nursery() -> _Nursery:
    global _nursery
    if _nursery is None:
        _nursery = _Nursery()
    return _nursery


class Popen(subprocess.Popen):  # type: ignore[type-arg]
    """As :class:`subprocess.Popen`; the command begins with this interpreter. Where the system
    is not Linux, it is one."""

    def _execute_child(self, args: Any, *told: Any) -> None:
        if not _CAN_FORK:
            super()._execute_child(args, *told)  # type: ignore[misc]
            return
        # Of subprocess: executable, preexec_fn, close_fds, pass_fds, cwd, env, startupinfo,
        # creationflags, shell, the ends of the pipes, restore_signals, gid, gids, uid, umask,
        # start_new_session, process_group.
        command = [os.fspath(one) for one in args]
        cwd, env, pipes, new_session = told[4], told[5], told[9:15], told[20]
        if command[0] != sys.executable:
            raise ValueError(f"Only {sys.executable} is forked, not {command[0]}.")
        self._ended, ended = os.pipe()
        streams = [
            theirs if theirs != -1 else standard
            for theirs, standard in zip((pipes[0], pipes[3], pipes[5]), (0, 1, 2), strict=True)
        ]
        try:
            self.pid = _the_nursery().fork(
                {
                    "command": command[1:],
                    "cwd": os.fspath(cwd or Path.cwd()),
                    "env": dict(os.environ if env is None else env),
                    "new_session": bool(new_session),
                },
                [*streams, ended],
            )
        finally:
            os.close(ended)
        self._child_created = True
        self._close_pipe_fds(*pipes)  # type: ignore[attr-defined]

    def _try_wait(self, wait_flags: int) -> tuple[int, int]:
        if not _CAN_FORK:
            return super()._try_wait(wait_flags)  # type: ignore[misc, no-any-return]
        timeout = 0 if wait_flags & os.WNOHANG else None
        if not select.select([self._ended], [], [], timeout)[0]:
            return 0, 0
        said = os.read(self._ended, 4)
        os.close(self._ended)
        return self.pid, struct.unpack("=i", said)[0] if len(said) == 4 else 9

    def _internal_poll(self, *told: Any, **named: Any) -> int | None:
        if not _CAN_FORK:
            return super()._internal_poll(*told, **named)  # type: ignore[misc, no-any-return]
        if self.returncode is None and self._waitpid_lock.acquire(False):  # type: ignore[attr-defined]
            try:
                if self.returncode is None:
                    pid, status = self._try_wait(os.WNOHANG)
                    if pid:
                        self._handle_exitstatus(status)  # type: ignore[attr-defined]
            finally:
                self._waitpid_lock.release()  # type: ignore[attr-defined]
        return self.returncode


def run(
    command: Sequence[str],
    *,
    input: str | None = None,  # noqa: A002 - as subprocess calls it
    timeout: float,
    **options: Any,
) -> subprocess.CompletedProcess[str]:
    """As :func:`subprocess.run` with both streams captured as text."""
    stdin = subprocess.DEVNULL if input is None else subprocess.PIPE
    with Popen(
        command,
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    ) as process:
        try:
            out, err = process.communicate(input, timeout=timeout)
        except BaseException:
            process.kill()
            raise
    return subprocess.CompletedProcess(command, process.returncode, out, err)
