"""Which conversations came from a source, for those who have found conversations by other means."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from projections.analytics.projection import NAME, VERSION, sql
from projections.analytics.stored import SOURCE, Stored
from projections.ports import LabelCipher, ReadModels
from projections.projection import identified


class FactSources:
    """Asks the facts. ``checkpoint`` is under which it stands how far they are."""

    checkpoint = identified(NAME, VERSION)

    def __init__(self, models: ReadModels, cipher: LabelCipher) -> None:
        self._models = models
        self._stored = Stored(cipher)

    async def coming_from(self, log: UUID, source: str, conversations: Iterable[str]) -> set[str]:
        """Those of the conversations that came from this source, as reports name it."""
        digest = (await self._stored.digests(log, SOURCE, [source]))[source]
        async with self._models.reading(log) as transaction:
            rows = await transaction.fetch(
                sql("coming_from"), log, sorted(set(conversations)), digest
            )
        return {str(row["conversation"]) for row in rows}
