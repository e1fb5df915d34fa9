"""What became of messages: those that were acked, those that a reader got, those in the log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Tally:
    """Counts of messages. All but ``acked`` are to be 0.

    ``lost`` were acked and are not in the log; ``doubled`` are there more than once; ``misread``
    reached the reader not at all, twice, or not in the log's order.
    """

    acked: int
    lost: int
    doubled: int
    misread: int

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.acked + other.acked,
            self.lost + other.lost,
            self.doubled + other.doubled,
            self.misread + other.misread,
        )


def tally(acked: Sequence[str], seen: Sequence[str], log: Sequence[str]) -> Tally:
    """Of one conversation."""
    logged = set(log)
    pairs = zip(seen, log, strict=False)
    misread = abs(len(seen) - len(log)) + sum(one != other for one, other in pairs)
    return Tally(len(acked), len(set(acked) - logged), len(log) - len(logged), misread)
