"""Looking at the plugin in a shop and telling it what it has to know of the bridge.

Telling sets values: it may be repeated, and two who do so at once tell the same. What was told is
read back, and what is wanted read again afterwards, so that a secret that changed meanwhile does
not stay the old one in the shop.
"""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select, update

from bridge.application import Application
from bridge.balances.models import ShownBalance
from bridge.balances.places import came, is_place, went
from bridge.installations import administration, plugin_states, service
from bridge.installations.models import Installation, PluginState
from bridge.outbox.models import Binding
from bridge.promotions.wanted import GIFT_PREFIX
from bridge.shop_plugins import settings as sources
from bridge.shop_plugins.rules import is_due, is_silent, needs_proof
from bridge.shop_plugins.settings import Surroundings
from bridge.vouchers.owning import forget_told, let_go
from bridge.vouchers.queue import Place
from connectors.base import Connector, Platform
from connectors.errors import ConnectorError, NotFound
from connectors.plugins import HasPlugin, Plugin, PluginPackage, PluginSettings, TellsPlugin
from connectors.sentences import sentence, text_of

_ROUNDS = 3
_NONCE_BYTES = 15
NO_ADDRESS = sentence(
    "The plugin cannot be told where the bridge is: set LOYALTY_BRIDGE_PUBLIC_URL to the address "
    "by which shops and visitors reach it, and start the bridge anew"
)


@dataclass(frozen=True, slots=True)
class Looked:
    plugin: Plugin | None
    has_told: bool = False
    """It held something else before."""
    gives_gifts: bool = False
    """Not one that was made to forget its rules."""
    has_changed: bool = False
    """Gifts began to be given by it, or ceased to: what the bridge read of the shop is old, and
    :func:`settle` waits for a reading."""
    problem: str = ""


def around(app: Application) -> Surroundings:
    return Surroundings(app.workspace, app.settings.public_url, app.keyring, app.now())


def has_work(app: Application, shop: Installation, connector: Connector) -> bool:
    """Whether the shop is to be asked. Asks the database alone. Raises UnreadableSecret."""
    assert shop.id is not None
    if not isinstance(connector, HasPlugin):
        return False
    with app.database.reading() as session:
        facts = service.facts(session, app.workspace_id).get(shop.id)
        state = plugin_states.state_of(session, app.workspace_id, shop.id)
        if state.problem == NO_ADDRESS and not sources.lacks_address(
            session, app.workspace_id, shop, around(app)
        ):
            return True  # somebody has said since where it is
        is_told = _is_told(session, app, shop, connector) and not _knows_less(app, state)
        return is_due(
            state,
            facts.plugin if facts else None,
            _wanted(session, app, shop) if is_told else None,
            app.now(),
        )


def is_watched(app: Application, shop: Installation) -> bool:
    """Whether somebody waits for it to come, as while the shop is closed to install it."""
    assert shop.id is not None
    with app.database.reading() as session:
        until = plugin_states.state_of(session, app.workspace_id, shop.id).watched_until
    return until is not None and app.now() < until


def look(
    app: Application, shop: Installation, connector: Connector, *, anew: bool = False
) -> Looked:
    """Sees what is there, tells it what it does not hold, and asks it to prove that its events
    arrive. Nothing where there can be none. ``anew``: also what it says it holds. Raises
    ConnectorError when the shop cannot be asked, and UnreadableSecret."""
    if not isinstance(connector, HasPlugin):
        return Looked(None)
    plugin = connector.plugin()
    has_told, problem = False, ""
    with app.database.writing() as session:
        _store(session, app, shop, plugin)  # what it is told depends on what it can do
    if plugin is not None and isinstance(connector, TellsPlugin):
        try:
            has_told, problem = _tell(app, shop, connector, anew=anew)
            if plugin.is_active:
                _ask_for_proof(app, shop, connector)
        except NotFound as error:
            plugin = connector.plugin()  # it went at this moment, or cannot be told anything
            problem = "" if plugin is None else text_of(error)
        except ConnectorError as error:
            problem = text_of(error)
    with app.database.writing() as session:
        gives, gave = _note(session, app, shop, plugin, problem)
    return Looked(plugin, has_told, gives, gives != gave, problem)


