"""The bridge's own cart price rules behind the port (recorded: cart_price_rules.json).

A gift is a cart price rule, or a rule of the bridge's module where that is there
(:mod:`connectors.magento.module_gifts`), and never both: two at once could give it twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from connectors.base import CustomerGroup
from connectors.errors import ConnectorError, Mismatch, NotFound, Rejected
from connectors.magento.client import MagentoClient
from connectors.magento.compiling import compiled
from connectors.magento.coupons import CODES_PER_CALL, Coupons, missing_rule
from connectors.magento.module_gifts import (
    BY_MODULE,
    CHANGED,
    ModuleGifts,
    Said,
    can_be_by_module,
    read_said,
    said_by_module,
)
from connectors.magento.own_rules import OWNER_FIELDS, OwnRules
from connectors.magento.paging import Row
from connectors.magento.rule_text import (
    ALL_GROUPS,
    Fields,
    body_of,
    differing,
    fields_of,
    text_of,
    told,
)
from connectors.magento.views import Views
from connectors.rewards import GIFT_KEYS, HeldCode, HeldPromotion, Promotion

CODES_PER_RULE = 5000
"""Carts find a coupon by its own index, however many there are; the admin's page of a rule lists
all of its codes, and a change of the rule rewrites them all."""


class MagentoPromotions:
    """See :class:`connectors.rewards.Promotions`. Safe to share between threads."""

    codes_per_promotion = CODES_PER_RULE
    codes_per_call = CODES_PER_CALL
    keeps_used_codes = False
    """Uses are counted by a queue's consumer: where none runs a coupon works again (recorded:
    #39, #42; PLATFORM_FACTS Magento 21)."""

    def __init__(
        self,
        client: MagentoClient,
        rules: OwnRules,
        views: Views,
        groups: Callable[[], list[CustomerGroup]],
        gifts: ModuleGifts,
    ) -> None:
        self._client = client
        self._rules = rules
        self._views = views
        self._groups = groups
        self._gifts = gifts
        self._coupons = Coupons(client, rules)

    def without_plugin(self) -> MagentoPromotions:
        """See :class:`connectors.rewards.GivenByPlugin`."""
        gifts = self._gifts.left_alone()
        return MagentoPromotions(self._client, self._rules, self._views, self._groups, gifts)

    def compile(self, promotion: Promotion) -> str:
        """Asks the shop for its store views, once: days depend on their time zones; and for a
        gift whether the module is there."""
        views = self._views.of_website(promotion.store_id)
        if can_be_by_module(promotion) and self._gifts.can_be_given:
            return text_of(said_by_module(promotion, views))
        return text_of(compiled(promotion, views))

    # -- read -------------------------------------------------------------------------------

    def all(self) -> Iterator[HeldPromotion]:
        groups = self._group_ids()
        by_module = self._gifts.held()
        seen: set[str] = set()
        for key, row in self._rules.all():
            if key not in seen:
                seen.add(key)
                found = _held(key, row, groups)
                yield self._given(key, by_module[key], found) if key in by_module else found
        for key, said in sorted(by_module.items()):
            if key not in seen:
                yield self._given(key, said)

    def read(self, keys: Sequence[str]) -> dict[str, HeldPromotion]:
        found = self._read_rules(keys)
        by_module = self._gifts.held() if any(map(_is_gift, keys)) else {}
        for key in keys:
            if key in by_module:
                found[key] = self._given(key, by_module[key], found.get(key))
        return found

    def _given(self, key: str, said: Said, rule: HeldPromotion | None = None) -> HeldPromotion:
        """By the module. Both at once is never what the bridge wrote: it is told as a change."""
        if rule is not None:
            said = {BY_MODULE: True, CHANGED: {"rule": rule.native, "module": said}}
        name = str(said.get("name") or key)
        return HeldPromotion(key, self._gifts.row_key(key), text_of(said), name, by_plugin=True)

    def _read_rules(self, keys: Sequence[str]) -> dict[str, HeldPromotion]:
        found = self._rules.by_key(keys)
        groups = self._group_ids() if found else []
        return {key: _held(key, rows[0], groups) for key, rows in found.items()}

    def _group_ids(self) -> list[int]:
        return [int(group.id) for group in self._groups()]

    # -- write ------------------------------------------------------------------------------

    def write(self, key: str, native: str) -> HeldPromotion:
        said = read_said(native)
        if said is not None:
            return self._write_for_module(key, said)
        wanted = fields_of(native)
        groups = self._group_ids()
        _check_groups(wanted, groups)
        if _is_gift(key):
            self._gifts.drop(key)
        rows = self._rules.by_key([key]).get(key, [])
        body = body_of(wanted, self._rules.description(key), groups)
        if not rows:
            self._client.post("salesRules", {"rule": body})
        else:
            self._drop_twins(rows)
            if told(rows[0], groups) != wanted:
                self._change(rows[0], body)
        return self._read_back(key, wanted, groups)

    def _write_for_module(self, key: str, said: Said) -> HeldPromotion:
        """The cart price rule goes first, and is seen gone. Killed in between, nothing is
        given."""
        self._gifts.check(key, said)
        named = [int(one) for one in said["groups"]] or ALL_GROUPS
        _check_groups({"customer_group_ids": named}, self._group_ids())
        self._take_away(key)
        if self._rules.by_key([key], OWNER_FIELDS):
            raise Mismatch("The shop still holds the cart price rule that the module replaces")
        self._gifts.put(key, said)
        found = self.read([key]).get(key)
        if found is None or found.native != text_of(said):
            raise Mismatch(
                f"The shop's module made something else of the gift “{said['name']}”",
                advice="Look whether somebody changed it there, then run it again.",
            )
        return found

    def _change(self, row: Row, body: Fields) -> None:
        """The whole row goes back, changed: what is missing from a ``PUT`` is emptied. Changing
        a rule has taken its coupons along (PLATFORM_FACTS Magento 22)."""
        rule_id = int(row["rule_id"])
        codes = self._coupons.count(rule_id)
        whole = {**row, **body, "rule_id": rule_id}
        whole.pop("id", None)
        self._client.put(f"salesRules/{rule_id}", {"rule": whole}, repeatable=True)
        left = self._coupons.count(rule_id)
        if left < codes:
            raise Mismatch(
                f"The shop dropped {codes - left} of {codes} coupons when its cart price rule "
                f"{rule_id} was changed",
                advice="The bridge hangs them on again; see PLATFORM_FACTS Magento 22.",
            )

    def _drop_twins(self, rows: Sequence[Row]) -> None:
        """The oldest stays. A younger one under the same mark is what a lost answer left behind:
        it would take the discount off twice."""
        for row in rows[1:]:
            rule_id = int(row["rule_id"])
            if self._coupons.count(rule_id):
                raise Mismatch(
                    f"Two cart price rules carry the mark {row['description']}, and both have "
                    f"coupons: {rows[0]['rule_id']} and {rule_id}",
                    advice="Look which one is right, and clear the description of the other.",
                )
            self._delete(rule_id)

    def _read_back(self, key: str, wanted: Fields, groups: Sequence[int]) -> HeldPromotion:
        rows = self._rules.by_key([key]).get(key)
        if not rows:
            raise Mismatch(f"The shop took the cart price rule {key!r} and does not hold it")
        different = differing(wanted, told(rows[0], groups))
        if different:
            raise Mismatch(
                f"The shop made something else of the cart price rule {key!r}: "
                f"{', '.join(different)}",
                advice="Look at the rule in the shop's admin; an extension may change rules.",
            )
        return _held(key, rows[0], groups)

    def remove(self, key: str) -> None:
        if _is_gift(key):
            self._gifts.drop(key)
        self._take_away(key)

    def _take_away(self, key: str) -> None:
        for row in self._rules.by_key([key], OWNER_FIELDS).get(key, []):
            self._delete(int(row["rule_id"]))

    def _delete(self, rule_id: int) -> None:
        """Its coupons go with it."""
        try:
            self._client.delete(f"salesRules/{rule_id}")
        except NotFound:
            return

    # -- codes ------------------------------------------------------------------------------

    def add_codes(self, key: str, codes: Sequence[str]) -> dict[str, ConnectorError]:
        _check_count(codes)
        return self._coupons.add(self._rule_id(key), codes) if codes else {}

    def codes(self, codes: Sequence[str]) -> dict[str, HeldCode]:
        _check_count(codes)
        return self._coupons.find(codes)

    def codes_of(self, key: str) -> Iterator[HeldCode]:
        for row in self._rules.by_key([key], OWNER_FIELDS).get(key, []):
            yield from self._coupons.of_rule(int(row["rule_id"]))

    def remove_codes(self, codes: Sequence[str]) -> dict[str, ConnectorError]:
        _check_count(codes)
        return self._coupons.remove(codes)

    def _rule_id(self, key: str) -> int:
        rows = self._rules.by_key([key], OWNER_FIELDS).get(key)
        if not rows:
            raise missing_rule(key)
        return int(rows[0]["rule_id"])


def _held(key: str, row: Row, groups: Sequence[int]) -> HeldPromotion:
    fields = told(row, groups)
    return HeldPromotion(
        key=key,
        native_id=str(row["rule_id"]),
        native=text_of(fields),
        name=fields["name"],
        is_active=fields["is_active"],
    )


def _is_gift(key: str) -> bool:
    return key.startswith(GIFT_KEYS)


def _check_groups(wanted: Fields, groups: Sequence[int]) -> None:
    """A group that is not there breaks the call (recorded: #18)."""
    named = wanted["customer_group_ids"]
    gone = [] if named == ALL_GROUPS else sorted(set(named) - set(groups))
    if gone:
        raise Rejected(
            f"The shop has no customer group {', '.join(map(str, gone))}",
            advice="Take it out of the programme, or make it again.",
        )


def _check_count(codes: Sequence[str]) -> None:
    if len(codes) > CODES_PER_CALL:
        raise ValueError(f"At most {CODES_PER_CALL} codes at once, not {len(codes)}")
