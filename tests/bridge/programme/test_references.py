from __future__ import annotations

from bridge.programme.document import Group, PriceList, Programme
from bridge.programme.issues import field_path
from bridge.programme.references import installation_faults
from connectors.base import Severity

INSTALLATIONS = {"magento-de": ["base", "outlet"], "shopware-de": ["Storefront"]}


def faults(*stores: str, **group: object) -> list[tuple[str, str, Severity]]:
    programme = Programme(
        name="Acme",
        currency="EUR",
        groups={"gold": Group.model_validate({"name": "Gold", "base": "General"} | group)},
        price_lists={"b2b": PriceList(groups=("gold",), stores=stores)},
    )
    return [
        (field_path(fault.loc), fault.message, fault.severity)
        for fault in installation_faults(programme, INSTALLATIONS)
    ]


def test_what_is_set_up_is_no_fault() -> None:
    assert faults("magento-de/outlet", "shopware-de", names={"magento-de": "B2B"}) == []


def test_an_installation_that_is_not_set_up_is_an_error() -> None:
    assert faults("magento-dee") == [
        (
            "price_lists.b2b.stores[1]",
            'there is no installation "magento-dee". Did you mean magento-de? Installations are '
            "magento-de, shopware-de",
            Severity.ERROR,
        )
    ]


def test_a_store_that_the_installation_lacks_is_an_error() -> None:
    assert faults("shopware-de", "magento-de/outlets") == [
        (
            "price_lists.b2b.stores[2]",
            'magento-de has no store "outlets". Did you mean outlet? Stores are base, outlet',
            Severity.ERROR,
        )
    ]


def test_a_groups_setting_for_an_unknown_installation_is_a_warning() -> None:
    found = faults(base={"*": "General", "magneto-de": "Wholesale"})
    assert [(path, severity) for path, _, severity in found] == [
        ("groups.gold.base.magneto-de", Severity.WARNING)
    ]
