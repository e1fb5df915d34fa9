"""Generations of read models: the live tables, those that are built beside them, those before.

All have the same names in schemas of their own, so the same SQL works on each; checkpoints and
parked events of one that is not live stand under an identifier with the generation's suffix.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct

from domain.ports import Transaction
from projections.projection import LIVE, Projection, identifier


class Generation(Struct, frozen=True):
    """One of the three: its schema, and what follows a projection's identifier."""

    schema: str
    suffix: str


CURRENT = Generation(LIVE, "")
NEXT = Generation("rm_next", "+next")
OLD = Generation("rm_old", "+old")


class Model(Struct, frozen=True):
    """What a generation is of: a projection's identifier and its tables."""

    identifier: str
    owned: tuple[str, ...]


class Remaking(Struct, frozen=True):
    """Statements that name a model's tables by more than their names, as views do.

    They run in the transaction of a switch, and take so many exclusive ``locks`` of others.
    """

    statements: tuple[str, ...] = ()
    locks: int = 0


def model_of(projection: Projection[Any]) -> Model:
    """The read model of a projection."""
    return Model(identifier(projection), projection.owned)


def has_effects(projection: Projection[Any]) -> bool:
    """Whether it makes more than rows of its own, which a rebuild must not make again.

    It says so by ``effects``. It is not built beyond what its live tables reflect, since what it
    has to do for later events is then done by nobody.
    """
    return bool(getattr(projection, "effects", False))


def cost(projection: Projection[Any]) -> int:
    """How long it takes to fold a log, against other projections; it may say so by ``cost``."""
    return int(getattr(projection, "cost", 1))


def late_indexes(projections: Iterable[Projection[Any]]) -> list[str]:
    """Indexes that only readers need: a build makes them once all rows are there.

    A projection may name them by ``late_indexes``. Its ``tables`` must make them, each by a
    statement that does nothing where the index is there.
    """
    return [name for each in projections for name in getattr(each, "late_indexes", ())]


async def make_tables(
    transaction: Transaction,
    projections: Sequence[Projection[Any]],
    generation: Generation,
    *,
    whole: bool,
) -> None:
    """Make what is missing of the projections' tables in a generation.

    Not ``whole``: without the late indexes, which are dropped where they are.
    """
    await transaction.execute(f"SET LOCAL search_path = {generation.schema}")
    for projection in projections:
        await transaction.execute(projection.tables)
    if not whole:
        for name in late_indexes(projections):
            await transaction.execute(f"DROP INDEX IF EXISTS {generation.schema}.{name}")
