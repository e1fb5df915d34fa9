"""A message to many counts when the last one has it, and never twice."""

from __future__ import annotations

import asyncio
import os

import pytest

from tests.benchmarks import crowd as module
from tests.benchmarks import work
from tests.benchmarks.crowd import Crowd
from tests.benchmarks.measuring import MeasurementFailed

READERS = 3


class Wire:
    """Takes what is sent to each of some readers in the next turn of the loop, packed or not."""

    def __init__(self, deaf: int = 0) -> None:
        self.crowd = Crowd(READERS, 0, self.send, os.getpid())
        self.sent = 0
        self._readers = READERS - deaf

    def send(self) -> None:
        self.sent += 1
        for _ in range(self._readers):
            asyncio.get_running_loop().call_later(
                0.001, self.crowd.receive, self.sent - 1, self.sent
            )


@pytest.fixture(autouse=True)
def nobody_asks_who_is_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    """While all tests run nobody is idle; what is demanded of a generator is ``test_work``'s."""
    monkeypatch.setattr(work, "demand_idle_generator", lambda *_, **__: None)


async def test_every_message_is_counted_at_every_reader() -> None:
    """Deliveries are messages times readers, and none is left."""
    wire = Wire()
    burst = await wire.crowd.run(0.05, 2)
    assert 2 < wire.crowd.sent == wire.sent == len(burst.taken)
    assert burst.deliveries <= READERS * wire.sent < burst.deliveries + 2 * READERS + 1
    assert burst.packed == 1


async def test_a_reader_that_has_nothing_fails_the_measurement(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What only some have is not delivered."""
    monkeypatch.setattr(module, "DRAIN_S", 0.05)
    with pytest.raises(MeasurementFailed, match=r"missing at readers: \{1: 1\}"):
        await Wire(deaf=1).crowd.run(0.01, 1)


async def test_a_message_that_comes_twice_is_an_error() -> None:
    """Nobody waits for it any more."""
    wire = Wire()
    await wire.crowd.run(0.01, 1)
    with pytest.raises(KeyError):
        wire.crowd.receive(0, 1)
