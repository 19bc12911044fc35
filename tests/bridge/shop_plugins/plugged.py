"""A toy shop of a platform whose plugin is told by the shop's API, and one whose app registers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

from toyshop import Style, ToyShop, World
from toyshop.connector import ToyConnector
from toyshop.connector import platforms as toys

from bridge.engine.bench import Bench, open_bench
from bridge.engine.plugin_steps import plugin_in_shop
from bridge.engine.protocol import Done
from bridge.installations import plugin_states
from bridge.installations.models import Installation, PluginState
from bridge.plugins import platforms
from connectors.base import Connection, Connector, Platform
from connectors.errors import NotFound, Unreachable
from connectors.plugins import Plugin, PluginSettings

URL = "https://plugged.example"
PLUGIN = Plugin("1.0.0", True, puts_gifts_in=True, guards_codes=True)


@dataclass
class Inside:
    """What is in the shop."""

    plugin: Plugin | None = None
    held: PluginSettings | None = None
    events_secret: str = ""
    tells: int = 0
    knocks: list[str] = field(default_factory=list)
    is_down: bool = False
    before_telling: Callable[[], None] = lambda: None

    def asked(self) -> None:
        if self.is_down:
            raise Unreachable("The shop is down")


class PluggedConnector(ToyConnector):
    def __init__(self, shop: ToyShop, mark: str, inside: Inside) -> None:
        super().__init__(shop, mark)
        self._inside = inside

    def plugin(self) -> Plugin | None:
        self._inside.asked()
        return self._inside.plugin

    def told(self) -> str:
        self._inside.asked()
        return self._inside.held.told if self._inside.held and self._inside.plugin else ""

    def tell(self, settings: PluginSettings) -> None:
        self._inside.asked()
        if self._inside.plugin is None:
            raise NotFound("There is no plugin")
        self._inside.tells += 1
        self._inside.before_telling()
        self._inside.held = settings
        self._inside.events_secret = settings.events_secret or self._inside.events_secret

    def knock(self, nonce: str) -> bool:
        self._inside.asked()
        self._inside.knocks.append(nonce)
        return True

    def forget(self) -> None:
        self._inside.asked()
        self._inside.held, self._inside.events_secret = None, ""


@dataclass
class Plugged:
    """A merchant with one such shop, called ``plugged``."""

    world: World
    inside: Inside
    bench: Bench

    @property
    def shop(self) -> Installation:
        return self.world.installations()["plugged"]

    @property
    def state(self) -> PluginState:
        with self.world.app.database.reading() as session:
            return plugin_states.state_of(session, self.world.app.workspace_id, self.shop.id or 0)

    def step(self, minutes: float = 2) -> Done:
        """After so many minutes."""
        self.world.clock.now += timedelta(minutes=minutes)
        return plugin_in_shop(self.bench, self.shop)

    def hear(self, nonce: str) -> None:
        app = self.world.app
        with app.database.writing() as session:
            plugin_states.heard(
                session, app.workspace_id, self.shop.id or 0, f"hello-{nonce}", app.now()
            )

    def reach(self, url: str) -> None:
        app = self.world.app
        app.settings = app.settings.model_copy(update={"public_url": url})


def plugged(world: World, *, registers: bool = False) -> Plugged:
    """``registers``: as Shopware's app does."""
    inside = Inside()
    toy = ToyShop(Style.NUMBERED, clock=world.clock)
    toy.stock("A")
    like = platforms()["shopware" if registers else "magento"]

    def connect(connection: Connection) -> Connector:
        return PluggedConnector(toy, connection.mark, inside)

    made: Platform = replace(
        toys({})[Style.NUMBERED],
        name="plugged",
        label="Plugged",
        connect=connect,
        webhooks=like.webhooks,
        registration=like.registration,
        pages=like.pages,
        plugin=like.plugin,
    )
    known = dict(world.app.platforms)
    world.app._platforms = {**known, "plugged": made, like.name: like}
    world.connect("plugged", "plugged", URL, {"key": "x"})
    return Plugged(world, inside, open_bench(world.app))
