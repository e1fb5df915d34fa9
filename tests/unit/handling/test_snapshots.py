"""Snapshots of states: made behind the work, used where a stream is long, never different."""

from __future__ import annotations

import asyncio
from typing import Any, Literal
from uuid import UUID

import msgspec
import pytest
from hypothesis import given, settings
from msgspec import Struct, defstruct
from msgspec.structs import replace

from domain import streams
from domain.envelope import RecordedEvent
from domain.errors import StoreUnavailable
from domain.group_commit import GroupCommit
from domain.handling.commands import CommandHandler, HandlingLimits
from domain.handling.snapshots import MEANINGS, Form, form_of, subject_of
from domain.handling.states import INITIAL, States, evolve, initial
from domain.ports import Snapshot
from domain.tenant.events import ApiKeyCreated, SiteAdded
from domain.tenant.secrets import OldSecret
from domain.tenant.state import Tenant
from domain.tenant.webhooks import Webhook
from tests.doubles.clock import ManualClock, SeededIds, settle
from tests.doubles.memory_store import MemoryEventStore
from tests.unit.handling.bench import LOG, Bench, post, visitor
from tests.unit.projections.histories import KINDS, Action, History, histories
from tests.unit.projections.test_laws import begin, run

EVERY = 10

TENANT = Tenant(
    name="demo",
    secret=b"secret",
    sites={"s": SiteAdded("s", "Shop", "secret", ("https://shop.example",))},
    api_keys={"k": ApiKeyCreated("k", b"digest", ("agents:read",))},
    revoked=frozenset({"a", "b"}),
    webhooks={
        "w": Webhook("w", "https://x.example", "whsec_", "standard", (), (OldSecret("o", 1),))
    },
)
"""With one of everything."""


class Seen:
    """Which reads of a store there were: (stream, after) of each."""

    def __init__(self, store: MemoryEventStore, monkeypatch: pytest.MonkeyPatch) -> None:
        self.reads: list[tuple[str, int]] = []
        self.questions = 0
        read, find = store.read_stream, store.find_snapshot

        async def read_stream(log: UUID, stream: str, after: int, limit: int) -> Any:
            self.reads.append((stream, after))
            return await read(log, stream, after, limit)

        async def find_snapshot(log: UUID, stream: str, form: int) -> Any:
            self.questions += 1
            return await find(log, stream, form)

        monkeypatch.setattr(store, "read_stream", read_stream)
        monkeypatch.setattr(store, "find_snapshot", find_snapshot)


def fresh(store: MemoryEventStore, every: int = EVERY) -> States:
    """The states of a process that was just started."""
    return States(store, snapshots=store, snapshot_events=every)


async def talked(messages: int) -> tuple[Bench, str]:
    """A conversation of a start, its first message, and so many more."""
    bench = await Bench().start()
    talk = await bench.begin(visitor())
    for number in range(messages):
        await bench.do(visitor(), post(talk, f"message {number}"))
    return bench, f"conversation-{talk}"


async def form_in(store: MemoryEventStore, stream: str) -> Snapshot | None:
    """The stream's snapshot of the present form."""
    form = form_of(streams.kind(stream), type(INITIAL[streams.kind(stream)]))
    return await store.find_snapshot(LOG, stream, form)


