"""What native texts mean: remembered when they are compiled, looked up by the text itself."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlmodel import Session, col

from bridge.db import upsert
from bridge.outbox.placeholders import WAITING
from bridge.promotions.models import PromotionText
from connectors.rewards import Promotion

_PROMOTION = TypeAdapter(Promotion)


@dataclass(frozen=True, slots=True)
class Meaning:
    native: str
    promotion: Promotion
    rate: Decimal | None = None
    """At which its amounts were converted; ``None``: they were not."""


def remember(
    session: Session,
    workspace_id: int,
    installation_id: int,
    meanings: Iterable[Meaning],
) -> None:
    """Keeps what these texts mean. One that is kept already is written again."""
    upsert(
        session,
        PromotionText,
        [
            {
                "installation_id": installation_id,
                "key": one.promotion.key,
                "digest": _digest(one.native),
                "workspace_id": workspace_id,
                "promotion": promotion_text(one.promotion),
                "rate": "" if one.rate is None else f"{one.rate:f}",
            }
            for one in meanings
        ],
    )


def meanings(
    session: Session, workspace_id: int, installation_id: int, natives: Mapping[str, str]
) -> dict[str, Meaning]:
    """By key, of those texts that the bridge itself made; ``natives`` are texts by key."""
    digests = {key: _digest(native) for key, native in natives.items()}
    rows = session.execute(
        select(
            col(PromotionText.key),
            col(PromotionText.digest),
            col(PromotionText.promotion),
            col(PromotionText.rate),
        ).where(
            col(PromotionText.workspace_id) == workspace_id,
            col(PromotionText.installation_id) == installation_id,
            col(PromotionText.key).in_(list(digests)),
            col(PromotionText.digest).in_(list(digests.values())),
        )
    )
    return {
        key: Meaning(natives[key], promotion_from(text), Decimal(rate) if rate else None)
        for key, digest, text, rate in rows
        if digests[key] == digest
    }


def promotion_text(promotion: Promotion) -> str:
    return _PROMOTION.dump_json(promotion).decode()


def promotion_from(text: str) -> Promotion:
    return _PROMOTION.validate_json(text)


def _digest(native: str) -> str:
    return hashlib.sha256(native.encode()).hexdigest()


# --- what names a group that is still to be made ---------------------------------------------


def waiting(promotion: Promotion) -> str:
    """Stands for the native text until the shop has given the groups in it their ids."""
    return WAITING + promotion_text(promotion)


def is_waiting(text: str | None) -> bool:
    return text is not None and text.startswith(WAITING)


def waited_for(text: str) -> Promotion:
    return promotion_from(text.removeprefix(WAITING))
