"""Results go to standard output, progress beside it; a bar on a terminal, lines elsewhere."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from bridge.cli.output import Output, plural
from bridge.cli.progress import LiveProgress, PlainProgress
from bridge.logging import hide


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def plain() -> tuple[PlainProgress, Clock, list[str]]:
    said: list[str] = []
    clock = Clock()
    return PlainProgress(said.append, clock), clock, said


def test_short_work_says_two_lines() -> None:
    progress, clock, said = plain()
    with progress.task("shop: reading products", 2000, "products") as task:
        for _ in range(20):
            task.advance(100)
            clock.seconds += 0.1
    assert said == [
        "shop: reading products …",
        "shop: reading products: done, 2,000 of 2,000 products (100 %) in 2.0 s",
    ]


def test_long_work_says_a_line_for_each_tenth() -> None:
    progress, clock, said = plain()
    with progress.task("writing", 1000, "prices") as task:
        for _ in range(1000):
            clock.seconds += 0.1
            task.advance()
    assert said[1:-1] == [
        f"writing: {n} of 1,000 prices ({n // 10} %)" for n in range(100, 1000, 100)
    ] + ["writing: 1,000 of 1,000 prices (100 %)"]


def test_fast_work_does_not_say_more_than_every_five_seconds() -> None:
    progress, clock, said = plain()
    with progress.task("writing", 100) as task:
        for _ in range(100):
            clock.seconds += 0.11
            task.advance()
    assert len(said) == 2 + 2


def test_slow_work_says_something_every_thirty_seconds() -> None:
    progress, clock, said = plain()
    with progress.task("writing", 1_000_000) as task:
        for _ in range(12):
            clock.seconds += 10
            task.advance()
    assert len(said) == 2 + 4


def test_work_of_unknown_size_counts() -> None:
    progress, clock, said = plain()
    with progress.task("reading", unit="customers") as task:
        clock.seconds += 6
        task.advance(1500)
        task.expect(3000)
        clock.seconds += 6
        task.advance(1500)
    assert said[1:3] == [
        "reading: 1,500 customers",
        "reading: 3,000 of 3,000 customers (100 %)",
    ]


def test_work_that_fails_says_so() -> None:
    progress, clock, said = plain()
    with pytest.raises(ValueError, match="no"), progress.task("reading", 10) as task:
        clock.seconds += 1
        task.advance(3)
        raise ValueError("no")
    assert said[-1] == "reading: stopped, 3 of 10 (30 %) in 1.0 s"


def test_bars_show_each_task_and_end() -> None:
    terminal = Console(file=io.StringIO(), force_terminal=True, width=100)
    progress = LiveProgress(terminal)
    with (
        progress.task("shop [de]: writing", 10, "prices") as first,
        progress.task("shop [at]: writing", unit="prices") as second,
    ):
        first.advance(10)
        second.advance(3)
    shown = terminal.file.getvalue()
    assert "shop [de]: writing" in shown
    assert "10/10" in shown
    assert "3/3" in shown


def test_tables_are_tab_separated_where_no_terminal_is(capsys: pytest.CaptureFixture[str]) -> None:
    Output().table(("name", "count"), [("a [b]", "1"), ("two\nlines", "2")])
    assert capsys.readouterr().out == "name\tcount\na [b]\t1\ntwo lines\t2\n"


def test_notes_and_warnings_leave_the_result_clean(capsys: pytest.CaptureFixture[str]) -> None:
    output = Output()
    output.json({"a": "ü"})
    output.note("beside")
    output.warn("careful")
    told = capsys.readouterr()
    assert told.out == '{\n  "a": "ü"\n}\n'
    assert told.err == "beside\nWarning: careful\n"


def test_known_credentials_are_masked_wherever_they_are_printed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    hide({"password": "hunter22-x", "username": "admin"})
    output = Output()
    output.line("told by the admin: hunter22-x")
    output.json([{"reason": "wrong: hunter22-x"}])
    output.table(("a",), [("hunter22-x",)])
    told = capsys.readouterr().out
    assert "hunter22-x" not in told
    assert "told by the admin: ***" in told


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 prices"), (1, "1 price"), (2000, "2,000 prices")]
)
def test_counts(count: int, text: str) -> None:
    assert plural(count, "price") == text
