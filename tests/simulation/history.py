"""What happened in a scenario: all that the checkers judge, and the trace that people read.

Filled while the scenario runs and judged when it is over; nothing here decides anything.
"""

from __future__ import annotations

from collections import Counter
from hashlib import sha256
from math import inf
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from domain.envelope import RecordedEvent

Frame = dict[str, Any]


class Reader(Struct, frozen=True):
    """A client: what it is called here, and as whom it reads."""

    name: str
    role: str
    actor: str
    log: UUID


class Sent(Struct, frozen=True):
    """A command that a client wrote, in the order of its writing. ``at`` is its first sending."""

    at: float
    client: str
    command: str
    op: str
    conversation: str | None
    text: str | None = None


class Answered(Struct, frozen=True):
    """An ``ack``, or an ``error`` that is final."""

    at: float
    client: str
    command: str
    frame: Frame


class Moment(Struct, frozen=True, order=True):
    """When something was, and in which order with what was at the same time."""

    at: float
    number: int


class Socket(Struct):
    """A socket, from when it was opened until its node was done with it.

    ``process`` is one run of a node; ``epoch`` what its welcome said, None without one.
    """

    client: str
    process: str
    opened_at: float
    epoch: str | None = None
    ended_at: float = inf


class Range(Struct, frozen=True):
    """An ``events`` frame: when it came, and when its node put it into the socket's queue."""

    at: float
    sent: Moment
    after: int
    upto: int
    mark: str
    events: list[Frame]


class Subscription(Struct):
    """A feed from when a client asked for it, on one socket.

    ``epoch`` is what the socket's welcome said. ``mark`` came with the offset, and if it
    ``names_epoch`` so did an epoch. ``live`` is the offset at which it was called so. ``ended``: by
    which frame, or ``lost`` with the socket; None: it is followed still.
    """

    client: str
    feed: str
    after: int
    socket: Socket
    asked_at: float
    mark: str | None = None
    names_epoch: bool = True
    epoch: str | None = None
    ranges: list[Range] = []
    live: int | None = None
    ended: str | None = None
    ended_at: float = inf


class Committed(Struct, frozen=True):
    """An event as the log has it, and when it was committed."""

    at: float
    event: RecordedEvent


class Incarnation(Struct):
    """What was in the store under one epoch, from when until when.

    ``noticed`` is since when every node knows of it; ``kept`` to which position the restore that
    ended it went back in each log.
    """

    epoch: str
    logs: dict[UUID, list[Committed]] = {}
    began: float = 0.0
    noticed: float = 0.0
    ended: float = inf
    kept: dict[UUID, int] = {}


class Held(Struct, frozen=True):
    """What a client has of a feed when all is over. ``ids`` are its events', in their order."""

    client: str
    feed: str
    offset: int
    ids: list[str]


class Views(Struct, frozen=True):
    """The session views of a log as the read model has them, and as the log says up to there."""

    at: float
    views: dict[str, Any]
    folded: dict[str, Any]


class Erased(Struct, frozen=True):
    """A visitor was erased."""

    at: float
    log: UUID
    visitor: str


class Note(Struct, frozen=True):
    """A line of the trace."""

    at: float
    who: str
    what: str
    more: Any = None


class History(Struct):
    """Everything. ``peaks`` has the largest size of each queue, with its limit.

    ``put_off`` are answers that ask for patience, ``outages`` the moments at which a node could not
    reach the store. ``views`` are the session views at some moments and in the end. ``over`` are
    clients who were told that they are nobody here; ``failures`` what raised where nothing may;
    ``published`` the hashes of all events that the broker was given; ``brokerless``: in the end
    there is no broker. ``heard`` is when a process was first told of a change of somebody's rights,
    by the event's id; ``hindered`` when it stood still or did not reach the store: from when until
    when.
    """

    readers: dict[str, Reader] = {}
    sent: list[Sent] = []
    answered: list[Answered] = []
    put_off: list[Answered] = []
    outages: list[float] = []
    heard: dict[tuple[str, UUID], Moment] = {}
    hindered: dict[str, list[tuple[float, float]]] = {}
    sockets: list[Socket] = []
    subscriptions: list[Subscription] = []
    incarnations: list[Incarnation] = []
    erased: list[Erased] = []
    held: list[Held] = []
    over: set[str] = set()
    failures: list[str] = []
    brokerless: bool = False
    published: set[bytes] = set()
    peaks: dict[str, tuple[int, int]] = {}
    views: list[Views] = []
    faults: Counter[str] = msgspec.field(default_factory=Counter)
    counts: Counter[str] = msgspec.field(default_factory=Counter)
    notes: list[Note] = []

    def note(self, at: float, who: str, what: str, more: Any = None) -> None:
        """Add a line to the trace."""
        self.notes.append(Note(at, who, what, more))

    def peak(self, queue: str, size: int, limit: int) -> None:
        """A queue has this size now."""
        if size >= self.peaks.get(queue, (0, 0))[0]:
            self.peaks[queue] = (size, limit)

    def hinder(self, process: str, since: float, seconds: float) -> None:
        """A process stands still for so long, or does not reach the store."""
        self.hindered.setdefault(process, []).append((since, since + seconds))

    @property
    def now(self) -> Incarnation:
        """What is in the store."""
        return self.incarnations[-1]

    def digest(self) -> str:
        """The same for two runs exactly if all that was noted is the same."""
        return sha256(msgspec.msgpack.encode(self.notes, enc_hook=str)).hexdigest()
