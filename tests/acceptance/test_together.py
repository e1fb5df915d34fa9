"""Several nodes on one directory and one database, which find nothing there."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ops import credentials
from tests.fixtures.client import agent_session, visitor_session
from tests.fixtures.postgres import owner_of
from tests.fixtures.server import CHECKOUT, clean_environment, data_directory

NODES = 5
PATIENCE_S = 60.0


@pytest.fixture
def data() -> Iterator[Path]:
    """A directory that is not there yet."""
    with data_directory() as path:
        yield path


@contextmanager
def nodes(data: Path, database_url: str) -> Iterator[list[subprocess.Popen[bytes]]]:
    """So many nodes, started at the same moment and stopped in the end."""
    command = [sys.executable, "-m", "ops", "serve", "--demo", "--port", "0", "--data", str(data)]
    environment = clean_environment(PARLEY_DATABASE_URL=database_url)
    started = []
    try:
        for number in range(NODES):
            with said(data, number).open("wb") as out:
                started.append(
                    subprocess.Popen(command, cwd=CHECKOUT, env=environment, stdout=out, stderr=out)
                )
        yield started
        for process in started:
            process.terminate()
        assert [process.wait(10) for process in started] == [0] * NODES
    finally:
        for process in started:
            process.kill()
            process.wait()


def said(data: Path, number: int) -> Path:
    """What a node has said."""
    return data.parent / f"node-{number}.log"


def wait_ready(data: Path, started: list[subprocess.Popen[bytes]]) -> None:
    """Wait until every node serves."""
    end = time.monotonic() + PATIENCE_S
    for number, process in enumerate(started):
        while "Parley is ready" not in said(data, number).read_text():
            assert process.poll() is None, said(data, number).read_text()
            assert time.monotonic() < end, said(data, number).read_text()
            time.sleep(0.05)


async def test_five_first_starts_make_one_installation(data: Path, empty_postgres_url: str) -> None:
    """One master key, one tenant, one file of credentials; and everything in it opens."""
    with nodes(data, empty_postgres_url) as started:
        wait_ready(data, started)
        shown = credentials.read(credentials.path_of(data))
        assert shown is not None
        await visitor_session(shown.url, shown.site)
        for account in (shown.admin, *shown.agents):
            await agent_session(
                shown.url, "demo", {"email": account.email, "password": account.password}
            )
    assert sorted(each.name for each in data.iterdir()) == [
        "credentials.json", "demo.lock", "master.key",
    ]  # fmt: skip
    async with owner_of(empty_postgres_url) as connection:
        (in_use,) = await connection.fetchval("SELECT master_keys FROM es.installation")
        assert in_use
        assert await connection.fetchval("SELECT count(*) FROM es.log") == 1
        made = await connection.fetch("SELECT type FROM es.event")
    types = [row["type"] for row in made]
    assert types.count("tenant.created") == types.count("tenant.site_added") == 1
    assert (types.count("tenant.api_key_created"), types.count("agent.created")) == (1, 3)
