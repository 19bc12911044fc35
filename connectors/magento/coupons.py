"""Single-use codes: coupons of the bridge's own rules.

MySQL compares codes without regard to case, and so does this module.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from connectors.errors import (
    AlreadyExists,
    AnswerLost,
    ConnectorError,
    InUse,
    Mismatch,
    NotAShop,
    NotFound,
    Rejected,
    TooMany,
    Unsafe,
)
from connectors.http import in_parallel
from connectors.magento.client import MagentoClient
from connectors.magento.criteria import Filter, where
from connectors.magento.own_rules import OWNER_FIELDS, OwnRules
from connectors.magento.paging import Row
from connectors.rewards import HeldCode

CODES_PER_CALL = 50
PARALLEL_CALLS = 4
"""There is no service that makes several codes of a given text: each is a call (recorded:
cart_price_rules.json #5), some at a time."""
_GENERATED = 1
"""The type that agrees with a rule's ``use_auto_generation`` (PLATFORM_FACTS Magento 19). A
coupon that is primary would be deleted by the next change of its rule (magento2
``Rule::afterSave``), which is why ours never is."""
_FIELDS = "items[coupon_id,rule_id,code,usage_limit,times_used,type],total_count"
_SEARCH = "coupons/search"


class Coupons:
    def __init__(self, client: MagentoClient, rules: OwnRules) -> None:
        self._client = client
        self._rules = rules

    # -- read -------------------------------------------------------------------------------

    def find(self, codes: Sequence[str]) -> dict[str, HeldCode]:
        """Those that are there, by code as asked for."""
        rows = self._rows(codes)
        return {code: _held(rows[_same(code)]) for code in codes if _same(code) in rows}

    def of_rule(self, rule_id: int) -> Iterator[HeldCode]:
        among = Filter("rule_id", str(rule_id))
        rows = self._client.walk_by_id(_SEARCH, among, fields=_FIELDS, key="coupon_id")
        return map(_held, rows)

    def count(self, rule_id: int) -> int:
        criteria = where(Filter("rule_id", str(rule_id)), size=1)
        return self._client.search(_SEARCH, criteria, "items[coupon_id],total_count").total

    def _rows(self, codes: Sequence[str]) -> dict[str, Row]:
        """By :func:`_same`."""
        askable = [code for code in codes if _can_be(code)]
        if not askable:
            return {}
        among = Filter("code", ",".join(askable), "in")
        rows = self._client.walk_by_id(_SEARCH, among, fields=_FIELDS, key="coupon_id")
        return {_same(str(row["code"])): row for row in rows}

    # -- add --------------------------------------------------------------------------------

    def add(self, rule_id: int, codes: Sequence[str]) -> dict[str, ConnectorError]:
        """Every code is sent, then all are read back at once."""
        wanted = [code for code in dict.fromkeys(codes) if _can_be(code)]
        answers = in_parallel(lambda code: self._create(rule_id, code), wanted, PARALLEL_CALLS)
        said = dict(zip(wanted, answers, strict=True))
        there = self._rows(wanted)
        outcomes = {
            code: _outcome(code, rule_id, there.get(_same(code)), said[code]) for code in wanted
        }
        refused = {code: error for code, error in outcomes.items() if error is not None}
        return refused | {
            code: Rejected(f"{code!r} cannot be a coupon's code")
            for code in codes
            if code not in said
        }

    def _create(self, rule_id: int, code: str) -> ConnectorError | None:
        """What the shop said against it. Sent again after a lost answer: a code is there once
        or not at all, and one that is there already is looked at (recorded: #6)."""
        body = {"rule_id": rule_id, "code": code, "type": _GENERATED, "is_primary": False}
        try:
            self._client.post("coupons", {"coupon": body}, repeatable=True)
        except TooMany:
            raise
        except Rejected as refused:
            return refused
        except NotAShop as garbled:  # a refusal that was cut off: the look that follows tells
            return AnswerLost(garbled.message, where=garbled.where)
        return None

    # -- remove -----------------------------------------------------------------------------

    def remove(self, codes: Sequence[str]) -> dict[str, ConnectorError]:
        """Each is looked up first: it goes by its own id, and only if it hangs on a rule of
        ours. What is gone is read back."""
        rows = self._rows(codes)
        owners = self._rules.by_id((int(row["rule_id"]) for row in rows.values()), OWNER_FIELDS)
        ours: dict[str, Row] = {}
        refused: dict[str, ConnectorError] = {}
        for code in codes:
            row = rows.get(_same(code))
            if row is None:
                continue
            if self._rules.key_of(owners.get(int(row["rule_id"]), {})):
                ours[code] = row
            else:
                refused[code] = _not_ours(code, row)
        return refused | self._delete(ours)

    def _delete(self, rows: Mapping[str, Row]) -> dict[str, ConnectorError]:
        if not rows:
            return {}
        ids = sorted({int(row["coupon_id"]) for row in rows.values()})
        body = {"ids": ids, "ignoreInvalidCoupons": True}
        self._client.post("coupons/deleteByIds", body, repeatable=True)
        left = self._rows(list(rows))
        return {
            code: Mismatch(f"The shop kept the coupon {code}")
            for code in rows
            if _same(code) in left
        }


def _outcome(
    code: str, rule_id: int, row: Row | None, said: ConnectorError | None
) -> ConnectorError | None:
    if row is None:
        return said or Mismatch(f"The shop took the coupon {code} and does not hold it")
    if int(row["rule_id"]) != rule_id:
        return AlreadyExists(f"The coupon {code} hangs on another rule, with id {row['rule_id']}")
    if str(row["code"]) != code:
        return AlreadyExists(f"The shop has a coupon {row['code']}, which it takes for {code}")
    if int(row.get("type") or 0) != _GENERATED:
        return InUse(
            f"The coupon {code} is one that its rule does not take",
            advice="Delete it in the shop's admin; it is made again.",
        )
    return None


def _not_ours(code: str, row: Row) -> ConnectorError:
    return Unsafe(
        f"The coupon {code} hangs on the cart price rule {row['rule_id']}, which is not the "
        "bridge's own",
        advice="Delete it in the shop's admin if it shall go.",
    )


def _held(row: Row) -> HeldCode:
    limit = int(row.get("usage_limit") or 1)
    return HeldCode(
        code=str(row["code"]),
        native_id=str(row["coupon_id"]),
        promotion_id=str(row["rule_id"]),
        is_used=int(row.get("times_used") or 0) >= limit,
    )


def _same(code: str) -> str:
    """Equal for codes that the shop does not tell apart."""
    return code.casefold()


def _can_be(code: str) -> bool:
    """A search tells several codes apart by commas, and MySQL minds no spaces at an end."""
    return bool(code) and "," not in code and code == code.strip()


def missing_rule(key: str) -> NotFound:
    return NotFound(f"The shop has no cart price rule of the bridge under {key!r}")
