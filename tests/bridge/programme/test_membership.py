from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bridge.programme.document import Group, MemberRule, Members, Programme
from bridge.programme.emails import normal_email
from bridge.programme.membership import CustomerFacts, Membership, wanted_group


def customer(**facts: Any) -> CustomerFacts:
    known: dict[str, Any] = {
        "email": "a@example.com",
        "company": "",
        "vat_id": "",
        "group_name": "General",
        "created_at": datetime(2024, 6, 1, tzinfo=UTC),
    }
    return CustomerFacts(**(known | facts))


def programme(**members: Members) -> Programme:
    return Programme(
        name="Acme",
        currency="EUR",
        timezone="Europe/Berlin",
        groups={
            key: Group(name=key, base={"*": "General"}, members=entry)
            for key, entry in members.items()
        },
    )


def reason(members: Members, facts: CustomerFacts) -> str | None:
    found = wanted_group(programme(gold=members), facts)
    return found.reason if found else None


def test_any_way_of_naming_a_member_is_enough() -> None:
    members = Members(
        emails=("A@Example.com ",), companies=("Muster  GmbH",), rule=MemberRule(vat_id=True)
    )
    assert reason(members, customer()) == "e-mail a@example.com"
    other = "other@example.com"
    named = customer(email=other, company=" MUSTER gmbh ")
    assert reason(members, named) == 'company "MUSTER gmbh"'
    assert reason(members, customer(email=other, vat_id="DE1")) == "rule: with VAT id"
    assert reason(members, customer(email=other)) is None


def test_no_company_is_nobodys_company() -> None:
    assert reason(Members(companies=("Muster GmbH",)), customer(company="")) is None


@pytest.mark.parametrize(
    ("rule", "facts", "expected"),
    [
        ({"group": "wholesale"}, {"group_name": "Wholesale"}, 'rule: group "Wholesale"'),
        ({"group": ["A", "B"]}, {"group_name": "B"}, 'rule: group "B"'),
        ({"group": "Wholesale"}, {"group_name": "General"}, None),
        ({"vat_id": False}, {"vat_id": " "}, "rule: without VAT id"),
        ({"vat_id": False}, {"vat_id": "DE1"}, None),
        ({"email_domain": "Example.com"}, {}, "rule: e-mail domain example.com"),
        ({"email_domain": "@example.com"}, {}, "rule: e-mail domain example.com"),
        ({"email_domain": "ample.com"}, {}, None),
        ({"email_domain": "example.com"}, {"email": "a@sub.example.com"}, None),
        ({"since": "2024-06-01"}, {}, "rule: registered since 2024-06-01"),
        ({"since": "2024-06-02"}, {}, None),
        ({"group": "General", "vat_id": True}, {}, None),
        (
            {"group": "General", "vat_id": True},
            {"vat_id": "DE1"},
            'rule: group "General", with VAT id',
        ),
    ],
)
def test_all_conditions_of_a_rule_must_hold(rule: Any, facts: Any, expected: str | None) -> None:
    assert reason(Members(rule=MemberRule(**rule)), customer(**facts)) == expected


def test_a_day_begins_in_the_programmes_time_zone() -> None:
    members = Members(rule=MemberRule(since="2024-06-02"))  # type: ignore[arg-type]
    late = datetime(2024, 6, 1, 22, 30, tzinfo=UTC)
    assert reason(members, customer(created_at=late)) == "rule: registered since 2024-06-02"


def test_the_first_group_in_the_file_wins() -> None:
    everyone = Members(rule=MemberRule(group=("General",)))
    chosen = programme(
        none=Members(emails=("b@example.com",)),
        gold=Members(emails=("a@example.com",)),
        silver=everyone,
        bronze=everyone,
    )
    assert wanted_group(chosen, customer()) == Membership(
        "gold", "e-mail a@example.com", ("silver", "bronze")
    )


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("  Foo@Example.COM ", "foo@example.com"),
        ("a@Straße.de", "a@xn--strae-oqa.de"),
        ("a@xn--strae-oqa.de", "a@xn--strae-oqa.de"),
        ("Ä@example.com.", "ä@example.com"),
    ],
)
def test_addresses_are_compared_in_one_form(written: str, normal: str) -> None:
    assert normal_email(written) == normal


@pytest.mark.parametrize("written", ["", "a", "@example.com", "a@", "a b@example.com", "a@-x.de"])
def test_what_is_no_address_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"is not (an e-mail address|a domain name)"):
        normal_email(written)
