"""A third connector, as somebody else would write it: for shops called Corner Shop."""

from __future__ import annotations

from connectors.base import Credential, Platform
from cornershop.compiling import compile_family
from cornershop.connector import connect
from cornershop.webhooks import CornerWebhooks


def audience_id(mark: str, group_id: str) -> str:
    """Prices hang on the group itself."""
    return group_id


def new_group_id(mark: str, group_key: str) -> str | None:
    """The shop numbers its groups itself: no id can be promised."""
    return None


PLATFORM = Platform(
    name="cornershop",
    label="Corner Shop",
    credentials=(Credential("key", ("api_key",), "An API key, from Settings > API"),),
    questions=(),
    connect=connect,
    compile=compile_family,
    audience_id=audience_id,
    new_group_id=new_group_id,
    webhooks=CornerWebhooks(),
)
