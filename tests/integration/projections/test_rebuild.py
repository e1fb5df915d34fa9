"""Rebuilds on PostgreSQL: switched beside readers who see nothing of it, undone, and resumed."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from types import SimpleNamespace
from typing import Any
from unittest.mock import AsyncMock
from uuid import UUID

import pytest
from click.testing import CliRunner

from adapters.postgres import generations
from adapters.postgres.builds import Builds
from adapters.postgres.failures import LockTaken
from adapters.postgres.readmodels import PostgresTransaction
from domain.errors import StoreUnavailable, UnknownEvent
from ops.commands.projection import projection
from ops.commands.projection_list import lines_of
from ops.errors import CannotRun
from ops.rebuilding import rebuild
from ops.rebuilding.parts import Building, Considerate, building_of
from ops.rebuilding.progress import Progress
from projections.building import BuildSettings
from projections.generations import NEXT, OLD, Model, Remaking, model_of
from projections.projection import create_tables
from tests.doubles.clock import ManualClock
from tests.fixtures.postgres import Owner, owner_of
from tests.integration.projections.operated import Filters, Product
from tests.unit.projections.histories import LOG, Action, History


async def test_rebuilt_is_what_lived(product: Product, busy: History) -> None:
    """Every projection, by workers, in one pass; what was followed live is what is built anew."""
    product.choose(workers=2)
    await product.follow()
    before = await product.rows()
    seen: list[int] = []
    await product.rebuild().run(lambda progress: seen.append(progress.done))
    assert await product.rows() == before
    assert seen[-1] == before["as_of"]
    await busy.play(Action("post", visitor=2))
    await product.follow()
    after = await product.rows()
    assert after["as_of"] > before["as_of"]
    views = "SELECT count(*) FROM analytics.conversations"
    assert await product.owner.fetchval(views) == len(after["fact_2"])


async def test_nothing_is_built_where_nothing_was_followed_yet(
    product: Product, busy: History
) -> None:
    """A new projection is built to the head before anybody follows it; one with effects is not.

    That one has nothing to do then, so it is done, and is not waited for.
    """
    seen: list[Progress] = []
    await product.rebuild().run(seen.append)
    assert seen[-1].done == seen[-1].total > 0
    rows = await product.rows()
    assert rows["as_of"] == (await busy.events())[-1].position
    assert rows["webhook_1"] == []
    await product.follow()
    after = await product.rows()
    assert {**after, "webhook_1": []} == rows
    assert after["webhook_1"]


async def test_a_rebuild_sends_nothing(product: Product, busy: History) -> None:
    """What is due to webhooks, and up to where they were told, is as it was."""
    await product.follow()
    before = await _work(product)
    assert before[0]
    await busy.play(Action("post", number=1))
    await product.rebuild().run()
    assert await _work(product) == before
    await product.follow()
    assert len((await _work(product))[0]) == len(before[0]) + 1


async def _work(product: Product) -> tuple[list[object], list[object]]:
    due = await product.owner.fetch("SELECT * FROM work.webhook_delivery ORDER BY position")
    followed = await product.owner.fetch("SELECT * FROM work.webhook_followed")
    return [*map(tuple, due)], [*map(tuple, followed)]


async def test_readers_and_projectors_go_on_through_a_switch(
    product: Product, busy: History
) -> None:
    """Chats go on, views are read all the time: no error, and no position that goes back."""
    await product.follow()

    async def chat() -> None:
        for number in range(12):
            await busy.play(Action("post", number=number % 3))
            with contextlib.suppress(LockTaken):  # the projector tries again, a moment later
                await product.follow()

    async def read() -> None:
        position = 0
        while not switched.is_set():
            page = await product.sessions.page(LOG, Filters(), 50, None, None)
            assert page.as_of >= position
            assert len(page.items) == 3
            position = page.as_of

    switched = asyncio.Event()
    readers = [asyncio.create_task(read()) for _ in range(3)]
    chatting = asyncio.create_task(chat())
    for _ in range(4):
        await product.rebuild("sessions", "agents").run()
    await chatting
    switched.set()
    await asyncio.gather(*readers)
    await product.follow()
    after = await product.rows()
    assert after["as_of"] == (await busy.events())[-1].position
    await product.rebuild().run()
    assert await product.rows() == after


async def test_a_switch_waits_for_an_analyst_and_keeps_nobody_waiting(
    product: Product, busy: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long query on the tables: the switch comes after it, and readers come between.

    One that waited for a lock for 250 ms would be told that the store is away.
    """
    await product.follow()
    attempts, switch = 0, generations.switch

    async def counted(*parts: Any) -> None:
        nonlocal attempts
        attempts += 1
        if attempts == 1:
            raise LockTaken("a projector was at it")
        await switch(*parts)

    told, tell = 0, Builds.tell

    async def failing_first(*parts: Any) -> None:
        nonlocal told
        told += 1
        if told == 1:
            raise StoreUnavailable("away for a moment")
        await tell(*parts)

    monkeypatch.setattr(generations, "switch", counted)
    monkeypatch.setattr(Builds, "tell", failing_first)
    monkeypatch.setattr(rebuild, "LOOK_S", 0.01)
    async with _analyst(product) as done:
        rebuilding = asyncio.create_task(product.rebuild("sessions").run())
        while attempts < 4:
            await product.sessions.page(LOG, Filters(), 50, None, None)
        twice = told + 2
        while told < twice:  # it is not taken for one that was cut off
            await product.sessions.page(LOG, Filters(), 50, None, None)
        assert not rebuilding.done()
        assert await _generations(product) == 0
        await done()
    await rebuilding
    assert await _generations(product) == 1
    assert busy.erased