def settle(app: Application, shop: Installation, looked: Looked) -> None:
    """What the bridge knows of the shop is as new as ``looked``."""
    assert shop.id is not None
    with app.database.writing() as session:
        plugin_states.change(session, app.workspace_id, shop.id, gave_gifts=looked.gives_gifts)


def tell_again(app: Application, shop: Installation, connector: Connector) -> Looked:
    """Because a person asks for it: also one that was made to forget. Raises as :func:`look`."""
    assert shop.id is not None
    with app.database.writing() as session:
        plugin_states.change(
            session, app.workspace_id, shop.id, is_forgotten=False, told="", heard_at=None
        )
    return look(app, shop, connector, anew=True)


def forget(
    app: Application, shop: Installation, connector: Connector, *, with_balances: bool = False
) -> bool:
    """Takes away what it was told, and its gift rules; it is told nothing until a person asks for
    it, or it comes anew. ``with_balances``: also points in the shop's own fields of customers.
    Whether it is there: what one left behind is taken away as well, and the next one is told.
    Raises ConnectorError."""
    assert shop.id is not None
    place = (app.workspace_id, shop.id)
    with app.database.writing() as session:
        # First, so that nobody tells it anew while it forgets.
        plugin_states.change(session, *place, is_forgotten=True)
    is_there = not isinstance(connector, HasPlugin) or connector.plugin() is not None
    if isinstance(connector, TellsPlugin):
        connector.forget()
    let_go(app.database, Place(*place), connector)
    if with_balances and connector.balances is not None:
        connector.balances.remove()
    with app.database.writing() as session:
        nothing: dict[str, Any] = {"told": "", "told_at": None, "nonce": "", "heard_at": None}
        plugin_states.change(session, *place, **nothing, problem="", is_forgotten=is_there)
        forget_told(session, Place(*place))
        if with_balances:
            session.exec(
                update(ShownBalance)
                .where(
                    col(ShownBalance.workspace_id) == app.workspace_id,
                    col(ShownBalance.installation_id) == shop.id,
                )
                .values(shown=None)
            )
    return is_there


# -- telling --------------------------------------------------------------------------------


def _tell(
    app: Application, shop: Installation, connector: TellsPlugin, *, anew: bool
) -> tuple[bool, str]:
    """Whether it had to be told, and what is wrong."""
    assert shop.id is not None
    with app.database.reading() as session:
        state = plugin_states.state_of(session, app.workspace_id, shop.id)
        may_be_told = sources.may_be_told(session, shop, _platform(app, shop))
    if state.is_forgotten and connector.told():
        connector.forget()  # somebody told it at the moment when it was made to forget
    if state.is_forgotten or not may_be_told or (_knows_less(app, state) and not anew):
        return False, ""
    with app.database.writing() as session:
        sources.make_secrets(session, app.workspace_id, shop, _platform(app, shop), around(app))
        wanted = _wanted(session, app, shop)
        lacks_address = sources.lacks_address(session, app.workspace_id, shop, around(app))
    anew = anew or is_silent(state, wanted, app.now())
    has_told = False
    for _ in range(_ROUNDS):
        has_told = _make_hold(app, shop, connector, wanted, anew=anew) or has_told
        with app.database.reading() as session:
            now_wanted = _wanted(session, app, shop)
        if now_wanted == wanted:
            break
        wanted = now_wanted
    return has_told, str(NO_ADDRESS) if lacks_address else ""


def _knows_less(app: Application, state: PluginState) -> bool:
    """Whether this is a command in a shell without LOYALTY_BRIDGE_PUBLIC_URL, beside `run`, which
    has it: it would take away what `run` told."""
    return not app.settings.public_url and bool(state.told) and state.problem != NO_ADDRESS


def _make_hold(
    app: Application,
    shop: Installation,
    connector: TellsPlugin,
    wanted: PluginSettings,
    *,
    anew: bool,
) -> bool:
    """Whether it held something else."""
    assert shop.id is not None
    held = connector.told()
    is_new = held != wanted.told
    if not held:
        _begin_anew(app, shop)
    if is_new or anew:
        connector.tell(wanted)
        if connector.told() != wanted.told:
            raise ConnectorError(
                sentence("The plugin does not hold what it was told"),
                advice=sentence("See whether somebody else tells it things at the same time."),
            )
    with app.database.writing() as session:
        state = plugin_states.state_of(session, app.workspace_id, shop.id)
        if is_new or state.told != wanted.told:
            values: dict[str, Any] = {"told": wanted.told, "told_at": app.now()}
            plugin_states.change(session, app.workspace_id, shop.id, heard_at=None, **values)
    return is_new


