"""Analysts ask with pandas over psycopg, and see one tenant's rows and nothing personal."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pandas as pd
import psycopg
import pytest

from adapters.postgres.analysts import add_analyst, analysts, remove_analyst
from adapters.postgres.database import PostgresDatabase
from adapters.postgres.readmodels import PostgresTransaction
from adapters.postgres.settings import PostgresSettings
from adapters.postgres.shards import KINDS
from domain.errors import Refused
from ops.analysts_views import analysts_views
from ops.commands.analyst import _url_of
from projections.analysts.labels import labels
from projections.analysts.views import make_views, remaking
from projections.analytics.projection import AnalyticsProjection
from projections.engine import Engine
from projections.projection import create_tables
from tests.fixtures.postgres import OpenPostgres, Owner, SystemClock
from tests.integration.projections.conftest import Views
from tests.unit.projections.histories import LOG, Action, History

OTHER = UUID("0192f0aa-0000-7000-8000-0000000000ff")
OTHERS_POSITION = 10**9
PASSWORD = "a password that is long"  # a test's
FORBIDDEN = (
    "SELECT * FROM rm.session_2",
    "SELECT label FROM rm.session_2",
    "SELECT * FROM es.event",
    "SELECT data FROM es.event",
    "UPDATE rm.session_2 SET rating = 5",
    "DELETE FROM rm.session_2",
    "INSERT INTO analytics.analyst VALUES (current_user, gen_random_uuid(), 'x')",
    "UPDATE analytics.analyst SET log = gen_random_uuid()",
    "CREATE TABLE analytics.mine ()",
    "CREATE VIEW analytics.mine AS SELECT 1",
    "SELECT * FROM analytics.made",
    "SET ROLE parley_node",
    "SET ROLE parley_projector",
    "SET SESSION AUTHORIZATION parley_node",
    "SELECT pg_read_file('/etc/passwd')",
    f"SELECT pg_try_advisory_lock({KINDS['projector'] + 1}, 0)",
    "SELECT pg_advisory_xact_lock_shared(1)",
)


@pytest.fixture
async def history(views: Views, history: History) -> History:
    """A history with everything in it, folded."""
    for kind in ("start", "post", "answer", "tag", "rate", "close", "start", "post", "identify"):
        await history.play(Action(kind, 0, 0, 1))
    for kind in ("start", "answer", "transfer", "tag", "close"):
        await history.play(Action(kind, 1, 1, 3))
    await views.follow()
    return history


class Folding(Views):
    """A node's projections that analysts' views are over."""

    def __init__(self, database: PostgresDatabase) -> None:
        super().__init__(database)
        facts = AnalyticsProjection(database.read_models, database.cipher)
        self.projections.append(facts)
        self.engines.append(Engine(database.store, database.read_models, facts, self.clock))


@pytest.fixture
async def views(open_postgres: OpenPostgres, owner: Owner) -> Views:
    """A node with all tables that the views are over."""
    views = Folding(open_postgres())
    async with owner.transaction():
        await create_tables(PostgresTransaction(owner), views.projections)
    return views


@pytest.fixture
async def login(
    owner: Owner, postgres_url: str, history: History, views: Views
) -> AsyncIterator[str]:
    """The URL of an analyst of the history's tenant; another's views have rows too."""
    await views.database.store.create_log(OTHER, "other")
    async with owner.transaction():
        await make_views(PostgresTransaction(owner))
        role = await add_analyst(owner, LOG, "bi", PASSWORD, PostgresSettings())
    await owner.execute("INSERT INTO rm.agent_4 VALUES ($1, 'spy', true, now(), NULL, NULL)", OTHER)
    await owner.execute(
        "INSERT INTO es.checkpoint VALUES ('agents.4', $1, $2, '')", OTHER, OTHERS_POSITION
    )
    yield _url_of(postgres_url, role, PASSWORD)
    await remove_analyst(owner, LOG, "bi")


async def asked(url: str, question: str, first: str = "SELECT 1") -> pd.DataFrame:
    """The answer as a frame, as an analyst's notebook gets it; ``first`` is said before."""

    def ask() -> pd.DataFrame:
        with psycopg.connect(url) as connection, connection.cursor() as cursor:
            cursor.execute(first.encode())
            cursor.execute(question.encode())
            names = [column.name for column in cursor.description or ()]
            return pd.DataFrame(cursor.fetchall(), columns=names)

    return await asyncio.to_thread(ask)


