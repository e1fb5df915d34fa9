"""What a projection is, and how its tables come to be.

A projection folds events into rows with a pure ``evolve``. Reading rows, decrypting and encrypting
labels happen before and after the fold, outside the transaction; inside it rows are only written,
together with the checkpoint, so that it is short.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Protocol, TypeVar
from uuid import UUID

from domain.envelope import RecordedEvent
from domain.ports import Clock, Transaction
from projections.ports import LabelCipher, ReadModels

Rows = TypeVar("Rows")
Write = Callable[[Transaction], Awaitable[None]]
"""Writes changed rows within a transaction."""

LIVE = "rm"
"""The schema of the read models that are read. SQL names their tables without a schema, since the
same tables are built anew in another one, beside them."""


class Projection(Protocol[Rows]):
    """One read model, versioned: another version has other tables and its own checkpoints.

    ``types`` are the event types that it wants; None is all. ``owned`` names its tables, and
    ``tables`` is idempotent SQL that makes them, in the schema that comes first in the search path.
    """

    @property
    def name(self) -> str:
        """A short word, used in tables, logs and on the command line."""

    @property
    def version(self) -> int:
        """Raised with every change of tables or meaning."""

    @property
    def types(self) -> frozenset[str] | None:
        """The wanted event types."""

    @property
    def owned(self) -> tuple[str, ...]:
        """The names of its tables, without a schema; each ends in the version."""

    @property
    def tables(self) -> str:
        """SQL that makes the tables, run by their owner at every start."""

    async def load(
        self, log: UUID, events: Sequence[RecordedEvent], kept: Rows | None = None
    ) -> Rows:
        """The rows that these events may touch, as they are now. Raises StoreUnavailable.

        ``kept`` is what the page just before these events left, if that is still at hand: it is
        what the tables have, and need not be read again.
        """

    def evolve(self, rows: Rows, events: Sequence[RecordedEvent]) -> Rows:
        """The rows after the events. Pure: the given rows stay as they are."""

    async def change(self, log: UUID, before: Rows, after: Rows) -> Write:
        """What writes the difference between rows. Raises StoreUnavailable."""

    async def clear(self, transaction: Transaction, log: UUID) -> None:
        """Delete all rows of a log."""


@dataclass(frozen=True)
class Given:
    """What a projection is made of: the tables of one generation, a cipher for labels, a clock.

    ``acts``: whether it is to do what is more than rows of its own. False for a rebuild.
    """

    models: ReadModels
    cipher: LabelCipher
    clock: Clock
    acts: bool = True


Factory = Callable[[Given], Projection[Any]]
"""Makes a projection: on the live tables, or on those that are built beside them."""


def identifier(projection: Projection[Rows]) -> str:
    """Under which a projection's checkpoints stand: name and version."""
    return identified(projection.name, projection.version)


def identified(name: str, version: int) -> str:
    """The same for those who read its rows and have no projection at hand."""
    return f"{name}.{version}"


def name_of(identifier: str) -> str:
    """The name in such an identifier."""
    return identifier.rpartition(".")[0]


@cache
def statement(package: str, name: str) -> str:
    """The SQL in ``<name>.sql`` of a package's folder ``sql``."""
    return files(package).joinpath("sql", f"{name}.sql").read_text("utf-8")


async def create_tables(
    transaction: Transaction, projections: Iterable[Projection[Rows]], schema: str = LIVE
) -> None:
    """Make what is missing of the projections' tables. For their owner, before any projector.

    May be run at every start, by several processes at once.
    """
    await transaction.execute(statement("projections", "schema"))
    await transaction.execute(f"SET LOCAL search_path = {schema}")
    for projection in projections:
        await transaction.execute(projection.tables)
        await transaction.execute(
            statement("projections", "know_model"), identifier(projection), list(projection.owned)
        )