async def test_a_switch_that_cannot_be_had_is_left_to_the_next_command(
    product: Product, busy: History
) -> None:
    """After its time a sentence; what is built stays, and only the switch is done next time."""
    await product.follow()
    before = await product.rows()
    product.choose(switch_s=0.3)
    async with _analyst(product):
        with pytest.raises(CannotRun, match="only the switch is left"):
            await product.rebuild("sessions").run()
    await product.owner.execute("UPDATE rm_next.session_2 SET department = 'built before'")
    product.choose(switch_s=10.0)
    await product.rebuild("sessions").run()
    assert {row.department for row in (await product.rows())["shown"]} == {"built before"}
    await product.rebuild("sessions").undo()
    assert await product.rows() == before
    assert busy.erased


async def test_those_that_are_switched_are_not_named_again(product: Product, busy: History) -> None:
    """The next command is of the rest: to build the others anew would lose what they were."""
    await product.follow()
    product.choose(switch_s=0.2)
    async with _analyst(product, "agent_4"):
        with pytest.raises(CannotRun, match="`parley projection rebuild agents`, and only"):
            await product.rebuild("sessions", "agents").run()
    await product.rebuild("agents").run()
    product.choose(switch_s=0.2)
    async with _analyst(product, "agent_4"):
        with pytest.raises(CannotRun, match="`parley projection rebuild agents --undo`"):
            await product.rebuild("sessions", "agents").undo()
    assert busy.erased


