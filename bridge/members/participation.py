"""Who took part in the programme at which moments, read once for many of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bridge.members.joining import bought_of, last_word, words_of
from bridge.members.joining_rules import Bought, Part, Word, has_membership, part_of
from bridge.members.meant import NO_QUALITIES, Qualities, is_meant
from bridge.members.qualities import qualities_of
from bridge.programme.document import Programme


class Participation:
    """As :func:`bridge.members.joining.takes_part`, for many moments and versions of the
    programme. What a version does not ask for is not read."""

    def __init__(
        self,
        session: Session,
        workspace_id: int,
        member_ids: Iterable[int],
        *,
        has_words: bool = True,
    ) -> None:
        """``has_words``: whether anybody ever was taken in or left."""
        self._session = session
        self._workspace_id = workspace_id
        self._members = sorted(set(member_ids))
        self._words: Mapping[int, Sequence[Word]] = {}
        if has_words:
            self._words = words_of(session, workspace_id, self._members)
        self._bought: dict[str, Mapping[int, Sequence[Bought]]] = {}
        self._qualities: dict[int, Mapping[int, Qualities]] = {}

    def part(self, programme: Programme, member_id: int, at: datetime) -> Part:
        """Groups, segments and tiers count as they are now."""
        joining = programme.joining
        word = last_word(self._words.get(member_id, ()), at)
        holds = joining is not None and joining.when is not None
        if holds and joining is not None:
            holds = is_meant(joining.when, self._quality(programme, member_id))
        return part_of(joining, word, holds)

    def is_in(self, programme: Programme, member_id: int, at: datetime, part: Part) -> bool:
        """``part``: what was said of this moment, now or when it was asked first."""
        if part is not Part.OPEN:
            return part is Part.IN
        zone = ZoneInfo(programme.timezone)
        return has_membership(
            programme.joining, self._bought_by(programme).get(member_id, ()), at, zone
        )

    def took_part(self, programme: Programme, member_id: int, at: datetime) -> bool:
        return self.is_in(programme, member_id, at, self.part(programme, member_id, at))

    def _quality(self, programme: Programme, member_id: int) -> Qualities:
        if id(programme) not in self._qualities:
            self._qualities[id(programme)] = qualities_of(
                self._session, self._workspace_id, programme, self._members
            )
        return self._qualities[id(programme)].get(member_id, NO_QUALITIES)

    def _bought_by(self, programme: Programme) -> Mapping[int, Sequence[Bought]]:
        joining = programme.joining
        sku = joining.product.sku if joining is not None and joining.product is not None else ""
        if sku not in self._bought:
            self._bought[sku] = bought_of(self._session, self._workspace_id, self._members, joining)
        return self._bought[sku]
