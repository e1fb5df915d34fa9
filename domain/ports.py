"""The ports: what the pure rooms need of the outside, as roles.

Each has one contract suite in ``tests/contract``, run against every implementation, the real one
and the twin.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from msgspec import Struct

from domain.append import Answer, Append
from domain.envelope import Actor, RecordedEvent, Slice, StoredEvent
from domain.moments import Asked, Moment


class Clock(Protocol):
    """Time, handed in. Deadlines use ``monotonic``; what is stored or shown uses ``now``."""

    def now(self) -> float:
        """Seconds since 1970, UTC."""

    def monotonic(self) -> float:
        """Seconds on a clock that never goes back."""

    async def sleep(self, seconds: float) -> None:
        """Wait."""


class Ids(Protocol):
    """Ids and randomness, handed in."""

    def uuid(self) -> UUID:
        """A fresh time-ordered id (UUIDv7)."""

    def random(self, count: int) -> bytes:
        """So many bytes that nobody can guess."""

    def uniform(self) -> float:
        """A number in [0, 1), for jitter; not for secrets."""


class LogHead(Struct, frozen=True):
    """The last event of a log: position 0 and the hash of the log's id when it has none."""

    log: UUID
    tenant: str
    position: int
    hash: bytes


class StreamHead(Struct, frozen=True):
    """The last event of a stream, or of a whole log, beside what a client says it has.

    ``number`` is a version (stream) or position (log), 0 when empty; ``asked`` the chain hash of
    the event at the offset that was asked for, None when there is no such event.
    """

    number: int
    hash: bytes
    asked: bytes | None


class Recheck(Struct, frozen=True):
    """What stands in the log beside a refusal.

    ``last`` is the last event of the command's first answer, if it has one, ``same`` whether that
    had the same content; ``versions`` those of the streams that the refusal rests on.
    """

    last: RecordedEvent | None
    same: bool
    versions: dict[str, int]


class EventStore(Protocol):
    """The event store below the group commit.

    Every method raises :class:`~domain.errors.StoreUnavailable` while the store is away. Events
    come back decrypted; those of an erased subject with ``data`` None, and so those that cannot be
    read, which are ``damaged``. One of a newer program raises :class:`~domain.errors.UnknownEvent`.
    """

    async def append_batch(self, log: UUID, batch: Sequence[Append]) -> list[Answer]:
        """Append commands in order, each whole or not at all: an answer for each.

        Every command sees those before it. Returns only what is committed. Raises
        StoreUnavailable (outcome unknown: the same batch may be given again, ids guard it) and
        BatchRefused (nothing was written, nor will be).
        """

    async def recheck(
        self, log: UUID, actor: Actor, command: UUID, content: bytes, streams: Sequence[str]
    ) -> Recheck:
        """In one query: was this command answered before, and where do these streams stand?"""

    async def read_log(self, log: UUID, after: int, limit: int) -> list[RecordedEvent]:
        """Events beyond position ``after``, at most ``limit``, in order and without a hole.

        There may be fewer than ``limit`` though the log goes on, since a page is bounded in bytes
        too. Only an empty one means the end.
        """

    async def read_stream(
        self, log: UUID, stream: str, after: int, limit: int
    ) -> list[RecordedEvent]:
        """Events of a stream beyond version ``after``, at most ``limit``, in order.

        There may be fewer though the stream goes on; only an empty page means the end.
        """

    async def read_positions(self, log: UUID, positions: Sequence[int]) -> list[RecordedEvent]:
        """The events at these positions, no two of them the same, in the order given.

        There may be fewer, since a page is bounded in bytes: then those behind the last one are to
        be asked for again. A position that the log does not have gives none.
        """

    async def open(self, log: UUID, events: Sequence[StoredEvent]) -> list[RecordedEvent]:
        """What came as it is stored, as :meth:`read_log` would have given it.

        The store is asked for the keys that are not kept here.
        """

    async def heads(self, logs: Sequence[UUID] | None = None) -> list[LogHead]:
        """The head of each of these logs, or of all."""

    async def stream_heads(
        self, log: UUID, asked: Sequence[tuple[str | None, int]]
    ) -> list[StreamHead]:
        """The head of each stream (None: the log itself) and the hash at the given offset."""

    async def moment(self, log: UUID, asked: Asked, stream: str | None = None) -> Moment:
        """The log, and a stream of it, as they stood then; beyond the head, as they stand now."""

    async def find_log(self, tenant: str) -> UUID | None:
        """The log of the tenant of this name."""

    async def create_log(self, log: UUID, tenant: str) -> None:
        """Begin a log. Raises :class:`~domain.errors.Refused` ``exists`` for a name in use."""

    async def epoch(self) -> str:
        """The name of this history, drawn anew when the store was restored or replaced."""


