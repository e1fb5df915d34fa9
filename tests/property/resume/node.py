"""A node of the product, wired as ``ops`` does, over a world's store, clock and doors.

It must do nothing that the product does not; what comes to it of other nodes' commits is the
world's business.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from adapters.limits.token_buckets import TokenBuckets
from adapters.presence.in_process import InProcessPresences
from adapters.websocket.connection import Connection
from adapters.websocket.endpoint import Sockets
from adapters.websocket.hub import Hub
from adapters.websocket.node import Node
from adapters.websocket.settings import SocketSettings
from brokers.in_process import InProcessBroker
from brokers.settings import TailSettings
from brokers.tail import Tail
from domain.envelope import Slice, StoredSlice
from domain.group_commit import GroupCommit
from domain.handling.commands import CommandHandler
from domain.handling.doors import Doors
from domain.history import Change, History
from domain.presence import PresenceSettings
from ops.fan_out import NodeEars
from ops.watch import DatabaseWatch
from tests.doubles.connected_store import ConnectedStore

if TYPE_CHECKING:
    from tests.property.resume.world import World

BATCH_EVENTS = 8
LIMITS = SocketSettings(
    page_events=4,
    send_frame_bytes=1_000,
    queue_bytes=2_000,
    buffer_bytes=1_500,
    inbox_replay_events=25,
)


class InOrder(set[Connection]):
    """A set that is gone through in the order of coming, so that one seed replays everything."""

    def __init__(self) -> None:
        self._order: dict[Connection, None] = {}

    def add(self, connection: Connection) -> None:
        self._order[connection] = None

    def discard(self, connection: object) -> None:
        self._order.pop(cast("Connection", connection), None)

    def __iter__(self) -> Iterator[Connection]:
        return iter(self._order)

    def __len__(self) -> int:
        return len(self._order)


class ServingNode:
    """A node of the product, wired as ``ops`` does. ``history``: the one it knows of."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.history = 0
        self.broker = InProcessBroker()
        self._slices: asyncio.Queue[StoredSlice] = asyncio.Queue()
        known, clock = History(), world.clock
        store = ConnectedStore(world.store, known, world.pause)
        commits = GroupCommit(store, self._told, batch_commands=BATCH_EVENTS)
        self.handler = CommandHandler(store, commits, clock, world.ids)
        hub = Hub()
        ears = NodeEars(hub, self.handler.states)
        limits = TailSettings(held_events=6, page_events=4)
        self.tail = Tail(store, self.broker, ears, clock, limits, went_back=known.replaced)
        self._watch = DatabaseWatch(store, clock, known)
        known.on_change(self._another_history)
        self.sockets = Sockets(
            Node(
                store=store,
                handler=self.handler,
                doors=cast("Doors", world.doors),
                hub=hub,
                logs=self.tail,
                limits=TokenBuckets(clock),
                presences=InProcessPresences(clock, PresenceSettings()),
                clock=clock,
                ids=world.ids,
                settings=LIMITS,
                presence=PresenceSettings(),
                epoch=self._watch.epoch,
            )
        )
        self.sockets._open = InOrder()
        work = (self.tail.run(), self._watch.run(), self.sockets.run())
        self.tasks = [asyncio.create_task(each) for each in work]
        self._consuming = asyncio.create_task(self._consume())
        self.tasks.append(self._consuming)

    def _told(self, committed: Slice) -> None:
        self.tail.committed(committed)

    def _another_history(self, change: Change) -> None:
        """What ``ops.core`` and ``ops.parts`` do."""
        assert change is Change.HISTORY
        self.history = self._world.history
        self.handler.forget()
        self.tail.forget()
        self.sockets.send_away("another history")

    def hear(self, committed: StoredSlice) -> None:
        """A slice is on its way to this node."""
        self._slices.put_nowait(committed)

    def deafen(self) -> None:
        """What is on its way comes no more."""
        self._slices = asyncio.Queue()
        self._consuming.cancel()
        self._consuming = asyncio.create_task(self._consume())
        self.tasks.append(self._consuming)

    async def _consume(self) -> None:
        slices = self._slices
        while True:
            await self.broker.publish(await slices.get())
