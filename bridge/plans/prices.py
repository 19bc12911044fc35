"""Planning tier prices: families are read, compiled and compared a few hundred at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

from sqlalchemy import select
from sqlmodel import Session, col

from bridge.outbox.models import Binding
from bridge.outbox.snapshots import Snapshot
from bridge.plans.catalogue import PulledCatalogue, families
from bridge.plans.context import Site, bindings, chunked, claimed_batches
from bridge.plans.groups import ResolvedGroup
from bridge.plans.parts import Agreement, Change, Effect, Part, Remark, RemarkKind, Stage
from bridge.plans.price_rows import Chunk, read_chunk
from bridge.plans.three_way import Action, decide
from bridge.prices.codec import key_from_text, key_text, value_from_text, value_text
from bridge.prices.rules import own_price, unit_price
from bridge.programme.document import Policy, PriceList
from bridge.programme.resolved import HeldLadder, Resolved, WantedLadder
from connectors.base import ALL_STORES, Compiled, Family, Ladder, Problem, Product

FAMILIES_AT_ONCE = 100


class PricePlan:
    def __init__(
        self,
        session: Session,
        site: Site,
        groups: Mapping[str, ResolvedGroup],
        catalogue: PulledCatalogue,
        resolved: Resolved,
    ) -> None:
        self._session = session
        self._site = site
        self._groups = groups
        self._catalogue = catalogue
        self._group_names = {group.audience_id: group.name for group in groups.values()}
        self.leaving: Counter[str] = Counter()
        """How many rows the plan takes away, by audience; complete once it was streamed."""
        self._wanted: dict[str, list[WantedLadder]] = {}
        self._held: dict[str, set[str]] = {}
        self._file(resolved.ladders, resolved.held)

    def _file(self, wanted: Sequence[WantedLadder], held: Sequence[HeldLadder]) -> None:
        """Sorts ladders by family. A group that is held for one product is held for its whole
        family: what one variant has decides where the others' rows stand."""
        for hold in held:
            self._hold(hold.sku, hold.group_key)
        for ladder in wanted:
            if ladder.group_key not in self._groups:
                self._hold(ladder.sku, ladder.group_key)
        for ladder in wanted:
            family = self._family_of(ladder.sku)
            if ladder.group_key not in self._held.get(family, ()):
                self._wanted.setdefault(family, []).append(ladder)

    def _hold(self, sku: str, group_key: str) -> None:
        self._held.setdefault(self._family_of(sku), set()).add(group_key)

    def _family_of(self, sku: str) -> str:
        return self._catalogue.family_of[self._catalogue.id_of[sku]]

    # -- streaming -----------------------------------------------------------------------------

    def parts(self) -> Iterator[Part]:
        bound_products = self._bound_products()
        yield from self._vanished(bound_products)
        concerned = bound_products | claimed_batches(self._session, self._site, "price")
        family_of = self._catalogue.family_of
        family_ids = sorted(
            set(self._wanted) | {family_of[id_] for id_ in concerned if id_ in family_of}
        )
        for some in chunked(family_ids, FAMILIES_AT_ONCE):
            members = list(families(self._session, self._site, some))
            product_ids = [p.id for family in members for p in _products(family)]
            chunk = read_chunk(self._session, self._site, product_ids)
            for family in members:
                yield from self._family(family, chunk)

    def _bound_products(self) -> set[str]:
        return set(
            self._session.execute(
                select(col(Binding.batch))
                .where(
                    col(Binding.workspace_id) == self._site.workspace_id,
                    col(Binding.installation_id) == self._site.installation_id,
                    col(Binding.kind) == "price",
                )
                .distinct()
            ).scalars()
        )

    def _vanished(self, bound_products: set[str]) -> Iterator[Part]:
        gone = sorted(bound_products - set(self._catalogue.family_of))
        for some in chunked(gone, FAMILIES_AT_ONCE):
            for key, bound in bindings(self._session, self._site, "price", some).items():
                yield self._agreement(key, bound.batch, None)

    # -- one family ----------------------------------------------------------------------------

    def _family(self, family: Family, chunk: Chunk) -> Iterator[Part]:
        products = {product.id: product for product in _products(family)}
        wanted = self._wanted_of(products.values())
        compiled = self._compile(family, wanted, chunk)
        for problem in compiled.problems:
            yield self._remark(RemarkKind.PROBLEM, problem, family)
        for note in compiled.notes:
            yield self._remark(RemarkKind.NOTE, note, family)
        ours = {key_text(row.key): row for row in compiled.rows}
        left = _Left(compiled.problems, wanted, self._groups)
        for product_id, product in products.items():
            for key in chunk.by_product.get(product_id, ()):
                if key in chunk.claimed:
                    yield self._agreement(key, product_id, chunk.claimed[key].snapshot)
                if key not in ours and key in chunk.bound:
                    yield from self._unwanted(product, key, chunk, left)
        for key, row in ours.items():
            value = value_text(row.value)
            yield from self._row(products[row.key.product_id], key, value, row.source, chunk)

    def _wanted_of(self, products: Collection[Product]) -> list[WantedLadder]:
        """Of this family alone: variants whose parent was not read are families of one."""
        skus = {product.sku for product in products}
        families = dict.fromkeys(self._catalogue.family_of[product.id] for product in products)
        return [one for id_ in families for one in self._wanted.get(id_, ()) if one.sku in skus]

    def _compile(self, family: Family, wanted: Sequence[WantedLadder], chunk: Chunk) -> Compiled:
        if not wanted:
            return Compiled()
        ladders = [ladder for one in wanted for ladder in self._ladder(one)]
        present = [price for product in _products(family) for price in chunk.foreign(product.id)]
        return self._site.platform.compile(family, ladders, present, self._site.pricing)

    def _ladder(self, wanted: WantedLadder) -> Iterator[Ladder]:
        group = self._groups[wanted.group_key]
        yield Ladder(
            product_id=self._catalogue.id_of[wanted.sku],
            store=self._store_id(wanted.store_code),
            audience_id=group.audience_id,
            group_id=group.group_id,
            base_group_id=group.base_group_id,
            currency=wanted.currency,
            basis=wanted.basis,
            steps=wanted.steps,
            source=wanted.list_key,
        )

    def _store_id(self, code: str | None) -> str:
        if code is None:
            return ALL_STORES
        for store in self._site.pricing.stores:
            if code in (store.code, store.name, store.id):
                return store.id
        return code  # the compiler says that there is no such store

    # -- one row -------------------------------------------------------------------------------

    def _row(
        self,
        product: Product,
        key: str,
        value: str,
        source: str,
        chunk: Chunk,
    ) -> Iterator[Part]:
        price_list = self._site.programme.price_lists[source]
        shown, bound = chunk.meant(key)
        base = bound.snapshot if bound else None
        theirs = shown.value if shown else None
        native_id = shown.native_id if shown else ""
        action = decide(
            value,
            theirs,
            base.base if base else None,
            price_list.policy,
            take_over=price_list.take_over,
        )
        if action is Action.WRITE:
            yield self._write(product, key, theirs, value, native_id, source, base, price_list)
        elif action is Action.AGREE:
            original = base.original if base else theirs
            yield self._agreement(
                key, product.id, Snapshot(value, theirs, original, True, native_id, source)
            )
        elif action in (Action.CONFLICT, Action.FOREIGN):
            yield self._disputed(action, product, key, value, theirs, source)

    def _unwanted(self, product: Product, key: str, chunk: Chunk, left: _Left) -> Iterator[Part]:
        shown, bound = chunk.meant(key)
        assert bound is not None
        snapshot = bound.snapshot
        if left.holds(key, snapshot.source) or self._is_held(product, key):
            return
        price_list = self._site.programme.price_lists.get(snapshot.source)
        if price_list is not None and self._site.is_unsure_where(price_list):
            return
        if shown is not None and snapshot.native_id and shown.native_id != snapshot.native_id:
            shown = None  # ours is gone, and another hand made this one
        policy = price_list.policy if price_list else Policy.ASK
        theirs = shown.value if shown else None
        action = decide(None, theirs, snapshot.base, policy)
        if action is Action.FORGET:
            yield self._agreement(key, product.id, None)
        elif action is Action.REMOVE:
            native_id = shown.native_id if shown else ""
            if snapshot.original is None:
                self.leaving[key_from_text(key).audience_id] += 1
            yield self._removal(product, key, theirs, native_id, snapshot, price_list)
        elif action is Action.CONFLICT:
            yield self._disputed(action, product, key, None, theirs, snapshot.source)

    def _is_held(self, product: Product, key: str) -> bool:
        family = self._catalogue.family_of[product.id]
        audience = key_from_text(key).audience_id
        return any(
            group_key not in self._groups or self._groups[group_key].audience_id == audience
            for group_key in self._held.get(family, ())
        )

    # -- parts ---------------------------------------------------------------------------------

    def _write(
        self,
        product: Product,
        key: str,
        theirs: str | None,
        value: str,
        native_id: str,
        source: str,
        base: Snapshot | None,
        price_list: PriceList,
    ) -> Change:
        return Change(
            installation_id=self._site.installation_id,
            installation=self._site.name,
            stage=Stage.WRITE_PRICES,
            kind="price",
            key=key,
            batch=product.id,
            label=self._label(product, key),
            before=theirs,
            after=value,
            native_id=native_id,
            source=source,
            base=base,
            effect=self._effect(product, theirs, value, price_list),
        )

    def _removal(
        self,
        product: Product,
        key: str,
        theirs: str | None,
        native_id: str,
        snapshot: Snapshot,
        price_list: PriceList | None,
    ) -> Change:
        """A row that was handed over goes back to what it was before."""
        return Change(
            installation_id=self._site.installation_id,
            installation=self._site.name,
            stage=Stage.WRITE_PRICES,
            kind="price",
            key=key,
            batch=product.id,
            label=self._label(product, key),
            before=theirs,
            after=snapshot.original,
            native_id=native_id,
            source=snapshot.source,
            base=snapshot,
            releases=True,
            effect=self._effect(product, theirs, snapshot.original, price_list),
        )

    def _effect(
        self,
        product: Product,
        before: str | None,
        after: str | None,
        price_list: PriceList | None,
    ) -> Effect | None:
        programme = self._site.programme
        currency = (price_list and price_list.currency) or programme.currency
        basis = (price_list and price_list.prices_are) or programme.prices_are
        costs = [
            own_price(product.prices, currency, basis)
            if text is None
            else unit_price(value_from_text(text), product.prices, currency, basis)
            for text in (before, after)
        ]
        if costs[0] is None or costs[1] is None:
            return None
        return Effect(currency, costs[0], costs[1])

    def _label(self, product: Product, key: str) -> str:
        parsed = key_from_text(key)
        group = self._group_names.get(parsed.audience_id, parsed.audience_id)
        return f"{product.sku}, {group}, from {parsed.quantity:f}"

    def _disputed(
        self,
        action: Action,
        product: Product,
        key: str,
        ours: str | None,
        theirs: str | None,
        source: str,
    ) -> Remark:
        if action is Action.CONFLICT:
            kind = RemarkKind.CONFLICT
            message = "Someone changed it in the shop." if theirs else "Someone removed it."
        elif ours == theirs:
            kind, message = RemarkKind.FOREIGN, "It is there already and not ours."
        else:
            kind, message = RemarkKind.FOREIGN, "Another price is there that is not ours."
        return Remark(
            kind,
            self._site.name,
            "price",
            self._label(product, key),
            message,
            source,
            key,
            ours,
            theirs,
        )

    def _remark(self, kind: RemarkKind, problem: Problem, family: Family) -> Remark:
        skus = {product.id: product.sku for product in _products(family)}
        label = skus.get(problem.product_id, problem.product_id)
        return Remark(kind, self._site.name, "price", label, problem.message, problem.source)

    def _agreement(self, key: str, batch: str, snapshot: Snapshot | None) -> Agreement:
        return Agreement(self._site.installation_id, self._site.name, "price", key, batch, snapshot)


def _products(family: Family) -> tuple[Product, ...]:
    return (family.head, *family.variants)


class _Left:
    """What of a family stays as it is because something about it could not be said: rows of
    the price lists concerned, and all rows of the groups they are for."""

    def __init__(
        self,
        problems: Sequence[Problem],
        wanted: Sequence[WantedLadder],
        groups: Mapping[str, ResolvedGroup],
    ) -> None:
        self._sources = {problem.source for problem in problems}
        self._audiences = {
            groups[ladder.group_key].audience_id
            for ladder in wanted
            if ladder.list_key in self._sources
        }

    def holds(self, key: str, source: str) -> bool:
        return source in self._sources or (
            bool(self._audiences) and key_from_text(key).audience_id in self._audiences
        )
