"""A platform with two kinds of credentials and two questions, over toy shops."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from toyshop import Style, ToyShop
from toyshop.compiling import keeps_percentages
from toyshop.connector import ToyConnector

from connectors.base import (
    Connection,
    Connector,
    Credential,
    Finding,
    Platform,
    Question,
    Severity,
    ShopInfo,
)
from connectors.errors import Unauthorized

SECRET = "S3CR3T-5f2e9c-top"
READY = Finding(Severity.OK, "privileges", "All needed privileges are there.")
LACKS = Finding(
    Severity.ERROR, "privileges", "The resource Orchard::pick is missing.", "Grant it, and save."
)


@dataclass
class Orchard:
    """What stands at each address, what was asked of it, and how."""

    shops: dict[str, ToyShop] = field(default_factory=dict)
    seen: list[Connection] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=lambda: [READY, LACKS])

    def stand(self, url: str, shop: ToyShop) -> None:
        self.shops[url] = shop

    def platform(self) -> Platform:
        return Platform(
            name="orchard",
            label="Orchard",
            credentials=(
                Credential("token", ("api_token",), "A token", ("Token",), ("Pick a token.",)),
                Credential("pair", ("client_id", "client_secret"), "Two keys"),
            ),
            questions=(
                Question("scope", "One price for all?", ("global", "website"), "global"),
                Question("peel", "Peel in percent"),
            ),
            connect=self.connect,
            compile=keeps_percentages,
            audience_id=lambda _mark, group_id: group_id,
            new_group_id=lambda _mark, _key: None,
        )

    def connect(self, connection: Connection) -> Connector:
        if connection.settings.get("peel", "") not in ("", "5"):
            raise ValueError("peel must be a number.")
        self.seen.append(connection)
        return _OrchardConnector(self, connection)


class _OrchardConnector(ToyConnector):
    def __init__(self, orchard: Orchard, connection: Connection) -> None:
        shop = orchard.shops.get(connection.url) or ToyShop(Style.NUMBERED)
        super().__init__(shop, connection.mark)
        self._orchard, self._secrets = orchard, connection.credentials

    def shop(self) -> ShopInfo:
        if SECRET not in self._secrets.values():
            raise Unauthorized("The shop does not take this token")
        return replace(super().shop(), platform="orchard", version="3.1")

    def check(self) -> list[Finding]:
        return self._orchard.findings
