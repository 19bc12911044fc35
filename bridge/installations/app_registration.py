"""How a shop gets the secret that it signs its messages with, and loses it again.

A registration has two halves: a request that hands out a new secret, and a confirmation signed
with it. Only the confirmation makes the new secret the present one; what the old one signed is
taken for another minute, for messages on their way. Whoever is registered must sign a further
request with the present secret, until the shop says, signed, that the app was deleted there, or
an admin releases it. See docs/decisions/0012-webhooks.md.

Every function is a part of a unit of work and takes the row's lock first, before it reads keys
or secrets: `keys rotate` then finds what it writes, and two registrations take turns.
"""

from __future__ import annotations

import secrets as randomness
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlmodel import Session, col, select, update

from bridge.audit.service import Actor, Subject, record
from bridge.db import insert_or_ignore
from bridge.installations import administration
from bridge.installations.address import is_same_shop
from bridge.installations.endpoints import Endpoint, Keys, read
from bridge.installations.models import AppRegistration, AppState, Installation
from bridge.kit.errors import BridgeError
from connectors.webhooks import Confirmed, Forged, LifeCycle, Refused, ShopIdentity, Stage

GRACE = timedelta(minutes=1)
"""How long the previous secret is good after a confirmation (PLATFORM_FACTS Shopware 8)."""
PENDING = timedelta(minutes=10)
"""How long a shop has to confirm; it does so at once."""


_BRIDGE = Actor("Loyalty Bridge")


class WrongAddress(Refused):
    """A shop at another address than the one the installation was connected by."""

    status = 403
    outcome = "wrong address"


# -- what the admin does --------------------------------------------------------------------


def offer(
    session: Session,
    installation: Installation,
    keys: Keys,
    now: datetime,
    *,
    base_url: str,
    shop_address: str | None = None,
    renew: bool = False,
) -> Endpoint:
    """Makes the address and the app's secret of an installation, or finds them again.

    ``shop_address``: what the shop calls itself, where that differs; ``None``: as it is.
    ``renew``: the app's secret became known to others, so that a new one is needed.
    """
    row, held = _made(session, installation, keys, now, base_url)
    if renew or "app" not in held:
        held["app"] = randomness.token_hex(32)
    values: dict[str, object] = {"base_url": base_url}
    if shop_address is not None:
        values["shop_address"] = shop_address
    _save(session, row, keys, held, **values)
    return read(_row(session, row.workspace_id, row.installation_id), installation, keys)


def share(
    session: Session,
    installation: Installation,
    keys: Keys,
    now: datetime,
    *,
    base_url: str,
    renew: bool = False,
) -> tuple[Endpoint, str]:
    """The address of an installation whose shop is told its secret by a person, and that secret,
    if it is a new one: made now, because there is none or to ``renew`` it, and never shown again.

    What the former one signed is taken for another minute.
    """
    row, held = _made(session, installation, keys, now, base_url)
    former, fresh = held.get("present", ""), ""
    values: dict[str, object] = {"base_url": base_url}
    if renew or not former:
        held["present"] = fresh = randomness.token_hex(32)
        held.pop("previous", None)
        if former:
            held["previous"] = former
        values |= {
            "state": AppState.ACTIVE.value,
            "registered_at": now,
            "previous_until": now + GRACE if former else None,
        }
    _save(session, row, keys, held, **values)
    return read(_row(session, row.workspace_id, row.installation_id), installation, keys), fresh


def release(
    session: Session, workspace_id: int, installation_id: int, keys: Keys, now: datetime
) -> None:
    """Lets a shop register without proof that it was registered: its secrets are void.

    Raises BridgeError when no shop is registered.
    """
    row, held = _locked(session, workspace_id, installation_id, keys, now)
    if not held.get("present"):
        raise BridgeError("No shop is registered here, so the app can be installed as it is.")
    _end(session, row, keys, held, now)


def drop(session: Session, workspace_id: int, installation_id: int) -> None:
    """Every secret, when the installation is removed; the address stays, and answers 410."""
    session.exec(
        update(AppRegistration)
        .where(
            col(AppRegistration.workspace_id) == workspace_id,
            col(AppRegistration.installation_id) == installation_id,
        )
        .values(secrets="", state=AppState.DELETED.value, previous_until=None, pending_until=None)
    )


# -- what the shop does ---------------------------------------------------------------------


def begin(session: Session, found: Endpoint, shop: ShopIdentity, keys: Keys, now: datetime) -> str:
    """A new secret for a shop whose request was verified against ``found``.

    A second request before the first is confirmed takes its place. Raises :class:`WrongAddress`,
    and Forged when another registration was confirmed meanwhile.
    """
    check_address(found, shop)
    row, held = _locked(session, found.workspace_id, found.installation_id, keys, now)
    if held.get("present", "") != found.present:
        raise Forged("Another registration was confirmed at this moment.")
    held["pending"] = randomness.token_hex(32)
    _save(
        session,
        row,
        keys,
        held,
        pending_shop_id=shop.shop_id,
        pending_shop_url=shop.shop_url,
        pending_until=now + PENDING,
    )
    return held["pending"]


