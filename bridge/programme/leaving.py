"""What a new version of a programme no longer says. Pure."""

from __future__ import annotations

from bridge.programme.document import Programme


def left_out(before: Programme, after: Programme) -> list[str]:
    """Whole sections by name, and entries as ``section: key, key``, in the programme's order."""
    found = []
    for name, field in Programme.model_fields.items():
        old, new = getattr(before, name), getattr(after, name)
        if isinstance(old, dict):
            gone = [key for key in old if key not in new]
            if gone:
                found.append(f"{name}: {', '.join(gone)}")
        elif old is not None and new is None and field.default is None:
            found.append(name)
    return found
