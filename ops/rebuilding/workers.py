"""The workers of a rebuild, seen from the command that started them."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import socket
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from ops.errors import CannotRun
from ops.rebuilding.pieces import Piece
from ops.rebuilding.worker import Order, work

GONE = "A worker of the rebuild has ended; give the command again, and it goes on from here."

END_S = 5.0
"""Seconds for a worker to end with the page that it is at. To kill it then harms nothing."""


@dataclass(frozen=True)
class Worker:
    """A process and our end of its line."""

    process: BaseProcess
    line: Connection

    def fold(self, piece: Piece) -> None:
        """Have a piece folded; waits for that. Raises CannotRun."""
        try:
            self.line.send(piece)
            problem: str | None = self.line.recv()
        except (EOFError, OSError):
            raise CannotRun(GONE) from None
        if problem is not None:
            raise CannotRun(problem)

    def leave(self) -> None:
        """End the line, for whoever waits at either end."""
        with contextlib.suppress(OSError), socket.socket(fileno=self.line.fileno()) as end:
            end.shutdown(socket.SHUT_RDWR)
            end.detach()


@contextlib.asynccontextmanager
async def working(order: Order, count: int) -> AsyncIterator[Sequence[Worker]]:
    """So many workers, which have ended when this has."""
    found = [_started(order) for _ in range(count)]
    try:
        yield found
    finally:
        for worker in found:
            worker.leave()
        await asyncio.gather(*(asyncio.to_thread(_ended, each.process) for each in found))


async def fold_all(workers: Sequence[Worker], pieces: Sequence[Piece]) -> None:
    """Have these folded, in their order, by whoever is free. Raises CannotRun."""
    waiting = list(reversed(pieces))

    async def keep_busy(worker: Worker) -> None:
        while waiting:
            await asyncio.to_thread(worker.fold, waiting.pop())

    await asyncio.gather(*map(keep_busy, workers))


def _started(order: Order) -> Worker:
    context = multiprocessing.get_context("spawn")  # a fork would share our connections
    ours, theirs = context.Pipe()
    process = context.Process(target=work, args=(theirs, order), daemon=True)
    process.start()
    theirs.close()  # so that its end is seen here, and ours there
    return Worker(process, ours)


def _ended(process: BaseProcess) -> None:
    process.join(END_S)
    if process.is_alive():
        process.kill()
        process.join()
