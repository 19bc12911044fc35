from __future__ import annotations

import pytest

from bridge.programme.issues import ProgrammeError
from bridge.programme.source import read_yaml


def messages(text: str) -> list[str]:
    with pytest.raises(ProgrammeError) as caught:
        read_yaml(text, "p.yaml")
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    "written",
    ["no", "on", "0123", "00123", "1_000", "12.50", "1e3", "0x1F", "2024-01-01", "12:30", ".5"],
)
def test_a_value_stays_the_text_that_was_written(written: str) -> None:
    source = read_yaml(f"{written}: {written}\n", "p.yaml")
    assert source.plain() == {written: written}


@pytest.mark.parametrize("written", ["", "~", "null", "NULL"])
def test_an_empty_value_is_no_text(written: str) -> None:
    assert read_yaml(f"a: {written}\n", "p.yaml").plain() == {"a": None}


@pytest.mark.parametrize("written", ['""', '"null"', "'~'"])
def test_a_quoted_value_is_text_even_when_it_looks_empty(written: str) -> None:
    assert read_yaml(f"a: {written}\n", "p.yaml").plain() == {"a": written[1:-1]}


def test_a_field_is_found_at_the_line_of_its_name() -> None:
    source = read_yaml("a:\n  b:\n    - x\n    - {c: 1,\n       d: 2}\n", "p.yaml")
    assert source.place(("a", "b")).line == 2
    assert source.place(("a", "b", 1, "d")).line == 5
    assert str(source.place(("a", "b", 1, "nothing"))) == "p.yaml:4"


def test_every_duplicate_is_reported_with_both_lines() -> None:
    found = messages("a: 1\nb:\n  c: 1\n  c: 2\na: 3\n")
    assert found == [
        "p.yaml:4: c is there twice, first in line 3: keep one",
        "p.yaml:5: a is there twice, first in line 1: keep one",
    ]


def test_text_that_is_written_once_can_be_used_again() -> None:
    source = read_yaml("a: &tiers [{from: 1}]\nb: *tiers\n", "p.yaml")
    assert source.plain() == {"a": [{"from": "1"}], "b": [{"from": "1"}]}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a:\n\t- x\n", "p.yaml:2: this is no valid YAML: a tab is not allowed here"),
        ("a: b: c\n", "p.yaml:1: this is no valid YAML: a colon is out of place"),
        ("a: [1, 2\nb: 3\n", "p.yaml:2: this is no valid YAML"),
        ("a: 1\n---\nb: 2\n", "p.yaml:2: a second document starts here"),
        ("a: !!float 3\n", "p.yaml:1: the tag tag:yaml.org,2002:float is not supported"),
        ("a: 1\nb: {<<: x}\n", "p.yaml:2: merging with << is not supported"),
        ("a: 1\n? [b]\n: 2\n", "p.yaml:2: the name of a field must be a text"),
        ("a: &x [*x]\n", "p.yaml:1: *x is used inside or before &x"),
        ("a: " + "[" * 100 + "]" * 100, "p.yaml: this is no valid YAML: the file holds too many"),
    ],
)
def test_what_a_programme_must_not_use_is_named_with_its_line(text: str, message: str) -> None:
    assert messages(text)[0].startswith(message)


def test_characters_escaped_in_halves_are_put_together() -> None:
    assert read_yaml(r'a: "\ud83d\ude00"', "p.yaml").plain() == {"a": "😀"}
    assert messages(r'a: "\ud83d"') == [
        "p.yaml:1: an escape stands for half a character: write the character"
    ]


def test_references_that_multiply_without_end_are_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]
    assert "too many values" in messages("\n".join(lines))[0]


def test_references_that_nest_without_end_are_refused() -> None:
    lines = ["a0: &a0 " + "[" * 20 + "x" + "]" * 20]
    lines += [f"a{i}: &a{i} " + "[" * 20 + f"*a{i - 1}" + "]" * 20 for i in range(1, 100)]
    assert "nested too deeply" in messages("\n".join(lines))[0]
