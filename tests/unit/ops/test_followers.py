"""Work beside serving: what ends by itself is noticed, what is ended is not."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from adapters.postgres.embedded_directory import Address
from ops import core
from ops.core import served_database
from ops.followers import Followers
from ops.settings import Settings
from tests.doubles.clock import settle


class Postgres:
    """An embedded PostgreSQL that nothing runs of; ``fail`` is set when its keeper breaks."""

    database_url = "postgresql://"
    address = Address(5432, "/nowhere", "secret")

    def __init__(self) -> None:
        self.fail = asyncio.Event()
        self.stopped = False

    async def supervise(self) -> None:
        await self.fail.wait()
        raise OSError("a disk is gone")

    async def stop(self) -> None:
        self.stopped = True


@pytest.fixture
def postgres(monkeypatch: pytest.MonkeyPatch) -> Postgres:
    """It, in place of the real one."""
    server = Postgres()

    async def own_server(_: Settings) -> Any:
        return server

    monkeypatch.setattr(core, "_own_server", own_server)
    return server


async def test_a_keeper_that_ends_breaks_the_node(postgres: Postgres, tmp_path: Path) -> None:
    """Without what keeps PostgreSQL alive the node would go on until it dies: it ends loudly."""
    followers = Followers()
    async with served_database(Settings(data=tmp_path), followers.watch):
        await settle()
        assert not followers.broken.is_set()
        postgres.fail.set()
        await asyncio.wait_for(followers.broken.wait(), 5)
    assert postgres.stopped


async def test_a_keeper_that_is_ended_is_well(
    postgres: Postgres, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """An orderly stop is no alarm."""
    followers = Followers()
    async with served_database(Settings(data=tmp_path), followers.watch):
        await settle()
    await settle()
    assert postgres.stopped
    assert not followers.broken.is_set()
    assert caplog.records == []
