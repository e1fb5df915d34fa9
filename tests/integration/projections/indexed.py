"""What the rows of the index of searches say, however they were cut: where each digest is."""

from __future__ import annotations

from typing import Any, Protocol

from projections.search import layout
from projections.search.layout import DIGEST_BYTES

Index = dict[bytes, set[int]]


class Fetching(Protocol):
    """Who runs a query: a transaction, or the owner's connection."""

    async def fetch(self, sql: str, /) -> Any:
        """The rows."""


async def index_of(there: Fetching, schema: str = "rm") -> Index:
    """Every digest in the tables. No position may be named twice for one."""
    found: Index = {}
    for row in await there.fetch(f"SELECT messages FROM {schema}.search_recent_1"):
        for position, held in layout.messages_in(row["messages"]):
            for start in range(0, len(held), DIGEST_BYTES):
                _add(found, held[start : start + DIGEST_BYTES], position)
    for row in await there.fetch(f"SELECT log_window, postings FROM {schema}.search_posting_1"):
        for number, offsets in layout.postings_in(row["postings"]).items():
            for offset in offsets:
                position = row["log_window"] * layout.WINDOW + offset
                _add(found, number.to_bytes(DIGEST_BYTES, "little"), position)
    return found


def _add(index: Index, digest: bytes, position: int) -> None:
    there = index.setdefault(digest, set())
    assert position not in there
    there.add(position)
