"""A store in a directory with a part of the standard data set, and ``parley`` commands on it.

Each is what an operator would give, and tells on stderr how far it is and how long it takes still.
"""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import msgspec
import psutil

from ops.dataset.plan import Plan
from ops.pace import duration
from tests.benchmarks.checking import demand_durable
from tests.benchmarks.measuring import MeasurementFailed
from tests.fixtures.postgres import open_server
from tests.fixtures.server import CHECKOUT, clean_environment

LINE_BYTES = 2**20
"""Of a command's answer; far above any."""

Look = Callable[[dict[str, Any], float], None]
"""Is told how far a rebuild is, and the bytes of the largest of its processes."""


class Loaded:
    """PostgreSQL at ``url``, in the product's own directory ``data``."""

    def __init__(self, data: Path, url: str, wanted: Plan) -> None:
        self.url = url
        self.wanted = wanted
        self.data = data
        self._environment = clean_environment(PARLEY_DATABASE_URL=url, PARLEY_LOG_LEVEL="error")

    @property
    def largest(self) -> str:
        """The name of the tenant that has the most."""
        return self.wanted.tenants[0].name

    async def parley(self, *arguments: str) -> Any:
        """What a command says in JSON, if anything. Raises MeasurementFailed where it fails."""
        process = await self._begun(*arguments)
        said, _ = await process.communicate()
        self._demand(process, arguments)
        return msgspec.json.decode(said) if said.startswith((b"{", b"[")) else None

    async def rebuild(self, names: list[str], look: Look = lambda *_: None) -> float:
        """Seconds that a rebuild of these takes, unthrottled; what it replaces is dropped.

        And before it what one that was cut off has left: whoever went on with that would be fast.
        """
        for name in names:
            await (await self._begun("projection", "drop", name)).communicate()  # if there is any
        begin = time.perf_counter()
        arguments = ["projection", "rebuild", *names, "--share", "1", "--json"]
        process = await self._begun(*arguments)
        assert process.stdout is not None
        async for line in process.stdout:
            progress = msgspec.json.decode(line)
            look(progress, _largest(process.pid))
            _say(names, progress)
        await process.wait()
        self._demand(process, arguments)
        taken = time.perf_counter() - begin
        for name in names:
            await self.text("projection", "drop", name)
        return taken

    async def text(self, *arguments: str) -> None:
        """Give a command whose words are nothing to us."""
        process = await self._begun(*arguments)
        await process.communicate()
        self._demand(process, arguments)

    async def _begun(self, *arguments: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "ops", *arguments, "--data", str(self.data)),
            cwd=CHECKOUT,
            env=self._environment,
            stdout=subprocess.PIPE,
            limit=LINE_BYTES,
        )

    def _demand(self, process: asyncio.subprocess.Process, arguments: Any) -> None:
        if process.returncode:
            raise MeasurementFailed(f"parley {' '.join(arguments)}: status {process.returncode}")


@contextlib.asynccontextmanager
async def loaded(directory: Path, wanted: Plan) -> AsyncIterator[Loaded]:
    """A PostgreSQL with Parley's own settings, in ``data`` below this directory, new or as left."""
    server = await open_server(directory / "data")
    try:
        await demand_durable(server.database_url)
        yield Loaded(directory / "data", server.database_url, wanted)
    finally:
        await server.stop()


def _largest(pid: int) -> float:
    """Bytes of the largest process below this one."""
    sizes = [0.0]
    with contextlib.suppress(psutil.NoSuchProcess):
        for child in psutil.Process(pid).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                sizes.append(child.memory_info().rss)
    return max(sizes)


def _say(names: list[str], progress: dict[str, Any]) -> None:
    done = progress["done"] / max(1, progress["total"])
    left = progress["left_s"]
    words = f"{' '.join(names)}: {done:.0%}, {progress['per_second']:,.0f} events/s"
    sys.stderr.write(f"{words}{'' if left is None else f', {duration(left)} left'}\n")
