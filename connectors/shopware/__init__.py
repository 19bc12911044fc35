"""Shopware 6 as the bridge sees it."""

from connectors.base import Credential, Platform
from connectors.sentences import sentence
from connectors.shopware import ids
from connectors.shopware.app import ShopwareApp, ShopwareRegistration
from connectors.shopware.app.signed import ShopwarePages
from connectors.shopware.connector import CREDENTIAL_FIELDS, INDEXING_QUESTION, connect
from connectors.shopware.pricing import compile as compile_prices
from connectors.shopware.quoting import quote
from connectors.shopware.webhooks import ShopwareWebhooks

PLATFORM = Platform(
    name="shopware",
    label="Shopware 6",
    credentials=(
        Credential(
            kind="integration",
            fields=CREDENTIAL_FIELDS,
            text=(
                sentence(
                    "The access key id (client_id) and secret access key (client_secret) of an "
                    "integration: Settings > System > Integrations."
                )
            ),
            labels=(sentence("Access key ID"), sentence("Secret access key")),
            steps=(
                sentence(
                    "In the administration, open Settings > System > Integrations and choose Add "
                    "integration."
                ),
                sentence(
                    "Give it a name, and either Administrator rights or a role that may do what "
                    "the bridge needs: the test at the end names what is missing."
                ),
                sentence(
                    "Copy the access key ID and the secret access key before you save: the secret "
                    "is shown only once."
                ),
            ),
        ),
    ),
    questions=(INDEXING_QUESTION,),
    connect=connect,
    compile=compile_prices,
    audience_id=ids.rule_id,
    new_group_id=ids.group_id,
    webhooks=ShopwareWebhooks(),
    registration=ShopwareRegistration(),
    pages=ShopwarePages(),
    quote=quote,
    plugin=ShopwareApp(),
)

__all__ = ["PLATFORM"]