def confirm(
    session: Session, found: Endpoint, confirmed: Confirmed, keys: Keys, now: datetime
) -> None:
    """Makes the pending secret, which ``confirmed`` was signed with, the present one.

    Raises :class:`WrongAddress`, and Forged when the request was another shop's, is too long ago
    or was replaced meanwhile.
    """
    check_address(found, confirmed.shop)
    row, held = _locked(session, found.workspace_id, found.installation_id, keys, now)
    pending = held.pop("pending", "")
    asked = ShopIdentity(row.pending_shop_id, row.pending_shop_url)
    if not pending or pending != found.pending or asked != confirmed.shop:
        raise Forged("This is not the registration that was asked for last.")
    if row.pending_until is None or now >= row.pending_until:
        raise Forged("The confirmation comes too late. Install the app again.")
    previous = held.pop("present", "")
    held.pop("previous", None)
    if previous:
        held["previous"] = previous
    held |= {
        "present": pending,
        "api_key": confirmed.api_key,
        "api_secret": confirmed.api_secret,
    }
    _save(
        session,
        row,
        keys,
        held,
        state=AppState.ACTIVE.value,
        shop_id=confirmed.shop.shop_id,
        shop_url=confirmed.shop.shop_url,
        previous_until=now + GRACE if previous else None,
        registered_at=now,
        **_NOTHING_PENDING,
    )
    administration.sign_out(session, row.workspace_id, row.installation_id)


def live(session: Session, found: Endpoint, life: LifeCycle, keys: Keys, now: datetime) -> bool:
    """Follows what a message signed with the **present** secret says of the app's life.

    False when it is about another shop than the one registered, such as a copy of
    its database, or about a registration that is over.
    """
    row, held = _locked(session, found.workspace_id, found.installation_id, keys, now)
    is_ours = life.shop.shop_id == row.shop_id and is_same_shop(life.shop.shop_url, row.shop_url)
    if not is_ours or held.get("present", "") != found.present:
        return False
    if life.stage is Stage.DELETED:
        _end(session, row, keys, held, now)
        return True
    is_off = life.stage is Stage.DEACTIVATED
    if is_off:
        administration.sign_out(session, row.workspace_id, row.installation_id)
    state = AppState.INACTIVE if is_off else AppState.ACTIVE
    if life.stage is Stage.UPDATED:
        state = AppState(row.state)
    _save(session, row, keys, held, state=state.value, app_version=life.app_version[:255])
    return True


def check_address(found: Endpoint, shop: ShopIdentity) -> None:
    """Raises :class:`WrongAddress`."""
    if not any(is_same_shop(shop.shop_url, allowed) for allowed in found.allowed_urls):
        raise WrongAddress(
            "The bridge knows this shop under another address. After a move, tell it the new one "
            "with `loyalty-bridge store set NAME --url`, then register the app again."
        )


# -- the row --------------------------------------------------------------------------------

_NOTHING_PENDING: dict[str, object] = {
    "pending_shop_id": "",
    "pending_shop_url": "",
    "pending_until": None,
}


def _made(
    session: Session, installation: Installation, keys: Keys, now: datetime, base_url: str
) -> tuple[AppRegistration, dict[str, str]]:
    """The row, locked, made where there is none yet; and its secrets."""
    assert installation.id is not None
    fresh = AppRegistration(
        installation_id=installation.id,
        workspace_id=installation.workspace_id,
        token=randomness.token_urlsafe(32),
        base_url=base_url,
        created_at=now,
        changed_at=now,
    )
    insert_or_ignore(session, AppRegistration, [fresh.model_dump()], ["installation_id"])
    return _locked(session, installation.workspace_id, installation.id, keys, now)


def _end(
    session: Session, row: AppRegistration, keys: Keys, held: dict[str, str], now: datetime
) -> None:
    """Whoever registers next may be another: a person let in whom he knew."""
    _save(
        session,
        row,
        keys,
        {"app": held.get("app", "")},
        state=AppState.DELETED.value,
        previous_until=None,
        **_NOTHING_PENDING,
    )
    was = administration.shut(session, row.workspace_id, row.installation_id)
    if was is not None:
        shop = session.get_one(Installation, row.installation_id)
        subject = Subject("store", str(shop.id), shop.name)
        before, after = {"signed in as": was}, {"signed in as": "nobody"}
        what = ("store.administration", subject, now)
        record(session, row.workspace_id, _BRIDGE, *what, before=before, after=after)


def _locked(
    session: Session, workspace_id: int, installation_id: int, keys: Keys, now: datetime
) -> tuple[AppRegistration, dict[str, str]]:
    """The row and its secrets, as they are once nobody else can change them.

    Raises BridgeError when there is no row.
    """
    session.exec(
        update(AppRegistration)
        .where(
            col(AppRegistration.workspace_id) == workspace_id,
            col(AppRegistration.installation_id) == installation_id,
        )
        .values(changed_at=now)
    )
    row = _row(session, workspace_id, installation_id)
    return row, keys().decrypt(row.secrets) if row.secrets else {}


def _row(session: Session, workspace_id: int, installation_id: int) -> AppRegistration:
    row = session.exec(
        select(AppRegistration)
        .where(
            col(AppRegistration.workspace_id) == workspace_id,
            col(AppRegistration.installation_id) == installation_id,
        )
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        raise BridgeError(
            "This store has no address for webhooks yet. Make one with "
            "`loyalty-bridge shopware-app build NAME --url URL`."
        )
    return row


def _save(
    session: Session,
    row: AppRegistration,
    keys: Keys,
    held: Mapping[str, str],
    **values: object,
) -> None:
    session.exec(
        update(AppRegistration)
        .where(
            col(AppRegistration.workspace_id) == row.workspace_id,
            col(AppRegistration.installation_id) == row.installation_id,
        )
        .values(secrets=keys().encrypt(held), **values)
    )
