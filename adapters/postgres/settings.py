"""The limits of the way to PostgreSQL. ``ops`` fills them in; nothing here reads a variable."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PostgresSettings:
    """How many connections, how long to wait, how much to keep."""

    append_connections: int = 2
    """Connections for appends: batches of so many logs at once; each costs the server some MB."""

    read_connections: int = 3
    """Connections for reading, which must never keep appends waiting."""

    projector_connections: int = 2
    """Connections for the transactions of projections."""

    relay_connections: int = 2
    """Connections for the relay's reading and its checkpoints, besides one for its locks."""

    delivery_connections: int = 2
    """Connections for what is sent to webhooks: short statements between two requests."""

    connect_timeout_s: float = 2.0
    """How long to try to connect; a caller is told ``unavailable`` after that."""

    acquire_timeout_s: float = 2.0
    """How long to wait for a connection that is free."""

    lock_timeout_ms: int = 250
    """How long an append waits for the tenant's lock, which is held for milliseconds. Then it lets
    other tenants have the connection, and waits again."""

    lock_attempts: int = 8
    """How often it waits so before a command is told ``unavailable``: two seconds in all."""

    statement_timeout_ms: int = 10_000
    """How long one statement may take. Below the limit of 30 s for any transaction of ours."""

    idle_in_transaction_ms: int = 15_000
    """After how long the server ends a transaction whose client says nothing."""

    transaction_timeout_ms: int = 30_000
    """How long one transaction may last: an older one keeps the whole server from cleaning up."""

    answer_timeout_s: float = 12.0
    """How long to wait for the answer to a statement: a server that stands still tells nothing."""

    page_bytes: int = 1_048_576
    """Bytes of events read at a time, about, as stored and as decrypted: a page of large events
    has fewer of them."""

    key_cache_size: int = 10_000
    """Data keys kept in memory, about 4 kB each."""

    key_cache_age_s: float = 300.0
    """How long a key is used without asking again: an erasure elsewhere is felt after that."""

    analyst_connections: int = 5
    """Connections of one analyst's login, made by ``parley analyst create``: a BI tool's own pool,
    and far from all that the server has."""

    analyst_statement_ms: int = 30_000
    """How long an analyst's statement takes at most, unless the session asks for longer: a mistake
    ends by itself, and an old snapshot keeps the server from cleaning up."""
