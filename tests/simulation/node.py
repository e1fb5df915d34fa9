"""A node of the simulation: the product's parts, put together as ``ops`` does.

Wired as in ``ops/core.py``, ``ops/parts.py``, ``ops/views.py`` and ``ops/fan_out.py``; only what is
outside of the process is a twin. All that it runs is of one machine, and dies with it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import copy_context
from typing import Any

from adapters.limits.token_buckets import TokenBuckets
from adapters.presence.in_process import InProcessPresences
from adapters.websocket.connection import Connection
from adapters.websocket.endpoint import Sockets
from adapters.websocket.hub import Hub
from adapters.websocket.node import Node, Transport
from brokers.relay import Relay
from brokers.tail import Tail
from domain.envelope import RecordedEvent, Slice
from domain.group_commit import GroupCommit
from domain.handling.commands import CommandHandler
from domain.handling.doors import DoorPorts, Doors
from domain.handling.states import States
from domain.history import Change, History
from domain.presence import PresenceSettings
from ops.fan_out import NodeEars
from ops.watch import DatabaseWatch
from projections.engine import Engine
from projections.projector import Projector
from projections.recent import RecentEvents
from projections.sessions.projection import SessionViewsProjection
from tests.doubles.clock import SeededIds
from tests.doubles.connected_store import Connections
from tests.doubles.memory_sessions import MemorySessions
from tests.doubles.tenancy import TOKEN_KEYS, PlainPasswords
from tests.simulation.broker import SimulatedBroker
from tests.simulation.clock import VirtualClock
from tests.simulation.following import HeldShards, LinkedOutbox
from tests.simulation.loop import MACHINE, Machine, VirtualLoop
from tests.simulation.read_models import ClearLabels, LinkedReadModels
from tests.simulation.sight import CHANGES_OF_RIGHTS
from tests.simulation.store import Link, LinkedStore
from tests.simulation.surroundings import Surroundings
from tests.simulation.wire import Queued, Wire

SPREAD_S, DEADLINE_S = 0.3, 1.0
"""How a node is stopped in good order: over how long its clients go, how long answers may take."""


class SteadyConnection(Connection):
    """A connection whose hash is the same in every run: a node keeps its sockets in a set.

    It says of each frame when it was queued. After that nothing takes it back, be the socket slow
    or the network: what its reader may see is judged by that moment.
    """

    def __init__(self, node: Node, transport: Transport, role: str, loop: VirtualLoop) -> None:
        super().__init__(node, transport, role)
        self.number = loop.next_number()
        self._now = loop.now

    def send(self, text: str) -> None:
        super().send(Queued(text, self._now()))

    def __hash__(self) -> int:
        return self.number

    def __eq__(self, other: object) -> bool:
        return self is other


class NotedEars(NodeEars):
    """A node's ears; ``hear`` is called before anybody here is told."""

    def __init__(self, hub: Hub, states: States, hear: Callable[[Slice], None]) -> None:
        super().__init__(hub, states)

        def tell_streams(committed: Slice) -> None:
            hear(committed)
            hub.tell_streams(committed)

        self.tell_streams = tell_streams


