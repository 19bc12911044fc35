"""Two clients of an agency: what they sell, and a programme that uses every section."""

from __future__ import annotations

from sqlmodel import Session

from bridge.application import Application
from bridge.audit.service import Actor
from bridge.catalogue.models import ShopCategory, ShopProduct
from bridge.groups.models import ShopGroup
from bridge.installations.models import Installation, ShopFacts
from bridge.programme.editing import from_text, present, save
from bridge.workspaces.service import ensure_workspace, workspace_id

ADA = Actor("Ada <ada@agency.example>")
APPLE = """\
programme: Apple Club
currency: EUR
timezone: Europe/Berlin
groups:
  gold:
    name: Gold
    names: {apple-m2: Gold M2}
    base: {apple-m2: General, "*": Standard}
    move_from: [General]
    members:
      emails: [eve@apple-customer.example]
      companies: [Apple Tree Ltd]
      rule: {group: Apple Growers, vat_id: yes}
  growers: {name: Apple Growers, existing: yes}
price_lists:
  list:
    groups: [gold]
    stores: [apple-m2/apple-de]
    prices:
      APPLE-1: [{from: 1, price: 9}, {from: 10, price: 8}]
      APPLE-GONE: [{from: 5, price: 7}]
    hold: [APPLE-2]
    rules:
      - {category: Apple Trees, exclude: APPLE-2, tiers: [{from: 10, percent: 5}]}
points:
  exclude: {group: [Apple Dealers], sku: APPLE-GIFT}
  rules:
    base: {per_amount: {points: 1, each: 10}}
    more: {multiply: 2, when: {store: apple-m2/apple-de, category: Apple Trees, segment: big}}
    pair: {bought_together: {sku: [APPLE-1, APPLE-2], points: 50}}
    firm: {per_order: 5, when: {company: Apple Tree Ltd, group: gold, tier: silver}}
segments:
  big: {rfm: {orders: 5, spend: 1000, months: 12}, emails: [eve@apple-customer.example]}
  friends: {emails: [tom@apple-customer.example]}
tiers:
  silver: {name: Silver, reach: {spend: 500}, group: gold}
companies:
  tree: {name: Apple Tree Ltd, holds_points: yes}
redemption:
  rate: {points: 100, amount: 1}
  step: 5
  stores: [apple-m2]
  automatic: {points: 1000, store: apple-m2/apple-de}
next_purchase:
  again: {order: 200, give: {percent: 10, maximum: 50}}
campaigns:
  welcome: {sign_up: yes, give: {amount: 5}, basket: 50, when: {group: Apple Growers}}
  pair: {together: [APPLE-1, APPLE-2], give: {percent: 5}}
gifts:
  tree: {basket: 250, sku: APPLE-GIFT}
referrals:
  friend: {give: {percent: 10}}
  referrer: {points: 500}
  stores: [apple-m2/apple-de]
partners:
  eve: {owner: eve@apple-customer.example, points: 1, each: 10}
rewards:
  fair: {name: Day at the fair, points: 2500, when: {segment: big}}
joining: {product: {sku: APPLE-GIFT}}
"""
APPLE_SHOP = {
    "stores": ["apple-de"],
    "groups": ["General", "Standard", "Apple Growers", "Apple Dealers"],
    "skus": ["APPLE-1", "APPLE-2", "APPLE-GIFT", "APPLE-GONE"],
    "categories": ["Apple Trees"],
}
PEAR = """\
programme: Pear Circle
currency: EUR
timezone: Europe/Vienna
groups:
  own: {name: Own, base: General}
price_lists:
  own: {groups: [own], prices: {PEAR-1: [{from: 1, price: 3}]}}
campaigns:
  harvest: {on: 2030-09-01, give: {points: 20}}
"""
PEAR_SHOP = {
    "stores": ["pear-at"],
    "groups": ["General", "STANDARD", "Pear Growers"],
    "skus": ["PEAR-1", "PEAR-2", "PEAR-GIFT"],
    "categories": ["Pear Trees"],
}


class Agency:
    """Its clients are workspaces of one database."""

    def __init__(self, app: Application) -> None:
        self._app = app

    def client(
        self, key: str, shop: str, told: dict[str, list[str]], text: str = ""
    ) -> Application:
        """With one shop that was read, and a programme."""
        app = self._app
        with app.database.writing() as session:
            ensure_workspace(session, key, app.now())
            id_ = workspace_id(session, key)
            _read(session, id_, shop, told, app)
        found = app.at(id_, key)
        if text:
            load(found, text)
        return found


def load(app: Application, text: str) -> int:
    """Its version's number."""
    with app.database.writing() as session:
        based_on = present(session, app.workspace_id).number
        draft = from_text(session, app.workspace_id, text)
        saved = save(session, app.workspace_id, draft, based_on, ADA, "", app.now())
        return saved.stored.number


def _read(
    session: Session, workspace: int, name: str, told: dict[str, list[str]], app: Application
) -> None:
    shop = Installation(
        workspace_id=workspace,
        name=name,
        platform="numbered",
        url=f"https://{name}.example",
        credentials="",
        created_at=app.now(),
        pulled_at=app.now(),
    )
    session.add(shop)
    session.flush()
    its = {"workspace_id": workspace, "installation_id": shop.id}
    session.add(
        ShopFacts(
            **its,
            version="1",
            stores=[
                {"code": code, "name": code, "id": code, "currency": "EUR"}
                for code in told["stores"]
            ],
            read_at=app.now(),
        )
    )
    for number, group in enumerate(told["groups"]):
        session.add(ShopGroup(**its, group_id=str(number), name=group))
    for number, category in enumerate(told["categories"]):
        session.add(ShopCategory(**its, category_id=str(number), name=category, pull=1))
    for sku in told["skus"]:
        session.add(
            ShopProduct(
                **its,
                product_id=sku,
                sku=sku,
                name=sku,
                kind="simple",
                family_id=sku,
                prices="[]",
                pull=1,
            )
        )
    session.flush()
