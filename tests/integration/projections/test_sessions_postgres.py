"""Session views on PostgreSQL: the laws, the lists, the walls between tenants, nothing in clear."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from random import Random
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from msgspec import Struct

from adapters.postgres.readmodels import PostgresTransaction
from domain import streams
from domain.access import Rights
from domain.conversation.commands import Start
from domain.conversation.events import Body
from domain.envelope import Access, Actor
from domain.errors import Refused
from domain.ports import Transaction
from projections.agents.projection import AgentViewsProjection
from projections.audit.projection import AuditProjection
from projections.ports import NOTHING, Checkpoint, Projecting, ReadModels
from projections.projection import create_tables
from projections.sessions import reader
from projections.sessions.items import SessionItem
from projections.sessions.items import item as item_of
from projections.sessions.projection import SessionViewsProjection
from projections.sessions.reader import SessionReader
from projections.sessions.rows import Sessions
from projections.visitors.projection import VisitorViewsProjection
from tests.doubles.appends import uuid
from tests.fixtures.postgres import Owner
from tests.integration.projections.conftest import OpenViews, Views
from tests.unit.projections.histories import (
    AGENTS,
    KINDS,
    LATER_KINDS,
    LOG,
    SENTINEL,
    TAGS,
    VISITORS,
    Action,
    History,
)
from tests.unit.projections.test_laws import fold_sessions


class Filters(Struct, frozen=True):
    """Filters as a request has them."""

    status: str | None = None
    assignee: str | None = None
    department: str | None = None
    tag: str | None = None
    q: str | None = None
    visitor: str | None = None
    waiting: bool | None = None
    missed: bool | None = None


ALL = Filters()
OF_VIEWS = (
    SessionViewsProjection,
    AgentViewsProjection,
    VisitorViewsProjection,
    AuditProjection,
)
OF_NO_TENANT = ("rm.projection", "rm.build", "rm.model")
"""What is known of the projections themselves; a tenant's rows are in none of them."""
RM_TABLES = (*(f"rm.{name}" for each in OF_VIEWS for name in each.owned), "rm.parked")


