"""A worker of a rebuild: a process of its own that folds one piece of the work at a time.

It is given pieces over a pipe and says of each how it went. When whoever started it is gone, so is
the other end of the pipe, and the worker ends with the page that it is at. Killed at any moment it
leaves what the next one goes on from.
"""

from __future__ import annotations

import asyncio
import gc
import os
import signal
from multiprocessing.connection import Connection

import uvloop
from msgspec import Struct

from ops import logs
from ops.core import existing
from ops.errors import MENDABLE, sentence
from ops.rebuilding.parts import building_of
from ops.rebuilding.pieces import Piece
from ops.settings import Settings
from projections.generations import Generation

NICENESS = 10
"""How much it steps back when the cores are wanted by others."""


GARBAGE_EVERY = 200_000
"""Objects between two looks for cycles: a page's events and rows live all at once, and to go
through them again and again took up to half of the reading. There are hardly any cycles."""


class Order(Struct, frozen=True):
    """What a worker is started with: where, which projections, and which of their generations."""

    settings: Settings
    url: str
    names: tuple[str, ...]
    generation: Generation


class Abandoned(Exception):  # it ends the process
    """Nobody waits for the result any more."""


def work(line: Connection, order: Order) -> None:
    """Fold the pieces that come over the line, until it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one who started us ends us
    os.nice(NICENESS)
    gc.set_threshold(GARBAGE_EVERY)
    logs.configure(order.settings.log_level, order.settings.log_format)
    logs.quieter()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_work(line, order))


async def _work(line: Connection, order: Order) -> None:
    async with existing(order.settings, order.url) as core:
        building = building_of(core, order.settings, order.names, order.generation)

        def still_wanted() -> None:
            if line.poll():  # nothing comes before our answer, but the end
                raise Abandoned

        try:
            while True:
                piece: Piece = await asyncio.to_thread(line.recv)
                try:
                    await building.among(piece.names).build(piece.log, piece.upto, still_wanted)
                except MENDABLE as error:
                    line.send(sentence(error))
                else:
                    line.send(None)
        except (EOFError, OSError, Abandoned):
            return
