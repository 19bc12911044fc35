"""When each step runs. The order is that of :func:`bridge.engine.once.work_once`."""

from __future__ import annotations

from datetime import timedelta

from bridge.config import Settings
from bridge.engine import (
    figure_steps,
    plugin_steps,
    privacy_steps,
    reward_steps,
    subscriber_steps,
    terms_steps,
    voucher_steps,
)
from bridge.engine import steps as do
from bridge.engine.protocol import Scope, Step

_HOURLY = timedelta(hours=1)
_FIVE_MINUTES = timedelta(minutes=5)
_TEN_MINUTES = timedelta(minutes=10)
_REST = 10
"""What looks at everybody takes a tenth of the time at most."""


def steps(settings: Settings) -> tuple[Step, ...]:
    often = timedelta(seconds=settings.poll_seconds)
    shop, workspace = Scope.SHOP, Scope.WORKSPACE
    return (
        Step("pull", shop, shop=do.pull_shop, every=max(often, _TEN_MINUTES)),
        Step("plugins", shop, shop=plugin_steps.plugin_in_shop, every=often),
        Step("poll", shop, shop=do.poll_shop, every=often),
        Step("fetch", shop, shop=do.fetch_for_signals, every=often),
        Step("handle", workspace, workspace=do.handle, every=often),
        Step("activities", workspace, workspace=do.activities),
        Step("welcome", workspace, workspace=do.welcome),
        Step("day", workspace, workspace=do.new_day, every=often),
        Step("time", workspace, workspace=do.pass_the_time, every=often),
        Step("segments", workspace, workspace=do.segments, rests=_REST),
        Step("tiers", workspace, workspace=do.tiers, rests=_REST),
        Step("rewards", workspace, workspace=reward_steps.rewards, every=often),
        Step("campaigns", workspace, workspace=reward_steps.campaigns_of_the_day),
        Step("ending", workspace, workspace=voucher_steps.pass_vouchers_time, every=often),
        Step("vouchers", shop, shop=voucher_steps.vouchers_to_shop, every=often),
        Step("baskets", shop, shop=voucher_steps.baskets_to_shop, every=often),
        Step("owners", shop, shop=voucher_steps.voucher_owners, every=max(often, _FIVE_MINUTES)),
        Step("gifts", shop, shop=reward_steps.gifts_in_baskets, every=often),
        Step("letters", workspace, workspace=reward_steps.letters, every=often),
        Step("events", workspace, workspace=subscriber_steps.events, every=often, rests=_REST),
        Step("webhooks", workspace, workspace=subscriber_steps.webhooks, every=often),
        Step("promotions", workspace, workspace=reward_steps.end_of_promotions, every=_HOURLY),
        Step("moves", workspace, workspace=do.moves, rests=_REST),
        Step("deliver", shop, shop=do.deliver_to_shop, every=often),
        Step("due", workspace, workspace=do.due_balances, every=often),
        Step("balances", shop, shop=do.push_balances, every=often),
        Step("privacy", workspace, workspace=privacy_steps.privacy, every=often),
        Step("terms", shop, shop=terms_steps.terms_to_shop, every=max(often, _TEN_MINUTES)),
        Step("figures", workspace, workspace=figure_steps.figures, every=_HOURLY),
        Step("forget", workspace, workspace=do.forget_old),
    )