async def test_every_view_shows_ones_own_tenant(login: str, views: Views, owner: Owner) -> None:
    """All conversations and agents of the tenant, none of another, and up to which event."""
    conversations = await asked(login, "SELECT * FROM conversations")
    assert len(conversations) == await owner.fetchval("SELECT count(*) FROM rm.fact_2") > 0
    agents = await asked(login, "SELECT * FROM agents")
    assert "spy" not in set(agents["agent"])
    assert len(agents) == len(await views.agents.agents(LOG)) > 0
    reached = await asked(login, "SELECT * FROM as_of")
    assert set(reached["projection"]) >= {"agents.4", "analytics.2", "sessions.2"}
    assert (reached["position"] > 0).all()
    assert (reached["position"] < OTHERS_POSITION).all()


async def test_questions_are_answered_as_the_lists_are(login: str, views: Views) -> None:
    """Volume, ratings, tags and messages are those of the API's own views."""
    page = await views.sessions.page(LOG, Nothing(), 100, None, None)
    status = await asked(login, "SELECT status, count(*) AS n FROM conversations GROUP BY 1")
    expected = pd.Series([each.status for each in page.items]).value_counts()
    assert status.set_index("status")["n"].to_dict() == expected.to_dict()
    stars = await asked(login, "SELECT avg(rating)::float8 AS stars FROM conversations")
    rated = [each.rating for each in page.items if each.rating is not None]
    assert stars["stars"][0] == pytest.approx(sum(rated) / len(rated))
    tags = await asked(login, "SELECT tag, count(*) AS n FROM conversation_tags GROUP BY tag")
    assert tags["n"].sum() == sum(len(each.tags) for each in page.items) > 0
    by_agent = await asked(login, "SELECT agent, count(*) AS n FROM conversations GROUP BY agent")
    served = [each.assignee for each in page.items if each.assignee is not None]
    found = by_agent.dropna().set_index("agent")["n"].to_dict()
    assert set(served) <= set(found)  # one that nobody serves any more has its last agent


async def test_times_are_numbers_to_reckon_with(login: str) -> None:
    """A median by agent and hours by weekdays are what the frames come to by themselves."""
    median = await asked(
        login,
        "SELECT a.agent, percentile_cont(0.5) WITHIN GROUP (ORDER BY c.first_response_s) AS median"
        " FROM agents AS a JOIN conversations AS c USING (agent) GROUP BY a.agent",
    )
    frame = await asked(login, "SELECT agent, first_response_s, started_at FROM conversations")
    expected = frame.groupby("agent")["first_response_s"].median()
    assert median.set_index("agent")["median"].sub(expected).abs().max() < 1e-6
    hours = await asked(
        login,
        "SELECT extract(isodow FROM local)::int AS weekday, extract(hour FROM local)::int AS hour,"
        " count(*) AS n FROM (SELECT started_at AT TIME ZONE 'Asia/Kolkata' AS local"
        " FROM conversations) AS each GROUP BY 1, 2",
    )
    local = frame["started_at"].dt.tz_convert("Asia/Kolkata")
    counted = frame.groupby([local.dt.day_of_week + 1, local.dt.hour]).size()
    assert hours.set_index(["weekday", "hour"])["n"].to_dict() == counted.to_dict()


class Nothing:
    """No filter."""

    status = assignee = department = tag = visitor = q = waiting = missed = None


async def test_who_may_decrypt_can_name_what_the_views_show(login: str, views: Views) -> None:
    """Each tag and agent of the views has its text in the operator's table of labels."""
    found = await labels(views.database.read_models, views.database.cipher, views.clock, LOG)
    frame = pd.DataFrame([(each.kind, each.value, each.label) for each in found])
    frame.columns = pd.Index(["kind", "value", "label"])
    tags = await asked(login, "SELECT * FROM conversation_tags")
    named = tags.merge(frame[frame["kind"] == "tag"], left_on="tag", right_on="value", how="left")
    page = await views.sessions.page(LOG, Nothing(), 100, None, None)
    assert sorted(named["label"]) == sorted(tag for each in page.items for tag in each.tags)
    agents = await asked(login, "SELECT agent FROM agents WHERE active")
    assert set(agents["agent"]) == set(frame[frame["kind"] == "agent"]["value"])


