"""Everything between the log and the receivers, in memory, with time in the test's hands."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from domain.breaker import Breaker, PartAway
from domain.conversation import commands as conversation
from domain.conversation.events import Body
from domain.envelope import Actor
from domain.tenant import commands as tenant
from domain.webhooks import signing
from domain.webhooks.courier import Courier, CourierParts
from domain.webhooks.dispatcher import Dispatcher
from domain.webhooks.ports import Answer, Delivery, Line, NoAnswer, Sought
from domain.webhooks.sending import Sending, SendingParts
from domain.webhooks.settings import WebhookSettings
from projections.webhooks.evolve import TYPES, Webhooks, evolve
from tests.doubles.clock import ManualClock, SeededIds, settle
from tests.doubles.memory_deliveries import MemoryDeliveries
from tests.doubles.memory_store import MemoryEventStore
from tests.doubles.telemetry import KeptMeasures
from tests.unit.projections.histories import LOG, VISITORS, History

OPERATOR = Actor("operator", "cli")
SECRET, SECOND = (signing.secret_of(bytes([n]) * 32) for n in (1, 2))


class Request(Struct, frozen=True):
    """One request to a receiver; ``at`` is when, by the clock."""

    url: str
    headers: Mapping[str, str]
    body: bytes
    at: float

    @property
    def id(self) -> str:
        """Its ``webhook-id``."""
        return self.headers["webhook-id"]

    @property
    def form(self) -> dict[str, Any]:
        """Its body."""
        form: dict[str, Any] = json.loads(self.body)
        return form

    @property
    def text(self) -> str:
        """The text of the message in it."""
        text: str = self.form["data"]["data"]["body"]["text"]
        return text


Outcome = int | str | Answer
"""A status, a word for why there is no answer, an answer, or ``hold``: until released, when it is
decided again, and 200 where that is still the answer."""


class ScriptedPost:
    """A :class:`~domain.webhooks.ports.Post` that does as ``decide`` says."""

    def __init__(self, clock: ManualClock) -> None:
        self.decide: Callable[[Request], Outcome] = lambda _: 200
        self.requests: list[Request] = []
        self.held = 0
        self.released = asyncio.Event()
        self.within: list[float] = []
        self._clock = clock

    async def __call__(
        self, url: str, headers: Mapping[str, str], body: bytes, within_s: float
    ) -> Answer:
        request = Request(url, headers, body, self._clock.now())
        self.requests.append(request)
        self.within.append(within_s)
        outcome = self.decide(request)
        if outcome == "hold":
            self.held += 1
            try:
                await self.released.wait()
            finally:
                self.held -= 1
            again = self.decide(request)
            outcome = 200 if again == "hold" else again
        if isinstance(outcome, Answer):
            return outcome
        if isinstance(outcome, str):
            raise NoAnswer(outcome)
        return Answer(outcome, b"", 0.1)


class CountingBreaker:
    """A :class:`~domain.breaker.Breaker` by the test's own clock."""

    def __init__(self, clock: ManualClock, failures: int, rest_s: float) -> None:
        self._clock = clock
        self._failures = failures
        self._rest_s = rest_s
        self._failed = 0
        self._open_until = 0.0

    @contextmanager
    def guard(self) -> Iterator[None]:
        """As the port says."""
        if self._clock.monotonic() < self._open_until:
            raise PartAway("a webhook")
        try:
            yield
        except Exception:
            self._failed += 1
            if self._failed >= self._failures:
                self._open_until = self._clock.monotonic() + self._rest_s
            raise
        self._failed = 0


