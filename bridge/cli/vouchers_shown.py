"""Vouchers as commands print them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bridge.application import Application
from bridge.cli.points_whose import last_day, local, stamp
from bridge.kit.money import from_millionths, from_minor
from bridge.members.addressees import names_of
from bridge.points.models import Holder
from bridge.vouchers.models import Ending, Voucher, VoucherState
from bridge.vouchers.review import Listed
from bridge.vouchers.stores import stores_of


def worth(voucher: Voucher) -> str:
    """``10.00 EUR``; ``15 %, at most 30.00 EUR``."""
    if voucher.amount_minor is not None:
        return _money(voucher.amount_minor, voucher.currency)
    percent = f"{from_millionths(voucher.percent_millionths or 0)} %"
    if voucher.maximum_minor is None:
        return percent
    return f"{percent}, at most {_money(voucher.maximum_minor, voucher.currency)}"


def _money(minor: int, currency: str) -> str:
    return f"{from_minor(minor, currency):,f} {currency}"


_ENDED = {Ending.EXPIRED.value: "expired", Ending.WITHDRAWN.value: "was withdrawn"}


def ended_already(voucher: Voucher, zone: ZoneInfo) -> str:
    """Of one that is ending or ended: ``was withdrawn already (2026-03-01 14:05): nothing was
    changed``; the moment is that of its end, before that of its leaving the shop."""
    moment = voucher.ended_at or voucher.removed_at
    when = f" ({local(moment, zone)})" if moment else ""
    return f"{_ENDED.get(voucher.ending, 'was taken back')} already{when}: nothing was changed"


def place_names(session: Session, app: Application) -> dict[tuple[int, str], str]:
    """``installation/store`` by installation and store id."""
    found = stores_of(session, app.workspace_id)
    return {(one.installation_id, one.store_id): one.name for one in found}


def records(session: Session, app: Application, found: list[Listed]) -> list[dict[str, Any]]:
    places = place_names(session, app)
    holders = [
        (Holder.MEMBER, one.voucher.member_id) for one in found if one.voucher.member_id is not None
    ]
    names = names_of(session, app.workspace_id, holders)
    return [_record(one, places, names) for one in found]


def _record(
    one: Listed, places: Mapping[tuple[int, str], str], names: Mapping[Any, str]
) -> dict[str, Any]:
    voucher = one.voucher
    who = names[Holder.MEMBER, voucher.member_id] if voucher.member_id else voucher.email
    return {
        "id": voucher.id,
        "code": voucher.code,
        "store": places.get((voucher.installation_id, voucher.store_id), one.installation),
        "kind": voucher.kind,
        "rule": voucher.rule or None,
        "member": voucher.member_id,
        "who": who or None,
        "points": voucher.points,
        "amount": _number(voucher.amount_minor, voucher.currency),
        "percent": None
        if voucher.percent_millionths is None
        else str(from_millionths(voucher.percent_millionths)),
        "maximum": _number(voucher.maximum_minor, voucher.currency),
        "currency": voucher.currency,
        "worth": worth(voucher),
        "state": voucher.state,
        "ending": voucher.ending or None,
        "why": voucher.why or None,
        "replaced_by": voucher.replaced_by,
        "made_at": stamp(voucher.made_at),
        "valid_until": stamp(voucher.valid_until),
        "issued_at": stamp(voucher.issued_at),
        "removed_at": stamp(voucher.removed_at),
        "ended_at": stamp(voucher.ended_at),
        "in_shop": voucher.is_there,
        "problem": one.problem or None,
        "is_dead": one.is_dead,
        "orders": [
            {
                "number": use.order_number,
                "placed_at": stamp(use.placed_at),
                "is_cancelled": use.is_cancelled,
            }
            for use in one.uses
        ],
    }


def _number(minor: int | None, currency: str) -> str | None:
    return None if minor is None else format(from_minor(minor, currency), "f")


COLUMNS = ("id", "code", "store", "who", "worth", "points", "state", "until", "orders", "problem")
RIGHT = ("id", "points")


def row(one: Listed, record: Mapping[str, Any], zone: ZoneInfo) -> tuple[str, ...]:
    voucher = one.voucher
    return (
        str(voucher.id),
        voucher.code,
        record["store"],
        record["who"] or "",
        record["worth"],
        f"{voucher.points:,}" if voucher.points else "",
        _state(one),
        last_day(voucher.valid_until, zone),
        ", ".join(order["number"] for order in record["orders"]),
        one.problem,
    )


def _state(one: Listed) -> str:
    voucher = one.voucher
    said = f"{voucher.state} ({voucher.ending})" if voucher.ending else voucher.state
    if one.is_dead:
        return f"{said}, refused"
    if voucher.state == VoucherState.OPEN.value and not voucher.is_there:
        return f"{said}, not in the shop yet"
    standing = sum(not use.is_cancelled for use in one.uses)
    return f"{said} {standing} times" if standing > 1 else said
