"""Plays the scenario of a seed on a loop of its own, and judges it."""

from __future__ import annotations

import asyncio
import gc
from collections import Counter

from msgspec import Struct

from tests.simulation.failures import collected
from tests.simulation.history import History
from tests.simulation.judgement import judge
from tests.simulation.loop import VirtualLoop
from tests.simulation.world import World

CLEANING_TURNS = 50
"""How often what is left of a scenario is ended before it is given up."""

SWEPT_SEEDS = 10
"""After so many scenarios memory is swept: each leaves some megabytes in cycles."""


class Played(Struct):
    """One scenario: what happened, what the checkers looked at, and what was wrong, if anything."""

    seed: int
    history: History
    looked: Counter[str]
    wrong: str | None = None


def play(seed: int) -> Played:
    """Play and judge. Whatever goes wrong is in the answer; nothing is raised."""
    gc.disable()  # what is swept when must not depend on what was played before
    history, loop = History(), VirtualLoop()

    async def scenario() -> None:
        await World(seed, loop, history).run()

    try:
        with collected(loop, history):
            try:
                loop.run_until_complete(scenario())
            finally:
                _clean(loop)
        return Played(seed, history, judge(history))
    except Exception as error:  # noqa: BLE001  # a broken harness is a failed seed too
        return Played(seed, history, Counter(), f"{type(error).__name__}: {error}")
    finally:
        gc.enable()
        if seed % SWEPT_SEEDS == 0:
            gc.collect()


def _clean(loop: VirtualLoop) -> None:
    """End what still runs; nothing of it may live on."""
    for _ in range(CLEANING_TURNS):
        left = sorted(asyncio.all_tasks(loop), key=hash)
        if not left:
            break
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.wait(left))
    loop.close()


def sweep_little() -> None:
    """Never look at what the imports have made when memory is swept."""
    gc.collect()
    gc.freeze()
