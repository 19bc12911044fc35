"""What stands for what, as a file says it: a section a kind of name, and in it the template's names
and what stands for each here; ``~`` leaves out what names it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from bridge.programme.issues import Loc, Place, ProgrammeError, field_path, issue
from bridge.programme.source import Source, read_yaml
from bridge.programme_templates.mapping import Chosen
from bridge.programme_templates.places import Kind

SAID: dict[str, tuple[Kind, ...]] = {
    "installation": (Kind.INSTALLATION,),
    "store": (Kind.STORE,),
    "group": (Kind.SHOP_GROUP, Kind.ANY_GROUP, Kind.GROUP),
    "tier": (Kind.TIER,),
    "segment": (Kind.SEGMENT,),
    "category": (Kind.CATEGORY,),
    "sku": (Kind.SKU,),
    "company": (Kind.COMPANY,),
    "email-domain": (Kind.EMAIL_DOMAIN,),
}
"""What a file calls them: the shops' groups and the programme's own are told apart by where they
stand in a programme, and seldom have one name."""
WORDS = {kind: word for word, kinds in SAID.items() for kind in kinds}


def read_choices(text: str, name: str, factor: Decimal | None = None) -> Chosen:
    """``name``: of the file, for messages. Raises ProgrammeError with its lines."""
    source = read_yaml(text, name)
    plain = source.plain()
    if plain is None:
        return Chosen(factor=factor)
    if not isinstance(plain, dict):
        raise _refused(source, (), "must be sections like store: {their-shop/de: our-shop/at}")
    names: dict[tuple[Kind, str], str | None] = {}
    for word, told in plain.items():
        if word not in SAID:
            known = ", ".join(SAID)
            raise _refused(source, (word,), f'"{word}" is not known. Known are {known}')
        for theirs, ours in _pairs(source, word, told):
            names |= dict.fromkeys(((kind, theirs) for kind in SAID[word]), ours)
    return Chosen(names, factor)


def _pairs(source: Source, word: str, told: object) -> Iterator[tuple[str, str | None]]:
    if not isinstance(told, dict | None):
        raise _refused(source, (word,), "must say what stands for each name, like their: ours")
    for theirs, ours in (told or {}).items():
        if ours is not None and not isinstance(ours, str):
            raise _refused(source, (word, theirs), "must be one name, or ~ to leave it out")
        yield theirs, ours.strip() if ours else None


def _refused(source: Source, loc: Loc, message: str) -> ProgrammeError:
    place = source.place(loc) if loc else Place(source.name)
    return ProgrammeError([issue(place, field_path(loc), message)])
