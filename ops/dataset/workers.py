"""Several tenants at once, each by a process of its own: one makes events while others wait.

The processes tell how far they are by a pipe. None goes on after a kill -9 of the command.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import multiprocessing
import os
import signal
from collections.abc import AsyncIterator, Iterable
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Final

import uvloop
from msgspec import Struct

from ops import logs
from ops.core import existing
from ops.dataset.loading import Loading, Progress
from ops.dataset.plan import TenantPlan
from ops.errors import MENDABLE, CannotRun, sentence
from ops.settings import Settings

GARBAGE_EVERY = 100_000
"""Objects between two looks for cycles, of which the generator makes none: a twentieth of the time
that the default costs."""

STOP_S = 5.0
"""Seconds that a process has to end when it is told to; it has nothing to put in order."""

_PROCESSES: Final = multiprocessing.get_context("spawn")


class Failed(Struct, frozen=True):
    """Why a tenant could not be loaded, in one sentence."""

    sentence: str


Word = Progress | Failed
"""What a process says."""


class Workers:
    """Loads tenants, so many at a time. ``url`` is the database's, for its owner."""

    def __init__(self, settings: Settings, url: str, jobs: int) -> None:
        self._settings = settings
        self._url = url
        self._jobs = jobs
        self._running: dict[BaseProcess, Connection] = {}
        self._heard: asyncio.Queue[Word | None] = asyncio.Queue()

    async def load(self, tenants: Iterable[TenantPlan]) -> AsyncIterator[Progress]:
        """Load them in this order; how far each is, as it comes. Raises CannotRun."""
        waiting = list(tenants)
        try:
            while waiting or self._running:
                while waiting and len(self._running) < self._jobs:
                    self._begin(waiting.pop(0))
                word = await self._heard.get()
                if isinstance(word, Failed):
                    raise CannotRun(word.sentence)
                if word is not None:
                    yield word
        finally:
            self._end()

    def _begin(self, tenant: TenantPlan) -> None:
        ours, theirs = _PROCESSES.Pipe(duplex=False)
        process = _PROCESSES.Process(
            target=_work, args=(self._settings, self._url, tenant, theirs), daemon=True
        )
        process.start()
        theirs.close()  # its only end for writing is the process's now, and shows when that ends
        self._running[process] = ours
        asyncio.get_running_loop().add_reader(ours.fileno(), self._hear, process, tenant)

    def _hear(self, process: BaseProcess, tenant: TenantPlan) -> None:
        line = self._running[process]
        try:
            word: Word | None = line.recv()
        except EOFError:
            self._let_go(process)
            word = Failed(f"The process that loaded {tenant.name!r} has died.")
            word = word if process.exitcode else None
        self._heard.put_nowait(word)

    def _let_go(self, process: BaseProcess) -> None:
        line = self._running.pop(process)
        asyncio.get_running_loop().remove_reader(line.fileno())
        line.close()
        process.join(STOP_S)

    def _end(self) -> None:
        for process in list(self._running):
            process.terminate()
            self._let_go(process)


def _work(settings: Settings, url: str, tenant: TenantPlan, line: Connection) -> None:
    """One tenant, in a process of its own."""
    # A person's interrupt goes to the whole group; it is the command that tells us to end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    logs.configure(settings.log_level, settings.log_format)
    logs.quieter()
    gc.set_threshold(GARBAGE_EVERY)
    with contextlib.suppress(BrokenPipeError):  # nobody waits for it any more
        try:
            uvloop.run(_load(settings, url, tenant, line))
        except MENDABLE as error:
            line.send(Failed(sentence(error)))


async def _load(settings: Settings, url: str, tenant: TenantPlan, line: Connection) -> None:
    command = multiprocessing.parent_process()
    assert command is not None
    asyncio.get_running_loop().add_reader(command.sentinel, os._exit, 1)  # it was killed
    async with existing(settings, url) as core:
        await Loading(core, tenant, line.send).run()
