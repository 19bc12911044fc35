"""What goods cost and earn in each store, and why. Reads the bridge's own database, asks no shop,
and writes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from bridge.application import Application
from bridge.earning.batch import Versions, versions
from bridge.installations import plugin_states
from bridge.installations.models import Installation
from bridge.installations.service import selected
from bridge.kit.errors import BridgeError
from bridge.members.joining import takes_part
from bridge.plans.context import Site, read_site
from bridge.programme.service import current
from bridge.simulating.buying import Customer, buyer_of, customer_in, member_of
from bridge.simulating.earning import Sale, order_of, points_of, tier_of
from bridge.simulating.offering import (
    Code,
    automatic,
    code_in,
    told_automatic,
    told_code,
    with_skus,
)
from bridge.simulating.records import BuyerTold, LineTold, Request, Simulation, Told
from bridge.simulating.shelves import Shelf, shelf, sold, tax_rates
from bridge.vouchers.stores import StorePlace, stores_of
from connectors.base import Store
from connectors.quotes import Basket, CannotQuote, Offer, Quote, QuotedLine
from connectors.sales import UsedCode


def simulate(app: Application, request: Request) -> Simulation:
    """Raises BridgeError when there is no programme, no store that sells it, or a store that was
    asked for does not; ManyMembers for an address of several."""
    now = app.now()
    with app.database.reading() as session:
        found = current(session, app.workspace_id)
        if found is None:
            raise BridgeError("There is no programme yet. Run `loyalty-bridge program load FILE`.")
        installations = selected(session, app.workspace_id, ())
        by_id = {one.id: one for one in installations}
        places, without = _places(session, app.workspace_id, request)
        names = frozenset(one.name for one in installations)
        member_id = member_of(session, app.workspace_id, request.email)
        known = versions(session, app.workspace_id)
        told = []
        for place in places:
            installation = by_id[place.installation_id]
            platform = app.platforms[installation.platform]
            site = read_site(session, installation, platform, app.workspace, found[1], names)
            one = _Store(session, site, place, request, member_id, known, now)
            told.append(_told(one, installation))
    return Simulation(member_id, tuple(told), tuple(place.name for place in without))


def _places(
    session: Session, workspace_id: int, request: Request
) -> tuple[list[StorePlace], list[StorePlace]]:
    """The stores that sell all of it, and the others."""
    places = [request.store] if request.store else stores_of(session, workspace_id)
    skus = [item.sku for item in request.items]
    selling: list[StorePlace] = []
    without: list[StorePlace] = []
    missing: dict[str, Sequence[str]] = {}
    for place in places:
        there = sold(session, (workspace_id, place.installation_id), skus)
        missing[place.name] = [sku for sku in skus if sku not in there]
        (without if missing[place.name] else selling).append(place)
    if not selling:
        raise BridgeError(_nothing_sold(missing, skus))
    return selling, without


def _nothing_sold(missing: Mapping[str, Sequence[str]], skus: Sequence[str]) -> str:
    if not missing:
        return "There is no store yet. Add one with `loyalty-bridge store add`."
    if len(missing) == 1:
        ((store, those),) = missing.items()
        return f"{store} sells nothing with the SKU {', '.join(those)}, as far as it was pulled."
    return f"No store sells {', '.join(skus)} (all of it), as far as they were pulled."


def _told(store: _Store, installation: Installation) -> Told:
    if installation.pulled_at is None:
        name = installation.name
        return Told(store.place, f"Nothing is known of it yet: `loyalty-bridge pull {name}`.")
    try:
        return store.told()
    except CannotQuote as problem:
        return Told(store.place, str(problem))


@dataclass(frozen=True)
class _Store:
    session: Session
    site: Site
    place: StorePlace
    request: Request
    member_id: int | None
    known: Versions
    now: datetime

    @property
    def _workspace_id(self) -> int:
        return self.site.workspace_id

    def told(self) -> Told:
        """Raises CannotQuote."""
        quoting = self.site.platform.quote
        if quoting is None:
            raise CannotQuote(f"What a {self.site.platform.label} charges cannot be told.")
        store = next(one for one in self.site.pricing.stores if one.id == self.place.store_id)
        customer = self._customer(store)
        goods = shelf(self.session, self.site, self.request.items)
        found = automatic(self.session, self.site, self.place, self.now)
        code = self._code()
        offers = (*found.offers, *([code.offer] if code and code.offer else []))
        basket = self._basket(store, goods, customer, offers)
        quote = with_skus(self.session, self.site, quoting(basket, self.site.pricing))
        told = Told(
            self.place,
            buyer=self._buyer(customer, quote),
            quote=quote,
            lines=self._lines(goods, quote),
            offers=told_automatic(found, quote, self.place),
            code=told_code(code, quote) if code else None,
        )
        return self._earned(told, quote, goods, customer, code)

    # -- the basket ---------------------------------------------------------------------------

    def _customer(self, store: Store) -> Customer | None:
        asked = (self.member_id, self.request.email)
        place = (self._workspace_id, self.site.installation_id)
        return customer_in(self.session, *place, store, *asked)

    def _code(self) -> Code | None:
        if not self.request.code:
            return None
        return code_in(
            self.session,
            self._workspace_id,
            self.request.code,
            self.place,
            self.member_id,
            self.now,
        )

    def _basket(
        self, store: Store, goods: Shelf, customer: Customer | None, offers: tuple[Offer, ...]
    ) -> Basket:
        return Basket(
            store=store,
            wanted=goods.wanted,
            at=self.now,
            groups=self.site.groups,
            group_id=customer.group_id if customer else "",
            offers=offers,
            has_plugin=plugin_states.gives_gifts(
                self.session, self._workspace_id, self.site.installation_id
            ),
            earlier_orders=customer.earlier_orders if customer else 0,
            tax_rates=tax_rates(self.session, self.site),
        )

    # -- telling ------------------------------------------------------------------------------

    def _buyer(self, customer: Customer | None, quote: Quote) -> BuyerTold:
        name = self.site.group_name(quote.group_id)
        return BuyerTold(quote.group_id, name, customer.id if customer else "")

    def _lines(self, goods: Shelf, quote: Quote) -> tuple[LineTold, ...]:
        lines = []
        for wanted, quoted in zip(goods.wanted, quote.lines, strict=True):
            product = wanted.product
            source = goods.source(quoted.row) if quoted.row else ""
            name = product.name or (wanted.parent.name if wanted.parent else "")
            lines.append(LineTold(product.sku, name, quoted, self._why(quoted, source), source))
        return tuple(lines)

    def _why(self, line: QuotedLine, source: str) -> str:
        row = line.row
        if row is None:
            return "the product's own price"
        audience = self.site.audiences.get(row.key.audience_id)
        name = audience.name if audience else self.site.group_name(row.key.audience_id)
        whose = f"price list {source}" if source else "the shop's own tier price"
        percent = row.value.percent
        off = "" if percent is None else f", {percent.normalize():f} % less"
        store = "" if not row.key.store or len(self.site.pricing.stores) < 2 else ", this store"
        return f"{whose}, for {name}, from {row.key.quantity:f} on{off}{store}"

    # -- points and tier ----------------------------------------------------------------------

    def _earned(
        self, told: Told, quote: Quote, goods: Shelf, customer: Customer | None, code: Code | None
    ) -> Told:
        works = bool(told.code and told.code.works)
        voucher = code.voucher if code and works else None
        used = UsedCode(voucher.code, told.code.off) if voucher and told.code else None
        order = order_of(
            quote,
            {one.product_id: one.product.sku for one in goods.wanted},
            self.place.store_id,
            self.place.currency,
            used,
            self.now,
            customer_id=customer.id if customer else "",
            company=customer.company if customer else "",
            email=self.request.email,
        )
        buyer = buyer_of(self.session, self._workspace_id, self.member_id, self.now)
        is_member = self.member_id is not None
        sale = Sale(self.site.installation_id, order, buyer, is_member, voucher)
        asked = (self.session, self._workspace_id, sale, self.known, self.now)
        return replace(
            told,
            points=points_of(*asked),
            tier=tier_of(*asked),
            notes=(*quote.notes, *(code.notes if code else ()), *self._notes(quote, customer)),
        )

    def _notes(self, quote: Quote, customer: Customer | None) -> list[str]:
        notes = []
        if self.request.email and customer is None:
            notes.append("He has no account in this shop: it is what a guest pays there.")
        if self.member_id is None:
            notes.append("Points are what who joins at this moment would earn.")
        elif self.member_id not in takes_part(
            self.session, self._workspace_id, [self.member_id], self.now
        ):
            notes.append("He does not take part in the programme: see `members join`.")
        if not quote.is_tax_known:
            notes.append("Points that count amounts with tax come out too low.")
        return notes
