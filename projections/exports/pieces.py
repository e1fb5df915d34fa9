"""What an export asks for and how it comes: between who reads conversations and who writes."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from msgspec import Struct

from projections.exports.records import Chunk, Stand


class Wanted(Struct, frozen=True):
    """Which conversations; None is no limit.

    ``since`` and ``until`` are of their start, ``until`` itself not among them. The others are as
    of the export's position.
    """

    since: datetime | None = None
    until: datetime | None = None
    status: str | None = None
    department: str | None = None
    tag: str | None = None


class Piece(Struct, frozen=True):
    """Some chunks on their way. ``upto``: with them, all conversations up to this id are through.

    It is None within a conversation that comes in parts. ``unreadable`` counts conversations left
    out because their beginning is damaged, of those that the session views have.
    """

    chunks: Sequence[Chunk]
    upto: str | None
    unreadable: int = 0


class Source(Protocol):
    """Conversations for exports. All raise StoreUnavailable, and UnknownEvent in a newer log."""

    async def stand(self, log: UUID) -> Stand:
        """What an export that begins now is as of. Raises Refused where there are no views yet."""

    async def holds(self, log: UUID, stand: Stand) -> bool:
        """Whether the log still has the history that an export was begun on."""

    async def count(self, log: UUID, position: int, wanted: Wanted) -> int:
        """About how many there are, to tell how far an export is: never too few."""

    def pieces(
        self, log: UUID, position: int, wanted: Wanted, after: str = ""
    ) -> AsyncGenerator[Piece, None]:
        """The wanted conversations beyond an id, as of a position, in the order of their ids.

        Raises Refused ``not_caught_up`` where the views fall behind the position meanwhile.
        """
