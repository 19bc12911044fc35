"""A template goes from one client to another: as a version of its programme, with nothing in it
that only the first one has."""

from __future__ import annotations

from decimal import Decimal

import pytest
from agency import ADA, APPLE, APPLE_SHOP, PEAR, PEAR_SHOP, Agency, load

from bridge.application import Application
from bridge.audit.service import entries
from bridge.programme.canonical import canonical_text
from bridge.programme.editing import ChangedMeanwhile, present
from bridge.programme.issues import ProgrammeError
from bridge.programme.service import version
from bridge.programme_templates import applying, service
from bridge.programme_templates.applying import Beginning, CannotApply, NotChosen, Proposal
from bridge.programme_templates.mapping import Chosen
from bridge.programme_templates.models import ProgrammeTemplate
from bridge.programme_templates.places import Kind
from bridge.programme_templates.sections import SECTIONS

STANDS_FOR: dict[tuple[Kind, str], str | None] = {
    (Kind.INSTALLATION, "apple-m2"): "pear-sw",
    (Kind.STORE, "apple-m2"): "pear-sw",
    (Kind.STORE, "apple-m2/apple-de"): "pear-sw/pear-at",
    (Kind.SHOP_GROUP, "Apple Growers"): "Pear Growers",
    (Kind.ANY_GROUP, "Apple Growers"): "Pear Growers",
    (Kind.ANY_GROUP, "Apple Dealers"): None,
    (Kind.CATEGORY, "Apple Trees"): "Pear Trees",
    (Kind.SKU, "APPLE-1"): "PEAR-1",
    (Kind.SKU, "APPLE-2"): "PEAR-2",
    (Kind.SKU, "APPLE-GIFT"): "PEAR-GIFT",
    (Kind.COMPANY, "Apple Tree Ltd"): None,
}
ALL = tuple(name for name in SECTIONS if name not in ("identity", "rates"))


def saved(app: Application, *sections: str, name: str = "Club") -> ProgrammeTemplate:
    with app.database.writing() as session:
        made = service.save_template(
            session, app.workspace_id, name, sections or ALL, ADA, app.now()
        )
        session.expunge(made)
        return made


def proposed(
    app: Application,
    template: ProgrammeTemplate,
    chosen: Chosen | None = None,
    *,
    sections: tuple[str, ...] = ALL,
    beginning: Beginning | None = None,
    replaces: bool = False,
) -> Proposal:
    with app.database.reading() as session:
        prepared = applying.prepare(
            session, app.workspace_id, template, sections, beginning=beginning
        )
        return applying.propose(
            session, app.workspace_id, prepared, chosen or Chosen(), replaces=replaces
        )


def stored(app: Application, proposal: Proposal) -> int:
    with app.database.writing() as session:
        done = applying.store(session, app.workspace_id, proposal, ADA, "Template", app.now())
        return done.stored.number


def test_a_programme_goes_to_another_client_with_other_names(agency: Agency) -> None:
    apple = agency.client("apple", "apple-m2", APPLE_SHOP, APPLE)
    pear = agency.client("pear", "pear-sw", PEAR_SHOP, PEAR)
    template = saved(apple)
    with pytest.raises(NotChosen) as caught:
        proposed(pear, template)
    assert {(one.kind, one.name) for one in caught.value.missing} == STANDS_FOR.keys()

    found = proposed(pear, template, Chosen(STANDS_FOR))
    assert found.prices_left_out == 1  # APPLE-GONE
    assert found.gone == (("points", "rules", "firm"), ("points", "exclude", "group"))
    assert stored(pear, found) == 2

    with pear.database.reading() as session:
        now = present(session, pear.workspace_id).programme
        assert now is not None
        assert "apple" not in canonical_text(now).casefold()
        assert (now.name, now.timezone) == ("Pear Circle", "Europe/Vienna")
        assert list(now.groups) == ["own", "gold", "growers"]
        assert now.groups["gold"].base == {"pear-sw": "General", "*": "STANDARD"}
        assert list(now.price_lists) == ["own", "list"]
        assert list(now.price_lists["list"].prices) == ["PEAR-1"]
        assert {"harvest", "welcome", "pair"} == {*now.campaigns}
        assert now.referrals is not None and now.referrals.stores == ("pear-sw/pear-at",)
        log = entries(session, pear.workspace_id)
        assert log[0].action == "programme.changed" and "apple" not in str(log[0]).casefold()
        theirs = entries(session, apple.workspace_id)
        assert [one.action for one in theirs[:2]] == ["template.applied", "template.saved"]
        assert "pear" not in str(theirs[0]).casefold()


