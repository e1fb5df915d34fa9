"""Searching: how fast the index is built, how large it is, how long a search of each kind takes.

Texts are words by Zipf's law, a quarter of them Chinese, with numbers that occur once. Searched for
is what is planted: a word that is rare, one that is common, two that are common but hardly ever
together. For one tenth of the standard data set: ``--people 17600``.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import accumulate
from random import Random
from typing import Any
from uuid import UUID

from adapters.postgres.readmodels import PostgresTransaction
from domain import streams
from domain.append import ANY, Append, Part
from domain.conversation.events import Body, ConversationStarted, MessagePosted
from domain.envelope import Access, Actor, NewEvent
from ops.system import SystemClock
from projections.analytics.sources import FactSources
from projections.engine import Engine
from projections.projection import Projection, create_tables
from projections.search.projection import SearchProjection
from projections.search.reader import SearchReader
from projections.search.settings import SearchSettings
from projections.sessions.projection import SessionViewsProjection
from tests.benchmarks.measuring import (
    Figure,
    MeasurementFailed,
    Options,
    Table,
    at_least,
    milliseconds,
    number,
    spread,
)
from tests.benchmarks.storing import IDS, Bench, bench
from tests.fixtures.postgres import owner_of

CONVERSATIONS = 20
"""Conversations of each of the ``people``."""

MESSAGES = 5
"""Messages of a conversation, as many as the standard data set has."""

BATCH = 50
"""Conversations of an append."""

PAGE_EVENTS = 20_000
"""Events of a page while the index is built: as a rebuild has them."""

SEARCHES = 20
"""Searches of a kind in a round."""

VOCABULARY = 50_000
HAN = 3_000
WORDS = 12
HAN_CHARACTERS = 18

RARE, ODD, EVEN, PAIRED = "zyzzyva", "odd", "even", "odd even"


class Filters:
    """No filters."""

    assignee = department = tag = source = sender = None
    first = until = None


class Texts:
    """Random texts, the same ones each time."""

    def __init__(self) -> None:
        self._random = Random(7)
        self._words = [self._word() for _ in range(VOCABULARY)]
        self._weights = list(accumulate(1 / (rank + 3) for rank in range(VOCABULARY)))
        self._han = [chr(0x4E00 + 7 * n) for n in range(HAN)]
        self._han_weights = list(accumulate(1 / (rank + 20) for rank in range(HAN)))
        self._count = 0

    def _word(self) -> str:
        return "".join(self._random.choices("etaoinshrdlu", k=self._random.randint(3, 9)))

    def text(self) -> str:
        """The next one, with what is planted in it."""
        self._count += 1
        n = self._count
        planted = [ODD if n % 20 == 1 else EVEN if n % 20 == 2 else ""]
        planted += [RARE if n % 40_000 == 77 else "", PAIRED if n % 40_000 == 99 else ""]
        planted += [str(100_000 + n) if n % 10 == 0 else ""]
        return " ".join([self._said(), *filter(None, planted)])

    def _said(self) -> str:
        random = self._random
        if self._count % 4 == 0:
            count = random.randint(4, 2 * HAN_CHARACTERS - 4)
            return "".join(random.choices(self._han, cum_weights=self._han_weights, k=count))
        count = random.randint(3, 2 * WORDS - 3)
        return " ".join(random.choices(self._words, cum_weights=self._weights, k=count))


async def search(options: Options) -> Table:
    """Write, build the index, search."""
    async with bench() as store:
        conversations = options.people * CONVERSATIONS
        await _written(store, conversations)
        database = store.database
        models, cipher = database.read_models, database.cipher
        index = SearchProjection(models, cipher, SystemClock())
        sessions = SessionViewsProjection(models, cipher)
        projections: list[Projection[Any]] = [index, sessions]
        async with owner_of(store.url) as owner, owner.transaction():
            await create_tables(PostgresTransaction(owner), projections)
        await _folded(store, sessions)
        taken = await _folded(store, index)
        messages = conversations * MESSAGES
        table = Table(
            f"search: {messages:,} messages in {conversations:,} conversations of one tenant",
            ("", "p50 ms", "p99 ms", "hits"),
        )
        reader = SearchReader(
            database.store,
            models,
            cipher,
            SystemClock(),
            FactSources(models, cipher),
            SearchSettings(),
        )
        await _searched(table, store.log, reader, options.rounds)
        size = await _size(store, index.owned)
        table.add("index built, messages/s", number(messages / taken), "", "")
        table.add("index, bytes a message", number(size / messages), "", "")
        table.keep(Figure.SEARCH_BUILT, [messages / taken])
        return table


async def _written(store: Bench, conversations: int) -> None:
    """Fill the log."""
    texts = Texts()
    for _ in range(0, conversations, BATCH):
        batch = [_conversation(texts) for _ in range(BATCH)]
        answers = await store.database.store.append_batch(store.log, batch)
        if any(not getattr(answer, "events", ()) for answer in answers):
            raise MeasurementFailed("a conversation was not appended")


def _conversation(texts: Texts) -> Append:
    """A conversation, as one command."""
    visitor, access = str(IDS.uuid()), Access("sales")
    subject = streams.visitor(visitor)
    said = [MessagePosted(str(IDS.uuid()), Body(texts.text())) for _ in range(MESSAGES)]
    data = [ConversationStarted(visitor, "sales"), *said]
    events = tuple(NewEvent(each, subject, access, access) for each in data)
    part = Part(streams.conversation(IDS.uuid()), ANY, events)
    return Append(IDS.uuid(), Actor("visitor", visitor, "Ada"), b"", (part,))


async def _folded(store: Bench, projection: Projection[Any]) -> float:
    """Seconds until all of the log is folded."""
    models, log = store.database.read_models, store.log
    engine = Engine(
        store.database.store, models, projection, SystemClock(), page_events=PAGE_EVENTS
    )
    (head,) = await store.database.store.heads([log])
    begun = time.perf_counter()
    position = 0
    while position < head.position:  # a turn ends before the log does
        await engine.follow(log, lambda _: None)
        position = (await models.checkpoint(engine.identifier, log)).position
    return time.perf_counter() - begun


async def _searched(table: Table, log: UUID, reader: SearchReader, rounds: int) -> None:
    """A row for each kind of search."""

    async def once(q: str) -> tuple[float, int, bool]:
        begun = time.perf_counter()
        page = await reader.page(log, q, Filters(), 50, None, None)
        return time.perf_counter() - begun, len(page.items), page.complete

    for name, q in _kinds():
        await once(q)
        found = [await once(q) for _ in range(rounds * SEARCHES)]
        times = milliseconds([taken for taken, _, _ in found])
        (hits,) = {
            str(hits) if complete else f"{hits}, not complete" for _, hits, complete in found
        }
        table.add(name, spread(times), number(at_least(0.99, times)), hits)
        table.keep(Figure.SEARCHED, [at_least(0.5, times)])


def _kinds() -> Iterator[tuple[str, str]]:
    yield "a rare word", RARE
    yield "a common word", ODD
    yield "two common words, rarely together", PAIRED
    yield "two common words, never in a row", f'"{EVEN} {ODD}"'
    yield "a Chinese pair", chr(0x4E00) + chr(0x4E07)
    yield "a word that nobody said", "unsaid"


async def _size(store: Bench, tables: tuple[str, ...]) -> int:
    """Bytes of the tables with their indexes."""
    async with owner_of(store.url) as owner:
        sizes = [
            await owner.fetchval("SELECT pg_total_relation_size($1::text::regclass)", f"rm.{table}")
            for table in tables
        ]
    return sum(sizes)
