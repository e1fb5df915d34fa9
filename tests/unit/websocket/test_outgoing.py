"""What waits for one socket: order, size, and that nobody waits for a socket that is gone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import pytest

from adapters.websocket.outgoing import PORTION, Outgoing
from tests.doubles.clock import settle


class Wire:
    """Where frames go; ``jam`` lets one write through and no more, ``broken`` loses the socket."""

    def __init__(self) -> None:
        self.writes: list[list[str]] = []
        self.hear: Callable[[str], bool] | None = None
        self.lost = 0
        self.broken = False
        self._free = asyncio.Event()
        self._free.set()

    @property
    def sent(self) -> list[str]:
        """The frames that went out, in whatever writes."""
        return [text for write in self.writes for text in write]

    async def receive(self) -> str | None:
        """Nothing is ever said."""
        raise ConnectionResetError

    def write(self, texts: Sequence[str]) -> bool:
        """Take frames."""
        if self.broken:
            raise ConnectionResetError
        self.writes.append(list(texts))
        return self._free.is_set()

    async def ready(self) -> None:
        """Wait until it is free."""
        await self._free.wait()

    def jam(self) -> None:
        self._free.clear()

    def free(self) -> None:
        self._free.set()

    def on_lost(self) -> None:
        self.lost += 1

    def outgoing(self) -> Outgoing:
        return Outgoing(self, self.on_lost)


async def test_frames_of_one_turn_are_one_write() -> None:
    """An ack and the events beside it cost one system call."""
    wire = Wire()
    outgoing = wire.outgoing()
    outgoing.put("one")
    outgoing.put("two")
    assert wire.writes == []
    await settle()
    assert wire.writes == [["one", "two"]]


async def test_a_socket_is_given_no_more_than_a_portion_ahead() -> None:
    """What is beyond it waits here, where it is counted, until the socket takes more."""
    wire = Wire()
    wire.jam()
    outgoing = wire.outgoing()
    frame = "x" * (PORTION // 2)
    for _ in range(5):
        outgoing.put(frame)
    await settle()
    assert [len(write) for write in wire.writes] == [2]
    assert outgoing.size == 3 * len(frame)
    wire.free()
    await outgoing.drained()
    assert [len(write) for write in wire.writes] == [2, 2, 1]


async def test_frames_go_out_in_order_and_are_counted() -> None:
    """The size is what is not with the transport yet; drained when nothing is."""
    wire = Wire()
    wire.jam()
    outgoing = wire.outgoing()
    outgoing.put("zero")
    await settle()
    for text in ("one", "two", "three"):
        outgoing.put(text)
    waiting = [asyncio.create_task(outgoing.drained()) for _ in range(2)]
    await settle()
    assert outgoing.size == 11
    assert not any(task.done() for task in waiting)
    wire.free()
    await asyncio.gather(*waiting)
    assert wire.sent == ["zero", "one", "two", "three"]
    assert outgoing.size == 0
    await outgoing.drained()


async def test_a_task_lives_only_while_something_waits() -> None:
    """An idle socket costs no task."""
    wire = Wire()
    outgoing = wire.outgoing()
    before = len(asyncio.all_tasks())
    outgoing.put("one")
    await outgoing.drained()
    await settle()
    assert len(asyncio.all_tasks()) == before
    outgoing.put("two")
    await outgoing.drained()
    assert wire.sent == ["one", "two"]


async def test_what_comes_at_any_moment_goes_out() -> None:
    """Also while the task that sent what was before is about to end."""
    for turns in range(12):
        wire = Wire()
        outgoing = wire.outgoing()
        outgoing.put("one")
        for _ in range(turns):
            await asyncio.sleep(0)
        outgoing.put("two")
        await settle()
        assert wire.sent == ["one", "two"], turns


async def test_a_lost_socket_lets_everybody_go() -> None:
    """What waits is dropped, the owner is told, and nobody is left waiting."""
    wire = Wire()
    wire.broken = True
    outgoing = wire.outgoing()
    outgoing.put("one")
    outgoing.put("two")
    await outgoing.drained()
    assert (wire.sent, wire.lost, outgoing.size) == ([], 1, 0)


@pytest.mark.parametrize("turns", [0, 1, 5])
async def test_stopping_lets_everybody_go(turns: int) -> None:
    """However far sending is, even not begun: waiting ends, and nothing is sent any more."""
    wire = Wire()
    wire.jam()
    outgoing = wire.outgoing()
    outgoing.put("zero")
    await settle()
    outgoing.put("one")
    waiting = asyncio.create_task(outgoing.drained())
    for _ in range(turns):
        await asyncio.sleep(0)
    outgoing.stop()
    outgoing.put("two")
    await settle()
    assert waiting.done()
    wire.free()
    await settle()
    assert (wire.sent, wire.lost, outgoing.size) == (["zero"], 0, 0)
    await outgoing.drained()


async def test_stopping_what_has_not_begun_lets_everybody_go() -> None:
    """A task that is cancelled before its first step never runs; whoever waits for it goes on."""
    wire = Wire()
    outgoing = wire.outgoing()
    waiting = asyncio.create_task(outgoing.drained())
    asyncio.get_running_loop().call_soon(outgoing.stop)
    outgoing.put("one")
    await settle()
    assert waiting.done()
    assert wire.sent == []