class Snapshot(Struct, frozen=True):
    """A stream's state after the event at ``version``, whose chain hash is ``hash``.

    ``form`` numbers the layout of ``state``, which is in plain here and is stored encrypted under
    the key of ``subject``.
    """

    stream: str
    version: int
    hash: bytes
    form: int
    subject: str
    state: bytes

    def __repr__(self) -> str:
        return f"Snapshot({self.stream!r}, version={self.version})"


class Snapshots(Protocol):
    """States of long streams, kept so that they need not be folded again; one a stream.

    Whatever is in here may be lost. Both raise StoreUnavailable.
    """

    async def find_snapshot(self, log: UUID, stream: str, form: int) -> Snapshot | None:
        """The stream's snapshot, if it is of this form, can be opened, and is of this history.

        That is: the event at its version has its hash.
        """

    async def keep_snapshot(self, log: UUID, snapshot: Snapshot) -> None:
        """Keep this one in place of the one before.

        Nothing happens where the subject was erased, or where the log has no such event.
        """


class Commits(Protocol):
    """Where the group commit tells what it has committed, at once and in order."""

    def __call__(self, committed: Slice, /) -> None:
        """Take a slice. Must not block or raise."""


class Row(Protocol):
    """One row of a query's answer, by column name."""

    def __getitem__(self, column: str) -> object:
        """The column's value."""


class Table(Struct, frozen=True):
    """A table of a read model: a row's columns in order, and those that tell rows apart.

    Its name is without a schema: the connection says in which generation it is.
    """

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]


class Transaction(Protocol):
    """A transaction of a read model: rows and checkpoint move together."""

    async def fetch(self, sql: str, *arguments: object) -> Sequence[Row]:
        """Run a query."""

    async def execute(self, sql: str, *arguments: object) -> None:
        """Run a statement."""

    async def execute_many(self, sql: str, rows: Sequence[Sequence[object]]) -> None:
        """Run a statement for each of the rows."""

    async def put(self, table: Table, rows: Sequence[Sequence[object]]) -> None:
        """Have these rows in a table, in the place of those with the same key.

        Values are in the order of the table's columns; no two rows have one key.
        """


class RenewalSecret(Struct, frozen=True):
    """A secret that buys fresh tokens: whose it is, and since when. Only its digest is stored."""

    role: str
    subject: str
    created_at: float
    expires_at: float


class NewSecret(Struct, frozen=True):
    """A secret that is to be remembered under its digest, perhaps as the successor of another."""

    digest: bytes
    secret: RenewalSecret
    successor_of: bytes | None = None


class Sessions(Protocol):
    """What the doors remember: renewal secrets and used nonces, in the store, for every node.

    ``digest`` is SHA-256 of a secret. Times are seconds since 1970. Raises StoreUnavailable.
    """

    async def add_secret(
        self, log: UUID, digest: bytes, secret: RenewalSecret, successor_of: bytes | None = None
    ) -> None:
        """Remember a secret, perhaps as the successor of another."""

    async def use_secret(
        self, log: UUID, digest: bytes, now: float, grace_s: float
    ) -> RenewalSecret | None:
        """Whose secret this is, or None when unknown, expired, retired or revoked.

        The first use of a successor retires the secrets that it follows, ``grace_s`` from now.
        """

    async def revoke_secret(self, log: UUID, digest: bytes) -> None:
        """This secret, and those that it follows or that follow it, buy nothing any more."""

    async def revoke_subject(self, log: UUID, role: str, subject: str) -> None:
        """Nothing that this subject holds buys anything any more."""

    async def use_nonce(
        self,
        log: UUID,
        site: str,
        digest: bytes,
        expires_at: float,
        secret: NewSecret | None = None,
    ) -> bool:
        """Use a nonce up, and in the same transaction remember what it was exchanged for.

        False, and nothing done, when it was used before; kept at least until ``expires_at``.
        """

    async def nonce_used(self, log: UUID, site: str, digest: bytes) -> bool:
        """Whether a nonce was used up."""
