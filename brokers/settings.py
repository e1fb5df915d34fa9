"""How a broker is spoken to, and how long it is waited for."""

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
    """Seconds without a word (relays send a beacon each second) after which it is not trusted."""

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
