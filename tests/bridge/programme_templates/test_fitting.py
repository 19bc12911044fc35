"""What a template changes in a programme. Pure."""

from __future__ import annotations

from agency import APPLE
from hypothesis import given
from hypothesis import strategies as st

from bridge.programme.loading import load_text
from bridge.programme_templates.fitting import fit, template_fields
from bridge.programme_templates.mapping import Chosen, KnownNames, lean, names_in
from bridge.programme_templates.places import Kind
from bridge.programme_templates.sections import SECTIONS, cut

PROGRAMME = load_text(APPLE, "programme.yaml").document
NAMES = names_in(lean(PROGRAMME, SECTIONS))
KNOWN = KnownNames({kind: tuple(name for one, name in NAMES if one is kind) for kind in Kind})
PRICED = KnownNames(
    {**KNOWN.by_kind, Kind.SKU: (*KNOWN.by_kind[Kind.SKU], *KNOWN.by_kind[Kind.PRICED_SKU])}
)


@given(st.sets(st.sampled_from(SECTIONS), min_size=1), st.booleans())
def test_any_part_of_a_programme_changes_nothing_in_itself(
    sections: set[str], replaces: bool
) -> None:
    fields = template_fields(cut(PROGRAMME, sections), sections, PROGRAMME, None)
    found = fit(fields, PROGRAMME, Chosen(), PRICED, replaces=replaces)
    assert (found.changes, found.gone, found.prices_left_out) == ({}, (), 0)


def test_a_name_is_the_same_in_other_capitals_when_it_is_the_only_one() -> None:
    known = KnownNames(
        {
            Kind.STORE: ("Shop/DE", "other/at", "Shop/at"),
            Kind.SKU: ("a-1", "A-1", "b-2"),
        }
    )
    assert known.like(Kind.STORE, "shop/de") == "Shop/DE"
    assert known.like(Kind.STORE, "theirs/de") == "Shop/DE"
    assert known.like(Kind.STORE, "theirs/at") == ""  # two have it
    assert known.like(Kind.STORE, "theirs") == ""
    assert (known.like(Kind.SKU, "A-1"), known.like(Kind.SKU, "B-2")) == ("A-1", "b-2")
    assert known.like(Kind.CATEGORY, "A-1") == ""