async def test_a_long_stream_is_folded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever folds it leaves a snapshot; the next process begins there, with the same state."""
    bench, stream = await talked(30)
    whole = await fresh(bench.store).refresh(LOG, stream)
    await settle()
    for _ in range(3):
        await bench.do(visitor(), post(UUID(stream.partition("-")[2]), "more"))
    seen = Seen(bench.store, monkeypatch)
    entry = await fresh(bench.store).refresh(LOG, stream)
    assert (entry.version, entry.saved) == (whole.version + 3, whole.version)
    assert entry.state == (await States(bench.store).refresh(LOG, stream)).state
    assert [after for _, after in seen.reads[:2]] == [0, whole.version]


async def test_a_short_stream_costs_no_question(monkeypatch: pytest.MonkeyPatch) -> None:
    """A usual conversation has none, and is not asked for one, nor are streams that never grow."""
    bench, stream = await talked(EVERY - 3)
    seen = Seen(bench.store, monkeypatch)
    states = fresh(bench.store)
    assert (await states.refresh(LOG, stream)).version == EVERY - 1
    await states.refresh(LOG, "email-nobody")
    await settle()
    assert seen.questions == 0
    assert await form_in(bench.store, stream) is None


async def test_what_is_at_hand_costs_no_question(monkeypatch: pytest.MonkeyPatch) -> None:
    """A state that is kept here is brought up to date from its own version on."""
    bench, stream = await talked(30)
    states = fresh(bench.store)
    await states.refresh(LOG, stream)
    seen = Seen(bench.store, monkeypatch)
    await states.refresh(LOG, stream)
    assert (seen.questions, [after for _, after in seen.reads]) == (0, [32])


async def test_a_stream_that_grows_here_gets_one_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every so many events that are committed, one snapshot, though nothing was ever read."""
    bench, stream = await talked(28)
    states, kept = fresh(bench.store), []
    keep = bench.store.keep_snapshot

    async def noted(log: UUID, snapshot: Snapshot) -> None:
        kept.append(snapshot.version)
        await keep(log, snapshot)

    monkeypatch.setattr(bench.store, "keep_snapshot", noted)
    for event in await bench.log():
        states.apply((event,))
        await settle()
    assert kept == [10, 20, 30]
    found = await form_in(bench.store, stream)
    assert found is not None
    assert found.version == 30


async def test_without_a_store_for_them_work_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that cannot be written is left out, and the next one is written all the same."""
    bench, stream = await talked(30)

    async def away(*_: object) -> None:
        raise StoreUnavailable("away")

    states = fresh(bench.store)
    with monkeypatch.context() as broken:
        broken.setattr(bench.store, "keep_snapshot", away)
        await states.refresh(LOG, stream)
        await settle()
    assert await form_in(bench.store, stream) is None
    states.clear()
    await states.refresh(LOG, stream)
    await settle()
    assert await form_in(bench.store, stream) is not None


async def test_what_is_no_state_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes that do not decode are as good as none: the stream is folded."""
    bench, stream = await talked(30)
    await fresh(bench.store).refresh(LOG, stream)
    await settle()
    good = await form_in(bench.store, stream)
    assert good is not None
    for raw in (b"", b"\xc1", good.state[:-1], good.state + b"\x00", b"\x81\xa6status\x01"):
        await bench.store.keep_snapshot(LOG, replace(good, state=raw))
        entry = await fresh(bench.store, every=1_000_000).refresh(LOG, stream)
        assert entry == await States(bench.store).refresh(LOG, stream)


