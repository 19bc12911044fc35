"""The process that others are forked from: it has the bridge imported, and nothing else done.

Run as ``python nursery.py SOCKET``. Each message on the socket brings the length of a command as
JSON and file descriptors: standard input, output and error, where the end is told, and the
command. The answer is the new process's id; its wait status follows on the fourth descriptor.
"""

from __future__ import annotations

import array
import contextlib
import gc
import importlib
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import struct
import sys
from pathlib import Path
from typing import Any, NoReturn

_FDS = 5


def preload() -> None:
    """What any command of the bridge may import."""
    import bridge.cli

    for module in pkgutil.walk_packages(bridge.cli.__path__, "bridge.cli."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    from sqlalchemy.orm import configure_mappers

    import bridge.models
    from bridge.plugins import platforms, sandboxes

    for plugins in (platforms(), sandboxes()):
        for name in plugins:
            plugins[name]
    configure_mappers()


def serve(control: socket.socket) -> dict[str, Any]:
    """Comes back in each forked process, with what it is to do."""
    ends: dict[int, tuple[int, int]] = {}
    """By pidfd: the process, and where its end is told."""
    poll = select.poll()
    poll.register(control, select.POLLIN)
    while True:
        for fd, _ in poll.poll():
            if fd != control.fileno():
                poll.unregister(fd)
                pid, ended = ends.pop(fd)
                _tell(ended, os.waitpid(pid, 0)[1])
                os.close(fd)
                continue
            asked = _asked(control)
            if asked is None:
                sys.exit()
            told, fds = asked
            pid = os.fork()
            if pid == 0:
                _become(told, fds, [control.detach(), *(one for _, one in ends.values()), *ends])
                return told
            ended = fds.pop(3)
            for one in fds:
                os.close(one)
            pidfd = os.pidfd_open(pid)
            ends[pidfd] = pid, ended
            poll.register(pidfd, select.POLLIN)
            control.send(struct.pack("=i", pid))


def _asked(control: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    message, ancillary, _, _ = control.recvmsg(8, socket.CMSG_SPACE(_FDS * 4))
    if not message:
        return None
    fds = array.array("i")
    for _, _, data in ancillary:
        fds.frombytes(data)
    (length,) = struct.unpack("=q", message)
    return json.loads(os.pread(fds[4], length, 0)), list(fds)


def _tell(fd: int, status: int) -> None:
    with contextlib.suppress(BrokenPipeError):  # nobody waits any more
        os.write(fd, struct.pack("=i", status))
    os.close(fd)


def _become(told: dict[str, Any], fds: list[int], others: list[int]) -> None:
    """This forked process takes on its streams, folder and environment."""
    encoding, errors = sys.stdout.encoding, sys.stdout.errors
    for number, fd in enumerate(fds[:3]):
        os.dup2(fd, number)
    for fd in {*fds, *others}:
        os.close(fd)
    sys.stdin = os.fdopen(0, encoding=encoding, closefd=False)
    # Line by line to a terminal, as Python itself does.
    sys.stdout = os.fdopen(1, "w", encoding=encoding, errors=errors, closefd=False)
    sys.stdout.reconfigure(line_buffering=os.isatty(1))
    sys.stderr = os.fdopen(2, "w", encoding=encoding, errors="backslashreplace", closefd=False)
    sys.stderr.reconfigure(line_buffering=True)
    sys.__stdin__, sys.__stdout__, sys.__stderr__ = sys.stdin, sys.stdout, sys.stderr
    if told["new_session"]:
        os.setsid()
    os.chdir(told["cwd"])
    os.environ.clear()
    os.environ.update(told["env"])
    paths = [one for one in told["env"].get("PYTHONPATH", "").split(os.pathsep) if one]
    sys.path[:0] = [one for one in paths if one not in sys.path]
    signal.signal(signal.SIGINT, signal.default_int_handler)


def execute(command: list[str]) -> None:
    """As ``python COMMAND``."""
    kind = command[0]
    if kind == "-m":
        sys.argv = command[1:]
        runpy.run_module(command[1], run_name="__main__", alter_sys=True)
    elif kind == "-c":
        sys.argv = ["-c", *command[2:]]
        sys.path.insert(0, "")
        here = sys.modules["__main__"].__dict__
        exec(compile(command[1], "<string>", "exec"), here)  # noqa: S102 - as Python itself
    else:
        sys.argv = command
        sys.path.insert(0, str(Path(kind).resolve().parent))
        runpy.run_path(kind, run_name="__main__")


def main() -> NoReturn:
    with socket.socket(fileno=int(sys.argv[1])) as control:
        del sys.path[0]  # this file's folder
        preload()
        gc.freeze()
        told = serve(control)
    execute(told["command"])
    sys.exit()


if __name__ == "__main__":
    main()
