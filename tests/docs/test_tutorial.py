"""The tutorial's commands do, in the order they stand there, what the page says."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from documents import DOCS, Block, blocks
from forked.shell import Commands

PAGE = DOCS / "tutorial.md"
BIN = Path(sys.executable).parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def type_slowly() -> None:
    """As people do: Magento tells whole seconds, and an order in the very second in which the
    programme was loaded would be older than the programme."""
    threading.Event().wait(1.05 - time.time() % 1)


class Reader:
    """Someone who follows the page in an empty folder, on other ports than it names."""

    def __init__(self, folder: Path, commands: Commands) -> None:
        self.folder = folder
        self.commands = commands
        self.ports = {"8001": str(free_port()), "8002": str(free_port())}
        self.running: list[subprocess.Popen[str]] = []
        kept = {name: text for name, text in os.environ.items() if "LOYALTY" not in name}
        self.environment = kept | {"PATH": f"{BIN}:{os.environ['PATH']}", "COLUMNS": "200"}
        self.output = ""

    def follow(self, block: Block) -> None:
        text = re.sub(r"\b800[12]\b", lambda port: self.ports[port[0]], block.text)
        if block.language == "sh" and block.about == "background":
            self.start(text)
        elif block.language == "sh":
            self.run(text, int(block.about.removeprefix("exit=") or 0))
        elif block.language == "text":
            self.see(text)
        else:
            (self.folder / block.about).write_text(text, encoding="utf-8")

    def start(self, command: str) -> None:
        process = subprocess.Popen(
            ["/bin/sh", "-c", f"exec {command}"],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.running.append(process)
        assert process.stdout is not None
        said = ""
        for line in process.stdout:
            said += line
            if "Ctrl-C stops it" in line:
                return
        pytest.fail(said)

    def run(self, commands: str, expected: int) -> None:
        path = self.environment["PATH"]
        if "loyalty-bridge sandbox" in commands or "loyalty-bridge work" in commands:
            type_slowly()
        if "loyalty-bridge work" not in commands:
            path = f"{self.commands.folder}:{path}"
        done = subprocess.run(
            ["/bin/sh", "-e", "-c", commands],
            cwd=self.folder,
            env=self.environment | {"PATH": path},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        self.output = done.stdout
        assert done.returncode == expected, commands + done.stdout + done.stderr

    def see(self, lines: str) -> None:
        """However wide the columns are."""
        seen = [line.split() for line in self.output.splitlines()]
        for line in lines.splitlines():
            assert line.split() in seen, self.output

    def stop(self) -> None:
        for process in self.running:
            process.terminate()
            process.wait(20)
            assert process.stdout is not None
            process.stdout.close()


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    (tmp_path / "folder").mkdir()
    with Commands(tmp_path / "commands") as commands:
        reader = Reader(tmp_path / "folder", commands)
        yield reader
        reader.stop()


@pytest.mark.long
def test_the_tutorial_can_be_followed(reader: Reader) -> None:
    steps = blocks(PAGE)
    assert {block.language for block in steps} == {"sh", "ini", "yaml", "text"}
    for block in steps:
        reader.follow(block)


def test_two_shops_are_started_and_the_run_is_taken_back() -> None:
    commands = "\n".join(block.text for block in blocks(PAGE) if block.language == "sh")
    assert commands.count("--orders") == 2
    assert commands.count("--buy") == 3
    assert commands.count("loyalty-bridge sandbox") == 2 + 2 + 3
    assert "loyalty-bridge undo" in commands
