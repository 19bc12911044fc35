"""A forked process ends, speaks and dies as one that Python started."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import forked
import pytest

ASKS = """
import json, os, sys
told = [sys.argv[1:], os.getcwd(), os.environ.get("SAID"), sys.stdin.read(), __name__]
print(json.dumps(told))
print("fault", file=sys.stderr)
"""


@pytest.mark.parametrize(
    "code",
    [
        ASKS,
        "import sys; sys.exit(3)",
        "import sys; sys.exit('what was wrong')",
        "import atexit; atexit.register(print, 'at the end')",
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
        "import threading; threading.Timer(0.01, print, ['from a thread']).start()",
    ],
)
def test_it_is_what_python_would_have_started(code: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", code, "first", "--second"]
    how = {"cwd": tmp_path, "env": {"SAID": "hello", "LANG": "C.UTF-8"}, "timeout": 60}
    python = subprocess.run(
        command, capture_output=True, text=True, input="in\n", check=False, **how
    )
    ours = forked.run(command, input="in\n", **how)
    assert (ours.returncode, ours.stdout, ours.stderr) == (
        python.returncode,
        python.stdout,
        python.stderr,
    )


def test_what_is_not_caught_is_shown() -> None:
    ended = forked.run([sys.executable, "-c", "1 / 0"], timeout=60)
    assert ended.returncode == 1
    assert ended.stderr.endswith("ZeroDivisionError: division by zero\n")


def test_it_can_be_interrupted_and_killed() -> None:
    code = "import time; print('ready', flush=True); time.sleep(60)"
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        with forked.Popen(
            [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            assert process.poll() is None
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(0.01)
            process.send_signal(number)
            assert process.wait(20) == -number