def random_actions(seed: int, count: int = 60) -> list[Action]:
    """A history by its seed."""
    random = Random(seed)
    drawn = [
        Action(
            random.choice((*KINDS, *LATER_KINDS)),
            random.randrange(3),
            random.randrange(2),
            random.randrange(5),
        )
        for _ in range(count)
    ]
    # One erasure, late, so that there is something left to look at.
    kept = [action for action in drawn if action.kind != "erase"]
    kept.insert(count * 2 // 3, Action("erase", random.randrange(3)))
    return kept


async def everything(views: Views, filters: Filters = ALL, **fields: Any) -> list[SessionItem]:
    """A whole list in one page."""
    rights = fields.get("rights")
    page = await views.sessions.page(LOG, filters, 200, None, rights)
    assert page.next is None
    return page.items


def shown(sessions: Sessions, items: Sequence[SessionItem]) -> None:
    """Compare items with the rows that the pure fold says there are."""
    assert {item.id for item in items} == set(sessions.rows)
    for item in items:
        row = sessions.rows[item.id]
        assert item == item_of(row)


@pytest.mark.parametrize("seed", range(5))
async def test_the_tables_say_what_the_fold_says(views: Views, history: History, seed: int) -> None:
    """Followed live in pages, over encryption and SQL, and rebuilt: what pure evolve gives."""
    for action in random_actions(seed):
        await history.play(action)
        if action.number == 0:
            await views.follow()
    await views.follow()
    events = await history.events()
    expected = fold_sessions(Sessions(), events)
    assert expected.rows
    shown(expected, await everything(views))
    for there in (True, False):
        waiting = {row.id for row in expected.rows.values() if bool(row.queued_at) is there}
        missed = {row.id for row in expected.rows.values() if bool(row.missed) is there}
        assert {item.id for item in await everything(views, Filters(waiting=there))} == waiting
        assert {item.id for item in await everything(views, Filters(missed=there))} == missed
    await views.rebuild()
    shown(expected, await everything(views))


async def test_who_an_erased_visitor_was_leaves_no_row(
    views: Views, history: History, owner: Owner
) -> None:
    """Folded when its key is gone already: what a rebuild does not find is not there before it."""
    for kind in ("identify", "start"):
        await history.play(Action(kind))
    await views.follow()
    count = "SELECT count(*) FROM rm.session_user_2"
    assert await owner.fetchval(count) == 1
    await history.play(Action("erase"))
    await views.follow()
    assert await owner.fetchval(count) == 0


async def test_as_of_is_the_head_that_the_rows_reflect(views: Views, history: History) -> None:
    """Before the first fold: position 0 and the mark of an empty log; then the head's."""
    page = await views.sessions.page(LOG, ALL, 50, None, None)
    assert (page.as_of, page.items, len(page.mark)) == (0, [], 16)
    await history.play(Action("start", number=1))
    await views.follow()
    (head,) = await history.store.heads([LOG])
    page = await views.sessions.page(LOG, ALL, 50, None, None)
    assert (page.as_of, page.mark) == (head.position, head.hash[:8].hex())
    one = await views.sessions.one(LOG, page.items[0].id)
    assert one is not None
    assert (one.as_of, one.mark, one.items) == (page.as_of, page.mark, page.items)
    assert await views.sessions.one(LOG, "nowhere") is None


class Restless:
    """Read models in which the log grows, and is folded, before every single query of a reader."""

    def __init__(self, views: Views, history: History) -> None:
        self.views = views
        self.history = history
        self.checkpoint = views.database.read_models.checkpoint
        self.checkpoints = views.database.read_models.checkpoints
        self.projecting = views.database.read_models.projecting

    @asynccontextmanager
    async def reading(self, log: UUID) -> AsyncIterator[Transaction]:
        async with self.views.database.read_models.reading(log) as transaction:
            fetch = transaction.fetch

            async def growing(sql: str, *arguments: object) -> Any:
                await _say_something(self.history, 0)
                await self.views.follow()
                return await fetch(sql, *arguments)

            transaction.fetch = growing  # type: ignore[method-assign]  # only in this transaction
            yield transaction


async def test_as_of_is_of_the_rows_own_moment(views: Views, history: History) -> None:
    """However fast the projector is, a page shows exactly what the log was at its ``as_of``."""
    await _fresh_conversation(history, 0)
    sessions = SessionReader(Restless(views, history), views.database.cipher, views.clock)
    page = await sessions.page(LOG, ALL, 50, None, None)
    events = await history.events()
    assert page.as_of == events[-1].position
    shown(fold_sessions(Sessions(), events[: page.as_of]), page.items)
    one = await sessions.one(LOG, page.items[0].id)
    assert one is not None
    assert one.as_of > page.as_of
    events = await history.events()
    shown(fold_sessions(Sessions(), events[: one.as_of]), one.items)


async def test_a_list_that_is_tailed_has_no_hole(views: Views, history: History) -> None:
    """Turned while others write, then tailed from the first page's ``as_of``: nothing is missed.

    What no event behind ``as_of`` (less those that an item's version covers) speaks of is as a
    fresh list has it.
    """
    for n in range(12):
        await _fresh_conversation(history, n)
    await views.follow()
    items: dict[str, SessionItem] = {}
    cursor, first = None, None
    while first is None or cursor is not None:
        page = await views.sessions.page(LOG, ALL, 3, cursor, None)
        first = first or page
        items.update({item.id: item for item in page.items})
        cursor = page.next
        if len(items) < 11:
            # The oldest, which the last page would have shown, comes to the front.
            await _say_something(history, 0)
            await _say_something(history, len(items))
            await views.follow()
    await _say_something(history, 5)
    await views.follow()
    tail = [
        event
        for event in await history.events(first.as_of)
        if event.version > items[event.stream.removeprefix("conversation-")].version
    ]
    fresh = {item.id: item for item in await everything(views)}
    assert set(items) == set(fresh)
    late = {event.stream.removeprefix("conversation-") for event in tail}
    assert {name for name, item in items.items() if item != fresh[name]} == late
    for event in tail:
        assert fresh[event.stream.removeprefix("conversation-")].version >= event.version


async def _fresh_conversation(history: History, n: int) -> None:
    """A conversation of its own visitor."""
    visitor = str(uuid(500 + n))
    VISITOR_OF[n] = visitor
    await _visitor_says(history, visitor, f"first {n}")


VISITOR_OF: dict[int, str] = {}


async def _say_something(history: History, n: int) -> None:
    await _visitor_says(history, VISITOR_OF[n], "more")


async def _visitor_says(history: History, visitor: str, text: str) -> None:
    ack = await history.ask(Actor("visitor", visitor), Start(history.id(), Body(text)))
    assert ack is not None


async def test_pages_without_writers_show_everything_once(views: Views, history: History) -> None:
    """Turned page by page: every conversation once, the last active first."""
    for n in range(7):
        await _fresh_conversation(history, n)
    await views.follow()
    items: list[SessionItem] = []
    cursor = None
    for _ in range(3):
        page = await views.sessions.page(LOG, ALL, 3, cursor, None)
        items += page.items
        cursor = page.next
    assert cursor is None
    assert items == await everything(views)
    assert [item.last_at for item in items] == sorted((i.last_at for i in items), reverse=True)


@pytest.fixture
async def busy(views: Views, history: History) -> History:
    """A tenant with a long random past, folded; nobody erased."""
    for seed in (11, 12):
        for action in random_actions(seed, 120):
            if action.kind != "erase":
                await history.play(action)
    await views.follow()
    return history


async def test_filters(views: Views, busy: History) -> None:
    """Each filter gives exactly the items that it describes; together they narrow."""
    items = await everything(views)
    filters = [
        *(Filters(status=status) for status in ("open", "closed", "erased")),
        *(Filters(assignee=agent) for agent in AGENTS),
        *(Filters(department=department) for department in ("sales", "support")),
        *(Filters(tag=tag) for tag in (*TAGS, "no such tag")),
        *(Filters(visitor=visitor) for visitor in VISITORS),
        Filters(assignee="none"),
        Filters(status="open", department="sales"),
        Filters(status="closed", tag=TAGS[0]),
    ]
    found = 0
    for wanted in filters:
        got = await everything(views, wanted)
        assert got == [item for item in items if _fits(item, wanted)], wanted
        found += len(got)
    assert found


def _fits(item: SessionItem, wanted: Filters) -> bool:
    served = item.assignee or "none"
    return (
        wanted.status in {None, item.status}
        and wanted.assignee in {None, served}
        and wanted.department in {None, item.department}
        and wanted.visitor in {None, item.visitor}
        and (wanted.tag is None or wanted.tag in item.tags)
    )


async def test_searching(views: Views, busy: History) -> None:
    """A part of name, tag or last message in any case finds its conversation, and nothing else."""
    items = await everything(views)
    for q in (SENTINEL.upper(), "STRASSE", "visitor", "said 2", "said 99"):
        got = await everything(views, Filters(q=q))
        expected = [item for item in items if q.casefold() in _haystack(item)]
        assert got == expected, q


def _haystack(item: SessionItem) -> str:
    texts = [item.visitor_name or "", item.last.text if item.last else "", *item.tags]
    return "\n".join(texts).casefold()


async def test_a_search_says_where_it_stopped(
    views: Views, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At its limit of rows a search is not complete, and its cursor goes on with the rest."""
    monkeypatch.setattr(reader, "SEARCHED_ROWS", 4)
    for n in range(10):
        await _fresh_conversation(history, n)
    await views.follow()
    found, cursor, complete = [], None, []
    while True:
        page = await views.sessions.page(LOG, Filters(q="first 0"), 50, cursor, None)
        found += page.items
        complete.append(page.complete)
        cursor = page.next
        if cursor is None:
            break
    assert [item.last and item.last.text for item in found] == ["first 0"]
    assert complete == [False, False, True]


async def test_limited_agents_see_what_the_rule_says(views: Views, busy: History) -> None:
    """SQL and ``Rights.may_read`` agree, for every kind of rights."""
    items = await everything(views)
    for rights in (
        Rights("admin", AGENTS[0]),
        Rights("agent", AGENTS[0]),
        Rights("limited", AGENTS[0]),
        Rights("limited", AGENTS[1], frozenset({"sales"})),
        Rights("limited", "nobody", frozenset({"sales", "support"})),
        Rights("limited", "nobody"),
        Rights("unheard-of", "nobody"),
    ):
        got = await everything(views, rights=rights)
        readable = [i for i in items if rights.may_read(Access(i.department, i.assignee))]
        assert got == readable, rights


@pytest.mark.parametrize("text", ["", "x", "////", "AAAA", "kcDAoMA", "é"])
async def test_a_cursor_that_is_none_is_refused(views: Views, history: History, text: str) -> None:
    """Whatever comes as a cursor is ours, or a bad request."""
    with pytest.raises(Refused) as refused:
        await views.sessions.page(LOG, ALL, 50, text, None)
    assert refused.value.code == "bad_request"


async def test_waiting_for_a_position(views: Views, history: History) -> None:
    """A read of one's own write waits until it is there, or says that it is not."""
    await history.play(Action("start", number=1))
    (head,) = await history.store.heads([LOG])
    assert await views.sessions.wait_for(LOG, head.position, 0.05) is False
    waiting = asyncio.create_task(views.sessions.wait_for(LOG, head.position, 30.0))
    await views.follow()
    assert await waiting


async def test_an_erased_visitor_is_shown_erased_at_once(views: Views, history: History) -> None:
    """From the moment that the key is gone the view shows nothing, folded or not."""
    for kind in ("identify", "start", "post", "tag"):
        await history.play(Action(kind, number=3))
    await views.follow()
    (item,) = await everything(views)
    assert item.visitor_name is not None
    await history.erase(VISITORS[0])
    (item,) = await everything(views)
    assert (item.status, item.visitor_name, item.last, item.tags) == ("erased", None, None, ())
    await views.follow()
    (folded,) = await everything(views)
    assert (folded.status, folded.visitor_name, folded.tags) == ("erased", None, ())
    assert await everything(views, Filters(tag=TAGS[0])) == []


async def test_a_damaged_label_harms_no_other(views: Views, history: History, owner: Owner) -> None:
    """One label that does not open is shown erased; a rebuild mends it."""
    for visitor in (0, 1):
        await history.play(Action("start", visitor, number=1))
    await views.follow()
    whole = await everything(views)
    await owner.execute(
        "UPDATE rm.session_2 SET label = '\\x0102030405060708090a' WHERE id = $1", whole[0].id
    )
    damaged, other = await everything(views)
    assert (damaged.last, damaged.status) == (None, "erased")
    assert other == whole[1]
    await views.rebuild()
    assert await everything(views) == whole


async def test_nothing_that_a_person_wrote_stands_in_clear(
    views: Views, busy: History, owner: Owner
) -> None:
    """No row of any read model holds a text, a name, a tag or an address of the history."""
    words = SENTINEL.lower().encode()
    for table in RM_TABLES:
        rows = await owner.fetch(f"SELECT t::text AS line, t.* FROM {table} AS t")
        assert rows or table == "rm.parked"
        for row in rows:
            assert words not in row["line"].lower().encode()
            for value in row.values():
                assert not (isinstance(value, bytes) and words in value.lower())
                assert "straße" not in str(value).lower()


async def test_every_table_is_behind_row_level_security(
    views: Views, busy: History, owner: Owner
) -> None:
    """Each of rm with a tenant: secured, no role's own, empty for another tenant and none."""
    tables = await owner.fetch(
        "SELECT c.oid::regclass::text AS name, c.relrowsecurity AS secured, r.rolname AS owner"
        " FROM pg_class AS c JOIN pg_roles AS r ON r.oid = c.relowner"
        " WHERE c.relnamespace = 'rm'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')"
        " AND c.oid::regclass::text <> ALL ($1::text[])",
        OF_NO_TENANT,
    )
    assert {row["name"] for row in tables} == {*RM_TABLES, "rm.erasure", "rm.trouble"}
    await owner.execute(
        "INSERT INTO rm.parked VALUES ('sessions.2', $1, 1, NULL, 'ValueError', now())", LOG
    )
    await owner.execute(
        "INSERT INTO rm.trouble VALUES ('sessions.2', $1, 'failing', 'ValueError', now())", LOG
    )
    await owner.execute("INSERT INTO rm.erasure VALUES ('sessions.2+old', $1, 1)", LOG)
    for row in tables:
        assert row["secured"]
        assert row["owner"] not in {"parley_node", "parley_projector"}
        name = row["name"]
        assert await owner.fetchval(f"SELECT count(*) FROM {name}")
        assert await _seen(views, name, LOG) == await owner.fetchval(f"SELECT count(*) FROM {name}")
        assert await _seen(views, name, uuid(2)) == 0
        async with owner.transaction():
            await owner.execute("SET LOCAL ROLE parley_node")
            assert await owner.fetchval(f"SELECT count(*) FROM {name}") == 0


async def _seen(views: Views, table: str, log: UUID) -> object:
    async with views.database.read_models.reading(log) as transaction:
        (row,) = await transaction.fetch(f"SELECT count(*) AS n FROM {table}")
    return row["n"]


@pytest.mark.parametrize("verb", ["DELETE FROM {0}", "UPDATE {0} SET tenant = tenant"])
async def test_a_node_only_reads(views: Views, busy: History, owner: Owner, verb: str) -> None:
    """The role that serves requests has no right to change any read model."""
    for table in RM_TABLES:
        await owner.execute("SET ROLE parley_node")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await owner.execute(verb.format(table))
        await owner.execute("RESET ROLE")


async def test_tables_may_be_made_again(views: Views, busy: History, owner: Owner) -> None:
    """Every start makes what is missing and touches nothing that is there."""
    before = await everything(views)
    async with owner.transaction():
        await create_tables(PostgresTransaction(owner), views.projections)
    assert await everything(views) == before


class Mortal:
    """Read models that cancel the task at the n-th step on the way to, in or from them."""

    def __init__(self, real: ReadModels, at: int) -> None:
        self.real = real
        self.left = at

    async def checkpoints(self, projection: str) -> dict[UUID, Checkpoint]:
        return await self.real.checkpoints(projection)

    async def checkpoint(self, projection: str, log: UUID) -> Checkpoint:
        await self.step()
        return await self.real.checkpoint(projection, log)

    @asynccontextmanager
    async def projecting(self, log: UUID) -> AsyncIterator[Projecting]:
        await self.step()
        async with self.real.projecting(log) as transaction:
            yield _Mortal(self, transaction)
            await self.step()
        await self.step()

    @asynccontextmanager
    async def reading(self, log: UUID) -> AsyncIterator[Transaction]:
        await self.step()
        async with self.real.reading(log) as transaction:
            yield transaction

    async def step(self) -> None:
        """One more step, perhaps the last."""
        self.left -= 1
        if self.left == 0:
            task = asyncio.current_task()
            assert task is not None
            task.cancel()
        await asyncio.sleep(0)


class _Mortal:
    """A transaction each of whose statements may be the last."""

    def __init__(self, life: Mortal, real: Projecting) -> None:
        self._life = life
        self._real = real

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._real, name)

        async def step(*arguments: object) -> object:
            await self._life.step()
            return await method(*arguments)

        return step


async def test_killed_at_any_step_it_counts_nothing_twice(views: Views, history: History) -> None:
    """Killed at each step in turn, with another to go on from there: what the fold says."""
    for action in random_actions(3, 60):
        await history.play(action)
    expected = fold_sessions(Sessions(), await history.events())

    async def check() -> None:
        shown(expected, await everything(views))

    assert await deaths(views, "sessions", check) > 30


async def deaths(views: Views, name: str, check: Callable[[], Awaitable[None]]) -> int:
    """Let a projection die at each step in turn, another go on, and check; how often it died."""
    views.engines = [each for each in views.engines if each.projection.name == name]
    at, alive = 0, True
    while alive:
        at += 1
        mortal = Mortal(views.database.read_models, at)
        life = Views(views.database, mortal)
        life.engines = [each for each in life.engines if each.projection.name == name]
        work = asyncio.create_task(life.follow())
        await asyncio.gather(work, return_exceptions=True)
        alive = mortal.left <= 0
        await views.follow()
        await check()
        await views.forget()
    return at


async def test_two_projectors_at_once(open_views: OpenViews, history: History) -> None:
    """Two nodes project the same log at the same time: fenced, and right."""
    for action in random_actions(4, 80):
        await history.play(action)
    one, two = open_views(), open_views()
    await asyncio.gather(one.follow(), two.follow())
    shown(fold_sessions(Sessions(), await history.events()), await everything(one))


async def test_a_rebuild_is_of_one_tenant(views: Views, history: History) -> None:
    """Whoever projects is held by no row-level security: what is thrown away is that log's own."""
    await history.play(Action("start", number=1))
    await views.follow()
    kept = await everything(views)
    await views.database.store.create_log(uuid(2), "second")
    for engine in views.engines:
        await engine.rebuild(uuid(2), NOTHING)
    assert len(kept) == 1
    assert await everything(views) == kept


async def test_the_same_tenant_twice_is_two_tenants(views: Views, history: History) -> None:
    """Another log's views are its own, though ids and names are the same."""
    await history.play(Action("start", number=1))
    await views.database.store.create_log(uuid(2), "second")
    await views.follow()
    page = await views.sessions.page(uuid(2), ALL, 50, None, None)
    assert (page.as_of, page.items) == (0, [])
    assert streams.visitor(VISITORS[0])
