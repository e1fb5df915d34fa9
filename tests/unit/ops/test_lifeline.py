"""The line to the supervisor, at the process's end: it beats, and notices when it is cut."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import pytest

from ops.stopping import Stop
from ops.supervision.lifeline import BEAT, BEAT_S, beating
from tests.doubles.clock import ManualClock


@pytest.fixture
def line() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Both ends, the supervisor's first."""
    ours, theirs = socket.socketpair()
    for each in (ours, theirs):
        each.setblocking(False)
    yield ours, theirs
    ours.close()


async def heard(line: socket.socket, count: int) -> bytes:
    """So many bytes from a process."""
    loop, got = asyncio.get_running_loop(), b""
    async with asyncio.timeout(10):
        while len(got) < count:
            got += await loop.sock_recv(line, count - len(got))
    return got


async def test_it_beats_each_second(line: tuple[socket.socket, socket.socket]) -> None:
    """At once, and again whenever a second has passed; with its end the line ends too."""
    ours, theirs = line
    clock = ManualClock()
    async with beating(theirs, clock, lambda: None):
        assert await heard(ours, 1) == BEAT
        await clock.advance(0.9 * BEAT_S)
        with pytest.raises(BlockingIOError):
            ours.recv(1)
        await clock.advance(2.2 * BEAT_S)
        assert await heard(ours, 3) == 3 * BEAT
    assert ours.recv(1) == b""


async def test_a_line_that_is_cut_is_noticed_once(
    line: tuple[socket.socket, socket.socket],
) -> None:
    """The supervisor's death, or its order to all: this process is told, and goes on beating."""
    ours, theirs = line
    cuts: list[None] = []
    clock = ManualClock()
    async with beating(theirs, clock, lambda: cuts.append(None)):
        ours.shutdown(socket.SHUT_WR)
        await heard(ours, 1)
        await asyncio.sleep(0.05)
        assert len(cuts) == 1
        await clock.advance(BEAT_S)
        assert await heard(ours, 1) == BEAT


async def test_a_dead_supervisor_ends_no_beat_badly(
    line: tuple[socket.socket, socket.socket],
) -> None:
    """With nobody to send to, the process is told all the same and nothing is raised."""
    ours, theirs = line
    cut = asyncio.Event()
    clock = ManualClock()
    async with beating(theirs, clock, cut.set):
        ours.close()
        await clock.advance(BEAT_S)
        async with asyncio.timeout(10):
            await cut.wait()


async def test_a_supervisor_that_stands_still_holds_up_nobody(
    line: tuple[socket.socket, socket.socket],
) -> None:
    """A full line is no end: what cannot be sent is left out."""
    _, theirs = line
    cuts: list[None] = []
    clock = ManualClock()
    with contextlib.suppress(BlockingIOError):
        while True:
            theirs.send(bytes(4096))
    async with beating(theirs, clock, lambda: cuts.append(None)):
        await clock.advance(3 * BEAT_S)
        assert not cuts


async def test_without_a_supervisor_nothing_beats() -> None:
    """Started by hand there is no line."""
    async with beating(None, ManualClock(), lambda: None):
        pass


async def test_a_cut_line_and_a_signal_are_one_wish() -> None:
    """The supervisor's order by line and the signal that comes with it hurry nothing."""
    stop = Stop()
    stop.started()
    stop.abandon()
    assert stop.asked.is_set()
    assert stop.alone.is_set()
    stop.ask()
    assert not stop._hurried.is_set()
    stop.ask()
    assert stop._hurried.is_set()
