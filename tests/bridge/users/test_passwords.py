"""What is taken for a password, and how it is compared."""

from __future__ import annotations

import sys

import forked
import pytest
from argon2 import extract_parameters
from argon2.profiles import RFC_9106_LOW_MEMORY

from bridge.users.passwords import hashed, is_right, objection


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("correct horse battery", ""),
        ("Tübingen liegt am Neckar", ""),
        ("short", "too-short"),
        ("elevenchars", "too-short"),
        ("x" * 300, "too-long"),
        ("aaaaaaaaaaaaaaa", "too-plain"),
        ("abcdefghijklmnop", "too-plain"),
        ("0987654321098765", "too-plain"),
        ("a1a1a1a1a1a1a1a1", "too-plain"),
        ("abcdabcdabcdabcd", "too-plain"),
        ("ada@example.com", "says-account"),
        ("adalovelace1", "says-account"),
        ("Lovelace-Lovelace", "says-account"),
        ("Lovelace likes long walks", ""),
    ],
)
def test_a_password_is_long_and_says_nothing_of_the_account(password: str, why: str) -> None:
    assert objection(password, "ada@example.com", "Ada Lovelace") == why


def test_a_password_is_kept_as_the_library_advises() -> None:
    """By a process of its own: tests hash in haste."""
    command = "from bridge.users.passwords import hashed; print(hashed('a long password'))"
    done = forked.run([sys.executable, "-c", command], timeout=60)
    assert done.returncode == 0, done.stderr
    assert extract_parameters(done.stdout.strip()) == RFC_9106_LOW_MEMORY


def test_only_the_same_password_is_right_however_its_letters_are_composed() -> None:
    kept = hashed("Tu\u0308bingen am Neckar")
    assert kept.startswith("$argon2id$")
    assert is_right(kept, "T\u00fcbingen am Neckar")
    assert not is_right(kept, "Tubingen am Neckar")


@pytest.mark.parametrize("kept", ["", "not a hash"])
def test_nothing_is_right_for_an_account_without_a_password(kept: str) -> None:
    assert not is_right(kept, "nobody's password")
    assert not is_right(kept, "")
