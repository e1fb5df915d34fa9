"""Search on PostgreSQL: what is found, by whom, in which pages; what the tables hold, and what not.

Windows are small here, so that every history fills several.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from msgspec import Struct

from adapters.postgres.readmodels import PostgresTransaction
from domain import streams
from domain.access import Rights
from domain.conversation.commands import Post, SetTags, Start
from domain.conversation.events import Body, Page
from domain.envelope import Actor, RecordedEvent
from domain.errors import Refused
from projections import pauses
from projections.analytics.projection import AnalyticsProjection
from projections.analytics.sources import FactSources
from projections.engine import Engine
from projections.projection import create_tables
from projections.search import layout, projection, reader, walk
from projections.search.evolve import SEARCHED
from projections.search.projection import POSTING, RECENT, SearchProjection, blind
from projections.search.query import Query
from projections.search.reader import Found, SearchPage, SearchReader
from projections.search.settings import SearchSettings
from projections.search.terms import terms
from projections.search.walk import Walk
from projections.sessions.among import SessionsAmong
from tests.doubles.appends import uuid
from tests.fixtures.postgres import Owner
from tests.integration.projections.conftest import PAGE_EVENTS, Views
from tests.integration.projections.indexed import Index, index_of
from tests.integration.projections.test_sessions_postgres import random_actions
from tests.unit.projections.histories import AGENTS, LOG, SENTINEL, TAGS, VISITORS, Action, History

TABLES = (POSTING.name, RECENT.name)
AGENT = Actor("agent", AGENTS[0], "Grace")


class Filters(Struct, frozen=True):
    """Filters as a request has them."""

    assignee: str | None = None
    department: str | None = None
    tag: str | None = None
    source: str | None = None
    sender: str | None = None
    first: datetime | None = None
    until: datetime | None = None


NONE = Filters()
DEFAULT = SearchSettings()


class Search:
    """A node that indexes and searches."""

    def __init__(self, views: Views, page_events: int = PAGE_EVENTS) -> None:
        database = views.database
        self.views = views
        self.models, self.cipher, self.store = database.read_models, database.cipher, database.store
        self.projection: Any = SearchProjection(self.models, self.cipher, views.clock)
        self.engine = Engine(
            self.store, self.models, self.projection, views.clock, page_events=page_events
        )

    def reader(self, settings: SearchSettings = DEFAULT) -> SearchReader:
        """A reader under these settings."""
        sources = FactSources(self.models, self.cipher)
        return SearchReader(
            self.store, self.models, self.cipher, self.views.clock, sources, settings
        )

    async def follow(self) -> None:
        """Bring index and session views up to date."""
        await self.views.follow()
        await self.engine.follow(LOG, lambda _: None)

    async def rebuild(self) -> None:
        """Fold everything anew."""
        await self.engine.rebuild(LOG, (await self.engine.checkpoints())[LOG])
        await self.follow()

    async def page(self, q: str, filters: Filters = NONE, **asked: Any) -> SearchPage:
        """One page; up to all."""
        return await self.reader().page(
            LOG, q, filters, asked.get("limit", 100), asked.get("cursor"), asked.get("rights")
        )

    async def found(self, q: str, filters: Filters = NONE, **asked: Any) -> list[int]:
        """The positions of all that is found, in its order."""
        page = await self.page(q, filters, **asked)
        assert page.next is None
        assert page.complete
        return [item.position for item in page.items]

    async def index(self) -> Index:
        """What the tables say of the log."""
        async with self.models.reading(LOG) as transaction:
            return await index_of(transaction)


@pytest.fixture(autouse=True)
def small_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some windows in every history."""
    monkeypatch.setattr(layout, "WINDOW", 16)


@pytest.fixture
async def search(views: Views, owner: Owner) -> Search:
    """A node that searches; its tables are there."""
    search = Search(views)
    async with owner.transaction():
        await create_tables(PostgresTransaction(owner), [search.projection])
    return search


def said(log: Sequence[RecordedEvent]) -> dict[int, tuple[RecordedEvent, str]]:
    """What is to be searched in a log, as it reads now."""
    found = ((event, event.data) for event in log if event.type in SEARCHED)
    return {
        event.position: (event, data.body.text) for event, data in found if data and data.body.text
    }


async def naive_index(search: Search, log: Sequence[RecordedEvent]) -> dict[bytes, set[int]]:
    """What the tables should say."""
    index: dict[bytes, set[int]] = {}
    for position, (_, text) in said(log).items():
        for digest in await blind(search.cipher, LOG, terms(text)):
            index.setdefault(digest, set()).add(position)
    return index