class SimulatedNode:
    """A running node, from its start to its end; another start is another one of these.

    ``process`` names this start; ``heard`` is told of changes of somebody's rights.
    """

    def __init__(self, name: str, around: Surroundings, start: int) -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        self.name = name
        self.process = f"{name} {start}"
        self.heard: Callable[[RecordedEvent], None] = lambda _: None
        self.machine = Machine()
        self.around = around
        self.wires: list[Wire] = []
        self._sockets: list[asyncio.Task[None]] = []
        self._context = copy_context()
        self._context.run(MACHINE.set, self.machine)
        self._loop = loop
        self.clock = VirtualClock(self._loop)
        self.link = Link(around.dice.of(f"link {self.process}"))
        self._ids = SeededIds(self.clock, around.dice.number(f"ids {self.process}"))
        self._chance = around.dice.of(f"sockets {self.process}")
        self._context.run(self._put_together)

    def _put_together(self) -> None:
        self.history = History()
        self._connections = Connections(self.around.store, self.history)
        store = LinkedStore(self.around.store, self.link, self._connections)
        self.broker = SimulatedBroker(self.around.exchange)
        self._take_commands(store)
        self._serve_sockets(store)
        self._relay_logs(store)
        self._project_logs(store)
        self.history.on_change(self._another_history)

    def _take_commands(self, store: LinkedStore) -> None:
        settings = self.around.settings
        self.commits = GroupCommit(
            store,
            self._committed,
            batch_commands=settings.batch_commands,
            queue_commands=settings.queue_commands,
        )
        self.handler = CommandHandler(
            store, self.commits, self.clock, self._ids, settings.handling, snapshots=store
        )

    def _serve_sockets(self, store: LinkedStore) -> None:
        clock, settings, hub = self.clock, self.around.settings, Hub()
        self._watch = DatabaseWatch(store, clock, self.history)
        self.tail = Tail(
            store,
            self.broker,
            NotedEars(hub, self.handler.states, self._hear),
            clock,
            settings.tail,
            went_back=self.history.replaced,
        )
        self.sockets = Sockets(
            Node(
                store=store,
                handler=self.handler,
                doors=self._doors(store),
                hub=hub,
                logs=self.tail,
                limits=TokenBuckets(clock),
                presences=InProcessPresences(clock, PresenceSettings()),
                clock=clock,
                ids=self._ids,
                settings=settings.sockets,
                presence=PresenceSettings(),
                epoch=self._watch.epoch,
                pass_on=self.broker.pass_on,
            )
        )
        self.broker.on_passing(hub.pass_on)

    def _relay_logs(self, store: LinkedStore) -> None:
        around = self.around
        self.relay_shards = HeldShards(around.relays, self.link)
        self._relay = Relay(
            LinkedOutbox(store, self.link, around.checkpoints),
            self.broker,
            self.clock,
            around.settings.relay,
            shards=self.relay_shards,
        )

    def _project_logs(self, store: LinkedStore) -> None:
        around, settings = self.around, self.around.settings
        models = LinkedReadModels(around.tables, around.locks, self.link, self._connections)
        labels = ClearLabels(lambda log, subject: (log, subject) in around.erased)
        self._recent = RecentEvents(settings.projector.recent_events)
        engine = Engine(
            store,
            models,
            SessionViewsProjection(models, labels),
            self.clock,
            page_events=settings.projected_events,
            recent=self._recent,
        )
        self.projector_shards = HeldShards(around.projectors, self.link)
        self._projector = Projector(
            store,
            [engine],
            self.broker,
            self.clock,
            settings.projector,
            recent=self._recent,
            shards=self.projector_shards,
        )

    def _doors(self, store: LinkedStore) -> Doors:
        ports = DoorPorts(
            store=store,
            sessions=MemorySessions(),
            handler=self.handler,
            clock=self.clock,
            ids=self._ids,
            passwords=PlainPasswords(),
        )
        return Doors(ports, TOKEN_KEYS)

    # --- its life -----------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to work."""
        self._followers = [
            self._run(work, f"{self.name}: {what}")
            for what, work in (
                ("tail", self.tail.run()),
                ("broker", self.broker.run()),
                ("relay", self._relay.run()),
                ("projector", self._projector.run()),
                ("watch", self._watch.run()),
                ("sockets", self.sockets.run()),
            )
        ]

    def _run(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        return self._loop.create_task(work, name=name, context=self._context.copy())

    @property
    def epoch(self) -> str | None:
        """The epoch that this node knows of."""
        return self.history.epoch

    def accept(self, role: str, wire: Wire) -> None:
        """Take a socket."""
        self.wires = [each for each in self.wires if not each.over]
        self._sockets = [each for each in self._sockets if not each.done()]
        self.wires.append(wire)
        wire.near = self._context.copy()
        self._sockets.append(self._run(self._serve(role, wire), f"{self.name}: a socket"))

    async def _serve(self, role: str, wire: Wire) -> None:
        refusal = self.sockets.refusal("")
        if refusal is not None:
            await wire.transport.close(*refusal)
            return
        connection = SteadyConnection(self.sockets.node, wire.transport, role, self._loop)
        await self.sockets.serve(connection, "")

    def kill(self) -> None:
        """End at once, in the middle of whatever it does."""
        self.link.dead = True
        self.broker.cut = True
        self.machine.kill()
        for wire in self.wires:
            if not wire.over:
                wire.cut(self._chance.random() * 0.2, 0.0)
        self.end_sessions(self._chance.random() * 0.5)

    def end_sessions(self, after_s: float) -> None:
        """Let the store find out after so long that this node's sessions are over."""
        around = self.around
        self._loop.call_later(after_s, around.relays.end, self.relay_shards)
        self._loop.call_later(after_s, around.projectors.end, self.projector_shards)

    async def stop(self) -> None:
        """End in good order, as on SIGTERM."""
        await self.sockets.leave("restarting", SPREAD_S)
        await self.sockets.drain("restarting", SPREAD_S, DEADLINE_S)
        for task in self._followers:
            task.cancel()
        await asyncio.gather(*self._followers, return_exceptions=True)
        self.kill()

    def fail_broker(self) -> None:
        """The way to the broker is cut."""
        self.broker.cut = True
        self._context.copy().run(self.broker.lose)

    def mend_broker(self) -> None:
        """It is there again."""
        self.broker.cut = False
        self._context.copy().run(self.broker.regain)

    # --- what the parts call ------------------------------------------------------------------

    def _hear(self, committed: Slice) -> None:
        for event in committed.events:
            if event.type in CHANGES_OF_RIGHTS:
                self.heard(event)

    def _committed(self, committed: Slice, /) -> None:
        self.tail.committed(committed)
        self._recent.committed(committed)
        self.broker.signal(committed.log, committed.upto)

    def _another_history(self, change: Change) -> None:
        assert change is Change.HISTORY
        self.handler.forget()
        self.tail.forget()
        self._recent.forget()
        self.sockets.send_away("another history")


def _retrieve(task: asyncio.Task[None]) -> None:
    """Whatever a socket ended by, it was meant to raise nothing."""
    if not task.cancelled() and (error := task.exception()) is not None:
        raise AssertionError("a socket failed") from error
