"""The data set in a real store: whole, in its own tenants, and whole after every kill."""

from __future__ import annotations

import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from adapters.postgres.bulk import BulkAppender
from domain.append import Appended, Dated
from domain.envelope import RecordedEvent
from domain.errors import StoreUnavailable
from domain.ids import event_id
from ops import patience
from ops.core import Core, opened
from ops.dataset import loading
from ops.dataset.history import History
from ops.dataset.loading import Loading, Progress
from ops.dataset.plan import TenantPlan, plan
from ops.dataset.workers import Workers
from ops.errors import CannotRun
from ops.settings import Settings
from tests.doubles.appends import append
from tests.fixtures.postgres import MASTER_KEY, Owner
from tests.fixtures.server import CHECKOUT, clean_environment

FRACTION = 0.0002
TENANTS = plan(fraction=FRACTION).tenants
SMALLEST = TENANTS[-1]
LARGEST = TENANTS[:2]
PAGE = 5_000
KILLS = 2


@pytest.fixture
async def core(postgres_url: str, tmp_path: Path) -> AsyncIterator[Core]:
    """A core on the test's database."""
    settings = Settings(data=tmp_path, database_url=postgres_url, master_key=(MASTER_KEY,))
    async with opened(settings, postgres_url) as core:
        yield core


async def _load(core: Core, tenant: TenantPlan) -> Progress:
    return await Loading(core, tenant, lambda _: None).run()


def _planned(tenant: TenantPlan) -> Iterator[tuple[Any, ...]]:
    """What each event of the log is to be, from the history itself."""
    told = list(History(tenant))
    erased = {each.erases for each in told}
    for each in told:
        command, n = each.dated.append, 0
        actor = command.actor
        for part in command.parts:
            for event in part.events:
                id_ = event_id(tenant.log, actor.role, actor.id, command.command, n)
                data = None if event.subject in erased else event.data
                name = None if event.subject in erased else actor.name
                yield id_, part.stream, each.dated.at + n, name, event.before, event.after, data
                n += 1


def _found(event: RecordedEvent) -> tuple[Any, ...]:
    access = event.metadata.before, event.metadata.after
    return event.id, event.stream, event.recorded_at, event.actor.name, *access, event.data


async def _demand_whole(core: Core, tenant: TenantPlan) -> None:
    """The log has the history, event by event, and its chain and versions hold."""
    found: list[RecordedEvent] = []
    while page := await core.database.store.read_log(tenant.log, len(found), PAGE):
        found += page
    assert [_found(event) for event in found] == list(_planned(tenant))
    verdict = await core.database.verifier.verify_chain(tenant.log)
    assert (verdict.reason, verdict.head) == ("", len(found))


async def test_a_tenant_is_loaded_whole_and_once(core: Core) -> None:
    """Every event, decrypted, is the planned one, erased ones are; again, nothing is added."""
    loaded = await _load(core, SMALLEST)
    assert (loaded.conversations, loaded.found) == (SMALLEST.conversations, 0)
    again = await _load(core, SMALLEST)
    assert (again.events, again.found) == (loaded.events, loaded.events)
    await _demand_whole(core, SMALLEST)


async def test_a_moment_without_an_answer_ends_no_load(
    core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes on where the log ends: all of it is there, and only once."""
    monkeypatch.setattr(patience, "FIRST_WAIT_S", 0)
    monkeypatch.setattr(loading, "BATCH_EVENTS", 50)
    calls, append_batch = 0, BulkAppender.append

    async def busy(bulk: BulkAppender, dated: Sequence[Dated]) -> None:
        nonlocal calls
        calls += 1
        if calls in {2, 3}:
            raise StoreUnavailable("away")
        await append_batch(bulk, dated)

    monkeypatch.setattr(BulkAppender, "append", busy)
    assert (await _load(core, SMALLEST)).found == 0
    assert calls > 3
    await _demand_whole(core, SMALLEST)


async def test_the_log_goes_on_after_it(core: Core) -> None:
    """The product appends as to any log; loading again finds the set complete, and adds nothing."""
    loaded = await _load(core, SMALLEST)
    (answer,) = await core.database.store.append_batch(SMALLEST.log, [append(1)])
    assert isinstance(answer, Appended)
    assert answer.events[0].position == loaded.events + 1
    again = await _load(core, SMALLEST)
    assert (again.events, again.found) == (loaded.events, loaded.events)


async def test_a_tenant_of_somebody_else_is_refused(core: Core) -> None:
    """One of that name, and one that is of the set but that somebody has written to meanwhile."""
    await core.database.store.create_log(core.ids.uuid(), SMALLEST.name)
    with pytest.raises(CannotRun, match="not of this data set"):
        await _load(core, SMALLEST)
    other = plan(fraction=FRACTION, prefix="other").tenants[-1]
    await core.database.store.create_log(other.log, other.name)
    await core.database.store.append_batch(other.log, [append(1)])
    with pytest.raises(CannotRun, match="somebody else has written to it"):
        await _load(core, other)


async def test_what_a_process_meets_is_told_by_the_command(
    core: Core, postgres_url: str, tmp_path: Path
) -> None:
    """A refusal in its own words; and one that was killed is missed. Nobody goes on after that."""
    settings = Settings(data=tmp_path, database_url=postgres_url, master_key=(MASTER_KEY,))
    await core.database.store.create_log(core.ids.uuid(), SMALLEST.name)
    workers = Workers(settings, postgres_url, jobs=1)
    with pytest.raises(CannotRun, match=f"{SMALLEST.name}' that is not of this data set"):
        await anext(workers.load([SMALLEST]))
    killed = Workers(settings, postgres_url, jobs=2)
    with pytest.raises(CannotRun, match="has died"):
        await _load_and_kill(killed)
    assert not killed._running


async def _load_and_kill(workers: Workers) -> None:
    async for _ in workers.load(LARGEST):
        next(iter(workers._running)).kill()


def _begin(url: str, data: Path) -> subprocess.Popen[str]:
    """The command as a process of its own."""
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "ops", "dataset", "load", "--fraction", str(FRACTION)),
            *(word for tenant in LARGEST for word in ("--tenant", tenant.name)),
            *("--json", "--data", str(data)),
        ],
        cwd=CHECKOUT,
        env=clean_environment(
            PARLEY_DATABASE_URL=url, PARLEY_MASTER_KEY=b64encode(MASTER_KEY).decode("ascii")
        ),
        stdout=subprocess.PIPE,
        text=True,
    )


async def test_loading_goes_on_after_every_kill(
    postgres_url: str, owner: Owner, core: Core, tmp_path: Path
) -> None:
    """Killed at once when more is there than before, again and again: in the end it is whole."""
    count, seen = "SELECT count(*) FROM es.event", 0
    for _ in range(KILLS):
        process = _begin(postgres_url, tmp_path)
        end = time.monotonic() + 60
        while (there := await owner.fetchval(count)) == seen and time.monotonic() < end:
            assert process.poll() is None
        process.kill()
        process.communicate()
        assert there > seen
        seen = there
    process = _begin(postgres_url, tmp_path)
    told, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert '"found": 0,' not in told
    for tenant in LARGEST:
        await _demand_whole(core, tenant)
