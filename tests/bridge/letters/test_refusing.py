"""Links that end letters: nobody else can make one."""

from __future__ import annotations

import pytest

from bridge.letters.models import LetterKind
from bridge.letters.refusing import ALL, Link, is_genuine, is_refused, named, token_of

SECRET = b"s" * 32
LINK = Link(1, 42, LetterKind.EARNED)
TOKEN = token_of(SECRET, LINK)


def test_a_link_names_the_member_and_the_kind() -> None:
    assert named(TOKEN) == LINK
    assert is_genuine(SECRET, TOKEN)


@pytest.mark.parametrize(
    "token",
    [
        TOKEN.replace("42", "43"),
        TOKEN.replace("earned", "tier"),
        "2" + TOKEN[1:],
        TOKEN[:-1],
        TOKEN[:-1] + ("A" if TOKEN[-1] != "A" else "B"),
        TOKEN + "\n",
        token_of(b"t" * 32, LINK),
        "1-42-earned-",
        "",
    ],
)
def test_a_forged_one_opens_nothing(token: str) -> None:
    assert not is_genuine(SECRET, token)


@pytest.mark.parametrize("token", ["1-42-nothing-" + "A" * 32, "x", "1-٤-earned-" + "A" * 32])
def test_what_is_no_link_names_nobody(token: str) -> None:
    assert named(token) is None


@pytest.mark.parametrize(
    ("refusals", "is_"),
    [(set(), False), ({"tier"}, False), ({"earned"}, True), ({ALL}, True), ({"tier", ALL}, True)],
)
def test_all_letters_are_letters_of_each_kind(refusals: set[str], is_: bool) -> None:
    assert is_refused(frozenset(refusals), LetterKind.EARNED) is is_
