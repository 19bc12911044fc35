"""The standard question, which each survey begins with."""

from __future__ import annotations

from bridge.surveys.document import Kind, Question

RECOMMEND = "recommend"
"""Its key."""


def standard_question() -> Question:
    """Its text is there in every language: see :func:`bridge.surveys.wording.asked`."""
    return Question(key=RECOMMEND, kind=Kind.RECOMMEND, is_required=True)
