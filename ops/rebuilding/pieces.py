"""How the work of a rebuild is shared out among processes.

A piece is a log and some projections: a projection folds a log in its order, so the events of one
cannot be dealt out, but several projections can fold the same log beside each other. Each piece of
a log decrypts it once more, so only a log that is too much for one process is cut.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from msgspec import Struct

from projections.generations import cost
from projections.projection import Projection


class Piece(Struct, frozen=True):
    """A log that is to be folded, up to where, and by which projections."""

    log: UUID
    upto: int
    names: tuple[str, ...]


def pieces(
    projections: Sequence[Projection[Any]],
    left: Mapping[UUID, int],
    heads: Mapping[UUID, int],
    workers: int,
) -> list[Piece]:
    """The logs in which events are ``left``, in this order, each whole or cut by projections.

    A log has as many pieces as ``workers`` have shares of the whole in it.
    """
    whole = sum(left.values())
    return [
        Piece(log, heads[log], names)
        for log, events in left.items()
        for names in _dealt(projections, round(workers * events / whole))
    ]


def _dealt(projections: Sequence[Projection[Any]], shares: int) -> list[tuple[str, ...]]:
    """The names in at least one and at most so many groups, which cost about the same."""
    groups: list[list[Projection[Any]]] = [[] for _ in range(max(1, min(shares, len(projections))))]
    for each in sorted(projections, key=cost, reverse=True):
        min(groups, key=lambda group: sum(map(cost, group))).append(each)
    return [tuple(each.name for each in group) for group in groups]
