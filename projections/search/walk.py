"""Through the index of a log, from its newest window downwards: who may hold all digests.

What comes out are candidates. A window is passed once, the newest ones together with the position
that they reflect, in one statement; further down nothing changes but what is erased. Of the list
that is not turned round yet no more is read at a time than is looked through in a moment.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

import msgspec

from domain.ports import Clock, Row
from projections import standing
from projections.pauses import Pauses
from projections.ports import ReadModels
from projections.projection import identified
from projections.search import layout
from projections.search.projection import NAME, VERSION, sql
from projections.waiting import behind

INDEX = identified(NAME, VERSION)
"""Under which it stands how far the index is."""

FIRST_WINDOWS = 4
"""Windows that the first look takes; each look takes so many times as many as the one before. What
is common is found at once, and what is rare in few looks."""

MAX_ROWS = 4_096
"""Rows of the index that one look asks for at most: a few megabytes."""

RECENT_BYTES = 1024 * 1024
"""Of recent messages that one look asks for, about: what a window of usual ones comes to."""

BEYOND = 2**53
"""A position that no log has."""


class Range(NamedTuple):
    """Positions from ``first`` on, below ``below``."""

    first: int
    below: int


class Walk:
    """One search's way. ``reached``: what is at or above this position has been given.

    ``as_of`` and ``mark`` say what the answer reflects, after the first look: what all ``parts``
    have, the checkpoints of the read models that it rests on.
    """

    def __init__(  # noqa: PLR0913, PLR0917  # what a search goes by, and through
        self,
        models: ReadModels,
        clock: Clock,
        log: UUID,
        parts: Sequence[str],
        digests: Sequence[bytes],
        wanted: Range,
        windows: int,
    ) -> None:
        self._models = models
        self._pauses = Pauses(clock)
        self._log = log
        self._parts = parts
        self._digests = digests
        self._wanted = wanted
        self._windows = windows
        self._step = FIRST_WINDOWS
        self._begun = False
        self.reached = wanted.below
        self.as_of = 0
        self.mark = ""

    @property
    def ended(self) -> bool:
        """Whether there is nothing more to look at."""
        return self._begun and self.reached <= self._wanted.first

    @property
    def tired(self) -> bool:
        """Whether it has looked into as many windows as it may."""
        return self._windows <= 0

    async def look(self) -> list[int]:
        """The candidates of the next windows, newest first.

        Raises StoreUnavailable; Refused ``not_caught_up`` where what is looked through went back.
        """
        buckets = sorted(set(map(layout.bucket_of, self._digests)))
        count = min(self._step, self._windows, max(1, MAX_ROWS // len(buckets)))
        rows = await self._rows(buckets, count)
        self._reflects(rows[0])
        below = min(self.reached, self.as_of + 1)
        recent_from = msgspec.convert(rows[0]["recent_from"], int | None)
        if recent_from is None:
            newest = layout.window_of(max(below - 1, 0))
            self.reached = max(self._wanted.first, (newest - count + 1) * layout.WINDOW)
            self._windows -= count
            self._step *= FIRST_WINDOWS
        else:
            self.reached = max(self._wanted.first, recent_from)
            self._windows -= 1  # as much work as one
        found = await self._found(rows)
        return sorted((at for at in found if self.reached <= at < below), reverse=True)

    async def _rows(self, buckets: Sequence[int], count: int) -> Sequence[Row]:
        below = min(self.reached, self.as_of + 1) if self._begun else self.reached
        async with self._models.reading(self._log) as transaction:
            # Every row by its key: with the statistics of a table that grew just now PostgreSQL
            # would rather read all of it.
            await transaction.execute("SET LOCAL enable_seqscan = off")
            return await transaction.fetch(
                sql("candidates"),
                self._log,
                self._parts,
                below,
                count,
                buckets,
                layout.WINDOW,
                RECENT_BYTES,
            )

    def _reflects(self, row: Row) -> None:
        """What the first look reflects all do: what grows meanwhile is left out."""
        as_of, mark = standing.as_of(self._log, row)
        if not self._begun:
            self._begun, self.as_of, self.mark = True, as_of, mark
        elif as_of < self.as_of:
            raise behind("What is searched was replaced just now.")

    async def _found(self, rows: Iterable[Row]) -> set[int]:
        """The positions that hold all digests, as these rows tell."""
        found: set[int] = set()
        windows: dict[int, dict[int, bytes]] = {}
        for row in rows:
            window, bucket, raw = msgspec.convert(
                (row["log_window"], row["bucket"], row["raw"]),
                tuple[int | None, int | None, bytes | None],
            )
            if window is not None and bucket is not None and raw is not None:
                windows.setdefault(window, {})[bucket] = raw
            elif raw is not None:
                found |= layout.holding_all(raw, self._digests)
        for window, buckets in windows.items():
            await self._pauses.due()
            found |= _in_window(window, buckets, self._digests)
        return found


def _in_window(window: int, buckets: dict[int, bytes], digests: Iterable[bytes]) -> set[int]:
    """The positions of a window that hold all digests; one that is nowhere there ends it."""
    found: set[int] | None = None
    for digest in digests:
        row = buckets.get(layout.bucket_of(digest))
        there = set() if row is None else layout.positions_of(row, window, digest)
        found = there if found is None else found & there
        if not found:
            return set()
    return found or set()
