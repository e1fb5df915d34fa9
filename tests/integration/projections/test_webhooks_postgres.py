"""What is due on PostgreSQL: added once, whoever folds the log however often."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from math import inf
from uuid import UUID

import pytest

from adapters.postgres.database import PostgresDatabase
from adapters.postgres.readmodels import PostgresTransaction
from domain.envelope import Actor
from domain.tenant.commands import AddWebhook, RemoveWebhook
from domain.webhooks import signing
from domain.webhooks.ports import Line, Sought
from projections.engine import Engine
from projections.projection import Write, create_tables
from projections.webhooks.projection import Adding, WebhooksProjection
from tests.doubles.appends import uuid
from tests.fixtures.postgres import OpenPostgres, Owner, SystemClock, SystemIds
from tests.unit.projections.histories import LOG, SENTINEL, Action, History

OPERATOR = Actor("operator", "cli")
SECRET = signing.secret_of(bytes(32))
URL = f"https://{SENTINEL}.example/hook"

Row = tuple[str, int, str]


class NextVersion(WebhooksProjection):
    """The same with other tables and a checkpoint of its own, as after an upgrade."""

    version = 2

    @property
    def tables(self) -> str:
        return super().tables.replace("webhook_1", "webhook_2")


class Following:
    """A process that follows the log. ``told`` is what it was told after its commits."""

    def __init__(self, database: PostgresDatabase, kind: type[WebhooksProjection]) -> None:
        self.told: list[Line] = []
        self.projection = kind(database.read_models, SystemClock())
        self.engine = Engine(
            database.store,
            database.read_models,
            self.projection,
            SystemClock(),
            page_events=3,
            turn_s=inf,
            written=self._tell,
        )

    def _tell(self, log: UUID, write: Write) -> None:
        assert isinstance(write, Adding)
        self.told += write.lines

    async def follow(self) -> None:
        """Fold what is new."""
        await self.engine.follow(LOG, lambda _: None)

    async def rebuild(self) -> None:
        """Throw away and fold anew."""
        await self.engine.rebuild(LOG, (await self.engine.checkpoints())[LOG])
        await self.follow()


OpenFollowing = Callable[..., Following]


@pytest.fixture
async def following(open_postgres: OpenPostgres, owner: Owner) -> OpenFollowing:
    """Opens a process that follows; the tables are there."""
    tables = [kind(open_postgres().read_models, SystemClock()) for kind in (
        WebhooksProjection, NextVersion,
    )]  # fmt: skip
    async with owner.transaction():
        await create_tables(PostgresTransaction(owner), tables)

    def open_one(kind: type[WebhooksProjection] = WebhooksProjection) -> Following:
        return Following(open_postgres(), kind)

    return open_one


@pytest.fixture
async def history(postgres: PostgresDatabase) -> History:
    """A tenant with a webhook that wants everything."""
    history = await History.begin(postgres.store, SystemClock(), SystemIds())
    await add_webhook(history, "hook-1")
    return history


async def add_webhook(history: History, name: str) -> None:
    """One more webhook."""
    ack = await history.ask(OPERATOR, AddWebhook(history.id(), name, URL, SECRET))
    assert ack is not None


async def rows(postgres: PostgresDatabase) -> list[Row]:
    """What is due, in order."""
    found = await postgres.deliveries.find(LOG, Sought(), None, 1000)
    return sorted((r.line.webhook, r.position, r.type) for r in found)


async def talk(history: History, number: int = 0) -> None:
    """Some events of one conversation."""
    for kind in ("start", "post", "answer", "read", "close"):
        await history.play(Action(kind, visitor=number % 3, number=1))


async def test_events_become_rows(
    following: OpenFollowing, history: History, postgres: PostgresDatabase
) -> None:
    """Each webhook's from the position on at which it was added, and word of where they are."""
    process = following()
    await talk(history)
    await add_webhook(history, "hook-2")
    await history.play(Action("post", number=1))
    await process.follow()
    events = await history.events()
    of_conversation = [e for e in events if e.stream.startswith("conversation-")]
    late = of_conversation[-1].position
    assert await rows(postgres) == sorted(
        [("hook-1", e.position, e.type) for e in of_conversation]
        + [("hook-2", e.position, e.type) for e in of_conversation if e.position >= late - 1]
    )
    stream = of_conversation[0].stream
    assert set(process.told) == {Line(LOG, hook, stream) for hook in ("hook-1", "hook-2")}


async def test_a_rebuild_adds_nothing(
    following: OpenFollowing, history: History, postgres: PostgresDatabase, owner: Owner
) -> None:
    """Not even where the rows of what was delivered have been cleaned up; then it goes on."""
    process = following()
    await talk(history)
    await process.follow()
    before = await rows(postgres)
    assert before
    await process.rebuild()
    assert await rows(postgres) == before
    await owner.execute("DELETE FROM work.webhook_delivery")
    process.told.clear()
    await process.rebuild()
    assert await rows(postgres) == []
    assert process.told == []
    await history.play(Action("post", number=1))
    await process.follow()
    (head,) = await history.store.heads([LOG])
    assert [position for _, position, _ in await rows(postgres)][-1] == head.position


async def test_two_followers_add_everything_once(
    following: OpenFollowing, history: History, postgres: PostgresDatabase
) -> None:
    """On the same checkpoint, and on one of their own as a new version has: once each."""
    processes = [following(), following(), following(NextVersion)]
    for number in range(6):
        await talk(history, number)
        await asyncio.gather(*(process.follow() for process in processes))
    events = [e for e in await history.events() if e.stream.startswith("conversation-")]
    assert await rows(postgres) == [("hook-1", e.position, e.type) for e in events]


async def test_webhooks_that_are_gone_are_told_nothing(
    following: OpenFollowing, history: History, postgres: PostgresDatabase
) -> None:
    """Removed, a webhook gets what was due before and nothing else; so does a tenant without."""
    process = following()
    await talk(history)
    await process.follow()
    before = await rows(postgres)
    assert await history.ask(OPERATOR, RemoveWebhook(history.id(), "hook-1")) is not None
    await talk(history, 1)
    await process.follow()
    assert await rows(postgres) == before


async def test_nothing_personal_is_in_clear(
    following: OpenFollowing, history: History, owner: Owner
) -> None:
    """Neither what was written, nor the webhook's address or secret."""
    await talk(history)
    await following().follow()
    for table in ("work.webhook_delivery", "work.webhook_line", "rm.webhook_1"):
        stored = await owner.fetch(f"SELECT t::text FROM {table} AS t")
        assert stored, table
        text = " ".join(row[0] for row in stored)
        assert SENTINEL.lower() not in text.lower()
        assert SECRET not in text


async def test_lines_of_another_tenant_are_its_own(
    following: OpenFollowing, history: History, postgres: PostgresDatabase
) -> None:
    """A webhook of the same id elsewhere is told nothing of ours."""
    await talk(history)
    await following().follow()
    assert await postgres.deliveries.find(uuid(77), Sought(), None, 10) == []
