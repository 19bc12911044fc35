"""The bridge lets go of a shop: its plugin forgets the bridge first, while credentials work."""

from __future__ import annotations

from bridge.application import Application
from bridge.installations import plugin_states, service
from bridge.installations.models import Installation
from bridge.kit.encryption import UnreadableSecret
from bridge.kit.errors import BridgeError
from bridge.shop_plugins.telling import forget
from connectors.errors import ConnectorError
from connectors.sentences import sentence, text_of


def is_to_forget(app: Application, shop: Installation) -> bool:
    """Whether there is a plugin in the shop that knows the bridge, as far as that is known."""
    with app.database.reading() as session:
        state = plugin_states.state_of(session, app.workspace_id, shop.id or 0)
        facts = service.facts(session, app.workspace_id).get(shop.id or 0)
    return bool(state.told) or bool(facts and facts.plugin)


def make_forget(app: Application, shop: Installation) -> None:
    """Takes away what the plugin was told, where there is one. Raises BridgeError when the shop
    cannot be asked."""
    if not is_to_forget(app, shop):
        return
    try:
        connector = app.connect(shop)
        try:
            forget(app, shop, connector)
        finally:
            connector.close()
    except (ConnectorError, BridgeError, UnreadableSecret) as error:
        raise BridgeError(
            sentence(
                "The plugin in `%(name)s` cannot be made to forget the bridge: %(reason)s Mend "
                "that first; or leave in the shop what is there with --keep-in-shop, and uninstall "
                "the plugin there.",
                name=shop.name,
                reason=text_of(error),
            )
        ) from error
