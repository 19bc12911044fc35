"""A Shopware shop that gets the app: codes that are there already are guarded, and no owner is ever
refused, whatever becomes of the app."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from engine_world import Merchant, programme
from sqlmodel import col, select

from bridge.engine.once import work_once
from bridge.members.finding import member_named
from bridge.shop_plugins import telling
from bridge.vouchers.at_once import bring
from bridge.vouchers.codes import workspace_secret
from bridge.vouchers.ending import withdraw
from bridge.vouchers.models import VoucherOwner
from bridge.vouchers.redeeming import Request, redeem
from bridge.vouchers.stores import stores_of
from connectors.shopware.app.manifests import APP_NAME, APP_VERSION
from connectors.shopware.code_owners import FIELD
from connectors.shopware.sandbox import settings
from connectors.shopware.sandbox.records import change, insert

ANNA = "anna.albers@example.com"
REDEMPTION: dict[str, Any] = {"rate": {"points": 10, "amount": 1}, "step": 1}
APP = "0a0b0c0d0e0f4001800203040506070d"


class Story:
    def __init__(self, merchant: Merchant) -> None:
        self.merchant = merchant
        self.till = merchant.till("shopware")
        self.database = merchant.shops["shopware"].state.database
        merchant.load(programme(redemption=REDEMPTION))
        self.till.order(ANNA, {self.till.skus()[0]: 2}, guest=False)
        self.work()
        self.stranger = next(one for one in self.till.buyers() if one != ANNA)

    def work(self) -> None:
        assert work_once(self.merchant.app).problems == {}

    def redeem(self) -> tuple[int, str]:
        app = self.merchant.app
        with app.database.writing() as session:
            places = stores_of(session, app.workspace_id)
            place = next(one for one in places if one.installation == "shopware")
            secret = workspace_secret(session, app.workspace_id, app.keyring, app.now())
            member = member_named(session, app.workspace_id, ANNA)
            asked = Request(member, 20, place, str(uuid.uuid4()))
            made = redeem(session, app.workspace_id, secret, asked, app.now()).voucher
        brought = bring(app, made.id or 0)
        assert brought.problem == ""
        return made.id or 0, brought.voucher.code

    def saves(self, code: str, email: str, *, guest: bool = False) -> bool:
        lines = self.till.price(email, {self.till.skus()[0]: 1}, guest=guest, codes=[code])
        return any(line.discount_gross > 0 for line in lines)

    def is_alone(self, code: str) -> bool:
        assert self.saves(code, ANNA), "an owner is never refused"
        return not self.saves(code, self.stranger) and not self.saves(code, ANNA, guest=True)

    def app_is(self, **values: Any) -> None:
        change(self.database, "app", APP, values)

    def left(self) -> tuple[list[str], list[str]]:
        """What stands in the configuration, and with customers."""
        told = [name for name, _ in settings.all_of(self.database) if APP_NAME in name]
        fields = [
            name
            for row in self.database["customer"].rows.values()
            for name, value in (row.values.get("customFields") or {}).items()
            if name.startswith(FIELD) and value is not None
        ]
        return [name for name in told if "guarded_" in name or "open_" in name], fields


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_it_guards_what_is_there_and_lets_go_whole(merchants: Callable[..., Merchant]) -> None:
    story = Story(merchants())
    _, early = story.redeem()
    assert not story.is_alone(early)

    insert(story.database, "app", {"id": APP, "name": APP_NAME, "version": "2.2.0", "active": True})
    story.work()
    assert not story.is_alone(early), "an older app does not guard"

    story.app_is(version=APP_VERSION, active=False)
    story.work()
    assert not story.is_alone(early)
    while_off, second = story.redeem()
    story.app_is(active=True)
    assert story.is_alone(early) and story.is_alone(second), "it was told while it was off"

    _, third = story.redeem()
    assert story.is_alone(third), "at once"
    with story.merchant.app.database.writing() as session:
        withdraw(session, 1, while_off, "test", story.merchant.app.now())
    story.work()
    story.work()
    assert len(story.left()[1]) == 2, "of an ended one nothing stays with its owner"

    app, shop = story.merchant.app, story.merchant.installation("shopware")
    with closing(app.connect(shop)) as connector:
        telling.forget(app, shop, connector)
        assert story.left() == ([], [])
        story.work()
        _, fourth = story.redeem()
        assert story.left() == ([], []) and not story.is_alone(fourth)
        telling.tell_again(app, shop, connector)
    story.work()
    assert story.is_alone(early) and story.is_alone(fourth)

    with story.database.lock:
        story.database.put("app", APP, None, heard=False)
    story.work()
    assert story.left() == ([], [])
    with app.database.reading() as session:
        assert session.exec(select(VoucherOwner).where(col(VoucherOwner.told) != "")).all() == []
