"""The receiver that the guide shows takes what is sent, and nothing else."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest

from bridge.subscribers.event_types import SHAPES, EventType
from bridge.subscribers.signing import headers, new_secret

GUIDE = Path(__file__).parents[3] / "docs" / "how-to" / "outgoing-webhooks.md"
BODY = b'{"type":"test"}'


@pytest.fixture(scope="module")
def is_genuine() -> Any:
    (block,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text("utf-8"), re.S)
    names: dict[str, Any] = {}
    exec(block, names)  # noqa: S102 (our own documentation)
    return names["is_genuine"]


def test_the_receiver_of_the_guide_takes_what_is_signed(is_genuine: Any) -> None:
    old, new = new_secret(), new_secret()
    now = int(time.time())
    sent = headers([new, old], "msg_1", now, BODY)
    assert is_genuine(old, sent, BODY)
    assert is_genuine(new, sent, BODY)
    assert not is_genuine(new_secret(), sent, BODY)
    assert not is_genuine(new, sent, BODY + b" ")
    assert not is_genuine(new, {**sent, "webhook-id": "msg_2"}, BODY)
    assert not is_genuine(new, headers([new], "msg_1", now - 600, BODY), BODY)


def test_every_type_has_a_shape() -> None:
    assert set(SHAPES) == set(EventType)