class Bench:
    """A tenant with conversations and webhooks. ``follow`` makes due what happened."""

    def __init__(self, history: History, store: MemoryEventStore, clock: ManualClock) -> None:
        self.history = history
        self.store = store
        self.clock = clock
        self.ids = SeededIds(clock, seed=7)
        self.deliveries = MemoryDeliveries()
        self.post = ScriptedPost(clock)
        self.measures = KeptMeasures()
        self.settings = WebhookSettings()
        self._webhooks = Webhooks()
        self._position = 0
        self._breakers: dict[str, CountingBreaker] = {}

    @classmethod
    async def begin(cls, **different: Any) -> Bench:
        """A tenant without webhooks, and settings that differ so."""
        clock = ManualClock()
        store = MemoryEventStore(clock, SeededIds(clock))
        history = await History.begin(store, clock, SeededIds(clock, seed=3))
        bench = cls(history, store, clock)
        bench.settings = replace_settings(bench.settings, **different)
        await bench.ask(tenant.CreateTenant(history.id(), "demo", b"secret"))
        return bench

    async def ask(self, command: Any) -> None:
        """A command of the operator's, which must be taken."""
        assert await self.history.ask(OPERATOR, command) is not None

    async def add(
        self, name: str = "hook", format_: str = "standard", types: tuple[str, ...] = ()
    ) -> None:
        """A webhook."""
        url = f"https://{name}.example/hook"
        await self.ask(tenant.AddWebhook(self.history.id(), name, url, SECRET, format_, types))

    async def say(self, visitor: int, text: str) -> None:
        """A visitor writes, in its conversation or in one that begins with it."""
        actor = Actor("visitor", VISITORS[visitor], f"Visitor {visitor}")
        command = conversation.Start(self.history.id(), Body(text))
        ack = await self.history.ask(actor, command)
        known = self.history.conversations[VISITORS[visitor]]
        if ack.conversation not in known:
            known.append(ack.conversation)

    async def follow(self) -> list[Line]:
        """Make due what happened since; in which lines."""
        events = await self.history.events(self._position)
        if not events:
            return []
        page = [event for event in events if event.type in TYPES]
        self._webhooks = evolve(replace(self._webhooks, due=()), page)
        self._position = events[-1].position
        due = [
            Delivery(Line(LOG, d.webhook, d.stream), d.position, d.event, d.type, self.clock.now())
            for d in self._webhooks.due
        ]
        await self.deliveries.add(due)
        return sorted({each.line for each in due}, key=lambda line: (line.webhook, line.stream))

    def dispatcher(self) -> Dispatcher:
        """One more process that sends."""
        sending = Sending(
            SendingParts(self.store, self.post, self.clock, self.breaker_of, self.measures)
        )
        parts = CourierParts(
            deliveries=self.deliveries,
            store=self.store,
            handler=self.history.handler,
            sending=sending,
            clock=self.clock,
            ids=self.ids,
            measures=self.measures,
        )
        courier = Courier(parts, self.settings)
        return Dispatcher(
            self.deliveries, courier, self.clock, self.ids, self.settings, measures=self.measures
        )

    def breaker_of(self, part: str) -> Breaker:
        """The breaker before a webhook."""
        if part not in self._breakers:
            settings = self.settings
            self._breakers[part] = CountingBreaker(self.clock, settings.failures, settings.rest_s)
        return self._breakers[part]

    @asynccontextmanager
    async def sending(self, processes: int = 1) -> AsyncIterator[None]:
        """While it lasts, what is due is sent."""
        tasks = [asyncio.create_task(self.dispatcher().run()) for _ in range(processes)]
        await self.turn()
        try:
            yield
        finally:
            await stop(*tasks)

    async def turn(self, seconds: float = 0.0) -> None:
        """Let time pass, and let what can go on do so."""
        await self.clock.advance(seconds)
        for _ in range(30):
            await settle()

    async def rows(self, **sought: Any) -> list[Delivery]:
        """Deliveries, in order."""
        found = await self.deliveries.find(LOG, Sought(**sought), None, 10_000)
        return sorted(found, key=lambda row: (row.line.webhook, row.position))

    def texts(self, url: str = "") -> list[str]:
        """What was asked, by the messages' texts, in order."""
        return [
            request.text
            for request in self.post.requests
            if request.form["type"] == "message.posted" and url in request.url
        ]


async def stop(*tasks: asyncio.Task[None]) -> None:
    """End tasks, and wait until they have ended."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def replace_settings(settings: WebhookSettings, **different: Any) -> WebhookSettings:
    """The same, but for these."""
    fields = {name: getattr(settings, name) for name in WebhookSettings.__dataclass_fields__}
    return WebhookSettings(**(fields | different))
