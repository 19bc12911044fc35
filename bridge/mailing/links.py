"""Where the links of letters lead."""

from __future__ import annotations

from bridge.kit.errors import BridgeError


def unsubscribe_link(public_url: str, token: str) -> str:
    """Raises BridgeError when nobody said where visitors reach the bridge: a letter that nobody
    can put an end to is not sent."""
    if not public_url:
        raise BridgeError(
            "Letters to members need a link by which they say that they want no more, and where "
            "visitors reach the bridge is not known: set LOYALTY_BRIDGE_PUBLIC_URL to its "
            "address, like https://loyalty.example.com."
        )
    return f"{public_url.rstrip('/')}/letters/unsubscribe/{token}"


def survey_link(public_url: str, workspace: str, token: str, score: int | None = None) -> str:
    """``workspace``: its key. ``score``: is chosen already when the form is shown;
    nothing is sent by it. Raises BridgeError when nobody said where visitors reach the bridge."""
    if not public_url:
        raise BridgeError(
            "Letters about surveys need a link to them, and where visitors reach the bridge is "
            "not known: set LOYALTY_BRIDGE_PUBLIC_URL to its address, like "
            "https://loyalty.example.com."
        )
    told = "" if score is None else f"?score={score}"
    return f"{public_url.rstrip('/')}/m/{workspace}/surveys/letter/{token}{told}"
