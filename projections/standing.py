"""What position of the log a statement's rows reflect, as readers tell it."""

from __future__ import annotations

from uuid import UUID

import msgspec

from domain import chain
from domain.envelope import MARK_BYTES
from domain.ports import Row


def as_of(log: UUID, row: Row) -> tuple[int, str]:
    """Position and mark of the columns ``as_of`` and ``as_of_mark``, which come of the checkpoint.

    Before the first event they are the log's own.
    """
    if not row["as_of"]:
        return 0, chain.genesis(log)[:MARK_BYTES].hex()
    position, mark = msgspec.convert((row["as_of"], row["as_of_mark"]), tuple[int, bytes])
    return position, mark.hex()
