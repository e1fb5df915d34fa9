"""kill -9 in the middle of chat: what became of every message, and how long until chat goes on.

Whoever was cut off comes back at once and sends again, under the same ids, what has no ack. In the
end every message is looked for in the log: by a reader that begins at its beginning, and by SQL.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from functools import reduce
from operator import add

import psutil

from tests.benchmarks.checking import demand_durable, demand_events
from tests.benchmarks.enduring import Enduring
from tests.benchmarks.killing import everything, kill_at_once, the_product
from tests.benchmarks.measuring import Figure, MeasurementFailed, Options, Table, spread
from tests.benchmarks.people import Person
from tests.benchmarks.probing import started
from tests.benchmarks.sessions import agents, visitors
from tests.benchmarks.tally import Tally, tally
from tests.fixtures.postgres import owner_of
from tests.fixtures.server import Server, running_server

CHAT_S = 1.5
"""Seconds of chat before each kill."""

BACK_S = 60.0
LOOK_S = 0.005
ROWS = "SELECT count(*) FROM es.event WHERE type = 'message.posted' AND stream = $1"


async def kill(options: Options) -> Table:
    """So many times the product alone, then as often the product and its PostgreSQL at once."""
    table = Table(
        f"kill -9 in the middle of chat, {options.people} pairs, closed loop",
        (
            "killed",
            "times",
            "acked",
            "sent again",
            "lost",
            "doubled",
            "misread",
            "s to ready",
            "s until all talk again",
        ),
    )
    with running_server() as server:
        await demand_durable(server.credentials["database_url"])
        total = Tally(0, 0, 0, 0)
        for name, whom in (("the product", the_product), ("it and its PostgreSQL", everything)):
            talking = await _pairs(server, options.people)
            taken = [await _round(server, talking, whom(server)) for _ in range(options.rounds)]
            found = await _end(server, talking)
            ready, resumed = zip(*taken, strict=True)
            numbers = found.acked, sum(pair.again for pair in talking), found.lost, found.doubled
            shown = (f"{count:,}" for count in (len(taken), *numbers, found.misread))
            table.add(name, *shown, spread(ready), spread(resumed))
            total += found
    table.keep(Figure.LOST, [total.lost])
    table.keep(Figure.DOUBLED, [total.doubled])
    table.keep(Figure.MISREAD, [total.misread])
    return table


async def _pairs(server: Server, people: int) -> list[Enduring]:
    """So many, talking."""
    visiting, serving = await visitors(server, people), await agents(server, people)
    talking = [Enduring(*both) for both in zip(visiting, serving, strict=True)]
    for pair in talking:
        await pair.begin()
        pair.go()
    return talking


async def _round(
    server: Server, talking: Sequence[Enduring], whom: Sequence[psutil.Process]
) -> tuple[float, float]:
    """Seconds from the kill until the product is ready again, and until everybody talks again."""
    await asyncio.sleep(CHAT_S)
    begin = time.perf_counter()
    kill_at_once(server, whom)
    waiting = sum(len(pair.waiting) for pair in talking)
    demand_events(min(waiting, 1), 1, "messages on their way at the kill")
    await started(server)
    ready = time.perf_counter() - begin
    await _until(talking, lambda pair: bool(pair.resumed_s) and pair.resumed_s > begin)
    return ready, max(pair.resumed_s for pair in talking) - begin


async def _end(server: Server, talking: Sequence[Enduring]) -> Tally:
    """Stop, and look for every message."""
    for pair in talking:
        pair.going = False
    await _until(talking, lambda pair: pair.whole)
    tallies = [await _tally(server, pair) for pair in talking]
    for pair in talking:
        pair.leave()
    return reduce(add, tallies)


async def _tally(server: Server, pair: Enduring) -> Tally:
    """What the log has of a pair, as a reader gets it who begins at its beginning."""
    log: list[str] = []
    reader = Person()
    reader.seen = log.append
    await reader.arrive(pair.serving, [pair.feed])
    reader.leave()
    del log[: pair.before]
    demand_events(await _rows(server, pair), len(log) + pair.before, "rows of a conversation")
    return tally(pair.acked, pair.seen, log)


async def _rows(server: Server, pair: Enduring) -> int:
    """Messages of the conversation that PostgreSQL has, whatever the product says."""
    async with owner_of(server.credentials["database_url"]) as owner:
        found: int = await owner.fetchval(ROWS, f"conversation-{pair.conversation}")
        return found


async def _until(talking: Sequence[Enduring], holds: Callable[[Enduring], bool]) -> None:
    """Wait until it holds for all. Raises what went wrong, and MeasurementFailed in the end."""
    end = time.monotonic() + BACK_S
    while not all(map(holds, talking)):
        for pair in talking:
            pair.check()
        if time.monotonic() > end:
            left = sum(not holds(pair) for pair in talking)
            raise MeasurementFailed(f"{left} pairs do not talk after {BACK_S:.0f} s")
        await asyncio.sleep(LOOK_S)
