"""``python -m tests.benchmarks profile chat``: where the serving process spends its time.

py-spy samples it from outside, so that the process pays for no sampler of its own and is seen in C
code too, which a thread inside could not: it gets its turn only where Python gives one. Counted are
samples in which a thread holds Python's lock, of which there is one for all of a process's work. It
has to be allowed to look into another process: as root, or where ptrace is not restricted.
"""

from __future__ import annotations

import asyncio
import functools
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from ops.server import allow_many_files
from tests.benchmarks.chat import RATE, WARM_S
from tests.benchmarks.fan_out import WINDOWS, Parley
from tests.benchmarks.measuring import MeasurementFailed, Options, Table
from tests.benchmarks.programs import find
from tests.benchmarks.resume import come_back, conversations
from tests.benchmarks.returning import all_back, at_home, restart
from tests.benchmarks.sides import Side, parley
from tests.benchmarks.stacks import shares
from tests.benchmarks.talk import closed_loop, open_loop
from tests.fixtures.server import Server, running_server

SAMPLES_PER_S = 250
LEAST_SECONDS = 10
"""Of sampling: a share of 1 % is 25 samples then."""

LEAST_SHARE = 0.01
FUNCTIONS = 25

Load = Callable[[float], Awaitable[object]]
"""Runs it for so many seconds, or until it is over."""


@asynccontextmanager
async def _chat(options: Options) -> AsyncIterator[tuple[int, Load]]:
    async with _talking(options) as side:
        await closed_loop(side.lines, WARM_S)
        yield side.pid, lambda seconds: closed_loop(side.lines, seconds)


@asynccontextmanager
async def _pace(options: Options) -> AsyncIterator[tuple[int, Load]]:
    async with _talking(options) as side:
        await open_loop(side.lines, WARM_S, RATE)
        yield side.pid, lambda seconds: open_loop(side.lines, seconds, RATE)


@asynccontextmanager
async def _talking(options: Options) -> AsyncIterator[Side]:
    async with AsyncExitStack() as stack:
        side = await parley(stack, options.people)
        yield side
        await side.end()


@asynccontextmanager
async def _fan_out(_: Options) -> AsyncIterator[tuple[int, Load]]:
    with running_server() as server:
        side = await Parley().open(server)
        await side.crowd.run(WARM_S, WINDOWS[-1])
        yield _pid(server), lambda seconds: side.crowd.run(seconds, WINDOWS[-1])
        side.end()


@asynccontextmanager
async def _resume(_: Options) -> AsyncIterator[tuple[int, Load]]:
    with running_server() as server:
        known = await conversations(server)
        await come_back(known, _pid(server))

        async def again(seconds: float) -> None:
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                await come_back(known, _pid(server))

        yield _pid(server), again


@asynccontextmanager
async def _returning(_: Options) -> AsyncIterator[tuple[int, Load]]:
    allow_many_files()
    with running_server() as server:
        people = await at_home(server)
        await restart(server, people)
        yield _pid(server), lambda _: all_back(people)
        for each in people:
            each.person.leave()


def _pid(server: Server) -> int:
    assert server.process is not None
    return server.process.pid


LOADS = {
    "chat": _chat,
    "pace": _pace,
    "fan-out": _fan_out,
    "resume": _resume,
    "returning": _returning,
}


async def _profile(name: str, options: Options) -> Table:
    """Sample the product under one load."""
    seconds = max(LEAST_SECONDS, int(options.seconds))
    async with LOADS[name](options) as (pid, load):
        sampling = asyncio.create_task(_sampled(pid, seconds))
        await load(seconds + 1.0)
        found = shares(await sampling)
    table = Table(
        f"profile of {name}: {found.samples:,} samples in {seconds} s",
        ("where", "itself", "with what it calls"),
    )
    for groups, most in ((found.rooms, None), (found.functions, FUNCTIONS)):
        for group, (own, whole) in list(groups.items())[:most]:
            if own >= LEAST_SHARE:
                table.add(group, f"{own:.1%}", f"{whole:.1%}")
    return table


async def _sampled(pid: int, seconds: int) -> list[str]:
    """Folded stacks, a line each, as py-spy writes them."""
    spy = find("py-spy")
    if spy is None:
        raise MeasurementFailed("py-spy is not installed")
    with tempfile.TemporaryDirectory(prefix="parley-bench-") as directory:
        to = Path(directory) / "stacks"
        process = await asyncio.create_subprocess_exec(
            spy, "record", "--pid", str(pid), "--gil", "--function", "--format", "raw",
            "--output", to, "--rate", str(SAMPLES_PER_S), "--duration", str(seconds),
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        said, _ = await process.communicate()
        if process.returncode or not to.exists():
            raise MeasurementFailed(f"py-spy failed: {said.decode(errors='replace')[-300:]}")
        return to.read_text().splitlines()


PROFILES = {name: functools.partial(_profile, name) for name in LOADS}
