"""The Magento 2 connector: customer groups and tier prices over the shop's own REST services."""

from connectors.base import Platform
from connectors.magento.archive import MagentoModule
from connectors.magento.auth import CREDENTIALS
from connectors.magento.connector import connect
from connectors.magento.pricing import compile_family
from connectors.magento.quoting import quote
from connectors.magento.settings import QUESTIONS
from connectors.magento.webhooks import MagentoWebhooks


def _audience_id(mark: str, group_id: str) -> str:
    """Prices hang on the group itself."""
    return group_id


def _new_group_id(mark: str, group_key: str) -> None:
    """Magento numbers its groups itself."""


PLATFORM = Platform(
    name="magento",
    label="Magento 2",
    credentials=CREDENTIALS,
    questions=QUESTIONS,
    connect=connect,
    compile=compile_family,
    audience_id=_audience_id,
    new_group_id=_new_group_id,
    webhooks=MagentoWebhooks(),
    quote=quote,
    plugin=MagentoModule(),
)

__all__ = ["PLATFORM"]
