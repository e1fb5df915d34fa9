"""What connections stand on: the node that they share, their socket, and each other's view."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol
from uuid import UUID

from msgspec import Struct

from adapters.websocket.attendance import Attendance
from adapters.websocket.budget import Budget
from adapters.websocket.feed import Feed
from adapters.websocket.hub import Hub, Subscriber
from adapters.websocket.rate import Rates
from adapters.websocket.settings import SocketSettings
from domain.access import Rights
from domain.broker import End
from domain.envelope import Access
from domain.handling.commands import CommandHandler
from domain.handling.doors import Doors
from domain.joined import Joined
from domain.passing import Passing
from domain.ports import Clock, EventStore, Ids
from domain.presence import Presences, PresenceSettings
from domain.rate_limits import RateLimits
from domain.telemetry import NO_TELEMETRY, Telemetry

PassOn = Callable[[Passing], None]
"""Hands something passing to the hubs of all nodes. Neither waits nor raises."""


class Logs(Protocol):
    """Lets what is committed in a log come to the hub, from wherever it is committed."""

    async def follow(self, log: UUID) -> End:
        """From the return on everything comes; the store is read after that.

        The answer ends it. Raises StoreUnavailable.
        """


class Node:
    """What all connections of this node share. Without ``pass_on`` it is the only node.

    ``epoch`` says which history clients are told of; without it that is the store's, and nobody
    here notices that it has changed.
    """

    def __init__(  # noqa: PLR0913  # the composition root wires it once, by name
        self,
        *,
        store: EventStore,
        handler: CommandHandler,
        doors: Doors,
        hub: Hub,
        logs: Logs,
        limits: RateLimits,
        presences: Presences,
        clock: Clock,
        ids: Ids,
        settings: SocketSettings,
        presence: PresenceSettings,
        epoch: Callable[[], Awaitable[str]] | None = None,
        pass_on: PassOn | None = None,
        telemetry: Telemetry = NO_TELEMETRY,
    ) -> None:
        self.store = store
        self.handler = handler
        self.doors = doors
        self.hub = hub
        self.logs = logs
        self.pass_on = pass_on or hub.pass_on
        self.clock = clock
        self.ids = ids
        self.settings = settings
        self.telemetry = telemetry
        self.epoch = Joined(epoch or store.epoch)
        self.reads = asyncio.Semaphore(settings.concurrent_reads)
        self.command_bytes = Budget(settings.node_command_bytes)
        self.rates = Rates(limits, clock, settings)
        self.attendance = Attendance(presences, clock, presence, self.pass_on)
        hub.believes = self.attendance.hear


class Wire(Protocol):
    """An accepted socket, as the server gives it. Raises ConnectionError once it is closed.

    ``hear`` is asked first, while nothing is waiting, whether it takes a text at once.
    """

    hear: Callable[[str], bool] | None

    async def receive(self) -> str | None:
        """The next text; None for a binary frame."""

    def write(self, texts: Sequence[str], /) -> bool:
        """Send frames in one go; False: it takes no more before :meth:`ready`."""

    async def ready(self) -> None:
        """Wait until it takes more, or is gone."""


class Transport(Struct, frozen=True):
    """The socket, as the connection sees it. ``origin`` is the page that opened it."""

    wire: Wire
    close: Callable[[int, str], Awaitable[None]]
    origin: str | None = None


class Gone(Exception):
    """The client has left."""


class Follower(Subscriber, Protocol):
    """A connection, as its feeds see it. Nothing but ``sent`` waits."""

    node: Node
    id: UUID
    feeds: dict[str, Feed]

    @property
    def rights(self) -> Rights | None:
        """What this agent may see; None for a visitor."""

    def may_read(self, visitor: str, access: Access) -> bool:
        """Whether a conversation of this visitor, placed so, may be read."""

    def unfollow(self, name: str) -> None:
        """Follow a feed no longer, if it was followed."""

    def take_away(self, feed: Feed) -> None:
        """The right to read a conversation has ended."""

    def say_gone(self, feed: Feed) -> None:
        """Tell the client that it may read a conversation no longer."""

    def wake(self) -> None:
        """A feed is to catch up."""

    def send(self, text: str) -> None:
        """Queue a frame."""

    @property
    def is_slow(self) -> bool:
        """Whether more waits for the socket than a catch-up should add to."""

    async def sent(self) -> None:
        """Wait until the socket can take more."""
