"""Promotions of the bridge: known by their id, which derives from mark and key, and by the mark in
their custom fields. Only what has both is ever changed.

A gift is a promotion, and where the bridge's app is installed a rule in its configuration as well
(:mod:`connectors.shopware.app_gifts`), which names the promotion: the app's script takes that out
of baskets, so nobody gets two. While the app is off the promotion holds. What only one of them can
say, and apps that do not know promotions yet, have one alone.

The custom fields of a promotion are translated (recorded: entities.json): they are written and
read in the shop's system language, the API's own, as those of customer groups are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal

from connectors.errors import ConnectorError, InUse, Mismatch, NotFound, Rejected, Unsafe
from connectors.rewards import GIFT_KEYS, HALFWAY, HeldCode, HeldPromotion, Promotion
from connectors.sentences import sentence
from connectors.shopware import ids
from connectors.shopware.app_gifts import CHANGED, AppGifts
from connectors.shopware.catalogue import Catalogue
from connectors.shopware.client import ShopwareClient
from connectors.shopware.codes import CODES_PER_CALL, Codes
from connectors.shopware.installed_app import InstalledApp
from connectors.shopware.mapping import Currencies, number
from connectors.shopware.paging import Row, parts
from connectors.shopware.promotion_payload import Facts, operations, rule_ids, rules_on
from connectors.shopware.promotion_rows import (
    OWN,
    RULE,
    WHOLE,
    held,
    key_of,
    needs_rates,
    own_fields,
)
from connectors.shopware.promotion_rules import TaxRates
from connectors.shopware.promotion_text import (
    BY_APP,
    Said,
    beside,
    can_be_beside,
    can_be_by_app,
    compiled,
    is_beside,
    read_text,
    text_of,
)

_PER_READ = 50
_NO_TAX = TaxRates(Decimal(0), Decimal(0))


class ShopwarePromotions:
    """Safe to share between threads."""

    def __init__(
        self,
        client: ShopwareClient,
        catalogue: Catalogue,
        app: InstalledApp,
        mark: str,
        *,
        tells_app: bool = True,
    ) -> None:
        self._client = client
        self._catalogue = catalogue
        self._app = app
        self._mark = mark
        self._codes = Codes(client, mark)
        self._gifts = AppGifts(
            client,
            app,
            mark,
            lambda codes: self._facts(codes, with_rates=False),
            is_told=tells_app,
        )

    def without_plugin(self) -> ShopwarePromotions:
        """See :class:`connectors.rewards.GivenByPlugin`."""
        return ShopwarePromotions(
            self._client, self._catalogue, self._app, self._mark, tells_app=False
        )

    @property
    def codes_per_promotion(self) -> int:
        """Half of what the shop's own pages bear (PLATFORM_FACTS Shopware 18)."""
        return 5_000

    @property
    def codes_per_call(self) -> int:
        return CODES_PER_CALL

    @property
    def keeps_used_codes(self) -> bool:
        """A code is marked as used after its order, which is not to be relied on: not behind a
        promotion of another kind (shopware#3385), not where two buy at once (#13552), not with a
        blank typed behind it (#19919). Ours stand first, and are taken away at first sight."""
        return False

    # -- promotions -------------------------------------------------------------------------

    def compile(self, promotion: Promotion) -> str:
        by_app = can_be_by_app(promotion) and self._gifts.can_be_given
        both = can_be_beside(promotion) and self._is_beside(promotion, is_given=by_app)
        return text_of(compiled(promotion, self._mark, by_app=by_app or both, beside=both))

    def _is_beside(self, promotion: Promotion, *, is_given: bool) -> bool:
        """While the app is off its rules stay, so that nothing is to be done when it comes back;
        new ones are made for it once it is on."""
        if not self._gifts.can_stand_beside:
            return False
        return is_given or self._gifts.is_told(promotion.key, promotion.store_id)

    def all(self) -> Iterator[HeldPromotion]:
        """Every promotion is looked at: whether a filter reaches into custom fields that no set
        describes is unproved."""
        rows = self._client.all("promotion", OWN)
        keys = {key for row in rows if (key := key_of(row, self._mark)) is not None}
        by_app = self._gifts.held()
        for some in parts(sorted(keys | by_app.keys()), _PER_READ):
            found = self._read(some, by_app)
            yield from (found[key] for key in some if key in found)

    def read(self, keys: Sequence[str]) -> dict[str, HeldPromotion]:
        return self._read(keys, self._gifts.held() if any(map(_is_gift, keys)) else {})

    def _read(self, keys: Sequence[str], by_app: Mapping[str, Said]) -> dict[str, HeldPromotion]:
        found = {key: _alone(held) for key, held in self._promotions(keys).items()}
        for key in keys:
            if key in by_app:
                found[key] = self._given_by_app(key, by_app[key], found.get(key))
        return found

    def _given_by_app(self, key: str, said: Said, promotion: HeldPromotion | None) -> HeldPromotion:
        """A promotion that is not what the rule says, or missing, is told as a change, by hand or
        because a write broke off."""
        there = read_text(promotion.native) if promotion else None
        if there is not None and is_beside(there):
            there.pop(HALFWAY, None)
        wanted = beside(said)
        if there != wanted:
            is_ours = CHANGED not in said and (there is None or is_beside(there))
            name = HALFWAY if is_ours else CHANGED
            said = {**said, name: {"is": said.get(CHANGED), "promotion": there}}
        name = str(said.get("title") or said.get("name") or key)
        native_id = ids.promotion_id(self._mark, key)
        return HeldPromotion(key, native_id, text_of(said), name, by_plugin=True)

    def _promotions(self, keys: Sequence[str]) -> dict[str, HeldPromotion]:
        found: dict[str, HeldPromotion] = {}
        for some in parts(list(dict.fromkeys(keys)), _PER_READ):
            rows = self._rows(some)
            facts = self._facts(
                {str(own_fields(row).get("currency")) for row in rows.values()},
                with_rates=any(needs_rates(row) for row in rows.values()),
            )
            for key, row in rows.items():
                found[key] = held(row, key, self._mark, facts)
        return found

    def write(self, key: str, native: str) -> HeldPromotion:
        said = read_text(native)
        if BY_APP in said:
            return self._write_for_app(key, said)
        if _is_gift(key):
            self._gifts.drop(key)
        self._write_promotion(key, {name: said[name] for name in said if name != HALFWAY})
        return self._seen(key, said)

    def _write_promotion(self, key: str, said: Said) -> None:
        there = self._own(key)
        facts = self._facts({said["currency"]}, with_rates="threshold" in (said["basket"] or {}))
        rules = self._rules(rule_ids(self._mark, key, said))
        self._client.sync(operations(self._mark, key, said, facts, there, rules))
        self._drop_rules(self._superfluous(key, said, there))

    def _write_for_app(self, key: str, said: Said) -> HeldPromotion:
        """What is tried first takes nothing away. Killed anywhere, nobody gets two."""
        promotion = beside(said)
        if not (self._gifts.can_stand_beside if promotion else self._gifts.can_be_given):
            raise Rejected(
                sentence(
                    "The app that shall give it is switched off in the shop, or was made to forget "
                    "the bridge"
                ),
                advice=sentence("Plan again."),
            )
        self._gifts.try_to_tell(key, said)
        if promotion:
            self._put_beside(key, promotion)
        else:
            self._take_away(key)
            if self._own(key) is not None:
                raise Mismatch("The shop still holds the promotion that the app's gift replaces")
        self._gifts.put(key, said)
        return self._seen(key, said)

    def _put_beside(self, key: str, promotion: Said) -> None:
        """Before the app is told: from the first gift on that lies in a basket it is free without
        the app too. A rule that does not know of it goes first."""
        if not self._gifts.knows_promotion(key):
            self._gifts.drop(key)
        self._write_promotion(key, promotion)

    def _seen(self, key: str, said: Said) -> HeldPromotion:
        now = self.read([key]).get(key)
        if now is None or now.native != text_of(said):
            raise Mismatch(
                f"The shop made something else of the promotion “{said['title'] or said['name']}”",
                advice="See what an app or a person changed in it, then run it again.",
            )
        return now

    def remove(self, key: str) -> None:
        """Its codes go with it (recorded: promotions.json #35); then our rules, also those that an
        interrupted removal left behind."""
        if _is_gift(key):
            self._gifts.drop(key)
        self._take_away(key)
        self._app.guard_no_more(ids.promotion_id(self._mark, key))

    def _take_away(self, key: str) -> None:
        there = self._own(key)
        if there is not None:
            with suppress(NotFound):
                self._client.delete("promotion", str(there["id"]))
        includes = {"includes": {"rule": ["id", "customFields"]}}
        left = [str(r["id"]) for r in self._client.all("rule", includes) if self._is_of(r, key)]
        self._drop_rules(left)

    def forget_app(self) -> None:
        """Gifts that the app was told; promotions stay. Raises Forbidden."""
        self._gifts.drop_all()

    # -- codes ------------------------------------------------------------------------------

    def add_codes(self, key: str, codes: Sequence[str]) -> dict[str, ConnectorError]:
        return self._codes.add(key, codes)

    def codes(self, codes: Sequence[str]) -> dict[str, HeldCode]:
        return self._codes.held(codes)

    def codes_of(self, key: str) -> Iterator[HeldCode]:
        return self._codes.of(key)

    def remove_codes(self, codes: Sequence[str]) -> dict[str, ConnectorError]:
        return self._codes.remove(codes)

    # -- reading ----------------------------------------------------------------------------

    def _rows(self, keys: Sequence[str]) -> dict[str, Row]:
        """Those of ours, by key."""
        wanted = [ids.promotion_id(self._mark, key) for key in keys]
        criteria = {**WHOLE, "ids": wanted, "limit": len(wanted)}
        rows = self._client.search("promotion", criteria).rows if wanted else []
        return {key: row for row in rows if (key := key_of(row, self._mark)) is not None}

    def _own(self, key: str) -> Row | None:
        """The promotion as it is. Raises Unsafe where one with our id lost its mark."""
        promotion_id = ids.promotion_id(self._mark, key)
        criteria = {**WHOLE, "ids": [promotion_id], "limit": 1}
        rows = self._client.search("promotion", criteria).rows
        if rows and key_of(rows[0], self._mark) is None:
            raise Unsafe(
                f"The promotion {promotion_id} does not carry the bridge's mark any more",
                advice="Delete it in the shop, and it is made anew.",
            )
        return rows[0] if rows else None

    def _rules(self, rule_ids_: Sequence[str]) -> dict[str, Row]:
        if not rule_ids_:
            return {}
        criteria = {**RULE, "ids": list(rule_ids_), "limit": len(rule_ids_)}
        return {str(row["id"]): row for row in self._client.search("rule", criteria).rows}

    # -- rules that are not needed any more -------------------------------------------------

    def _superfluous(self, key: str, said: Said, there: Row | None) -> list[str]:
        needed = set(rule_ids(self._mark, key, said))
        before = rules_on(there) if there else ()
        own = {str(rule["id"]) for rule in before if self._is_of(rule, key)}
        return sorted(own - needed)

    def _is_of(self, rule: Row, key: str) -> bool:
        own = own_fields(rule)
        return own.get("mark") == self._mark and own.get("promotion") == key

    def _drop_rules(self, rule_ids_: Iterable[str]) -> None:
        """One that a person uses for something of his own stays."""
        for rule_id in rule_ids_:
            with suppress(NotFound, InUse):
                self._client.delete("rule", rule_id)

    # -- what texts mean in this shop -------------------------------------------------------

    def _facts(self, codes: Iterable[str], *, with_rates: bool) -> Facts:
        currencies = self._currencies(codes)
        others = [c for c in currencies.all if c.code in codes and not c.is_default]
        return Facts(
            currencies=currencies,
            rates=self._tax_rates() if with_rates else _NO_TAX,
            factors={c.code: self._factor(c.id) for c in others},
        )

    def _currencies(self, codes: Iterable[str]) -> Currencies:
        """A currency that was added since the last look is not refused."""
        known = self._catalogue.currencies()
        if all(known.id(code) for code in codes):
            return known
        return self._catalogue.currencies(fresh=True)

    def _factor(self, currency_id: str) -> Decimal:
        includes = {"includes": {"currency": ["id", "factor"]}}
        row = self._client.one("currency", currency_id, includes, "currency")
        return number(row.get("factor")) or Decimal(1)

    def _tax_rates(self) -> TaxRates:
        rates = self._catalogue.tax_rates().values()
        return TaxRates(min(rates), max(rates)) if rates else _NO_TAX


def _alone(held: HeldPromotion) -> HeldPromotion:
    """One that stands beside a rule of the app, and that rule is not there."""
    said = read_text(held.native)
    return replace(held, native=text_of({**said, HALFWAY: True})) if is_beside(said) else held


def _is_gift(key: str) -> bool:
    return key.startswith(GIFT_KEYS)