def naive(log: Sequence[RecordedEvent], q: str) -> list[int]:
    """What a query should find."""
    query = Query.of(q)
    return [p for p, (_, text) in sorted(said(log).items(), reverse=True) if query.found_in(text)]


@pytest.mark.parametrize("seed", range(3))
async def test_the_tables_say_what_the_log_says(
    search: Search, history: History, seed: int
) -> None:
    """Followed live, an erasure on the way, or rebuilt in pages of any size: what can be read."""
    for action in random_actions(seed, 160):
        await history.play(action)
        if action.number == 0:
            await search.follow()
    await search.follow()
    log = await history.events()
    expected = await naive_index(search, log)
    assert history.erased
    assert {at // layout.WINDOW for positions in expected.values() for at in positions} > {1, 2}
    assert await search.index() == expected
    await search.rebuild()
    assert await search.index() == expected
    whole = Search(search.views, page_events=1_000)
    await whole.rebuild()
    assert await search.index() == expected


async def test_what_is_found_is_what_is_there(search: Search, history: History) -> None:
    """Every query finds exactly the messages whose text has it, the newest first."""
    for n in range(30):
        await say(history, n, f"{SENTINEL} {n % 5} said or {SENTINEL} said {n % 3}")
    for action in random_actions(7, 80):
        if action.kind != "erase":
            await history.play(action)
    await search.follow()
    log = await history.events()
    assert {at // layout.WINDOW for at in said(log)} >= set(range(6))
    for q in (SENTINEL, "said", "start", "said 2", "nowhere", f"{SENTINEL.upper()} 3", "ä" * 300,
              f'"{SENTINEL} said"', '"said 2"', '"2 said"', '"said start"'):  # fmt: skip
        assert await search.found(q) == naive(log, q), q
    assert naive(log, '"said 2"')


async def say(history: History, n: int, text: str, department: str | None = None) -> str:
    """A visitor of its own says something. The conversation."""
    actor = Actor("visitor", str(uuid(500 + n)), f"Visitor {n}")
    ack = await history.ask(actor, Start(history.id(), Body(text), department=department))
    assert ack is not None
    return str(ack.conversation)


async def answer(history: History, conversation: str, text: str, *, note: bool = False) -> None:
    """An agent says something."""
    command = Post(history.id(), UUID(conversation), Body(text), note=note)
    assert await history.ask(AGENT, command) is not None


async def test_a_hit_says_where_who_and_what(search: Search, history: History) -> None:
    """Each field of what a client gets, for a message and a note."""
    conversation = await say(history, 1, "Where is my 退款?", "sales")
    await answer(history, conversation, "wants a 退款", note=True)
    await search.follow()
    log = await history.events()
    page = await search.page("退款")
    note, message = page.items
    events = {event.position: event for event in log}
    for item in (note, message):
        event = events[item.position]
        assert item == Found(
            conversation=conversation,
            version=event.version,
            position=event.position,
            at=event.at,
            kind="note" if item is note else "message",
            sender=event.actor,
            visitor=str(uuid(501)),
            visitor_name="Visitor 1",
            snippet=item.snippet,
        )
    assert (note.sender, note.snippet.text) == (AGENT, "wants a 退款")
    assert [message.snippet.text[a:b] for a, b in message.snippet.marks] == ["退款"]
    assert (page.as_of, page.mark, page.next, page.complete) == (
        log[-1].position,
        log[-1].mark,
        None,
        True,
    )


async def test_an_empty_index_answers(search: Search, history: History) -> None:
    """Before the first fold nothing is found, as of nothing."""
    page = await search.page("word")
    assert (page.as_of, page.items, page.next, page.complete) == (0, [], None, True)
    assert len(page.mark) == 16


async def test_filters(search: Search, history: History) -> None:
    """Each narrows to what it describes, as it is now; together they narrow further."""
    one = await say(history, 1, "a word", "sales")
    two = await say(history, 2, "a word", "support")
    three = await say(history, 3, "a word")
    await answer(history, two, "my word")
    bot = Actor("bot", "help", "Helper")
    await history.ask(bot, Post(history.id(), UUID(three), Body("word of a bot")))
    await history.ask(AGENT, SetTags(history.id(), UUID(one), [TAGS[2]]))
    await search.follow()
    log = await history.events()
    where = {event.position: streams.conversation_id(event.stream) for event in log}
    times = {position: event.at for position, (event, _) in said(log).items()}
    every = await search.found("word")
    assert len(every) in {4, 5}  # nobody may answer as a bot yet

    async def of(filters: Filters) -> set[str | None]:
        return {where[position] for position in await search.found("word", filters)}

    assert await of(Filters(department="sales")) == {one}
    assert await of(Filters(assignee=AGENTS[0])) == {two}
    assert await of(Filters(assignee="none")) == {one, three}
    assert await of(Filters(tag=TAGS[2])) == {one}
    assert await of(Filters(tag="straße")) == set()
    assert await of(Filters(sender="agent")) == {two}
    assert await of(Filters(sender="visitor", department="support")) == {two}
    assert await of(Filters(sender="visitor", department="sales", tag="none")) == set()
    middle = sorted(times.values())[1]
    after = Filters(first=middle)
    assert await search.found("word", after) == [p for p in every if times[p] >= middle]
    assert await search.found("word", Filters(until=middle)) == [min(times)]
    later = middle + timedelta(microseconds=1)
    assert await search.found("word", Filters(first=middle, until=later)) == sorted(times)[1:2]
    assert await search.found("word", Filters(first=later, until=middle)) == []
    assert await search.found("word", Filters(first=times[every[0]] + timedelta(days=1))) == []


async def test_sources_are_those_of_the_facts(
    search: Search, history: History, owner: Owner
) -> None:
    """Only conversations from there are found, up to where the facts are."""
    facts: Any = AnalyticsProjection(search.models, search.cipher)
    async with owner.transaction():
        await create_tables(PostgresTransaction(owner), [facts])
    engine = Engine(search.store, search.models, facts, search.views.clock)
    page = Page("https://shop.example/?utm_source=news&utm_medium=mail")
    actor = Actor("visitor", str(uuid(600)))
    ack = await history.ask(actor, Start(history.id(), Body("a word"), page))
    await say(history, 1, "a word")
    await search.follow()
    assert (await search.page("word", Filters(source="news"))).as_of == 0
    await engine.follow(LOG, lambda _: None)
    found = await search.page("word", Filters(source="news"))
    assert [item.conversation for item in found.items] == [ack.conversation]
    assert found.as_of == (await history.events())[-1].position
    assert await search.found("word", Filters(source="elsewhere")) == []
    assert len(await search.found("word")) == 2


async def test_an_agent_finds_what_it_may_read(search: Search, history: History) -> None:
    """Of every kind of rights: just the conversations that the rule lets it read, notes too."""
    for action in random_actions(9, 150):
        await history.play(action)
    await search.follow()
    every = (await search.page(SENTINEL)).items
    page = await search.views.sessions.page(LOG, _Any(), 200, None, None)
    access = {item.id: item for item in page.items}
    seen = set()
    for rights in (
        Rights("admin", AGENTS[0]),
        Rights("agent", AGENTS[1]),
        Rights("limited", AGENTS[0]),
        Rights("limited", AGENTS[1], frozenset({"sales"})),
        Rights("limited", "nobody", frozenset({"sales", "support"})),
        Rights("limited", "nobody"),
    ):
        expected = [
            item.position for item in every if rights.may_read(_access(access[item.conversation]))
        ]
        assert await search.found(SENTINEL, rights=rights) == expected
        seen.add(len(expected))
    assert len(seen) > 2
    assert 0 in seen


class _Any(Struct, frozen=True):
    """A list of everything."""

    status: str | None = None
    assignee: str | None = None
    department: str | None = None
    tag: str | None = None
    visitor: str | None = None
    waiting: bool | None = None
    missed: bool | None = None
    q: str | None = None


def _access(item: Any) -> Any:
    return item


async def test_pages_make_up_the_whole(search: Search, history: History) -> None:
    """Turned page by page, whatever their size: every hit once, newest first, nothing twice."""
    for n in range(12):
        await say(history, n, f"word {n}")
    await search.follow()
    every = await search.found("word")
    assert len(every) == 12
    for limit in (1, 5, 6, 12, 13):
        turned: list[int] = []
        cursor: str | None = None
        pages = 0
        while not pages or cursor is not None:
            page = await search.page("word", limit=limit, cursor=cursor)
            turned += [item.position for item in page.items]
            assert page.complete
            cursor, pages = page.next, pages + 1
        assert turned == every
        assert pages == max(1, -(-12 // limit))


@pytest.mark.parametrize(
    "settings",
    [
        SearchSettings(windows=1),
        SearchSettings(decrypted=1),
        SearchSettings(characters=1),
        SearchSettings(candidates=2),
        SearchSettings(windows=2, candidates=3, decrypted=2),
    ],
)
async def test_a_search_says_where_it_stopped(
    search: Search, history: History, settings: SearchSettings
) -> None:
    """At any limit it is not complete, its cursor goes on, and in the end all was found once."""
    for n in range(10):
        await say(history, n, "both words" if n == 0 else f"words {n} not both")
    await search.follow()
    every = await search.found('"both words"')
    found: list[int] = []
    stops, cursor = 0, None
    while True:
        page = await search.reader(settings).page(LOG, '"both words"', NONE, 10, cursor, None)
        found += [item.position for item in page.items]
        if page.next is None:
            break
        assert not page.complete
        cursor, stops = page.next, stops + 1
    assert found == every
    assert len(every) == 1
    assert stops


async def test_nothing_of_the_erased_stays(search: Search, history: History, owner: Owner) -> None:
    """In full windows as in the newest: no posting is left of them, and all of the others."""
    for n in range(9):
        await history.play(Action("start", visitor=n % 3, number=1))
        await history.play(Action("post", visitor=n % 3, number=n))
        await history.play(Action("note", visitor=n % 3))
    await search.follow()
    before = await search.index()
    log = await history.events()
    theirs = {
        event.position
        for event in log
        if event.stream == streams.conversation(history.conversations[VISITORS[1]][0])
    }
    assert {position for positions in before.values() for position in positions} & theirs
    await history.erase(VISITORS[1])
    assert await _found_of(search, theirs) == set()  # the key is gone, the index still has them
    await search.follow()
    after = await search.index()
    assert not {position for positions in after.values() for position in positions} & theirs
    assert after == await naive_index(search, await history.events())
    await search.rebuild()
    assert await search.index() == after
    for table in TABLES:  # no row without content stays either
        column = "postings" if table == POSTING.name else "messages"
        assert not await owner.fetchval(f"SELECT count(*) FROM rm.{table} WHERE {column} = ''")


async def _found_of(search: Search, positions: set[int]) -> set[int]:
    return positions & set(await search.found(SENTINEL))


async def test_everybody_erased_leaves_nothing(
    search: Search, history: History, owner: Owner
) -> None:
    """Not a row, and the next message is indexed as ever."""
    for n in range(12):
        await history.play(Action("start", visitor=n % 3, number=1))
        await history.play(Action("post", visitor=n % 3, number=n))
        await search.follow()
    for visitor in VISITORS:
        await history.erase(visitor)
    await search.follow()
    for table in TABLES:
        assert await owner.fetchval(f"SELECT count(*) FROM rm.{table}") == 0
    await say(history, 1, "a word")
    await search.follow()
    assert len(await search.found("word")) == 1


async def test_the_tables_hold_no_words(search: Search, history: History, owner: Owner) -> None:
    """Dumped, they hold neither a word nor a digest that another tenant's key would give."""
    for action in random_actions(5, 60):
        await history.play(action)
    await say(history, 1, f"{SENTINEL} {SENTINEL.lower()} 退款退款")
    await search.follow()
    for table in TABLES:
        rows = await owner.fetch(f"SELECT * FROM rm.{table}")
        assert rows
        for row in rows:
            dump = b"".join(value for value in row.values() if isinstance(value, bytes))
            for word in (SENTINEL, SENTINEL.lower(), "said", "退款"):
                assert word.encode() not in dump
    other = UUID(int=77)
    await search.store.create_log(other, "other")
    assert set(await blind(search.cipher, LOG, ["said"])).isdisjoint(
        await blind(search.cipher, other, ["said"])
    )


async def test_tenants_are_apart(search: Search, history: History) -> None:
    """Another tenant's search finds nothing, and its transactions see no row."""
    await say(history, 1, "a word")
    for _ in range(20):
        await say(history, 1, "another word")
    await search.follow()
    other = UUID(int=77)
    await search.store.create_log(other, "other")
    page = await search.reader().page(other, "word", NONE, 10, None, None)
    assert (page.as_of, page.items) == (0, [])
    async with search.models.reading(other) as transaction:
        for table in TABLES:
            assert not await transaction.fetch(f"SELECT 1 FROM {table}")
    async with search.models.reading(LOG) as transaction:
        for table in TABLES:
            assert await transaction.fetch(f"SELECT 1 FROM {table}")


async def test_an_answer_reflects_one_position(search: Search, history: History) -> None:
    """What the session views do not have yet is not found, and ``as_of`` says so."""
    await say(history, 1, "a word")
    await search.follow()
    head = (await history.events())[-1].position
    await say(history, 2, "a word")
    await search.engine.follow(LOG, lambda _: None)  # the session views do not
    page = await search.page("word")
    assert (page.as_of, len(page.items)) == (head, 1)
    await search.follow()
    page = await search.page("word")
    assert (page.as_of, len(page.items)) == ((await history.events())[-1].position, 2)


async def test_found_while_windows_turn(
    search: Search, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Searched all the while the log grows and windows are turned round: no hit is ever missed.

    The list of the newest window is read message by message here.
    """
    monkeypatch.setattr(projection, "ROW_BYTES", 1)
    monkeypatch.setattr(walk, "RECENT_BYTES", 1)
    done = False

    async def write() -> None:
        nonlocal done
        for n in range(40):
            await say(history, n, f"word {n}")
            await search.follow()
        done = True

    async def look() -> int:
        looks = 0
        while not done:
            page = await search.page("word")
            log = await history.events()
            assert [item.position for item in page.items] == [
                p for p in naive(log, "word") if p <= page.as_of
            ]
            looks += 1
        return looks

    _, looks = await asyncio.gather(write(), look())
    assert looks > 10
    assert all(a > b for a, b in pairwise(await search.found("word")))


async def test_a_list_is_read_in_slices(
    search: Search, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the rows are: a look has no more of them than it may, and all looks have all."""
    for n in range(6):
        await say(history, n, f"word {n}")
    await search.follow()
    every = await search.found("word")
    looks = 0
    look = Walk.look

    async def counted(walked: Walk) -> list[int]:
        nonlocal looks
        looks += 1
        return await look(walked)

    monkeypatch.setattr(Walk, "look", counted)
    assert await search.found("word") == every
    few = looks
    monkeypatch.setattr(projection, "ROW_BYTES", 1)
    await search.rebuild()
    monkeypatch.setattr(walk, "RECENT_BYTES", 1)
    assert await search.found("word") == every
    assert looks > 2 * few + 1


async def test_what_went_back_is_not_gone_on_with(
    search: Search, history: History, owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where an older generation takes over between two looks, the search is to be done again."""
    for n in range(12):
        await say(history, n, f"word {n}")
    await search.follow()
    found = Walk._found

    async def then_back(*arguments: Any) -> set[int]:
        await owner.execute("UPDATE es.checkpoint SET position = 2")
        return await found(*arguments)

    monkeypatch.setattr(walk, "FIRST_WINDOWS", 1)
    monkeypatch.setattr(Walk, "_found", then_back)
    with pytest.raises(Refused) as refused:
        await search.page("word")
    assert refused.value.code == "not_caught_up"


async def test_hits_that_are_not_shown_do_not_count(
    search: Search, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that is short because views are built anew does not say that it is complete."""
    for n in range(3):
        await say(history, n, f"word {n}")
    await search.follow()

    async def nobodies(*_: Any) -> dict[str, Any]:
        return {}

    monkeypatch.setattr(SessionsAmong, "visitors", nobodies)
    page = await search.page("word", limit=2)
    assert (page.items, page.next is None, page.complete) == ([], False, False)


async def test_others_have_their_turn(
    search: Search, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Long work pauses between windows and between texts; and few searches go on at a time."""
    for n in range(6):
        await say(history, n, f"word {n}")
    await search.follow()
    monkeypatch.setattr(pauses, "WORK_S", -1.0)
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(search.views.clock, "sleep", sleep)
    assert len(await search.found("word")) == 6
    assert len(slept) > 6
    monkeypatch.setattr(reader, "AT_ONCE", 1)
    one, running = search.reader(), 0
    look = Walk.look

    async def alone(walked: Walk) -> list[int]:
        nonlocal running
        running += 1
        assert running == 1
        found = await look(walked)
        running -= 1
        return found

    monkeypatch.setattr(Walk, "look", alone)
    pages = [one.page(LOG, "word", NONE, 10, None, None) for _ in range(3)]
    assert {len(page.items) for page in await asyncio.gather(*pages)} == {6}


@pytest.mark.parametrize(
    ("q", "filters", "cursor"),
    [
        ("!", NONE, None),
        ("word", Filters(department="a\0b"), None),
        ("word", Filters(tag="\0"), None),
        ("word", NONE, "nonsense"),
        ("word", NONE, "kQE"),
        ("word", NONE, ""),
    ],
)
async def test_what_cannot_be_searched(
    search: Search, history: History, q: str, filters: Filters, cursor: str | None
) -> None:
    """It is refused as a bad request."""
    if cursor == "kQE":  # [1]: one of ours
        assert (await search.page(q, filters, cursor=cursor)).items == []
        return
    with pytest.raises(Refused) as refused:
        await search.page(q, filters, cursor=cursor)
    assert refused.value.code == "bad_request"