@pytest.mark.parametrize("replaces", [False, True])
def test_applied_to_itself_nothing_is_different(agency: Agency, replaces: bool) -> None:
    apple = agency.client("apple", "apple-m2", {**APPLE_SHOP, "skus": []}, APPLE)
    found = proposed(apple, saved(apple), replaces=replaces)
    assert (found.differences.told, found.gone, found.prices_left_out) == ((), (), 0)
    assert stored(apple, found) == 1


def test_only_the_sections_that_were_chosen_are_touched(agency: Agency) -> None:
    apple = agency.client("apple", "apple-m2", APPLE_SHOP, APPLE)
    pear = agency.client("pear", "pear-sw", PEAR_SHOP, PEAR)
    template = saved(apple, "campaigns", "gifts", "redemption")
    chosen = Chosen({**STANDS_FOR, (Kind.SKU, "APPLE-GIFT"): "pear-gift"})
    stored(pear, proposed(pear, template, chosen, sections=("gifts",)))
    with pear.database.reading() as session:
        before, after = (version(session, pear.workspace_id, one) for one in (1, 2))
    assert after.gifts["tree"].sku == "pear-gift"
    assert after.model_copy(update={"gifts": {}}) == before
    with pytest.raises(CannotApply, match="redemption, campaigns, gifts"):
        proposed(pear, template, chosen, sections=("points",))


def test_from_staging_to_live_people_stay_and_what_was_removed_goes(agency: Agency) -> None:
    live = agency.client("live", "apple-m2", APPLE_SHOP, APPLE)
    people = ("eve@apple-customer.example", "eve@other.example")
    staged = APPLE.replace(*people).replace("Gold M2", "Gold 2").replace("fair:", "trip:")
    staging = agency.client("staging", "apple-m2", APPLE_SHOP, staged)
    stored(live, proposed(live, saved(staging), replaces=True))
    with live.database.reading() as session:
        now = present(session, live.workspace_id).programme
    assert now is not None
    assert now.groups["gold"].names == {"apple-m2": "Gold 2"}
    assert now.groups["gold"].members is not None
    assert now.groups["gold"].members.emails == ("eve@apple-customer.example",)
    assert now.segments["big"].emails == ("eve@apple-customer.example",)
    assert {*now.segments} == {"big", "friends"} and {*now.rewards} == {"trip"}
    assert {*now.companies} == {"tree"} and {*now.partners} == {"eve"}


def test_amounts_of_another_currency_are_multiplied_and_prices_are_not_taken(
    agency: Agency,
) -> None:
    apple = agency.client("apple", "apple-m2", APPLE_SHOP, APPLE)
    text = PEAR.replace("EUR", "PLN") + "prices_are: gross\n"
    pear = agency.client("pear", "pear-sw", PEAR_SHOP, text)
    template = saved(apple)
    with pytest.raises(CannotApply, match="price_lists"):
        proposed(pear, template, Chosen(STANDS_FOR))
    some = ("points", "redemption", "campaigns", "gifts", "segments", "tiers", "groups")
    with pytest.raises(CannotApply, match="multiplied"):
        proposed(pear, template, Chosen(STANDS_FOR), sections=some)
    now = proposed(
        pear, template, Chosen(STANDS_FOR, factor=Decimal("4.3")), sections=some
    ).draft.programme
    assert now.points is not None and now.redemption is not None
    assert now.points.rules["base"].per_amount is not None
    assert now.points.rules["base"].per_amount.each == 43
    assert now.points.basis.price == "net"
    assert (now.redemption.rate.amount, now.redemption.step) == (Decimal("4.3"), Decimal("21.5"))
    assert now.tiers["silver"].reach[0].spend == 2150
    assert (now.gifts["tree"].basket, now.gifts["tree"].gross) == (1075, False)


