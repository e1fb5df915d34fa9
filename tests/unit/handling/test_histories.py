"""Nobody decides on a history that a restore has thrown away, however the restore falls."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.conversation import commands as c
from domain.envelope import Access, Actor, RecordedEvent
from domain.group_commit import GroupCommit
from domain.handling.commands import Ack, CommandHandler
from domain.handling.sender import Sender
from domain.history import Change, History
from domain.ports import Recheck
from tests.doubles.connected_store import ConnectedStore
from tests.doubles.memory_store import MemoryEventStore
from tests.unit.handling.bench import LOG, Bench, outcome, post, visitor

OPERATOR = Sender(LOG, Actor("operator", "root"))


class ConnectedBench(Bench):
    """Two nodes over connections, which a restore ends, wired as ``ops.core`` does."""

    def __init__(self) -> None:
        super().__init__(nodes=0)
        self.store = MemoryEventStore(self.clock, self.ids)
        self.stores: list[ConnectedStore] = []
        for _ in range(2):
            self._add_node(History())

    def _add_node(self, history: History) -> None:
        store = ConnectedStore(self.store, history, self.pause)
        commits = GroupCommit(store, self._ignore)
        handler = CommandHandler(store, commits, self.clock, self.ids)
        history.on_change(partial(_forget, handler))
        self.stores.append(store)
        self.nodes.append(handler)

    async def conversation(self, talk: UUID) -> list[RecordedEvent]:
        """The events of a conversation."""
        return await self.store.read_stream(LOG, f"conversation-{talk}", 0, 1000)


def _forget(handler: CommandHandler, _: Change) -> None:
    handler.forget()


@pytest.fixture
async def bench() -> ConnectedBench:
    """With its log."""
    found = ConnectedBench()
    await found.start()
    return found


def before_reading(
    store: ConnectedStore, awaited: str, happens: Callable[[], Awaitable[None]]
) -> None:
    """Let this happen when a node is about to read this stream, before it has its connection."""
    read_stream = store.read_stream

    async def read(log: UUID, stream: str, after: int, limit: int) -> list[RecordedEvent]:
        if stream == awaited:
            store.read_stream = read_stream  # type: ignore[method-assign]  # once
            await happens()
        return await read_stream(log, stream, after, limit)

    store.read_stream = read  # type: ignore[method-assign]  # to come in between


async def transferred(bench: ConnectedBench) -> tuple[UUID, int]:
    """A conversation of the support that node 0 knows in the sales, and the length before that."""
    talk = await bench.begin(visitor(), department="support")
    length = len(await bench.log())
    assert isinstance(await bench.do(OPERATOR, c.Transfer(uuid4(), talk, None, "sales")), Ack)
    return talk, length


async def test_what_was_kept_does_not_place_a_conversation(bench: ConnectedBench) -> None:
    """Another node has grown the stream beyond the lost one before this node writes again."""
    talk, length = await transferred(bench)
    bench.store.restore({LOG: length})
    for text in ("one", "two", "three"):
        assert isinstance(await bench.do(visitor(), post(talk, text), node=1), Ack)
    message = post(talk, "four")
    assert await bench.do(visitor(), message) == "unavailable"
    assert isinstance(await bench.do(visitor(), message), Ack)
    events = await bench.conversation(talk)
    assert {event.metadata.after for event in events} == {Access("support")}
    assert await bench.texts(talk) == ["hello", "one", "two", "three", "four"]


async def test_what_waits_for_its_batch_was_decided_before(bench: ConnectedBench) -> None:
    """The batch before it finds the other history; both are to be sent again, and decided anew."""
    other = await bench.begin(visitor("bob"))
    talk, length = await transferred(bench)
    bench.shut = True
    first = bench.nodes[0].submit(visitor("bob"), post(other, "first"))
    await bench.idle()
    second = bench.nodes[0].submit(visitor(), post(talk, "second"))
    bench.store.restore({LOG: length})
    bench.open()
    await bench.idle()
    assert (outcome(first), outcome(second)) == ("unavailable", "unavailable")
    assert len(await bench.log()) == length


async def test_a_round_does_not_decide_on_two_histories(bench: ConnectedBench) -> None:
    """One state was loaded before the restore, the next one after it."""
    talk, length = await transferred(bench)
    bench.nodes[0].states._kept = 1  # each that is loaded makes room of the one before
    await bench.begin(visitor("bob"))

    async def restored() -> None:
        bench.store.restore({LOG: length})
        for text in ("one", "two"):  # as long as the lost one was, and longer
            await bench.nodes[1].submit(visitor(), post(talk, text))

    before_reading(bench.stores[0], f"visitor-{visitor().actor.id}", restored)
    assert isinstance(await bench.do(visitor(), c.Close(uuid4(), talk)), Ack)
    places = [event.metadata for event in await bench.conversation(talk)]
    assert all(one.after == other.before for one, other in pairwise(places))


async def test_nothing_is_refused_on_a_history_that_is_lost(bench: ConnectedBench) -> None:
    """That it is closed already was lost; the stream is as long again as when it was."""
    talk = await bench.begin(visitor())
    length = len(await bench.log())
    ack = await bench.do(visitor(), c.Close(uuid4(), talk))
    assert isinstance(ack, Ack)
    bench.store.restore({LOG: length})
    assert isinstance(await bench.do(visitor(), post(talk, "on"), node=1), Ack)
    again = await bench.do(visitor(), c.Close(uuid4(), talk))
    assert isinstance(again, Ack)
    assert not again.unchanged
    assert [event.type for event in await bench.conversation(talk)][-1] == "conversation.closed"


async def test_no_repeat_is_answered_from_a_history_that_is_lost(
    bench: ConnectedBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another connection meets the other history while the first answer is on its way."""
    talk = await bench.begin(visitor())
    length = len(await bench.log())
    close = c.Close(uuid4(), talk)
    assert isinstance(await bench.do(visitor(), close), Ack)
    store = bench.stores[0]
    recheck = store.recheck

    async def crossing(*asked: Any) -> Recheck:
        found = await recheck(*asked)
        monkeypatch.setattr(store, "recheck", recheck)  # once
        bench.store.restore({LOG: length})
        store.connections.meet()
        return found

    monkeypatch.setattr(store, "recheck", crossing)
    again = await bench.do(visitor(), close)
    assert isinstance(again, Ack)
    assert not again.duplicate
    assert [event.type for event in await bench.conversation(talk)][-1] == "conversation.closed"
