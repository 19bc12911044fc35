"""Customer groups, and the audiences that prices hang on."""

from __future__ import annotations

import contextlib

import pytest

from connectors.base import Audience, Connector, CustomerGroup, GroupDraft
from connectors.conformance.base import Suite, Till, given
from connectors.conformance.records import wrong_fields
from connectors.conformance.shop import Ability, Shop, needs
from connectors.errors import AlreadyExists, ConnectorError, InUse, NotFound, Rejected

NAMES = ("Größe \"XL\" & 'Söhne' <B2B>", "G" * 31, "G" * 32)
"""Names that a shop has to take as they are."""
LONG_NAMES = ("G" * 33, "G" * 255, "G" * 256, "")
"""Names that it may refuse, but must not change."""


def gone(connector: Connector, base_group_id: str) -> CustomerGroup:
    """A group that was there and is not any more: its id has the right form."""
    group = connector.create_group(GroupDraft("gone", "Gone", base_group_id))
    connector.delete_group(group.id)
    return group


class GroupTests(Suite):
    def test_groups_are_records_with_ids_of_their_own(self, connector: Connector) -> None:
        """A group is known by its id alone; names change."""
        groups = connector.groups()
        assert [wrong for each in groups for wrong in wrong_fields(each, CustomerGroup)] == []
        assert len({group.id for group in groups}) == len(groups)
        assert all(group.id and group.name for group in groups)

    def test_the_base_group_is_listed(self, shop: Shop, connector: Connector) -> None:
        """New groups copy from it, and its members paid before what fillers say."""
        assert shop.base_group_id in {group.id for group in connector.groups()}

    def test_a_created_group_is_listed(self, connector: Connector, group: CustomerGroup) -> None:
        """What was created is what will be found: the plan after this one has to be empty."""
        assert wrong_fields(group, CustomerGroup) == []
        assert group.name == "Conformance"
        assert group in connector.groups()

    def test_a_new_group_is_taxed_like_its_base(
        self, shop: Shop, connector: Connector, group: CustomerGroup
    ) -> None:
        """A group that shows gross where its base showed net changes what people think they pay."""
        base = next(each for each in connector.groups() if each.id == shop.base_group_id)
        assert group.tax == base.tax

    def test_the_id_is_the_promised_one(self, shop: Shop, group: CustomerGroup) -> None:
        """A plan names rows of a group before it is there. Where the shop chooses the id, the
        platform promises none."""
        promised = shop.platform.new_group_id(shop.connection.mark, "conformance")
        assert promised in {None, group.id}
        assert promised == shop.platform.new_group_id(shop.connection.mark, "conformance")

    def test_the_same_group_again_is_refused(
        self, shop: Shop, connector: Connector, group: CustomerGroup
    ) -> None:
        """After a crash the bridge tries again: there must be one group, and it must be told."""
        before = connector.groups()
        with pytest.raises(AlreadyExists):
            connector.create_group(GroupDraft("conformance", "Conformance", shop.base_group_id))
        assert connector.groups() == before

    def test_the_same_name_again_is_refused(
        self, shop: Shop, connector: Connector, group: CustomerGroup
    ) -> None:
        """Two groups of one name cannot be told apart by a merchant, nor by Magento's prices."""
        before = connector.groups()
        with pytest.raises(AlreadyExists):
            connector.create_group(GroupDraft("another-key", "Conformance", shop.base_group_id))
        assert connector.groups() == before

    @pytest.mark.parametrize("name", NAMES)
    def test_names_come_back_as_they_were_given(
        self, shop: Shop, connector: Connector, name: str
    ) -> None:
        """A name that changes on its way is a difference that no run can settle."""
        created = connector.create_group(GroupDraft("named", name, shop.base_group_id))
        assert created.name == name
        assert created in connector.groups()

    @pytest.mark.parametrize("name", LONG_NAMES, ids=["33", "255", "256", "empty"])
    def test_a_name_is_taken_whole_or_refused(
        self, shop: Shop, connector: Connector, name: str
    ) -> None:
        """Magento 2.4.4 cuts 33 characters to 32 without a word (recorded: customer_groups.json
        #6). Cut names collide; better none than half of one."""
        before = connector.groups()
        created: list[CustomerGroup] = []
        with contextlib.suppress(Rejected):
            created.append(
                connector.create_group(GroupDraft("long", name, shop.base_group_id)),
            )
        assert {each.name for each in created} <= {name}
        assert as_ids(connector.groups()) == as_ids([*before, *created])

    def test_a_group_needs_a_base_that_exists(self, shop: Shop, connector: Connector) -> None:
        """Without a base there is no tax setting to copy, and a guess would be somebody's tax."""
        missing = gone(connector, shop.base_group_id)
        before = connector.groups()
        with pytest.raises(Rejected):
            connector.create_group(GroupDraft("orphan", "Orphan", missing.id))
        assert connector.groups() == before

    def test_renaming_changes_the_name_alone(
        self, connector: Connector, group: CustomerGroup
    ) -> None:
        """Magento's update overwrites everything it is not told (PLATFORM_FACTS Magento 17)."""
        others = [each for each in connector.groups() if each.id != group.id]
        renamed = connector.rename_group(group.id, "Conformance, renamed")
        assert renamed == CustomerGroup(group.id, "Conformance, renamed", group.tax)
        assert as_ids(connector.groups()) == as_ids([*others, renamed])
        assert renamed in connector.groups()

    def test_a_group_that_is_gone_cannot_be_renamed(self, shop: Shop, connector: Connector) -> None:
        """It must not come to life again either."""
        missing = gone(connector, shop.base_group_id)
        before = connector.groups()
        with pytest.raises(NotFound):
            connector.rename_group(missing.id, "Ghost")
        assert connector.groups() == before

    def test_a_deleted_group_is_gone(self, connector: Connector, group: CustomerGroup) -> None:
        """Undo removes the groups that a run made, and no other."""
        others = [each for each in connector.groups() if each.id != group.id]
        connector.delete_group(group.id)
        assert connector.groups() == others

    def test_deleting_a_group_that_is_gone_says_so(self, shop: Shop, connector: Connector) -> None:
        """The bridge takes this for done; any other error would be tried again and again."""
        missing = gone(connector, shop.base_group_id)
        with pytest.raises(NotFound):
            connector.delete_group(missing.id)

    def test_a_group_with_customers_stays(
        self, shop: Shop, connector: Connector, group: CustomerGroup
    ) -> None:
        """Magento would delete it and put its customers into the default group, at other prices."""
        customer = next(c for c in connector.customers() if c.email == shop.customer_email)
        connector.move_customer(customer.id, group.id)
        with pytest.raises(InUse):
            connector.delete_group(group.id)
        assert group in connector.groups()
        assert connector.customer(customer.id).group_id == group.id

    def test_a_group_with_prices_stays(self, connector: Connector, till: Till) -> None:
        """Its tier prices would go with it, unseen."""
        row = till.row(till.product())
        assert connector.write_tier_prices([row]) == []
        with pytest.raises(InUse):
            connector.delete_group(till.group.id)
        assert till.group in connector.groups()
        assert till.stored(till.product()) == {row.key: row.value}


