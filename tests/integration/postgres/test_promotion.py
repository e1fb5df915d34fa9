"""A replica that becomes the server: the history has another name from its first write on."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import pytest

from adapters.postgres import embedded
from adapters.postgres.embedded_directory import DataDirectory
from adapters.postgres.embedded_orphans import postmaster_file
from adapters.postgres.installation import prepare
from tests.fixtures.postgres import MASTERS, Owner, open_server, owner_of, postgres_directory

_STATE_LINE = 7


def _pid(data: Path) -> int | None:
    """The postmaster that takes clients, be it for reading only."""
    lines = postmaster_file(data)
    taking = len(lines) > _STATE_LINE and lines[_STATE_LINE].strip() in {"ready", "standby"}
    return int(lines[0]) if taking else None


async def _promote(owner: Owner) -> int:
    """Promote the server, with no checkpoint after it; the process that would make one."""
    checkpointer: int = await owner.fetchval(
        "SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'"
    )
    os.kill(checkpointer, signal.SIGSTOP)
    assert await owner.fetchval("SELECT pg_promote(true, 60)")
    return checkpointer


async def test_a_promotion_is_a_new_history_before_its_first_checkpoint(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A promoted replica may give positions again that were told to clients: the epoch says so."""
    directory = postgres_directory()
    server = await open_server(directory)
    await prepare(server.database_url, MASTERS)
    async with owner_of(server.database_url) as owner:
        before = await owner.fetchval("SELECT es.epoch()")
    await server.stop()
    data = DataDirectory(directory).data
    (data / "standby.signal").touch()
    os.chown(data / "standby.signal", data.stat().st_uid, data.stat().st_gid)
    monkeypatch.setattr(embedded, "ready_pid", _pid)
    server = await open_server(directory)
    try:
        async with owner_of(server.database_url) as owner:
            assert await owner.fetchval("SELECT es.epoch()") == before
            checkpointer = await _promote(owner)
            try:
                recorded = "SELECT timeline_id FROM pg_control_checkpoint()"
                assert await owner.fetchval(recorded) == 1
                after = await owner.fetchval("SELECT es.epoch()")
                assert after != before
                assert await owner.fetchval("SELECT es.epoch()") == after
            finally:
                os.kill(checkpointer, signal.SIGCONT)
    finally:
        await server.stop()
        shutil.rmtree(directory)
