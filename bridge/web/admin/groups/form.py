"""The form of a customer group: its name, and how it is mapped to each shop's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import request
from wtforms import BooleanField, StringField
from wtforms.validators import InputRequired, Length

from bridge.programme.document import Group
from bridge.programme.kinds import EVERYWHERE
from bridge.programme.source import Plain
from bridge.web.admin.forms import Form
from bridge.web.speaking import lazy


class GroupForm(Form):
    key = StringField(
        lazy("Short name"),
        [InputRequired(), Length(max=64)],
        description=lazy("Lower-case letters, digits and hyphens, like gold. It stays for good."),
    )
    name = StringField(
        lazy("Name in the shops"),
        [InputRequired(), Length(max=32)],
        description=lazy("At most 32 characters: Magento keeps no more."),
    )
    existing = BooleanField(lazy("The shops have this group already: never make or rename it"))


def typed_group(form: GroupForm, shops: Sequence[str], before: Group | None) -> dict[str, Any]:
    """As the programme's model has it. What the form does not ask for stays: members, and shops
    that are not connected."""
    told = before.model_dump(exclude_defaults=True) if before else {}
    name = (form.name.data or "").strip()
    typed = {shop: _asked(shop) for shop in shops}
    names = _kept(told.get("names", {}), shops)
    names |= {shop: one["name"] for shop, one in typed.items() if one["name"] not in ("", name)}
    moves = _kept(told.get("move_from", {}), shops)
    for shop, one in typed.items():
        explicit = told.get("move_from", {}).get(shop)
        if one["move_from"] or explicit == ():
            moves[shop] = one["move_from"]
    return told | {
        "name": name,
        "existing": bool(form.existing.data),
        "names": names,
        "base": _by_shop({shop: one["base"] for shop, one in typed.items()}, told, shops),
        "move_from": moves,
    }


def _asked(shop: str) -> dict[str, Any]:
    return {
        "name": request.form.get(f"name-{shop}", "").strip(),
        "base": request.form.get(f"base-{shop}", "").strip(),
        "move_from": [one for one in request.form.getlist(f"move-{shop}") if one.strip()],
    }


def _by_shop(typed: Mapping[str, str], told: Mapping[str, Any], shops: Sequence[str]) -> Any:
    """The same in all shops is said once: then it holds in one that is added later, too."""
    before = told.get("base", {})
    others = {shop: name for shop, name in before.items() if shop not in (*shops, EVERYWHERE)}
    chosen = {shop: name for shop, name in typed.items() if name}
    if chosen and len(set(typed.values())) == 1 and not others:
        return {EVERYWHERE: next(iter(chosen.values()))}
    is_whole = EVERYWHERE in before and len(chosen) == len(typed)
    default = {EVERYWHERE: before[EVERYWHERE]} if is_whole else {}
    return {**default, **others, **chosen}


def _kept(settings: Mapping[str, Any], shops: Sequence[str]) -> dict[str, Any]:
    return {shop: value for shop, value in settings.items() if shop not in shops}


def group_plain(told: Mapping[str, Any]) -> dict[str, Plain]:
    """As a programme's file has it: all of it text, and nothing that is as by default."""
    found: dict[str, Plain] = {}
    for name, value in told.items():
        plain = _plain(value)
        if plain not in (None, "", [], {}) and plain != "no":
            found[name] = plain
    return found


def _plain(value: Any) -> Plain:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return {
            str(name): _plain(item) for name, item in value.items() if item not in (None, "", {})
        }
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(item) for item in value]
    return None if value is None else str(value)