def test_a_client_without_a_programme_begins_with_one(agency: Agency) -> None:
    apple = agency.client("apple", "apple-m2", APPLE_SHOP, APPLE)
    new = agency.client("new", "pear-sw", PEAR_SHOP)
    template, some = saved(apple, "points", "segments", "tiers", "groups"), ("points", "segments")
    with pytest.raises(CannotApply, match="what it is called"):
        proposed(new, template, sections=some)
    chosen = Chosen({**STANDS_FOR, (Kind.ANY_GROUP, "gold"): None, (Kind.TIER, "silver"): None})
    found = proposed(new, template, chosen, sections=some, beginning=Beginning("Pears"))
    assert stored(new, found) == 1
    with new.database.reading() as session:
        now = version(session, new.workspace_id, 1)
    assert (now.name, now.currency) == ("Pears", "EUR") and now.points is not None
    assert {*now.points.rules} == {"base", "more", "pair"}


def test_what_names_a_group_that_is_left_out_goes_with_it(agency: Agency) -> None:
    apple = agency.client("apple", "apple-m2", APPLE_SHOP, APPLE)
    pear = agency.client("pear", "pear-sw", PEAR_SHOP, PEAR)
    chosen = Chosen({**STANDS_FOR, (Kind.INSTALLATION, "apple-m2"): None})
    found = proposed(pear, saved(apple), chosen)
    assert "gold" in found.draft.programme.groups  # its base is also said for everywhere
    chosen = Chosen({**chosen.names, (Kind.SHOP_GROUP, "Standard"): None})
    found = proposed(pear, saved(apple, name="Again"), chosen)
    assert "gold" not in found.draft.programme.groups
    assert ("price_lists", "list") in found.gone
    assert found.draft.programme.tiers["silver"].group is None


def test_what_cannot_be_used_is_refused_as_in_the_editor(agency: Agency) -> None:
    apple = agency.client("apple", "apple-m2", APPLE_SHOP, APPLE)
    pear = agency.client("pear", "pear-sw", PEAR_SHOP, PEAR)
    template, only = saved(apple, "redemption"), ("redemption",)
    load(pear, PEAR.replace("EUR", "PLN"))
    with pytest.raises(ProgrammeError, match="not a whole number of points"):
        proposed(pear, template, Chosen(STANDS_FOR, factor=Decimal("4.2731")), sections=only)
    with pytest.raises(CannotApply, match="no amount of PLN"):
        proposed(pear, template, Chosen(STANDS_FOR, factor=Decimal("0.0003")), sections=only)


def test_who_comes_second_is_told(agency: Agency) -> None:
    apple = agency.client("apple", "apple-m2", APPLE_SHOP, APPLE)
    pear = agency.client("pear", "pear-sw", PEAR_SHOP, PEAR)
    found = proposed(pear, saved(apple, "gifts"), Chosen(STANDS_FOR), sections=("gifts",))
    load(pear, PEAR.replace("Circle", "Ring"))
    with pytest.raises(ChangedMeanwhile):
        stored(pear, found)


def test_a_template_is_seen_from_its_own_workspace_alone(agency: Agency) -> None:
    apple = agency.client("apple", "apple-m2", APPLE_SHOP, APPLE)
    pear = agency.client("pear", "pear-sw", PEAR_SHOP, PEAR)
    template = saved(apple)
    assert template.id is not None
    with pear.database.reading() as session:
        assert service.listed(session, [pear.workspace_id]) == []
        assert [one.name for one in service.listed(session, [apple.workspace_id])] == ["Club"]
        with pytest.raises(service.UnknownTemplate):
            service.template_of(session, [pear.workspace_id], template.id)
    with pytest.raises(service.TemplateRefused, match="already"):
        saved(apple)
    with pytest.raises(service.UnknownTemplate), pear.database.writing() as session:
        service.remove_template(session, pear.workspace_id, template.id, ADA, pear.now())
    with apple.database.writing() as session:
        service.remove_template(session, apple.workspace_id, template.id, ADA, apple.now())
        assert service.listed(session, [apple.workspace_id]) == []
