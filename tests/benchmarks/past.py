"""What the past costs: a conversation's view at its last position, folded from its first event.

Memory is what Python holds more at the peak than before, by tracemalloc, in a run of its own.
"""

from __future__ import annotations

import time
import tracemalloc

from domain import streams
from domain.append import ANY, Append, Part
from domain.conversation.events import Body, ConversationStarted, MessagePosted
from domain.envelope import Access, Actor, NewEvent
from domain.moments import MAX_POSITION, Asked
from projections.sessions.past import PastViews
from tests.benchmarks.frames import TEXT
from tests.benchmarks.measuring import Figure, MeasurementFailed, Options, Table, number, spread
from tests.benchmarks.storing import IDS, Bench, bench

LENGTHS = (12, 1_000, 10_000)
BATCH = 200


async def past(options: Options) -> Table:
    """Each length, some rounds."""
    table = Table(
        "a conversation's view as it was, folded from its first event",
        ("events", "ms", "memory at the peak, KB"),
    )
    async with bench() as store:
        for length in LENGTHS:
            name = await _written(store, length)
            await _taken(store, name, length)
            rounds = [await _taken(store, name, length) for _ in range(options.rounds)]
            tracemalloc.start()
            await _taken(store, name, length)
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            table.add(f"{length:,}", spread(rounds), number(peak / 1024))
            if length == LENGTHS[-1]:
                table.keep(Figure.PAST, rounds)
    return table


async def _written(store: Bench, length: int) -> str:
    """A new conversation of so many events."""
    visitor, name, access = str(IDS.uuid()), str(IDS.uuid()), Access()
    messages = [MessagePosted("m", Body(TEXT)) for _ in range(length - 1)]
    appends = [
        Append(
            IDS.uuid(),
            Actor("visitor", visitor),
            b"",
            (
                Part(
                    streams.conversation(name),
                    ANY,
                    (NewEvent(each, streams.visitor(visitor), access, access),),
                ),
            ),
        )
        for each in (ConversationStarted(visitor), *messages)
    ]
    for start in range(0, length, BATCH):
        await store.database.store.append_batch(store.log, appends[start : start + BATCH])
    return name


async def _taken(store: Bench, name: str, length: int) -> float:
    """Milliseconds from the question to the view."""
    begin = time.perf_counter()
    moment = await store.database.store.moment(
        store.log, Asked(position=MAX_POSITION), streams.conversation(name)
    )
    page = await PastViews(store.database.store).one(store.log, name, moment)
    taken = time.perf_counter() - begin
    if page is None or page.items[0].version != length:
        raise MeasurementFailed("another view than was asked for")
    return 1000 * taken
