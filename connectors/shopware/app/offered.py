"""The app as it is offered to shops: made for each, since its manifest holds a secret."""

from __future__ import annotations

from connectors.sentences import sentence
from connectors.shopware.app.manifests import APP_NAME, APP_VERSION
from connectors.shopware.promotion_text import is_by_app


class ShopwareApp:
    """A :class:`connectors.plugins.PluginPackage`."""

    kind = "app"
    takes_points = True
    version = APP_VERSION
    file_name = f"{APP_NAME}.zip"
    switch = "Extensions > My extensions"
    commands: tuple[str, ...] = ()
    steps = (
        sentence(
            "Keep the file to yourself: it holds a secret of this one shop. Delete it once the "
            "app is installed."
        ),
        sentence(
            "In the shop's administration, open Extensions > My extensions, choose Upload "
            "extension, and take the file. For an update upload it in the same way, and choose "
            "Update at the app."
        ),
        sentence(
            "Install the app, agree to what it may do, and switch it on. The shop registers with "
            "the bridge at that moment: it must reach the bridge at the address above."
        ),
        sentence(
            "Let the bridge speak to it: the role of the bridge's integration needs app:read and "
            "system_config:read, create, update and delete. An integration with administrator "
            "rights has them."
        ),
    )

    def package(self) -> None:
        """See :meth:`connectors.shopware.app.ShopwareRegistration.package`."""

    def gives(self, native: str) -> bool:
        return is_by_app(native)
