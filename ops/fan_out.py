"""How what is committed spreads: to this node's sockets at once, to other processes by the broker.

With a RabbitMQ the relay publishes what every process commits; without one there is nobody to
publish to, and what others commit on the same store is found by looking at the heads.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from adapters.websocket.hub import Hub
from brokers.in_process import InProcessBroker
from brokers.relay import Relay
from brokers.tail import Tail
from domain.envelope import RecordedEvent, Slice
from domain.handling.states import States
from domain.ports import Commits
from ops.breakers import Breakers
from ops.core import Core
from ops.followers import Followers
from ops.roles import Role
from ops.settings import Settings
from ops.system import SystemClock, SystemIds
from projections.recent import RecentEvents

if TYPE_CHECKING:
    from brokers.rabbitmq.broker import RabbitBroker

LOOK_S = 0.01
"""Seconds between two looks at whether the broker is there."""


class FanOut:
    """The way of commits; it is there before the core, whose commits it takes."""

    def __init__(self, settings: Settings, breakers: Breakers) -> None:
        self._settings = settings
        self._clock = SystemClock()
        self._rabbit = self._rabbit_of(settings, breakers)
        self.broker = self._rabbit or InProcessBroker(reaches_all=settings.embedded)
        self.tail: Tail | None = None
        self._recent: RecentEvents | None = None
        self._others: list[Commits] = []

    def _rabbit_of(self, settings: Settings, breakers: Breakers) -> RabbitBroker | None:
        if settings.broker_url is None:
            return None
        # Here, since a small site need not spend the time and the memory.
        from brokers.rabbitmq.broker import RabbitBroker  # noqa: PLC0415  # as said

        return RabbitBroker(
            settings.broker_url,
            SystemIds().uuid().hex,
            self._clock,
            settings.broker,
            breakers.of("rabbitmq"),
        )

    def __call__(self, committed: Slice, /) -> None:
        """Take what this process has committed; a :class:`~domain.ports.Commits`."""
        if self.tail is not None:
            self.tail.committed(committed)
        if self._recent is not None:
            self._recent.committed(committed)
        for other in self._others:
            other(committed)
        self.broker.signal(committed.log, committed.upto)

    def also(self, other: Commits) -> None:
        """Let this have what the process commits, too."""
        self._others.append(other)

    def keep(self, recent: RecentEvents) -> None:
        """Let this process's own projections have what it commits."""
        self._recent = recent

    def serve(self, core: Core, hub: Hub) -> Tail:
        """Let this node's sockets hear of all logs that they follow."""
        self.tail = Tail(
            core.database.store,
            self.broker,
            NodeEars(hub, core.handler.states),
            self._clock,
            self._settings.tail,
            went_back=core.database.history.replaced,
            telemetry=core.telemetry,
        )
        return self.tail

    def run(self, core: Core, followers: Followers) -> None:
        """Start what moves things; everybody who is to hear has subscribed by now."""
        if self.tail is not None:
            followers.start("tail", self.tail.run())
        if self._rabbit is None:
            return
        if Role.RELAY in self._settings.roles:
            relay = Relay(
                core.database.outbox,
                self.broker,
                self._clock,
                self._settings.relay,
                shards=core.database.relay_shards,
                telemetry=core.telemetry,
            )
            followers.start("relay", relay.run())
        self._rabbit.be_seen(core.telemetry.measures)
        followers.start("broker", self._rabbit.run())

    async def begin(self) -> None:
        """Give the broker a moment to be there at the start; chat goes on without it too."""
        end = self._clock.monotonic() + self._settings.broker.first_connection_s
        while await self.probe() and self._clock.monotonic() < end:
            await self._clock.sleep(LOOK_S)

    async def probe(self) -> str | None:
        """What is wrong with the broker; None when nothing is."""
        return None if self._rabbit is None else self._rabbit.illness


class NodeEars:
    """:class:`~brokers.tail.Ears` of a node that serves: its hub, and the states it decides on."""

    def __init__(self, hub: Hub, states: States) -> None:
        self.tell_streams = hub.tell_streams
        self.tell_log = hub.tell_log
        self._states = states

    def learn(self, events: Sequence[RecordedEvent]) -> None:
        """Bring kept states up to date, so that fewer decisions conflict."""
        self._states.apply(events)
