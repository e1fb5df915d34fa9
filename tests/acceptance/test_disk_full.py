"""The disk is full: nothing is acknowledged without a commit, and all goes on when it is not."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures.history import check_history
from tests.fixtures.server import Server, data_directory
from tests.fixtures.traffic import more, pair, stream_of

SIZE = "size=320m,mode=755"


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A directory on a file system of its own that is soon full."""
    with data_directory() as data:
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", SIZE, "parley-test", str(data.parent)],
            capture_output=True,
        )
        if done.returncode != 0:
            pytest.skip("mounting a small file system needs root")
        try:
            yield data
        finally:
            subprocess.run(["umount", "-l", str(data.parent)], check=True)


def fill(directory: Path) -> Path:
    """Take all the room there is, to the last byte."""
    ballast = directory / "ballast"
    descriptor = os.open(ballast, os.O_WRONLY | os.O_CREAT)
    try:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while True:
                    os.write(descriptor, b"\0" * size)
            except OSError:
                continue
    finally:
        os.close(descriptor)
    return ballast


async def test_the_disk_is_full_and_has_room_again(small_disk: Path) -> None:
    """Commands are unavailable while nothing can be written; then every one goes through once."""
    server = Server(small_disk).start()
    try:
        visitor, agent = await pair(server, server, 0)
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(visitor.run(stop))
            tasks.create_task(agent.run(stop))
            await more([visitor, agent])
            ballast = fill(small_disk.parent)
            async with asyncio.timeout(60):
                while not visitor.refused:  # noqa: ASYNC110  # a counter sets no Event
                    await asyncio.sleep(0.1)
            ballast.unlink()
            await asyncio.to_thread(server.wait_ready)
            await more([visitor, agent])
            stop.set()
        log = stream_of(server, visitor.conversation)
        for writer in (visitor, agent):
            await writer.read_to(log[-1]["version"])
        check_history(log, [visitor, agent])
    finally:
        server.end()
