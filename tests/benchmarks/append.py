"""Appending under load: commands a second through the store's public way in, and what bounds it.

Baselines of the same rounds: the bare SQL function with batches that were made before, and the
eventsourcing library's own PostgreSQL recorder where its driver is installed.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any
from uuid import UUID

from adapters.postgres.batch import Batch, subjects_of
from adapters.postgres.keys import Key
from adapters.postgres.sql import statement
from domain.event_types import REGISTRY
from tests.benchmarks.measuring import Figure, MeasurementFailed, Options, Table, ratios, spread
from tests.benchmarks.recorder import Recorder, recording
from tests.benchmarks.storing import IDS, Bench, bench, check, message

CONCURRENT = 256
BATCH = 200
EVENTS = 10_000
BARE, RECORDER = "bare es.append", "eventsourcing's recorder"
FIGURES = {BARE: Figure.APPEND_BARE, RECORDER: Figure.APPEND_RECORDER}


async def append(options: Options) -> Table:
    """All in turn."""
    async with bench() as store:
        visitors = [IDS.uuid() for _ in range(CONCURRENT)]
        recorder = recording(store.url)
        rates: dict[str, list[float]] = {}
        for number in range(-1, options.rounds):
            events = EVENTS // 10 if number < 0 else EVENTS
            found = {
                "Parley": await _through_the_store(store, visitors, events),
                BARE: await _bare(store, visitors, events),
                **_recorder(recorder, events // 10),
            }
            if number >= 0:
                for name, rate in found.items():
                    rates.setdefault(name, []).append(rate)
    return _table(rates, missing=recorder is None)


def _table(rates: dict[str, list[float]], *, missing: bool) -> Table:
    table = Table(
        f"append: one-event commands of one tenant, {CONCURRENT} at once, chain and encryption on",
        ("", "events/s", "Parley / this"),
    )
    for name, values in rates.items():
        table.add(name, spread(values), ratios(rates["Parley"], values))
        if name in FIGURES:
            table.compare(FIGURES[name], rates["Parley"], values)
    if missing:
        table.add_missing(RECORDER, "its driver psycopg is not installed")
    return table


async def _through_the_store(store: Bench, visitors: list[UUID], events: int) -> float:
    """Commands a second, each sent when the one before has its answer."""

    async def one(visitor: UUID) -> None:
        for _ in range(events // CONCURRENT):
            check(await store.commits.submit(store.log, message(visitor)))

    before = await _count(store)
    begin = time.perf_counter()
    await asyncio.gather(*(one(visitor) for visitor in visitors))
    taken = time.perf_counter() - begin
    written = await _count(store) - before
    if written != events // CONCURRENT * CONCURRENT:
        raise MeasurementFailed(f"the log has {written} events more")
    return written / taken


async def _bare(store: Bench, visitors: list[UUID], events: int) -> float:
    """Events a second of the SQL function alone: encrypted before, answers not looked at."""
    async with store.database._appends.connection() as connection:
        calls = [await _call(store, connection, visitors) for _ in range(events // BATCH)]
        begin = time.perf_counter()
        rows = [await connection.fetchrow(statement("append"), *call) for call in calls]
        taken = time.perf_counter() - begin
    if any(row is None or any(row["o_status"]) or row["o_dead"] for row in rows):
        raise MeasurementFailed("es.append refused something")
    return BATCH * len(rows) / taken


async def _call(store: Bench, connection: Any, visitors: list[UUID]) -> tuple[Any, ...]:
    """The arguments of one call."""
    commands = [message(visitor) for visitor in visitors[:BATCH]]
    keys: dict[str, Key] = await store.database.keys.of_subjects(
        connection, store.log, subjects_of(commands)
    )
    batch = Batch(store.log, REGISTRY, keys, [], IDS.random)
    batch.add(commands)
    return batch.arguments(store.database.keys.current_master)


def _recorder(recorder: Recorder | None, events: int) -> dict[str, float]:
    return {} if recorder is None else {RECORDER: recorder.rate(events)}


async def _count(store: Bench) -> int:
    return (await store.database.store.heads([store.log]))[0].position