async def test_a_log_is_built_to_where_it_was_and_asked_for_once(
    product: Product, busy: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the live checkpoints are held, only logs that are behind them are begun."""
    await product.follow()
    build, built = Building.build, list[tuple[UUID, int]]()

    async def noted(self: Building, log: UUID, upto: int, *rest: Any) -> None:
        built.append((log, upto))
        await build(self, log, upto, *rest)

    monkeypatch.setattr(Building, "build", noted)
    await product.rebuild("sessions").run()
    assert built == [(LOG, (await busy.events())[-1].position)]


async def test_views_over_other_tables_are_left_alone(product: Product, busy: History) -> None:
    """Whoever reads them is in nobody's way."""
    of_view = "SELECT 'analytics.conversations'::regclass::oid"
    await product.rebuild("analytics").run()
    made = await product.owner.fetchval(of_view)
    await product.rebuild("sessions").run()
    assert await product.owner.fetchval(of_view) == made
    await product.rebuild("analytics").run()
    assert await product.owner.fetchval(of_view) != made
    assert busy.erased


class _Connection:
    """Hears what is said."""

    def __init__(self) -> None:
        self.said = ""

    async def execute(self, sql: str) -> None:
        self.said += sql

    async def fetch(self, *_: object) -> list[Any]:
        return []

    def is_in_transaction(self) -> bool:
        return False


async def test_locks_of_views_are_within_the_budget() -> None:
    """Two tables and six views have 10 ms each of 80 together: 20 are the tables'."""
    connection: Any = _Connection()

    async def caught_up(_: object) -> None:
        pass

    remade = Remaking(("MAKE THEM",), 6)
    model = Model("x.1", ("a_1", "b_1"))
    await generations.switch(connection, model, NEXT, caught_up, remade, 80)
    assert ", 20)\n;\nMAKE THEM\n;\nCOMMIT" in connection.said


async def test_a_pace_asks_for_the_row_of_the_log_that_is_folded() -> None:
    """A query that finds none tells nothing of how slow the database is."""
    asked: list[object] = []
    store: Any = SimpleNamespace(heads=AsyncMock(side_effect=asked.append))
    clock = ManualClock()
    resting = asyncio.create_task(Considerate(store, clock, BuildSettings(share=0.5)).rest(LOG, 1))
    await clock.advance(0.9)
    assert not asked
    await clock.advance(0.1)
    await resting
    assert asked == [[LOG]]


def test_options_that_would_do_nothing_are_refused() -> None:
    """One tenant's log is folded by one process."""
    command = ["rebuild", "sessions", "--tenant", "demo", "--workers", "2"]
    done = CliRunner().invoke(projection, command)
    assert (done.exit_code, "without --workers" in done.output) == (2, True)


@contextlib.asynccontextmanager
async def _analyst(
    product: Product, table: str = "session_2"
) -> AsyncIterator[Callable[[], Awaitable[object]]]:
    """Somebody who reads a table in a transaction that lasts."""
    async with owner_of(product.core.url) as connection:
        await connection.execute(f"BEGIN; SELECT count(*) FROM rm.{table}")
        yield lambda: connection.execute("COMMIT")


async def _generations(product: Product) -> int:
    found = await product.owner.fetchval("SELECT generations FROM rm.projection")
    return found or 0


async def test_a_rebuild_is_undone_without_going_back(product: Product, busy: History) -> None:
    """The older tables are brought to where the live ones are before they take their place."""
    await product.follow()
    await product.owner.execute("UPDATE rm.session_2 SET department = 'as it was'")
    await product.rebuild("sessions").run()
    await busy.play(Action("page", number=1))
    await product.follow()
    as_of = (await product.rows())["as_of"]
    await product.rebuild("sessions").undo()
    rows = await product.rows()
    assert rows["as_of"] == as_of
    assert {item.department for item in rows["shown"]} == {"as it was"}
    await product.rebuild("sessions").undo()
    assert {item.department for item in (await product.rows())["shown"]} != {"as it was"}


async def test_there_is_nothing_to_undo_at_first(product: Product) -> None:
    """Said in a sentence; and a name that no projection has, too."""
    with pytest.raises(CannotRun, match=r"nothing to go back to: projection sessions\.2"):
        await product.rebuild("sessions").undo()
    with pytest.raises(CannotRun, match="no projection 'sesions'; there are sessions, agents"):
        await product.rebuild("sesions").run()


async def test_one_at_a_time(product: Product, busy: History) -> None:
    """A second command is told who is at it; after a kill of the first it may go on at once."""
    await product.follow()
    async with product.rebuild("sessions")._alone():
        with pytest.raises(CannotRun, match=r"rebuilt already, by process \d+ on"):
            await product.rebuild("sessions", "agents").run()
        await product.rebuild("agents").run()
    await product.rebuild("sessions").run()
    assert busy.erased


async def test_an_event_of_a_newer_program_ends_it(product: Product, busy: History) -> None:
    """The sentence names type and position, wanted or not; nothing is switched."""
    await product.follow()
    before = await product.rows()
    position = (await busy.events())[-1].position
    for change in ("type = 'future.thing'", "type = 'page.viewed', schema_version = 9"):
        await product.owner.execute(
            "ALTER TABLE es.event DISABLE TRIGGER USER;"
            f" UPDATE es.event SET {change} WHERE position = {position};"
            " ALTER TABLE es.event ENABLE TRIGGER USER"
        )
        what = change.split("'")[1]
        with pytest.raises((UnknownEvent, CannotRun), match=f"(?i)position {position} has {what}"):
            await product.rebuild("agents").run()
    assert await product.rows() == before
    assert await _generations(product) == 0


async def test_a_running_projector_drops_rows_of_other_tables(
    product: Product, busy: History
) -> None:
    """What an engine keeps of the tables that were live is not written into those that are."""
    await product.follow()
    await product.rebuild("sessions").run()
    await product.owner.execute("UPDATE rm_old.session_2 SET rating = 1, reads = '{}'")
    await busy.play(Action("post", number=1))
    await product.follow()
    await product.rebuild("sessions").undo()
    await busy.play(Action("post", number=2))
    await product.follow()
    ratings = {item.rating for item in (await product.rows())["shown"]}
    assert ratings == {1, None}


async def test_what_is_beside_can_be_dropped(product: Product, busy: History) -> None:
    """The older generation and an unfinished build go; what is live stays, and says so."""
    await product.follow()
    model = model_of(product.projections[0])
    await product.rebuild("sessions").run()
    live = await product.rows()
    assert await product.operator.drop("sessions") == ["dropped the older generation of sessions.2"]
    assert not await generations.exists(product.owner, model, OLD)
    assert not await generations.exists(product.owner, model, NEXT)
    assert await product.operator.drop("sessions") == []
    with pytest.raises(CannotRun, match=r"sessions\.2 is live"):
        await product.operator.drop("sessions.2")
    assert await product.rows() == live
    assert busy.erased


async def test_what_was_erased_is_nowhere_beside_the_live_tables(
    product: Product, busy: History
) -> None:
    """Neither in the older generation nor in a build that was cut off; one under way is left."""
    names = ("sessions", "search", "analytics")
    forget = product.core.database.controls.forget_erased
    await product.follow()
    await product.rebuild(*names).run()
    rebuild = product.rebuild(*names)
    building = building_of(product.core, product.settings, names, NEXT)
    async with rebuild._alone() as connection:
        await rebuild._make(connection, building, whole=True)
        await building.build(LOG, 20)
    assert await forget() == []  # it could not read what had been erased before
    await busy.play(Action("erase", 0))
    assert await forget() == []  # the live tables have it still
    await product.follow()
    async with rebuild._alone():
        assert await forget() == []
    found = sorted(await forget())
    assert found == sorted(
        f"{name}{which}"
        for name in ("sessions.2", "search.1", "analytics.2")
        for which in ("+next", "+old")
    )
    assert await product.owner.fetch(_BESIDE) == []
    with pytest.raises(CannotRun, match="nothing to go back to"):
        await rebuild.undo()
    before = await product.rows()
    await rebuild.run()
    assert (await product.rows(), await forget()) == (before, [])


_BESIDE = """
SELECT relname FROM pg_class WHERE relnamespace IN ('rm_next'::regnamespace, 'rm_old'::regnamespace)
UNION ALL
SELECT projection FROM es.checkpoint WHERE strpos(projection, '+') > 0
"""
"""What there is of generations that are not live."""


async def test_a_version_that_the_program_has_no_more_is_dropped(
    product: Product, busy: History
) -> None:
    """By its whole name: tables, checkpoints, all that is noted of it. Until then it is listed."""
    assert busy.erased
    await know_model(product.owner, "bygone.3", "bygone_3")
    await product.owner.execute(
        "CREATE TABLE rm.bygone_3 (tenant uuid);"
        f" INSERT INTO es.checkpoint VALUES ('bygone.3', '{LOG}', 1, '')"
    )
    overview = await product.operator.overview()
    states = {each.projection: each.state for each in lines_of(overview)}
    assert (states["bygone"], states["agents"]) == ("elsewhere", "following")
    assert await product.operator.drop("bygone.3") == ["dropped bygone.3"]
    left = await product.owner.fetchval(
        "SELECT to_regclass('rm.bygone_3') IS NOT NULL OR EXISTS ("
        "SELECT FROM es.checkpoint WHERE projection = 'bygone.3')"
    )
    assert not left
    with pytest.raises(CannotRun, match=r"no projection 'bygone\.3'"):
        await product.operator.drop("bygone.3")


async def test_what_older_releases_leave_is_dropped(product: Product, busy: History) -> None:
    """Tables from before anybody noted which there are; those that views were made over last.

    A view of the operator's own is not taken along.
    """
    owner, transaction = product.owner, PostgresTransaction(product.owner)
    await owner.execute("CREATE TABLE rm.agent_1 (id text); CREATE TABLE rm.fact_1 (tenant uuid)")
    async with owner.transaction():
        await create_tables(transaction, product.projections)
    await know_model(owner, "analytics.1", "fact_1")
    await owner.execute(
        "CREATE VIEW analytics.conversations AS SELECT FROM rm.fact_1;"
        " INSERT INTO analytics.made VALUES ('an older release')"
    )
    assert await product.operator.drop("agents.1") == ["dropped agents.1"]
    assert await product.operator.drop("analytics.1") == ["dropped analytics.1"]
    assert await owner.fetchval("SELECT count(status) FROM analytics.conversations") == 0
    await product.follow()
    await product.rebuild("agents").run()
    await owner.execute("CREATE VIEW rm.mine AS SELECT FROM rm_old.agent_4")
    for refused in (product.operator.drop("agents"), product.rebuild("agents").run()):
        with pytest.raises(generations.StoodOn, match="views of somebody's own"):
            await refused
    await owner.execute("DROP VIEW rm.mine")
    await product.rebuild("agents").run()
    assert busy.erased


async def know_model(owner: Owner, identifier: str, table: str) -> None:
    """Note a read model as a release does that makes it."""
    await owner.execute("INSERT INTO rm.model VALUES ($1, $2)", identifier, [table])


async def test_a_version_has_its_own_indexes_beside_those_before(product: Product) -> None:
    """Indexes carry their table's name: one with an older version's would silently not be made."""
    named = await product.owner.fetch(
        "SELECT tablename, indexname FROM pg_indexes WHERE schemaname = 'rm'"
        " AND tablename = ANY ($1)",
        [table for each in product.projections for table in each.owned],
    )
    assert {table for table, _ in named} >= {"fact_2", "session_2", "audit_1"}
    assert [
        each for each in named if not each["indexname"].startswith(each["tablename"] + "_")
    ] == []


async def test_no_statistics_name_a_tenant(product: Product) -> None:
    """By those a tenant that is new would have one row in each: see ``es.plan_alike``."""
    await product.rebuild().run()
    targets = await product.owner.fetch(
        "SELECT attrelid::regclass::text AS name, attstattarget AS target FROM pg_attribute"
        " JOIN pg_class AS c ON c.oid = attrelid AND c.relkind = 'r'"
        " WHERE relnamespace IN ('rm'::regnamespace, 'rm_old'::regnamespace)"
        " AND attname = 'tenant'"
    )
    assert {"rm.fact_2", "rm_old.fact_2", "rm.session_2"} <= {each["name"] for each in targets}
    assert [each["name"] for each in targets if each["target"] != 0] == []
