"""How fast one may be: over all sockets on all nodes, and with few questions to whoever counts."""

from __future__ import annotations

import asyncio

from adapters.limits.token_buckets import TokenBuckets
from adapters.websocket.rate import Pace
from domain.rate_limits import Rate
from tests.doubles.clock import ManualClock, settle
from tests.unit.websocket.chat import Chat, Client, Shared, feed_of, started

RATE = Rate("commands", per_second=10.0, burst=30)


class Counting(TokenBuckets):
    """Limits that keep what they were asked for."""

    def __init__(self, clock: ManualClock) -> None:
        super().__init__(clock)
        self.asked: list[tuple[str, str, int]] = []

    async def take(self, rate: Rate, key: str, count: int = 1) -> float:
        self.asked.append((rate.name, key, count))
        return await super().take(rate, key, count)


async def test_one_question_for_a_block() -> None:
    """What is in hand is taken without asking."""
    clock = ManualClock()
    limits = Counting(clock)
    pace = Pace(limits, clock, RATE, "ada", 20)
    assert not pace.take()
    await pace.wait()
    assert [pace.take() for _ in range(20)] == [True] * 19 + [False]
    assert limits.asked == [("commands", "ada", 20)]


async def test_a_lease_is_no_more_than_the_burst() -> None:
    """A small burst can be had, in small blocks."""
    clock = ManualClock()
    limits = Counting(clock)
    await Pace(limits, clock, Rate("commands", 10.0, 3), "ada", 20).wait()
    assert limits.asked == [("commands", "ada", 3)]


async def test_those_who_wait_share_what_comes() -> None:
    """Several sockets of one person wait for one lease, and no command is counted twice."""
    clock = ManualClock()
    limits = Counting(clock)
    pace = Pace(limits, clock, RATE, "ada", 10)
    await limits.take(RATE, "ada", 30)
    waiting = [asyncio.create_task(pace.wait()) for _ in range(12)]
    await clock.advance(0.9)
    assert not any(task.done() for task in waiting)
    await clock.advance(0.1)
    assert sum(task.done() for task in waiting) == 10
    await clock.advance(1.0)
    assert all(task.done() for task in waiting)
    assert [pace.take() for _ in range(9)] == [True] * 8 + [False]


async def test_whoever_gives_up_waiting_holds_up_nobody() -> None:
    """A socket that goes while it waits leaves the lease to the others."""
    clock = ManualClock()
    limits = Counting(clock)
    pace = Pace(limits, clock, RATE, "ada", 10)
    await limits.take(RATE, "ada", 30)
    first, second = (asyncio.create_task(pace.wait()) for _ in range(2))
    await clock.advance(0.5)
    first.cancel()
    await settle()
    await clock.advance(1.0)
    assert second.done()


# --- at the sockets ------------------------------------------------------------------------------


async def flood(client: Client, count: int) -> list[str]:
    """Send so many commands at once."""
    ids = [client.say("page", page={"url": "http://x/"}) for _ in range(count)]
    await client.chat.idle()
    return ids


async def test_two_nodes_count_together() -> None:
    """Whoever has used up the burst at one node is slowed at the other, and nobody else is."""
    clock = ManualClock()
    limits = TokenBuckets(clock)
    rate = {"commands_per_s": 10.0, "commands_burst": 4, "commands_lease": 2}
    one, two = [await Chat(Shared(limits), **rate).open() for _ in range(2)]
    one.node.rates._clock = two.node.rates._clock = clock
    ada, there, bob = await one.visitor(), await two.visitor(), await two.visitor("bob")
    await flood(ada, 4)
    assert len(ada.all("ack")) == 4
    late = await flood(there, 6)
    assert len(there.all("ack")) < 6
    await flood(bob, 4)
    assert len(bob.all("ack")) == 4
    await clock.advance(1.0)
    await two.idle()
    assert {there.answer(id_)["op"] for id_ in late} == {"ack"}


async def test_typing_is_one_persons_over_all_nodes() -> None:
    """Its signals at one node leave none for the other; what is too much is dropped."""
    clock = ManualClock()
    limits = TokenBuckets(clock)
    one, two = [await Chat(Shared(limits), typing_per_s=2.0).open() for _ in range(2)]
    for chat in (one, two):
        ada = await chat.visitor()
        talk = await started(ada)
        desk = await chat.agent(await chat.add_agent(), feeds={feed_of(talk): 0})
        for _ in range(3):
            ada.say("typing", conversation=talk)
        await chat.idle()
        assert len(desk.all("signal")) == (2 if chat is one else 0)


async def test_without_limits_nobody_counts() -> None:
    """Neither commands nor typing; nothing is even asked."""
    clock = ManualClock()
    limits = Counting(clock)
    chat = await Chat(
        Shared(limits), limits_enabled=False, commands_burst=1, typing_per_s=1.0
    ).open()
    ada = await chat.visitor()
    talk = await started(ada)
    desk = await chat.agent(await chat.add_agent(), feeds={feed_of(talk): 0})
    await flood(ada, 10)
    assert len(ada.all("ack")) == 11
    for _ in range(10):
        ada.say("typing", conversation=talk)
    await chat.idle()
    assert len(desk.all("signal")) == 10
    assert limits.asked == []


async def test_what_somebody_may_not_type_in_is_not_counted() -> None:
    """A signal that nobody is told takes nothing from those that are."""
    chat = await Chat(typing_per_s=2.0).open()
    ada = await chat.visitor()
    talk, other = await started(ada), await started(await chat.visitor("bob"))
    desk = await chat.agent(await chat.add_agent(), feeds={feed_of(talk): 0, feed_of(other): 0})
    for _ in range(5):
        ada.say("typing", conversation=other)
    ada.say("typing", conversation=talk)
    await chat.idle()
    assert [frame["conversation"] for frame in desk.all("signal")] == [talk]


async def test_the_paces_that_are_kept_are_bounded() -> None:
    """As many as a node has sockets; whoever comes and goes leaves nothing for ever."""
    chat = await Chat(connections=5).open()
    for n in range(12):
        client = await chat.visitor(str(n))
        await flood(client, 1)
        client.hang_up()
        await chat.idle()
    assert len(chat.node.rates._paces) == 5
