"""`points import` and `export`: opening balances come in once and whole, and go out again."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from counter import Counter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ledger_world import LedgerWorld, line, order
from sound_book import assert_sound
from sqlalchemy import text

from bridge.earning.clockwork import pass_time
from bridge.points.book import Book, Cause
from bridge.points.models import Holder
from bridge.points.spending import reserve

ADA, BOB = "c1@example.com", "c2@example.com"


@pytest.fixture
def people(world: LedgerWorld) -> tuple[int, int]:
    return world.member((0, "c1")), world.member((0, "c2"))


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str], str]:
    def write(content: str, name: str = "balances.csv") -> str:
        (tmp_path / name).write_text(content, encoding="utf-8")
        return str(tmp_path / name)

    return write


GOOD = """\
email,points,expires_on,earned_on,reference,note
C1@Example.com ,100,2026-12-31,2025-05-01,,old shop
c1@example.com,50,,,,
c2@example.com,30,2026-12-31,,a,
c2@example.com,30,2026-12-31,,b,
"""


def test_balances_come_in_with_their_dates(
    counter: Counter,
    people: Any,
    file: Callable[[str], str],
    check_book: Callable[[], None],
) -> None:
    found = counter.json("points", "import", file(GOOD), "--total", "210")
    assert (found["rows"], found["accounts"], found["points"]) == (4, 2, 210)
    assert found["by_expiry"] == {
        "2026-12": {"rows": 3, "points": 160},
        "never": {"rows": 1, "points": 50},
    }
    assert (found["before"]["available"], found["after"]["available"]) == (0, 210)
    assert counter.balance(ADA) == (150, 0, 0, 0)
    lots = counter.json("points", "show", ADA)["lots"]
    assert [lot["expires_at"] for lot in lots] == ["2026-12-31T23:00:00+00:00", None]
    assert lots[0]["earned_at"] == "2025-04-30T22:00:00+00:00"
    history = counter.json("points", "history", ADA)["entries"]
    assert [one["text"] for one in history] == [
        "Opening balance: +50",
        "Opening balance (old shop): +100",
    ]
    check_book()


def test_repeated_it_changes_nothing(
    counter: Counter, people: Any, file: Callable[[str], str]
) -> None:
    counter.ok("points", "import", file(GOOD))
    entries = counter.entries()
    found = counter.json("points", "import", file(GOOD))
    assert (found["new_rows"], found["known_rows"]) == (0, 4)
    assert found["before"] == found["after"]
    more = file(GOOD + "c2@example.com,7,,,c,\n")
    assert "Imported 1 row with 7 points; 4 rows had been before." in counter.ok(
        "points", "import", more
    )
    assert counter.entries() == entries + 1


def test_repeated_after_a_merge_it_changes_nothing(
    counter: Counter, people: tuple[int, int], file: Callable[[str], str]
) -> None:
    counter.ok("points", "import", file(GOOD))
    counter.ok("members", "merge", f"#{people[1]}", f"#{people[0]}", "--yes")
    assert counter.balance(ADA) == (210, 0, 0, 0)
    assert counter.json("points", "import", file(GOOD))["new_rows"] == 0
    assert counter.balance(ADA) == (210, 0, 0, 0)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("a,\n", "a,\n", None),
        ("30,2026-12-31,,a", "31,2026-12-31,,a", "imported before with 30 points"),
        ("30,2026-12-31,,a", "30,2027-12-31,,a", "now the file says 30 points (expires_on 2027"),
        ("30,2026-12-31,,a", "0,2026-12-31,,a", "now the file says 0 points"),
    ],
)
def test_the_same_row_with_other_words_is_a_problem(
    counter: Counter,
    people: Any,
    file: Callable[[str], str],
    old: str,
    new: str,
    message: str | None,
) -> None:
    counter.ok("points", "import", file(GOOD))
    entries = counter.entries()
    if message is None:
        counter.ok("points", "import", file(GOOD.replace(old, new)))
    else:
        said = counter.error("points", "import", file(GOOD.replace(old, new)))
        assert "balances.csv:4: c2@example.com with the reference a was imported" in said
        assert message in said
    assert counter.entries() == entries


BAD = [
    ("c1@example.com,ten,,,", '"ten" is not a number of points'),
    ("c1@example.com,1.5,,,", '"1.5" is not a number of points'),
    ("c1@example.com,,,,", "the column points is empty"),
    ("c1@example.com,-5,,,", "-5 points are fewer than none"),
    ("c1@example.com,9999999999,,,", "are more than 1,000,000,000"),
    ("c3@example.com,5,,,", "nobody has the address c3@example.com: mend it, or add --create"),
    ("c3,5,,,", '"c3" is not an e-mail address'),
    ("#9999,5,,,", "there is no member #9999"),
    (",5,,,", "needs either an email or a company"),
    ("c1@example.com,5,31.12.2026,,", '"31.12.2026" is not a date: write it like 2026-12-31'),
    ("c1@example.com,5,2026-02-30,,", '"2026-02-30" is not a date'),
    ("c1@example.com,5,2026-02-28,,", "expires_on 2026-02-28 is past"),
    ("c1@example.com,5,9999-12-31,,", '"9999-12-31" is not a date'),
    ("c1@example.com,5,2026-12-31T10:00:00,,", "or with a time and its zone"),
    ("c1@example.com,5,,2026-04-01,", "earned_on 2026-04-01 is still to come"),
    ("c1@example.com,5,,,spent", 'the state "spent" is not known'),
    ("c1@example.com,5,,,reserved", "--free-reserved"),
    ("c1@example.com,5,2026-12-31,,owed", "what is owed has no dates"),
    ("c1@example.com,5,,,available,x", "has 6 cells where the header has 5"),
]


def test_every_problem_is_named_with_its_line_and_nothing_is_imported(
    counter: Counter, people: Any, file: Callable[[str], str]
) -> None:
    rows = ["email,points,expires_on,earned_on,state", "c1@example.com,100,,,"]
    rows += [row for row, _ in BAD]
    rows += ["C1@example.com,7,,,"]
    said = counter.error("points", "import", file("\n".join(rows)))
    lines = said.splitlines()
    for number, (_, message) in enumerate(BAD, 3):
        assert any(
            one.startswith(f"balances.csv:{number}: ") and message in one for one in lines
        ), message
    assert any(
        one.startswith(f"balances.csv:{len(rows)}: ") and "is in line 2 already" in one
        for one in lines
    )
    assert lines[-1] == (
        f"Error: balances.csv cannot be imported: {len(BAD) + 1} problems. Nothing was changed."
    )
    assert counter.entries() == 0
    found = counter("points", "import", file("\n".join(rows)), "--json")
    assert found.exit_code == 1
    assert '"problem_count": 20' in found.stdout


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        ("email;amount\nx;1", 'the column "amount" is not known'),
        ("email,points,points\n", "the column points is there twice"),
        ("email\nx@example.com", "the header needs the columns email and points"),
        ('email,points\n"x', "this is no valid CSV"),
    ],
)
def test_a_file_that_is_none_is_one_line(
    counter: Counter, file: Callable[[str], str], content: str, message: str
) -> None:
    said = counter.error("points", "import", file(content))
    assert message in said
    assert len([one for one in said.splitlines() if one.startswith("Error: ")]) == 1


def test_another_encoding_is_refused(counter: Counter, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes("email,points,note\nc1@example.com,1,für\n".encode("latin-1"))
    assert "is not UTF-8" in counter.error("points", "import", str(tmp_path / "x.csv"))


def test_the_total_must_match(counter: Counter, people: Any, file: Callable[[str], str]) -> None:
    said = counter.error("points", "import", file(GOOD), "--total", "211")
    assert "comes to 210 points, not to 211. Nothing was imported." in said
    assert counter.entries() == 0


def test_a_dry_run_says_what_would_come_and_stores_nothing(
    counter: Counter, world: LedgerWorld, people: Any, file: Callable[[str], str]
) -> None:
    content = file(GOOD + "new@example.com,5,,,,\n")
    said = counter.ok("points", "import", content, "--dry-run", "--create")
    assert "Would import 5 rows with 215 points, 1 member made. Nothing was stored." in said
    assert "Their accounts after:  215 available" in said
    assert counter.entries() == 0
    with world.database.reading() as session:
        assert session.connection().execute(text("SELECT count(*) FROM accounts")).scalar() == 0
        assert session.connection().execute(text("SELECT count(*) FROM members")).scalar() == 2


def test_create_makes_members_who_are_whoever_confirms_the_address(
    counter: Counter,
    world: LedgerWorld,
    file: Callable[[str], str],
    check_book: Callable[[], None],
) -> None:
    content = file("email,points,reference\nNew@Example.com,40,a\nnew@example.com,2,b\n")
    found = counter.json("points", "import", content, "--create")
    assert (found["made_members"], found["new_points"]) == (1, 42)
    assert counter.balance("new@example.com") == (42, 0, 0, 0)
    assert counter.json("points", "import", content, "--create")["made_members"] == 0
    from bridge.members.identity import DEFAULT_POLICY, member_for_customer
    from connectors.base import Customer

    registered = Customer(
        "n1", "new@example.com", "1", "1", created_at=world.now, updated_at=world.now
    )
    with world.database.writing() as session:
        member = member_for_customer(
            session, world.workspace, world.shops[0], registered, DEFAULT_POLICY, world.now
        )
        assert member.id is not None
    assert world.balance(member.id) == (42, 0, 0)
    check_book()


def test_owed_points_are_paid_from_what_comes_in_either_order(
    counter: Counter,
    people: Any,
    file: Callable[[str], str],
    check_book: Callable[[], None],
) -> None:
    content = file(
        f"email,points,state\n{ADA},30,owed\n{ADA},100,available\n{BOB},100,\n{BOB},130,owed\n"
    )
    found = counter.json("points", "import", content, "--total", "40")
    assert found["after"] == {"available": 70, "pending": 0, "reserved": 0, "owed": 30}
    assert counter.balance(ADA) == (70, 0, 0, 0)
    assert counter.balance(BOB) == (0, 0, 0, 30)
    check_book()


def test_pending_points_become_available_on_their_day(
    counter: Counter, world: LedgerWorld, people: Any, file: Callable[[str], str]
) -> None:
    content = file(
        "email,points,state,available_on,reference\n"
        f"{ADA},30,pending,2026-03-05,a\n{ADA},7,pending,,b\n"
    )
    said = counter("points", "import", content)
    assert "7 pending points have no available_on" in said.stderr
    assert counter.balance(ADA) == (0, 37, 0, 0)
    world.now = datetime(2026, 3, 4, 22, 59, tzinfo=UTC)
    world.later(seconds=0)
    assert counter.balance(ADA) == (0, 37, 0, 0)
    world.later(minutes=1)
    assert counter.balance(ADA) == (30, 7, 0, 0)


def test_a_companys_balance_names_the_company(
    counter: Counter, people: tuple[int, int], file: Callable[[str], str]
) -> None:
    content = file("company,points\nMUSTER  gmbh,70\n")
    assert 'no company "muster gmbh" holds points' in counter.error("points", "import", content)
    counter.ok("members", "company", "make", "Muster GmbH")
    counter.ok("members", "company", "add", "Muster GmbH", f"#{people[0]}")
    counter.ok("members", "company", "hold", "Muster GmbH", "--yes")
    counter.ok("points", "import", content)
    assert counter.balance(ADA) == (70, 0, 0, 0)
    counter.ok("points", "import", file(f"email,points\n{ADA},5\n"))
    assert counter.balance(ADA) == (75, 0, 0, 0)


def test_an_address_of_several_members_is_a_problem(
    counter: Counter, world: LedgerWorld, people: tuple[int, int], file: Callable[[str], str]
) -> None:
    world.member((1, "c1"))
    said = counter.error("points", "import", file(f"email,points\n{ADA},5\n#{people[1]},1\n"))
    assert f"{ADA} may be any of 2 members: name one by his number, like #{people[0]}" in said


def test_without_a_programme_no_day_ends(
    counter: Counter, world: LedgerWorld, file: Callable[[str], str]
) -> None:
    stranger = LedgerWorld(world.database)
    said = counter.error("points", "import", file(GOOD), workspace=stranger.workspace)
    assert "No programme was loaded yet" in said


# -- out and in again -------------------------------------------------------------------------


def twin(world: LedgerWorld) -> LedgerWorld:
    """Another merchant, without members, with the same programme."""
    other = LedgerWorld(world.database, world.now)
    other.programme(
        {"rules": {"base": {"per_amount": {"points": 1, "each": 1}}}}, timezone="Europe/Berlin"
    )
    return other


def test_an_export_gives_the_same_balances_elsewhere(
    counter: Counter, world: LedgerWorld, people: tuple[int, int], tmp_path: Path
) -> None:
    world.arrive(order("1", line("a", 60)))
    world.later(days=20)
    world.arrive(order("2", line("a", 25), placed=world.now))
    world.arrive(order("3", line("a", 9), customer="c2", placed=world.now))
    counter.ok(
        *("points", "adjust", BOB, "+40", "--reason", "x", "--expires", "2026-12-31", "--yes")
    )
    with world.database.writing() as session:
        book = Book(session, world.workspace, world.now)
        key = (Holder.MEMBER, people[0])
        reserve(book, book.open([key])[key], 20, Cause("voucher", "v1", world.now))
        book.write()
    path = str(tmp_path / "out.csv")
    assert "written to" in counter.ok("points", "export", path)
    assert Path(path).stat().st_mode & 0o077 == 0
    printed = counter.ok("points", "export", "-")
    assert printed == Path(path).read_text()
    other = twin(world)
    arguments = ("points", "import", path, "--create")
    assert "--free-reserved" in counter.error(*arguments, workspace=other.workspace)
    counter.ok(*arguments, "--free-reserved", workspace=other.workspace)
    assert counter.balance(ADA, workspace=other.workspace) == (60, 25, 0, 0)
    assert counter.balance(BOB, workspace=other.workspace) == (40, 9, 0, 0)
    assert_sound(world.database, other.workspace)
    (lot, _) = counter.json("points", "show", BOB, workspace=other.workspace)["lots"]
    assert lot["expires_at"] == "2026-12-31T23:00:00+00:00"
    world.later(days=20)
    pass_time(world.database, other.workspace, lambda: world.now, known_through=world.now)
    assert counter.balance(BOB, workspace=other.workspace) == counter.balance(BOB)


def test_an_export_cannot_double_its_own_workspace(
    counter: Counter, people: Any, file: Callable[[str], str], tmp_path: Path
) -> None:
    counter.ok("points", "import", file(GOOD))
    path = str(tmp_path / "out.csv")
    counter.ok("points", "export", path)
    said = counter.error("points", "import", path)
    assert "was exported from this very workspace" in said
    assert counter.balance(ADA) == (150, 0, 0, 0)


def test_what_has_expired_is_left_out_and_said(
    counter: Counter, world: LedgerWorld, people: Any, file: Callable[[str], str], tmp_path: Path
) -> None:
    counter.ok("points", "import", file(GOOD))
    world.now += timedelta(days=400)
    result = counter("points", "export", str(tmp_path / "out.csv"))
    assert "160 points have expired and are left out" in result.stderr
    with (tmp_path / "out.csv").open() as stream:
        assert [row["points"] for row in csv.DictReader(stream)] == ["50"]


rows_of_a_file = st.lists(
    st.tuples(
        st.sampled_from([ADA, BOB, "d@example.com"]),
        st.integers(1, 10_000),
        st.sampled_from(["available", "pending", "owed"]),
        st.none() | st.dates(date(2026, 3, 2), date(2030, 12, 31)),
        st.none() | st.dates(date(2020, 1, 1), date(2026, 2, 28)),
    ),
    max_size=12,
)


@settings(
    max_examples=12,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(rows=rows_of_a_file)
def test_whatever_came_in_goes_out_and_in_again(
    counter: Counter,
    world: LedgerWorld,
    tmp_path: Path,
    rows: list[tuple[str, int, str, date | None, date | None]],
) -> None:
    first, second = twin(world), twin(world)
    path = tmp_path / "in.csv"
    with path.open("w") as stream:
        stream.write("email,points,state,expires_on,earned_on,reference\n")
        for number, (who, points, state, expires, earned) in enumerate(rows):
            day = "" if state == "owed" or expires is None else expires.isoformat()
            stream.write(f"{who},{points},{state},{day},{earned or ''},{number}\n")
    counter.ok("points", "import", str(path), "--create", workspace=first.workspace)
    out = str(tmp_path / "out.csv")
    told = counter.json("points", "export", out, workspace=first.workspace)
    read = counter.json("points", "import", out, "--create", workspace=second.workspace)
    assert (read["rows"], read["points"], read["by_expiry"]) == (
        told["rows"],
        told["points"],
        told["by_expiry"],
    )
    assert lots_of(world, first.workspace) == lots_of(world, second.workspace)
    again = str(tmp_path / "again.csv")
    counter.ok("points", "export", again, workspace=second.workspace)
    assert without_references(again) == without_references(out)
    assert_sound(world.database, second.workspace)


def lots_of(world: LedgerWorld, workspace: int) -> list[Any]:
    statement = (
        "SELECT e.email, l.pending, l.available, l.expires_at, a.debt FROM accounts a"
        " LEFT JOIN lots l ON l.account_id = a.id AND l.pending + l.available > 0"
        " JOIN member_emails e ON e.member_id = a.holder_id AND e.workspace_id = a.workspace_id"
        " WHERE a.workspace_id = :w AND a.available + a.pending + a.debt > 0"
    )
    with world.database.reading() as session:
        found = session.connection().execute(text(statement), {"w": workspace})
        return sorted(map(str, found))


def without_references(path: str) -> list[Any]:
    with Path(path).open() as stream:
        rows = [{**row, "reference": ""} for row in csv.DictReader(stream)]
    return sorted(rows, key=str)


def test_a_long_file_comes_in_whole(
    counter: Counter, world: LedgerWorld, tmp_path: Path, check_book: Callable[[], None]
) -> None:
    shuffled = random.Random(1)
    rows = [f"m{n % 900}@example.com,{n % 7 + 1},{n}\n" for n in range(2_000)]
    shuffled.shuffle(rows)
    path = tmp_path / "long.csv"
    path.write_text("email,points,reference\n" + "".join(rows))
    result = counter("points", "import", str(path), "--create", "--json")
    assert result.exit_code == 0, result.output
    assert "long.csv: posting" in result.stderr
    check_book()
    assert counter.json("points", "import", str(path))["known_rows"] == 2_000
