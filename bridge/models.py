"""Every table, so that the metadata is whole wherever it is used."""

from __future__ import annotations

from sqlmodel import SQLModel

from bridge.catalogue.models import Pull, ShopCategory, ShopProduct
from bridge.groups.models import ShopAudience, ShopGroup
from bridge.installations.models import Installation, ShopFacts
from bridge.members.models import ShopCustomer
from bridge.outbox.models import Binding, Delivery, Run
from bridge.prices.models import ShopPrice
from bridge.programme.models import ProgrammeVersion
from bridge.workspaces.models import Workspace

TABLES = (
    Workspace,
    Installation,
    ShopFacts,
    ProgrammeVersion,
    Pull,
    ShopProduct,
    ShopCategory,
    ShopGroup,
    ShopAudience,
    ShopCustomer,
    ShopPrice,
    Run,
    Delivery,
    Binding,
)

metadata = SQLModel.metadata
