"""Gift rules in the configuration of the app, one list for each sales channel.

Each rule of ours carries the bridge's mark, its key and its whole text; the script passes over
what it does not know. What others wrote into a list stays as it is.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from connectors.errors import ConnectorError, Forbidden, Mismatch, Rejected
from connectors.rewards import HALFWAY, Threshold
from connectors.sentences import sentence
from connectors.shopware import ids
from connectors.shopware.app_configuration import (
    GIFTS,
    MOST_RULES,
    GiftRule,
    compiled_gifts,
)
from connectors.shopware.client import ShopwareClient
from connectors.shopware.installed_app import InstalledApp
from connectors.shopware.mapping import moment, number
from connectors.shopware.promotion_payload import Facts
from connectors.shopware.promotion_text import BESIDE, BY_APP, Said

CHANGED = "changed"
_ONE = Decimal(1)
_RATES_DIFFER = Decimal("0.2")
"""Rates of exchange move, and the amount beside them is exact: by so much one may be off."""

Entry = Mapping[str, Any]
_SHAPE: Mapping[str, type] = {
    "active": bool,
    "basket": dict,
    "codes": bool,
    "currency": str,
    "discounts": list,
    "groups": list,
    "kind": str,
    "name": str,
    "priority": int,
    "store": str,
    "title": str,
    BY_APP: list,
}
"""What stands in every text, among other things."""

FactsOf = Callable[[Iterable[str]], Facts]
"""What is needed to tell amounts in these currencies, by ISO code."""


@dataclass(frozen=True, slots=True)
class _Found:
    channel_id: str
    entry: Entry


class AppGifts:
    """Safe to share between threads."""

    def __init__(
        self,
        client: ShopwareClient,
        app: InstalledApp,
        mark: str,
        facts: FactsOf,
        *,
        is_told: bool = True,
    ) -> None:
        """``is_told``: it may be told rules, if it is there."""
        self._client = client
        self._app = app
        self._mark = mark
        self._facts = facts
        self._is_told = is_told
        self._lock = threading.Lock()

    @property
    def can_be_given(self) -> bool:
        """Whether the app gives what it is told at this moment."""
        plugin = self._app.seen() if self._is_told else None
        return plugin is not None and plugin.puts_gifts_in

    @property
    def can_stand_beside(self) -> bool:
        """Whether the app, once it is switched on, knows the promotions beside its rules."""
        return self._is_told and self._app.knows_promotions

    def is_told(self, key: str, channel_id: str) -> bool:
        """Whether a rule of this key stands there. Raises Forbidden."""
        return any(self._is(one, key) for one in self._told(channel_id))

    def knows_promotion(self, key: str) -> bool:
        """Whether every rule of this key, wherever it stands, names the promotion beside it. Raises
        Forbidden."""
        named = ids.promotion_id(self._mark, key)
        found = self._found(self._channels()).get(key, ())
        return all(one.entry.get("promotion") == named for one in found)

    def held(self) -> dict[str, Said]:
        """Every gift of ours, by key, whether the app is switched on or not. Nothing where it is
        not installed, or the configuration may not be read: then nothing is made for it."""
        if not self._app.is_installed:
            return {}
        try:
            found = self._found(self._channels())
        except Forbidden:
            return {}
        facts = self._facts({_currency(one.entry) for many in found.values() for one in many})
        return {key: _said(key, many, self._mark, facts) for key, many in found.items()}

    def try_to_tell(self, key: str, said: Said) -> None:
        """Whether :meth:`put` can do it, before anything is taken away elsewhere; writes what
        stands there. Raises Rejected for what the app cannot be told, and Forbidden."""
        with self._lock:
            self._with(key, said)
            told = self._app.configuration(said["store"]).get(GIFTS)
            self._app.configure(said["store"], GIFTS, told)

    def put(self, key: str, said: Said) -> None:
        """In its channel, and in no other. Raises as :meth:`try_to_tell`."""
        with self._lock:
            self._drop(key, [one for one in self._channels() if one != said["store"]])
            self._app.configure(said["store"], GIFTS, self._with(key, said))

    def _with(self, key: str, said: Said) -> list[Any]:
        """The channel's rules with this one."""
        if CHANGED in said or HALFWAY in said:
            raise Rejected("It was changed by hand in the app's configuration: that is not kept")
        entry = entry_of(key, said, self._mark, self._facts([said["currency"]]))
        kept = [one for one in self._told(said["store"]) if not self._is(one, key)]
        if len(kept) >= MOST_RULES:
            raise Rejected(f"{len(kept) + 1} gift rules in one sales channel: {MOST_RULES} at most")
        return _sorted([*kept, entry])

    def drop(self, key: str) -> None:
        """Out of every channel, and seen gone: from then on the app gives it to no basket that is
        worked out anew. Raises Forbidden where the app is installed and the bridge may not look."""
        with self._lock:
            try:
                channels = self._channels()
                self._drop(key, channels)
                left = self._found(channels).get(key)
            except Forbidden as refusal:
                if self._app.is_installed:
                    raise _cannot_look(refusal) from refusal
                return  # it was never written
        if left:
            raise Mismatch("A gift came back into the app's configuration as it was taken out")

    def drop_all(self) -> None:
        """Every gift of ours, out of every channel, when the bridge leaves the shop or the app.
        Raises Forbidden where the app is installed and the bridge may not look."""
        with self._lock:
            try:
                channels = self._channels()
                for key in self._found(channels):
                    self._drop(key, channels)
            except Forbidden:
                if self._app.is_installed:
                    raise

    # -- the lists ----------------------------------------------------------------------------

    def _channels(self) -> list[str]:
        rows = self._client.all("sales_channel", {"includes": {"sales_channel": ["id"]}})
        return sorted(str(row["id"]) for row in rows)

    def _told(self, channel_id: str) -> list[Any]:
        """Whatever stands there. A JSON object is a list with names to the shop."""
        told = self._app.configuration(channel_id).get(GIFTS)
        if isinstance(told, dict):
            return list(told.values())
        return told if isinstance(told, list) else []

    def _found(self, channels: Sequence[str]) -> dict[str, list[_Found]]:
        found: dict[str, list[_Found]] = {}
        for channel_id in channels:
            for entry in self._told(channel_id):
                key = self._key(entry)
                if key is not None:
                    found.setdefault(key, []).append(_Found(channel_id, entry))
        return found

    def _drop(self, key: str, channels: Sequence[str]) -> None:
        for channel_id in channels:
            told = self._told(channel_id)
            kept = [one for one in told if not self._is(one, key)]
            if len(kept) < len(told):
                self._app.configure(channel_id, GIFTS, kept or None)

    def _key(self, entry: Any) -> str | None:
        """Of a rule of ours."""
        if not isinstance(entry, dict) or entry.get("mark") != self._mark:
            return None
        key = entry.get("key")
        return key if isinstance(key, str) else None

    def _is(self, entry: Any, key: str) -> bool:
        return self._key(entry) == key