def _begin_anew(app: Application, shop: Installation) -> None:
    """It was taken out and came back, unseen: whose vouchers are whose and everybody's points went
    with it."""
    assert shop.id is not None
    place = (app.workspace_id, shop.id)
    with app.database.writing() as session:
        if not plugin_states.state_of(session, *place).told:
            return
        forget_told(session, Place(*place))
        if is_place(session, *place):
            went(session, *place)
            came(session, *place, app.now())


def _ask_for_proof(app: Application, shop: Installation, connector: TellsPlugin) -> None:
    """Each time by another name: the answer to an older question proves nothing of today."""
    assert shop.id is not None
    with app.database.writing() as session:
        state = plugin_states.state_of(session, app.workspace_id, shop.id)
        if not needs_proof(state, _wanted(session, app, shop)):
            return
        nonce = secrets.token_urlsafe(_NONCE_BYTES)
        # Before it is asked: the answer may be here first.
        plugin_states.change(session, app.workspace_id, shop.id, nonce=nonce)
    connector.knock(nonce)


# -- what is known of it --------------------------------------------------------------------


def _note(
    session: Session, app: Application, shop: Installation, plugin: Plugin | None, problem: str
) -> tuple[bool, bool]:
    """Whether gifts are given by it, and whether they were when it was looked at before."""
    assert shop.id is not None
    place = (app.workspace_id, shop.id)
    state = plugin_states.state_of(session, *place)
    _store(session, app, shop, plugin)
    now = app.now()
    values: dict[str, Any] = {"looked_at": now, "problem": problem}
    if plugin is None:
        values |= {"told": "", "told_at": None, "nonce": "", "heard_at": None}
        values["is_forgotten"] = False
        if state.told:
            forget_told(session, Place(*place))  # whose vouchers are whose: it went with it
            administration.close(session, *place, now)
    gives = plugin is not None and plugin.puts_gifts_in and not state.is_forgotten
    package = _platform(app, shop).plugin
    values["gone_at"] = None if gives else _gone_at(session, state, package, now)
    plugin_states.change(session, *place, **values)
    return gives, state.gave_gifts


def _store(session: Session, app: Application, shop: Installation, plugin: Plugin | None) -> None:
    assert shop.id is not None
    facts = service.facts(session, app.workspace_id).get(shop.id)
    if facts is not None and facts.plugin != (asdict(plugin) if plugin else None):
        plugin_states.set_plugin(session, app.workspace_id, shop.id, plugin)


def _gone_at(
    session: Session, state: PluginState, package: PluginPackage | None, now: datetime
) -> datetime | None:
    """Of one that gives no gifts now."""
    since = state.gone_at or (now if state.gave_gifts else None)
    if since is None or package is None:
        return None
    return since if _are_waiting(session, state, package) else None


def _are_waiting(session: Session, state: PluginState, package: PluginPackage) -> bool:
    """Whether a gift was brought into the plugin last. A plan may have brought all of them
    elsewhere before it was seen to be gone, as whoever takes it out is told to."""
    agreed = session.execute(
        select(col(Binding.ours), col(Binding.theirs)).where(
            col(Binding.workspace_id) == state.workspace_id,
            col(Binding.installation_id) == state.installation_id,
            col(Binding.kind) == "promotion",
            col(Binding.key).startswith(GIFT_PREFIX, autoescape=True),
        )
    )
    return any(text and package.gives(text) for row in agreed for text in row)


def _is_told(session: Session, app: Application, shop: Installation, connector: Connector) -> bool:
    return isinstance(connector, TellsPlugin) and sources.may_be_told(
        session, shop, _platform(app, shop)
    )


def _wanted(session: Session, app: Application, shop: Installation) -> PluginSettings:
    return sources.wanted(session, app.workspace_id, shop, _platform(app, shop), around(app))


def _platform(app: Application, shop: Installation) -> Platform:
    return app.platforms[shop.platform]
