"""One question for all who ask at once, and no answer older than the question."""

from __future__ import annotations

import asyncio

import pytest

from domain.joined import Joined
from tests.doubles.clock import settle


class Oracle:
    """Answers when it is let, with how often it was asked; ``away`` fails."""

    def __init__(self) -> None:
        self.asked = 0
        self.away = False
        self._let = asyncio.Event()

    async def __call__(self) -> int:
        self.asked += 1
        mine = self.asked
        await self._let.wait()
        if self.away:
            raise ConnectionError
        return mine

    def let(self) -> None:
        self._let.set()
        self._let = asyncio.Event()


async def test_those_who_ask_meanwhile_share_the_next_answer() -> None:
    """The first has the first; all who came while that was on its way have the second."""
    oracle = Oracle()
    joined = Joined(oracle)
    first = asyncio.create_task(joined())
    await settle()
    others = [asyncio.create_task(joined()) for _ in range(100)]
    await settle()
    assert oracle.asked == 1
    oracle.let()
    await settle()
    assert first.result() == 1
    assert not any(other.done() for other in others)
    oracle.let()
    assert set(await asyncio.gather(*others)) == {2}
    later = asyncio.create_task(joined())
    await settle()
    oracle.let()
    assert await later == 3


async def test_a_failure_is_of_those_who_shared_the_question() -> None:
    """And the next ones ask anew."""
    oracle = Oracle()
    joined = Joined(oracle)
    asking = [asyncio.create_task(joined()) for _ in range(2)]
    await settle()
    oracle.away = True
    oracle.let()
    await settle()
    oracle.away = False
    later = asyncio.create_task(joined())
    await settle()
    oracle.let()
    assert await later == 2
    for each in asking:
        with pytest.raises(ConnectionError):
            await each


async def test_whoever_leaves_takes_nobodys_answer_away() -> None:
    """A socket that closes while it waits is alone in that."""
    oracle = Oracle()
    joined = Joined(oracle)
    leaving, staying = asyncio.create_task(joined()), asyncio.create_task(joined())
    await settle()
    leaving.cancel()
    await settle()
    oracle.let()
    assert await staying == 1
    assert leaving.cancelled()
