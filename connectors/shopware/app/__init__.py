"""The Shopware app: what is installed in the shop, and how it registers."""

from connectors.shopware.app.manifests import APP_NAME
from connectors.shopware.app.offered import ShopwareApp
from connectors.shopware.app.registration import ShopwareRegistration

__all__ = ["APP_NAME", "ShopwareApp", "ShopwareRegistration"]
