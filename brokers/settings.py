"""The limits of this room: how the broker is spoken to, what is under way, how often one looks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BrokerSettings:
    """The connections to RabbitMQ."""

    connect_timeout_s: float = 3.0
    """Seconds to connect, and to declare and bind what is needed."""

    first_connection_s: float = 1.0
    """Seconds that a process which starts waits to be connected; then it serves without."""

    first_pause_s: float = 0.1
    """Seconds of the first pause between two attempts to connect; they double, at random."""

    longest_pause_s: float = 5.0
    """Seconds of the longest such pause: so late at most a broker that is back is noticed."""

    amqp_heartbeat_s: int = 5
    """Seconds between heartbeats: after two without an answer the connection is given up."""

    confirm_timeout_s: float = 3.0
    """Seconds that a slice may stay unconfirmed; then the connection is given up."""

    bind_timeout_s: float = 1.0
    """Seconds to bind a tenant; whoever said hello waits for it, and goes on without after that."""

    silence_s: float = 2.5
    """Seconds without a word of a relay (each sends a beacon every second) after which it is not
    trusted."""

    check_s: float = 2.0
    """Seconds between two looks whether our queues still have us as their consumer."""

    queue_messages: int = 10_000
    """Messages that a queue of ours holds; the oldest go first, and are read from the store."""

    queue_bytes: int = 64 * 1024 * 1024
    """The same in bytes."""

    prefetch: int = 64
    """Messages that the broker sends ahead of those that are done with."""

    passing_waiting: int = 1_000
    """Passing things that wait to be sent; more are dropped, they would come too late anyway."""

    work_prefetch: int = 64
    """Tasks of work queues that one process takes up at a time; each waits for others mostly."""

    work_waiting: int = 10_000
    """Tasks that wait to be given out; of more, what is due is found without one."""


@dataclass(frozen=True, slots=True)
class RelaySettings:
    """How often the relay looks, how much it has under way, how long it pauses."""

    poll_s: float = 1.0
    """Seconds between two looks at its logs: one query, answered by those that have grown only."""

    backoff_s: float = 5.0
    """The longest pause after failures; they begin at a fraction of it and double."""

    slice_events: int = 256
    """Events of a slice at most; the protocol's limit."""

    window_slices: int = 32
    """Slices of a log that are published and not yet confirmed."""

    concurrency: int = 8
    """Logs that are published at a time."""

    beacon_s: float = 10.0
    """Seconds for which a beacon, sent each ``poll_s``, names a log that has moved."""


@dataclass(frozen=True, slots=True)
class TailSettings:
    """How often heads are looked at, how long a hole may close by itself, how much is kept."""

    look_s: float = 0.5
    """Seconds between two looks at the heads of the followed logs while the broker reaches all."""

    look_away_s: float = 0.2
    """The same while it does not: then this is how others' messages come."""

    backoff_s: float = 2.0
    """Seconds of the longest pause while the store is away."""

    gap_wait_s: float = 0.02
    """Seconds that a hole may close by itself, since a slice may just be on its way."""

    held_events: int = 8_192
    """Events of a log kept behind a hole; beyond that they are read again from the store."""

    page_events: int = 256
    """Events read at a time where there is a hole."""

    concurrent_reads: int = 8
    """Holes that are read at a time."""

    linger_s: float = 60.0
    """Seconds that a log is followed after its last socket has gone: a page that is reloaded."""
