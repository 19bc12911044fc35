"""`run` before it runs. How it starts, stops and is killed: tests/bridge/engine."""

from __future__ import annotations

import socket
from typing import Any


def test_a_port_that_is_taken_is_one_line(cli: Any) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        line = cli.error("run", "--port", str(port))
    assert f"Cannot listen on 127.0.0.1 port {port}" in line
    assert "--no-web" in line


def test_a_port_is_a_port(cli: Any) -> None:
    assert cli("run", "--port", "70000").exit_code == 2