class AudienceTests(Suite):
    def test_audiences_are_records_with_ids_of_their_own(
        self, connector: Connector, till: Till
    ) -> None:
        """Prices hang on the audience's id."""
        audiences = connector.audiences()
        assert [wrong for each in audiences for wrong in wrong_fields(each, Audience)] == []
        assert len({audience.id for audience in audiences}) == len(audiences)
        assert till.audience in audiences

    def test_the_audience_of_a_group_is_the_groups_alone(self, till: Till) -> None:
        """A price for it reaches the members of this group and nobody else."""
        assert till.audience.group_ids == (till.group.id,)

    def test_creating_an_audience_is_repeatable(self, connector: Connector, till: Till) -> None:
        """After a crash it is created again; a second one would take half of the prices."""
        before = connector.audiences()
        again = connector.create_audience(till.group.id, till.group.name)
        assert again == till.audience
        assert connector.audiences() == before

    def test_the_id_is_known_beforehand(self, shop: Shop, connector: Connector, till: Till) -> None:
        """A plan names rows of an audience that is still to be made, without asking anyone."""
        assert connector.audience_id(till.group.id) == till.audience.id
        mark = shop.connection.mark
        assert shop.platform.audience_id(mark, till.group.id) == till.audience.id

    def test_each_group_has_its_own(self, shop: Shop, connector: Connector, till: Till) -> None:
        """Two groups on one audience would pay each other's prices."""
        second = connector.create_group(GroupDraft("second", "Second", shop.base_group_id))
        audience = connector.create_audience(second.id, second.name)
        assert audience.id != till.audience.id
        assert audience.group_ids == (second.id,)

    @needs(Ability.OWN_AUDIENCES)
    def test_no_two_have_the_same_priority(
        self, shop: Shop, connector: Connector, till: Till
    ) -> None:
        """Where the first that fits wins, equal priorities leave the price to chance."""
        second = connector.create_group(GroupDraft("second", "Second", shop.base_group_id))
        connector.create_audience(second.id, second.name)
        ours = [audience for audience in connector.audiences() if audience.ours]
        assert len(ours) == 2
        assert len({audience.priority for audience in ours}) == 2

    @needs(Ability.OWN_AUDIENCES)
    def test_an_audience_with_prices_stays(self, connector: Connector, till: Till) -> None:
        """Its prices would go with it, unseen."""
        row = till.row(till.product())
        assert connector.write_tier_prices([row]) == []
        with pytest.raises(InUse):
            connector.delete_audience(till.audience.id)
        assert till.stored(till.product()) == {row.key: row.value}

    @needs(Ability.OWN_AUDIENCES)
    def test_a_deleted_audience_is_gone(self, connector: Connector, till: Till) -> None:
        """Undo removes what a run made."""
        connector.delete_audience(till.audience.id)
        assert till.audience.id not in {audience.id for audience in connector.audiences()}

    @needs(Ability.OWN_AUDIENCES)
    def test_an_audience_that_somebody_made_is_not_ours_to_delete(
        self, connector: Connector, till: Till
    ) -> None:
        """What a person made is shown, never touched."""
        foreign = [audience for audience in connector.audiences() if not audience.ours]
        before = connector.audiences()
        for audience in foreign:
            with pytest.raises(ConnectorError):
                connector.delete_audience(audience.id)
        assert connector.audiences() == before

    @needs(Ability.DUMP)
    def test_group_and_audience_leave_nothing_behind(
        self, shop: Shop, connector: Connector
    ) -> None:
        """Undo restores the shop to the letter."""
        dump = given(shop.dump, Ability.DUMP)
        before = dump()
        group = connector.create_group(GroupDraft("passing", "Passing", shop.base_group_id))
        audience = connector.create_audience(group.id, group.name)
        assert dump() != before
        if not connector.capabilities.audience_is_group:
            connector.delete_audience(audience.id)
        connector.delete_group(group.id)
        assert dump() == before


def as_ids(groups: list[CustomerGroup]) -> set[str]:
    return {group.id for group in groups}
