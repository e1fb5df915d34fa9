"""The demonstration, over the simulated store: made once, whatever is cut short where."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from domain.errors import ParleyError
from domain.group_commit import GroupCommit
from domain.handling.agent_door import AgentCredentials
from domain.handling.commands import CommandHandler
from domain.handling.doors import DoorPorts, Doors
from domain.handling.visitor_door import VisitorRequest
from ops import asking, credentials, demo
from ops.credentials import Credentials
from ops.operator import Operator
from tests.doubles.clock import ManualClock, SeededIds
from tests.doubles.memory_sessions import MemorySessions
from tests.doubles.memory_store import MemoryEventStore
from tests.doubles.tenancy import TOKEN_KEYS, PlainPasswords

APPENDS = 6
"""A tenant, a site, an API key and three people."""


class Hasty(ManualClock):
    """A clock by which no pause takes any time."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)


class Installation:
    """A store, and programs that come and go over it."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.clock = ManualClock()
        self.ids = SeededIds(self.clock)
        self.store = MemoryEventStore(self.clock, self.ids)
        self.sessions = MemorySessions()
        self.passwords = PlainPasswords()

    def core(self, url: str = "postgresql://first") -> Any:
        """A fresh program's core: nothing is kept from the one before."""
        commits = GroupCommit(self.store, lambda _: None)
        return SimpleNamespace(
            url=url,
            ids=self.ids,
            clock=Hasty(),
            database=SimpleNamespace(store=self.store, sessions=self.sessions),
            handler=CommandHandler(self.store, commits, self.clock, self.ids),
        )

    async def start(
        self,
        url: str = "http://first",
        database: str = "postgresql://first",
        *,
        serving: bool = True,
    ) -> Credentials:
        """What a start does for the demonstration."""
        core = self.core(database)
        operator = Operator(core, self.passwords)
        return await demo.ensure(core, operator, self.data, url, serving=serving)

    async def positions(self) -> int:
        """How long the demonstration's log is."""
        (head,) = await self.store.heads()
        return head.position

    async def check(self, document: Credentials) -> None:
        """Everybody can sign in, the site takes visitors, the key opens."""
        core = self.core()
        ports = DoorPorts(
            self.store, self.sessions, core.handler, self.clock, self.ids, self.passwords
        )
        doors = Doors(ports, TOKEN_KEYS)
        for account in (document.admin, *document.agents):
            await doors.open_agent(AgentCredentials("demo", account.email, account.password))
        await doors.open_visitor(VisitorRequest(document.site))
        assert (await doors.authenticate(document.api_key)).role == "server"


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    """An installation that nothing was made in."""
    return Installation(tmp_path)


async def test_it_is_made_once(installation: Installation) -> None:
    """A second start changes the two URLs, and neither secrets nor log."""
    first = await installation.start()
    length = await installation.positions()
    second = await installation.start("http://second", "postgresql://second")
    assert await installation.positions() == length
    assert (second.url, second.database_url) == ("http://second", "postgresql://second")
    assert second.site_secret == first.site_secret
    assert second.agents == first.agents
    assert credentials.read(credentials.path_of(installation.data)) == second
    await installation.check(second)


@pytest.mark.parametrize("fault", ["lose_requests", "lose_answers"])
@pytest.mark.parametrize("step", range(APPENDS))
async def test_cut_short_anywhere_it_is_completed(
    installation: Installation, monkeypatch: pytest.MonkeyPatch, fault: str, step: int
) -> None:
    """Before or after any commit: the next start goes on with the secrets drawn first."""
    reached = installation.store.append_batch

    async def append_batch(*arguments: Any) -> Any:
        if installation.store.batches == step and not faulted:
            faulted.append(step)
            setattr(installation.store, fault, 1)
        return await reached(*arguments)

    faulted: list[int] = []
    monkeypatch.setattr(installation.store, "append_batch", append_batch)
    monkeypatch.setattr(asking, "ATTEMPTS", 1)
    with pytest.raises(ParleyError):
        await installation.start()
    assert not credentials.path_of(installation.data).exists()
    drawn = credentials.read(credentials.pending_path_of(installation.data))
    assert drawn is not None
    document = await installation.start()
    assert (document.site, document.api_key) == (drawn.site, drawn.api_key)
    assert (document.admin, document.agents) == (drawn.admin, drawn.agents)
    assert not credentials.pending_path_of(installation.data).exists()
    types = [event.type for event in await log_of(installation)]
    assert types.count("agent.created") == 3
    assert types.count("tenant.site_added") == types.count("tenant.api_key_created") == 1
    await installation.check(document)


@pytest.mark.parametrize("fault", ["lose_requests", "lose_answers"])
async def test_what_passes_is_not_told(installation: Installation, fault: str) -> None:
    """A commit that failed once, or whose answer was lost, is asked for again under its own id."""
    setattr(installation.store, fault, 1)
    document = await installation.start()
    types = [event.type for event in await log_of(installation)]
    assert types.count("tenant.created") == types.count("tenant.site_added") == 1
    await installation.check(document)


async def log_of(installation: Installation) -> list[Any]:
    """Every event of the demonstration."""
    (head,) = await installation.store.heads()
    return await installation.store.read_log(head.log, 0, 1000)


async def test_two_nodes_on_one_directory_make_one(installation: Installation) -> None:
    """Started at once they agree on the secrets, which work."""
    first, second = await asyncio.gather(installation.start(), installation.start())
    assert first == second
    await installation.check(first)


async def test_without_its_file_it_gets_new_passwords(installation: Installation) -> None:
    """The site stays as pages know it; passwords, which nobody can tell any more, are new."""
    before = await installation.start()
    credentials.path_of(installation.data).unlink()
    after = await installation.start()
    assert (after.site, after.site_secret) == (before.site, before.site_secret)
    assert after.admin.password != before.admin.password
    await installation.check(after)


async def test_with_a_new_database_the_secrets_stay(tmp_path: Path) -> None:
    """A directory whose database was thrown away gets the same demonstration again."""
    before = await Installation(tmp_path).start()
    fresh = Installation(tmp_path)
    after = await fresh.start()
    assert after == before
    await fresh.check(after)


async def test_who_does_not_serve_leaves_the_urls_alone(installation: Installation) -> None:
    """``parley init --demo`` beside a running product, or on a stopped one, changes no URL."""
    first = await installation.start("http://there", serving=False)
    assert first.url == "http://there"
    served = await installation.start("http://here", "postgresql://here")
    again = await installation.start("http://elsewhere", "postgresql://elsewhere", serving=False)
    assert again == served