# --- one rule ------------------------------------------------------------------------------


def entry_of(key: str, said: Said, mark: str, facts: Facts) -> dict[str, Any]:
    """As the script reads it, with what the bridge knows it by. Raises Rejected."""
    threshold, discount = said["basket"]["threshold"], said["discounts"][0]
    currency = said["currency"]
    rule = GiftRule(
        rule=key,
        product_id=discount["products"][0],
        quantity=discount["pieces"],
        threshold=Threshold(
            Decimal(threshold["amount"]),
            threshold["basis"] == "gross",
            threshold["after_discounts"],
        ),
        currency_id=facts.currency_id(currency),
        currency_factor=facts.factors.get(currency, _ONE),
        group_ids=tuple(said[BY_APP]),
        starts_at=moment(said["from"]),
        ends_at=moment(said["until"]),
        promotion_id=ids.promotion_id(mark, key) if said.get(BESIDE) is True else "",
    )
    (entry,) = compiled_gifts([rule])
    whole: dict[str, Any] = _exact({**entry, "mark": mark, "key": key, "says": said})
    return whole


def _said(key: str, found: Sequence[_Found], mark: str, facts: Facts) -> Said:
    """What it says; under ``changed`` how it differs from what the bridge would write."""
    first = found[0]
    says = _says(first.entry)
    is_one = len(found) == 1 and first.channel_id == says.get("store")
    if is_one and _agrees(first.entry, key, says, mark, facts):
        return says
    differs = [
        {"channel": one.channel_id, **{k: v for k, v in one.entry.items() if k != "says"}}
        for one in found
    ]
    return {"discounts": [], BY_APP: [], **says, CHANGED: _floats(differs)}


def _says(entry: Entry) -> Said:
    """Its text; empty where that is none that the bridge could have written: whoever reads texts
    relies on what stands in them."""
    says = entry.get("says")
    if not isinstance(says, dict) or not _SHAPE.keys() <= says.keys():
        return {}
    is_whole = all(type(says[name]) is kind for name, kind in _SHAPE.items())
    return _floats(says) if is_whole else {}


def _agrees(entry: Entry, key: str, says: Said, mark: str, facts: Facts) -> bool:
    try:
        wanted = entry_of(key, says, mark, facts)
    except (ConnectorError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError):
        return False  # a person's hand was in it
    exact = wanted.keys() - {"base"}
    there, base = number(entry.get("base")), wanted["base"]
    return (
        entry.keys() == wanted.keys()
        and all(entry[name] == wanted[name] for name in exact)
        and there is not None
        and abs(there - base) <= base * _RATES_DIFFER
    )


def _exact(value: Any) -> Any:
    """For a request, which takes no binary numbers."""
    return _each(value, lambda one: Decimal(repr(one)) if isinstance(one, float) else one)


def _floats(value: Any) -> Any:
    """For a text; an answer holds exact numbers."""
    return _each(value, lambda one: float(one) if isinstance(one, Decimal) else one)


def _each(value: Any, change: Callable[[Any], Any]) -> Any:
    if isinstance(value, list):
        return [_each(one, change) for one in value]
    if isinstance(value, dict):
        return {name: _each(one, change) for name, one in value.items()}
    return change(value)


def _currency(entry: Entry) -> str:
    return str(_says(entry).get("currency"))


def _sorted(told: Iterable[Any]) -> list[Any]:
    """Of two rules that give one product the script takes the first: that with the lower
    threshold. Others' keep their place, in front."""
    many = list(told)
    ours = [one for one in many if isinstance(one, dict) and "says" in one]
    return [*(one for one in many if one not in ours), *sorted(ours, key=_place)]


def _place(entry: Entry) -> tuple[str, float, str]:
    amount = entry.get("amount")
    known = float(amount) if isinstance(amount, int | float | Decimal) else 0.0
    return str(entry.get("product")), known, str(entry.get("rule"))


def _cannot_look(refusal: Forbidden) -> Forbidden:
    return Forbidden(
        sentence(
            "Whether the app in the shop gives this gift cannot be seen, so it is not given by "
            "other means: it could be given twice"
        ),
        where=refusal.where,
        advice=sentence("Grant system_config:read to the integration's role."),
        privileges=refusal.privileges or ("system_config:read",),
    )
