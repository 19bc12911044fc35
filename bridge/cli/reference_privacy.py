"""``docs/reference/privacy.md``: what each table holds of a person, from the register."""

from __future__ import annotations

from bridge.privacy.register import HELD, Held, Then

_WORDS = {
    Then.DELETE: "deleted",
    Then.CLEAR: "emptied in part",
    Then.KEEP: "kept under the pseudonym",
    Then.OTHERWISE: "in its own way",
}
_INTRO = """\
What the bridge holds of a person, where he finds it in his file (`data.json`, and a CSV file of
the same name), and what becomes of it when he is erased.
[Tell, erase and forget](../how-to/privacy.md) says how."""


def privacy_page(made: str) -> str:
    rows = [_row(held) for held in HELD]
    table = "\n".join(["| table | in the file | when erased | |", "|---|---|---|---|", *rows])
    return "\n\n".join(["# What is known of a person", made, _INTRO, table]) + "\n"


def _row(held: Held) -> str:
    name = str(held.table.__tablename__)
    section = f"`{held.section}`" if held.section else ""
    return f"| [`{name}`](tables.md#{name}) | {section} | {_WORDS[held.then]} | {held.why} |"
