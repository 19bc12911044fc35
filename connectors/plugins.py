"""The port, fifth part: what of the bridge's own is installed inside a shop.

A Shopware app, a Magento module. What it can do is done by the shop itself; without it everything
works by the shop's own means. It comes and goes in the shop, and nobody tells the connector: it
is looked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Plugin:
    """As it is in the shop at this moment."""

    version: str
    is_active: bool
    """Switched on: one that is switched off does nothing."""
    puts_gifts_in: bool
    """Gifts come into baskets by themselves: :meth:`connectors.rewards.Promotions.compile` makes
    gift rules for it."""


def plugin_of(connector: object) -> Plugin | None:
    """``None`` also where there is no such thing for this platform. Raises as
    :meth:`HasPlugin.plugin`."""
    return connector.plugin() if isinstance(connector, HasPlugin) else None


@runtime_checkable
class HasPlugin(Protocol):
    """A connector for whose shops there is such a thing."""

    def plugin(self) -> Plugin | None:
        """``None``: it is not installed, or may not be looked for. Raises
        :class:`~connectors.errors.ConnectorError`."""
        ...