async def test_an_analyst_may_do_nothing_else(login: str, owner: Owner) -> None:
    """No table, no ciphertext, no log, no other role, nothing written."""
    ciphertext = await owner.fetch(
        "SELECT table_name, column_name FROM information_schema.column_privileges"
        " WHERE grantee = 'parley_analyst' AND column_name IN ('label', 'data')"
    )
    assert ciphertext == []
    async with await psycopg.AsyncConnection.connect(login, autocommit=True) as connection:
        await connection.execute("SET default_transaction_read_only = off")
        for forbidden in FORBIDDEN:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                await connection.execute(forbidden)


async def test_no_setting_shows_another_tenant(login: str) -> None:
    """Whose an analyst is stands in a table; what nodes set is nothing to it."""
    for setting in (f"app.tenant = '{OTHER}'", "row_security = on", "search_path = rm"):
        agents = await asked(login, "SELECT agent FROM analytics.agents", f"SET {setting}")
        assert len(agents)
        assert "spy" not in set(agents["agent"])


async def test_a_member_of_the_group_alone_sees_nothing(login: str) -> None:
    """Whoever takes the group's role is nobody's analyst."""
    found = await asked(login, "SELECT * FROM analytics.agents", "SET ROLE parley_analyst")
    assert found.empty


async def test_logins_are_listed_and_end(owner: Owner, login: str) -> None:
    """One name is one login; one that was removed does not come in again."""
    assert [each.name for each in await analysts(owner, LOG)] == ["bi"]
    with pytest.raises(Refused, match="already"):
        await add_analyst(owner, LOG, "bi", PASSWORD, PostgresSettings())
    with pytest.raises(Refused, match="small letters"):
        await add_analyst(owner, LOG, 'x"; DROP TABLE es.log', PASSWORD, PostgresSettings())
    await remove_analyst(owner, LOG, "bi")
    with pytest.raises(psycopg.OperationalError):
        await asked(login, "SELECT 1")
    with pytest.raises(Refused, match="no analyst"):
        await remove_analyst(owner, LOG, "bi")
    await add_analyst(owner, LOG, "bi", PASSWORD, PostgresSettings())


async def test_views_that_are_there_are_left_alone(owner: Owner, login: str) -> None:
    """A start finds them as they are, and waits for nobody who reads them."""
    of_view = "SELECT 'analytics.conversations'::regclass::oid"
    before = await owner.fetchval(of_view)
    async with owner.transaction():
        await make_views(PostgresTransaction(owner))
    assert await owner.fetchval(of_view) == before
    async with owner.transaction():
        assert not remaking(["session_2"]).statements
        for each in remaking(["session_2", "agent_4"]).statements:
            await owner.execute(each)
    assert await owner.fetchval(of_view) != before
    assert len(await asked(login, "SELECT * FROM conversations"))


async def test_a_start_waits_for_nobody_who_reads_views(
    owner: Owner, postgres_url: str, login: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An analyst's transaction is open while a release with other views starts; they come after."""
    monkeypatch.setattr("ops.analysts_views.PAUSE_S", 0.05)
    missing = "SELECT count(*) = 0 FROM analytics.made"
    await owner.execute("DELETE FROM analytics.made")
    core: Any = SimpleNamespace(url=postgres_url, clock=SystemClock())
    async with await psycopg.AsyncConnection.connect(login) as reading:
        await reading.execute("SELECT count(*) FROM conversations")
        async with asyncio.timeout(5), analysts_views(core):
            assert await owner.fetchval(missing)
            await reading.rollback()
            while await owner.fetchval(missing):
                pass
    assert len(await asked(login, "SELECT * FROM conversations"))


async def test_every_column_of_every_view_is_documented(owner: Owner, login: str) -> None:
    """A column without a comment would stand in no document."""
    missing = await owner.fetch(
        "SELECT c.relname, a.attname FROM pg_class AS c"
        " JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0"
        " WHERE c.relnamespace = 'analytics'::regnamespace AND c.relkind = 'v'"
        " AND (col_description(c.oid, a.attnum) IS NULL OR obj_description(c.oid) IS NULL)"
    )
    assert missing == []


async def test_every_view_asks_in_the_name_of_its_reader(owner: Owner, login: str) -> None:
    """One without security_invoker shows all tenants' rows; the exception reads no table."""
    rows = await owner.fetch(
        "SELECT relname FROM pg_class WHERE relnamespace = 'analytics'::regnamespace"
        " AND relkind = 'v' AND NOT coalesce('security_invoker=true' = ANY (reloptions), false)"
    )
    assert [row["relname"] for row in rows] == ["as_of"]
