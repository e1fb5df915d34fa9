"""The sample in a real store: whole, decided by the rules, up to now, and only where nothing is."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from domain import streams
from domain.conversation.state import Conversation
from domain.envelope import RecordedEvent
from ops import demo
from ops.core import Core, opened
from ops.operator import Operator
from ops.sample import company, stories
from ops.settings import Settings
from tests.doubles.tenancy import PlainPasswords
from tests.fixtures.postgres import MASTER_KEY

PAGE = 5_000
DAY_US = 24 * 3600 * 1_000_000


@pytest.fixture
async def core(postgres_url: str, tmp_path: Path) -> AsyncIterator[Core]:
    """A core on the test's database."""
    settings = Settings(data=tmp_path, database_url=postgres_url, master_key=(MASTER_KEY,))
    async with opened(settings, postgres_url) as core:
        yield core


async def made(core: Core, data: Path, *, sample: bool) -> list[RecordedEvent]:
    """The demonstration's log after a start."""
    operator = Operator(core, PlainPasswords())
    await demo.ensure(core, operator, data, "http://here", serving=True, sample=sample)
    log = await operator.log_of(demo.TENANT)
    found: list[RecordedEvent] = []
    while page := await core.database.store.read_log(log, len(found), PAGE):
        found += page
    return found


async def open_ones(core: Core, events: list[RecordedEvent]) -> Counter[str | None]:
    """How many open conversations each agent's name has; None: nobody's."""
    names = {each.stream: each.data.name for each in events if each.type == "agent.created"}
    counted: Counter[str | None] = Counter()
    for each in (each for each in events if each.type == "conversation.started"):
        entry = await core.handler.states.refresh(each.log, each.stream)
        state: Conversation = entry.state
        if state.status == "open":
            agent = state.access.assignee
            counted[None if agent is None else names[streams.agent(agent)]] += 1
    return counted


async def test_a_fresh_tenant_gets_a_week(core: Core, tmp_path: Path) -> None:
    """A whole chain that ends just now, with people, settings, and some who wait at this moment."""
    events = await made(core, tmp_path, sample=True)
    verdict = await core.database.verifier.verify_chain(events[0].log)
    assert verdict.broken_at is None
    assert events[-1].recorded_at <= core.clock.now() * 1_000_000 + 1_000_000
    assert events[0].recorded_at < events[-1].recorded_at - 7 * DAY_US
    counted = await open_ones(core, events)
    assert counted[None] >= len(stories.WAITING)
    assert counted["Mia"] >= len(stories.OPEN)
    types = Counter(each.type for each in events)
    assert types["conversation.started"] > 100
    assert {"conversation.missed", "conversation.rated", "note.added", "visitor.greeted"} <= {
        *types
    }
    tenant = (await core.handler.states.refresh(events[0].log, streams.TENANT)).state
    assert tenant.departments == company.DEPARTMENTS
    assert tenant.routing == company.ROUTING


async def test_what_is_there_gets_no_sample(core: Core, tmp_path: Path) -> None:
    """Neither a tenant that somebody works in, nor the sample a second time."""
    bare = await made(core, tmp_path, sample=False)
    assert len(await made(core, tmp_path, sample=True)) == len(bare)
