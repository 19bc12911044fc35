"""Installations of a workspace: what can happen to them.

Every statement names the workspace. Changes are written as statements, not through the loaded
records, so that this holds for them too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlmodel import Session, col, delete, insert, select, update

from bridge.installations import administration
from bridge.installations.models import Installation, ShopFacts
from bridge.kit.errors import BridgeError
from bridge.kit.suggestions import did_you_mean
from connectors.base import ShopInfo
from connectors.plugins import Plugin
from connectors.sentences import sentence

Seal = Callable[[Mapping[str, str]], str]
"""Encrypts credentials under the newest key there is at the moment of the call."""


class UnknownInstallation(BridgeError):
    def __init__(self, name: str, known: Sequence[str]) -> None:
        hint = did_you_mean(
            name,
            known,
            nothing=sentence("None is connected yet: see `loyalty-bridge store add --help`."),
        )
        super().__init__(sentence("There is no store `%(name)s`. %(hint)s", name=name, hint=hint))


@dataclass(frozen=True, slots=True)
class NewInstallation:
    name: str
    platform: str
    url: str
    """Normalised (see :mod:`bridge.installations.address`)."""
    credentials: Mapping[str, str]
    settings: Mapping[str, str]
    is_public_only: bool = False
    """See :attr:`bridge.installations.models.Installation.is_public_only`."""

    def __repr__(self) -> str:
        return f"NewInstallation({self.name!r}, {self.platform!r}, {self.url!r})"


# -- reading --------------------------------------------------------------------------------


def installations(session: Session, workspace_id: int) -> list[Installation]:
    """Those that are connected, by name."""
    return list(
        session.exec(
            select(Installation)
            .where(
                col(Installation.workspace_id) == workspace_id,
                col(Installation.removed_at).is_(None),
            )
            .order_by(col(Installation.name))
        )
    )


def installation(session: Session, workspace_id: int, name: str) -> Installation:
    """Raises :class:`UnknownInstallation`."""
    return selected(session, workspace_id, [name])[0]


def selected(session: Session, workspace_id: int, names: Sequence[str]) -> list[Installation]:
    """Those of these names, in the order given, each once; all when none is named.

    Raises :class:`UnknownInstallation`.
    """
    known = {found.name: found for found in installations(session, workspace_id)}
    for name in names:
        if name not in known:
            raise UnknownInstallation(name, list(known))
    return [known[name] for name in dict.fromkeys(names)] if names else list(known.values())


def facts(session: Session, workspace_id: int) -> dict[int, ShopFacts]:
    """What the shops last told about themselves, by installation id."""
    rows = session.exec(select(ShopFacts).where(col(ShopFacts.workspace_id) == workspace_id))
    return {row.installation_id: row for row in rows}


def sealed(session: Session, workspace_id: int) -> dict[int, str]:
    """Every stored set of credentials, still encrypted, by installation id."""
    rows = session.exec(
        select(Installation.id, Installation.credentials).where(
            col(Installation.workspace_id) == workspace_id, col(Installation.credentials) != ""
        )
    )
    return {found: token for found, token in rows if found is not None}


# -- changing -------------------------------------------------------------------------------


def check_new(session: Session, workspace_id: int, name: str, url: str) -> None:
    """Raises BridgeError when the name or the shop is there already."""
    for other in installations(session, workspace_id):
        if other.name.lower() == name.lower():
            raise BridgeError(
                sentence(
                    "There is a store `%(other_name)s` already. Choose another name, or change it "
                    "with `loyalty-bridge store set %(other_name)s`.",
                    other_name=other.name,
                )
            )
        _refuse_same_shop(other, url)


def add(
    session: Session, workspace_id: int, new: NewInstallation, seal: Seal, now: datetime
) -> int:
    """Its id. Raises BridgeError when the name or the shop is there already."""
    check_new(session, workspace_id, new.name, new.url)
    session.exec(
        insert(Installation).values(
            workspace_id=workspace_id,
            name=new.name,
            platform=new.platform,
            url=new.url,
            credentials="",
            settings=dict(new.settings),
            is_public_only=new.is_public_only,
            created_at=now,
        )
    )
    added = installation(session, workspace_id, new.name).id
    assert added is not None
    set_credentials(session, workspace_id, added, seal, new.credentials)
    return added


def set_credentials(
    session: Session,
    workspace_id: int,
    installation_id: int,
    seal: Seal,
    credentials: Mapping[str, str],
) -> None:
    """Encrypts only after this transaction has written to the table: `keys rotate` takes its
    lock, so that no row is left behind under a key that is then dropped."""
    _update(session, workspace_id, installation_id, credentials="")
    _update(session, workspace_id, installation_id, credentials=seal(credentials))


def set_sealed(session: Session, workspace_id: int, installation_id: int, token: str) -> None:
    _update(session, workspace_id, installation_id, credentials=token)


def set_settings(
    session: Session, workspace_id: int, installation_id: int, settings: Mapping[str, str]
) -> None:
    """Replaces what the admin told."""
    _update(session, workspace_id, installation_id, settings=dict(settings))


def set_url(
    session: Session,
    workspace_id: int,
    installation_id: int,
    url: str,
    *,
    is_public_only: bool = False,
) -> None:
    """Raises BridgeError when another installation has this address."""
    for other in installations(session, workspace_id):
        if other.id != installation_id:
            _refuse_same_shop(other, url)
    _update(session, workspace_id, installation_id, url=url, is_public_only=is_public_only)


def set_facts(
    session: Session,
    workspace_id: int,
    installation_id: int,
    info: ShopInfo,
    now: datetime,
    plugin: Plugin | None = None,
) -> None:
    """Replaces what the shop told about itself."""
    session.exec(
        delete(ShopFacts).where(
            col(ShopFacts.workspace_id) == workspace_id,
            col(ShopFacts.installation_id) == installation_id,
        )
    )
    session.exec(
        insert(ShopFacts).values(
            workspace_id=workspace_id,
            installation_id=installation_id,
            version=info.version,
            stores=[asdict(store) for store in info.stores],
            currencies=[asdict(currency) for currency in info.currencies],
            plugin=None if plugin is None else asdict(plugin),
            read_at=now,
        )
    )
    administration.seen(session, workspace_id, installation_id, plugin)


def _refuse_same_shop(other: Installation, url: str) -> None:
    if other.url == url:
        raise BridgeError(
            sentence(
                "The store `%(other_name)s` is this shop already (%(url)s). Two connections to "
                "one shop would overwrite each other's prices.",
                other_name=other.name,
                url=url,
            )
        )


def _update(session: Session, workspace_id: int, installation_id: int, **values: object) -> None:
    session.exec(
        update(Installation)
        .where(
            col(Installation.workspace_id) == workspace_id,
            col(Installation.id) == installation_id,
        )
        .values(**values)
    )