async def test_another_history_has_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a restore a snapshot of what is lost is not believed, nor one on its way written."""
    bench, stream = await talked(30)
    states = fresh(bench.store)
    await states.refresh(LOG, stream)
    await settle()
    bench.store.restore({LOG: 20})
    for _ in range(12):
        await bench.do(visitor("bob"), post(UUID(stream.partition("-")[2]), "not Bob's"))
    (alone,) = bench.nodes
    alone.forget()
    for _ in range(20):
        await bench.do(visitor(), post(UUID(stream.partition("-")[2]), "again"))
    here = await fresh(bench.store, every=1_000_000).refresh(LOG, stream)
    assert here == await States(bench.store).refresh(LOG, stream)
    waiting = fresh(bench.store)
    waiting.apply(await bench.log())
    waiting.clear()
    kept: list[Snapshot] = []

    async def noted(_: UUID, snapshot: Snapshot) -> None:
        kept.append(snapshot)

    monkeypatch.setattr(bench.store, "keep_snapshot", noted)
    await settle()
    assert kept == []


class Reborn:
    """A life in which each command meets a process that was just started, and knows nothing."""

    def __init__(self, every: int) -> None:
        self._limits = HandlingLimits(snapshot_events=every)
        self.used = 0

    async def log(self, actions: list[Action]) -> list[tuple[Any, ...]]:
        """What comes of it, less what was drawn at random."""
        clock = ManualClock()
        ids = SeededIds(clock)
        store = MemoryEventStore(clock, ids)
        find = store.find_snapshot

        async def counted(log: UUID, stream: str, form: int) -> Snapshot | None:
            found = await find(log, stream, form)
            self.used += found is not None
            return found

        store.find_snapshot = counted  # type: ignore[method-assign]  # a double that is watched
        history = await History.begin(store, clock, ids)
        for action in actions:
            commits = GroupCommit(store, lambda _: None)
            history.handler = CommandHandler(
                store, commits, clock, ids, self._limits, snapshots=store
            )
            await history.play(action)
            await settle()
        return [
            (event.stream, event.version, event.type, event.data, event.actor, event.metadata)
            for event in await history.events()
        ]


@settings(max_examples=25, deadline=None)
@given(histories)
def test_a_snapshot_changes_no_decision(actions: list[Action]) -> None:
    """Whole lives, erasures too: the same events come of the same commands, with and without."""
    snapshots, none = Reborn(every=2), Reborn(every=0)
    assert asyncio.run(snapshots.log(actions)) == asyncio.run(none.log(actions))
    assert not none.used


def test_those_lives_rest_on_snapshots() -> None:
    """What the law compares is not twice the same: decisions were made on what was kept."""
    snapshots = Reborn(every=2)
    kinds = ("start", "post", "tag", "assign", "close", "post", "rate", "identify", "status")
    asyncio.run(snapshots.log([Action(kind, number=1) for kind in kinds]))
    assert snapshots.used >= 5


# --- forms ----------------------------------------------------------------------------------------


class Before(Struct):
    """A state."""

    name: str = ""
    open: tuple[str, ...] = ()


class Part(Struct):
    """A part of a state."""

    number: int = 0


class Whole(Struct):
    """A state that has another in it, deep inside."""

    parts: dict[str, tuple[Part, ...] | None] = {}


def test_other_fields_are_another_form() -> None:
    """A field more, of another name or type, here or inside: nobody has to raise a number."""
    later: list[type[Struct]] = [
        defstruct("Before", [("name", str), ("open", tuple[str, ...]), ("more", int)]),
        defstruct("Before", [("named", str), ("open", tuple[str, ...])]),
        defstruct("Before", [("name", str), ("open", tuple[int, ...])]),
        defstruct("Before", [("name", Literal["a"]), ("open", tuple[str, ...])]),
    ]
    assert len({form_of("tenant", Before), *(form_of("tenant", each) for each in later)}) == 5
    deep = defstruct("Part", [("number", int), ("name", str)])
    parts: Any = dict[str, tuple[deep, ...] | None]  # type: ignore[valid-type]  # made just now
    whole: type[Struct] = defstruct("Whole", [("parts", parts)])
    assert form_of("tenant", Whole) != form_of("tenant", whole)
    assert form_of("tenant", Before) == form_of("tenant", Before) < 2**56


def test_another_meaning_is_another_form(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the fields stay and what is made of events does not, the number is raised by hand."""
    before = form_of("agent", Before)
    monkeypatch.setitem(MEANINGS, "agent", MEANINGS["agent"] + 1)
    assert form_of("agent", Before) != before


def test_every_state_survives_its_bytes() -> None:
    """The first states, and those that whole lives come to, of every kind."""

    async def life() -> list[RecordedEvent]:
        history = await begin()
        for kind in (*KINDS, "rate", "tag", "read", "agent-read"):
            await history.play(Action(kind, number=3))
        return await history.events()

    events = [event for event in run(life()) if event.data is not None]
    states = [*(INITIAL[kind] for kind in MEANINGS), TENANT]
    for stream in sorted({event.stream for event in events}):
        state = initial(stream)
        for event in events:
            if event.stream == stream:
                state = evolve(state, event.data, event.actor, event.version)
                states.append(state)
    seen = {type(state) for state in states}
    assert seen >= {type(INITIAL[kind]) for kind in MEANINGS}
    for kind in MEANINGS:
        form = Form(kind, type(INITIAL[kind]))
        for state in states:
            if type(state) is type(INITIAL[kind]):
                assert form.decode(msgspec.msgpack.encode(state)) == state


def test_whose_key_a_state_is_under() -> None:
    """A conversation's is its visitor's, as long as that is known; others bear their own name."""
    talk = INITIAL["conversation"]
    assert subject_of("conversation-1", talk) == ""
    assert subject_of("conversation-1", replace(talk, visitor="ada")) == "visitor-ada"
    for stream in ("visitor-ada", "agent-1", "tenant"):
        assert subject_of(stream, INITIAL[streams.kind(stream)]) == stream
