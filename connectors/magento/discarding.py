"""``store check``: an admin's own rules that leave nothing for those of the bridge."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from connectors.base import Finding, Severity
from connectors.errors import ConnectorError
from connectors.magento.client import MagentoClient
from connectors.magento.criteria import Filter, where
from connectors.magento.paging import Row
from connectors.magento.rule_text import LAST_ORDER, NO_COUPON
from connectors.sentences import sentence

_MOST = 100
_NAMED = 3
_FIELDS = "items[rule_id,name,sort_order,coupon_type,to_date],total_count"
_MEND = sentence(
    "Set 'Discard subsequent rules' of these rules to No (Marketing > Cart Price "
    "Rules > Actions), or give them a priority above %(last_order)s, unless a "
    "voucher shall not work beside them.",
    last_order=LAST_ORDER,
)


def discarding(client: MagentoClient) -> Iterator[Finding]:
    """Rules without a coupon that are on, come before ours, and end the rules after them: on the
    products they apply to, in some versions in the whole basket (magento2 issue 35707). It is
    what a new rule does unless its admin says otherwise (recorded: cart_price_rules.json #16).
    Ours never do."""
    is_on, ends_it = Filter("is_active", "1"), Filter("stop_rules_processing", "1")
    criteria = where(is_on, ends_it, sort=("rule_id",), size=_MOST)
    try:
        rows = client.search("salesRules/search", criteria, _FIELDS).items
    except ConnectorError:
        return  # the probes say so
    today = datetime.now(UTC).date().isoformat()
    found = [row for row in rows if _stands_before_ours(row, today)]
    if found:
        names = ", ".join(f"“{row.get('name')}” (id {row['rule_id']})" for row in found[:_NAMED])
        more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
        text = sentence(
            "Where a cart price rule discards the ones after it, vouchers and gifts do not "
            "work: %(names)s%(more)s.",
            names=names,
            more=more,
        )
        yield Finding(Severity.WARNING, "rewards", text, _MEND)


def _stands_before_ours(row: Row, today: str) -> bool:
    """A rule with a coupon applies only where no voucher is given: a basket has one coupon."""
    return (
        str(row.get("coupon_type") or NO_COUPON) == NO_COUPON
        and int(row.get("sort_order") or 0) <= LAST_ORDER
        and str(row.get("to_date") or today)[:10] >= today
    )
