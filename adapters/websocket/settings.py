"""The limits of the sockets. Every one has a name, a unit and a reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SocketSettings:
    """What one socket, and all of them together, may take."""

    frame_bytes: int = 128 * 1024
    """Bytes of a client's frame; the protocol's limit. Larger ones close with 4413."""

    hello_timeout_s: float = 5.0
    """Seconds until the first frame must have come; the protocol's limit. Else 4408."""

    heartbeat_s: int = 25
    """Seconds between the server's pings; below the 30 s after which proxies drop idle sockets."""

    public_url: str = ""
    """Scheme and host under which clients reach this server; empty: as each request says."""

    feeds: int = 512
    """Feeds that one socket may follow: an agent's open tabs, many times over."""

    commands_in_flight: int = 256
    """Commands of a socket without an answer; at the limit its reading pauses."""

    command_bytes: int = 512 * 1024
    """Bytes of a socket's commands without an answer; at the limit its reading pauses."""

    node_command_bytes: int = 64 * 1024 * 1024
    """The same of all sockets of a node together, so that they cannot fill its memory."""

    commands_per_s: float = 100.0
    """Commands a second that one visitor or agent may send for long, over all its sockets on all
    nodes; beyond it their reading is slowed."""

    commands_burst: int = 2_000
    """Commands that may come at once, such as the outbox of somebody back from a tunnel."""

    commands_lease: int = 20
    """Commands that a node takes from these at a time, so that it need not ask for each."""

    limits_enabled: bool = True
    """Whether the limits of rate hold; those of size and time always do."""

    queue_bytes: int = 512 * 1024
    """Bytes that wait for a socket before its feeds go back to catching up from the store."""

    send_frame_bytes: int = 128 * 1024
    """Bytes of an ``events`` frame, about; below the 1 MiB that client libraries take."""

    page_events: int = 256
    """Events read at a time for a socket that catches up."""

    buffer_bytes: int = 512 * 1024
    """Bytes of live events kept for a feed while it catches up; beyond it it reads them from the
    store."""

    inbox_replay_events: int = 10_000
    """How far behind an inbox may be replayed over the socket; beyond it ``reset`` ``behind``."""

    concurrent_reads: int = 16
    """Reads for all sockets of a node at once, so that many coming back do not starve commands."""

    coalesce_s: float = 1.0
    """Seconds at most between an event that a reader may not see and the range that covers it."""

    gap_wait_s: float = 0.02
    """Seconds that a hole in a log may fill itself before it is read from the store."""

    connections: int = 20_000
    """Sockets of a node; more are closed with 1013."""

    connections_per_address: int = 500
    """Sockets of one network address (an office behind one); more are closed with 4429."""

    typing_per_s: float = 4.0
    """Typing signals a second that one visitor or agent may send, over all its sockets on all
    nodes; more are dropped."""
