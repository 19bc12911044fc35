"""Sends tier price rows in batches so that no bad row takes a good one with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from connectors.base import Refusal
from connectors.errors import ConnectorError, Rejected, TooMany
from connectors.magento.client import MagentoClient, listed
from connectors.magento.entries import Entry, attributed, refusal
from connectors.magento.faults import FailedInside


@dataclass(slots=True)
class _Patience:
    """A shop that fails inside may choke on one row, or be broken. Halving finds the row within
    log2(n) failures in sequence; more than that with no success between means broken."""

    limit: int
    faults: int = 0

    def faulted(self, error: FailedInside) -> None:
        self.faults += 1
        if self.faults > self.limit:
            raise error


class Batches:
    def __init__(self, client: MagentoClient, path: str, rows_per_call: int) -> None:
        self._client = client
        self._path = path
        self._rows_per_call = rows_per_call

    @property
    def _where(self) -> str:
        return f"POST /rest/all/V1/{self._path}"

    def send(self, entries: Sequence[Entry]) -> list[Refusal]:
        """Sends all; returns the rows the shop refused.

        Raises what leaves outcomes unknown (a lost answer is not asked for again: somebody may
        have changed a row meanwhile), and what stands against every row alike.
        """
        together = sorted(entries, key=lambda one: one.row.key.product_id)
        patience = _Patience(limit=3 + len(together).bit_length())
        pieces = self._client.in_pieces(
            together, self._rows_per_call, lambda piece: self._piece(piece, patience)
        )
        return [one for piece in pieces for one in piece]

    def _piece(self, entries: Sequence[Entry], patience: _Patience) -> list[Refusal]:
        try:
            failures = self._post(entries)
        except TooMany:
            raise
        except FailedInside as error:
            if len(entries) == 1 and patience.faults == 0:
                raise
            patience.faulted(error)
            return self._halved(entries, error, patience)
        except Rejected as error:
            return self._halved(entries, error, patience)
        patience.faults = 0
        by_row, unclaimed = attributed(failures, entries)
        if unclaimed:
            unclear = Rejected(" ".join(unclaimed), where=self._where)
            return self._halved(entries, unclear, patience)
        return [
            Refusal(entries[at].row.key, refusal(messages, self._where))
            for at, messages in by_row.items()
        ]

    def _halved(
        self, entries: Sequence[Entry], error: ConnectorError, patience: _Patience
    ) -> list[Refusal]:
        """A call that failed as a whole, or whose failures name no row: halves, down to the row
        that is to blame (PLATFORM_FACTS Magento 3)."""
        if len(entries) == 1:
            return [Refusal(entries[0].row.key, error)]
        middle = len(entries) // 2
        return self._piece(entries[:middle], patience) + self._piece(entries[middle:], patience)

    def _post(self, entries: Sequence[Entry]) -> list[object]:
        body = {"prices": [dict(one.body) for one in entries]}
        return listed(self._client.post(self._path, body), self._where)
