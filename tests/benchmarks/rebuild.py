"""Rebuilding read models from the standard data set: events a second, until they are the live ones.

All but search in one pass; a plain projection alone; and what reading and decrypting alone takes,
which none of them can be faster than.
"""

from __future__ import annotations

import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from ops.core import Core, existing
from ops.dataset.plan import plan
from ops.dataset.workers import Workers
from ops.rebuilding.operator import ProjectionOperator
from ops.rebuilding.rebuild import Rebuild
from ops.settings import Settings
from projections.building import PAGE_BYTES, PAGE_EVENTS, BuildSettings
from tests.benchmarks.measuring import Figure, Options, Table, ratios, spread
from tests.benchmarks.storing import bench
from tests.fixtures.postgres import MASTER_KEY

FRACTION = 0.01
"""Of the standard set: some hundred thousand events of eight tenants, of which one has a third."""

PLAIN = "audit"
APART = "search"
"""What has a goal of its own: by far the most of what is written is its index."""


async def rebuild(options: Options) -> Table:
    """Each in turn, on the same logs; tables of the round before are replaced."""
    table = Table(
        f"rebuild: {FRACTION:.0%} of the standard data set, two processes",
        ("", "events/s", "reading / this"),
    )
    async with bench() as store:
        settings = Settings(
            data=Path(os.devnull),
            database_url=store.url,
            master_key=(MASTER_KEY,),
            log_level="error",
            build=BuildSettings(share=1.0),
        )
        wanted = plan(fraction=FRACTION, prefix="bench")
        async for _ in Workers(settings, store.url, settings.build.workers).load(wanted.tenants):
            pass
        async with existing(settings, store.url) as core:
            names = ProjectionOperator(core, settings).names
            rates = await _measured(core, settings, names, options.rounds)
    reading = rates["read and decrypted by one process"]
    for name, each in rates.items():
        table.add(name, spread(each), ratios(reading, each) if each is not reading else "")
    table.keep(Figure.REBUILT, rates["all but search"])
    table.keep(Figure.REBUILT_PLAIN, rates[f"a plain one: {PLAIN}"])
    return table


async def _measured(
    core: Core, settings: Settings, names: tuple[str, ...], rounds: int
) -> dict[str, list[float]]:
    """Events a second of each, round by round."""
    heads = await core.database.store.heads()
    events = sum(head.position for head in heads)
    every = [name for name in names if name != APART]

    async def read() -> None:
        pages = core.database.pages(PAGE_BYTES)
        for head in heads:
            after = 0
            while page := await pages.page(head.log, after, after + PAGE_EVENTS, None):
                after = page.upto.position

    ways: dict[str, Callable[[], Awaitable[None]]] = {
        "read and decrypted by one process": read,
        f"a plain one: {PLAIN}": Rebuild(core, settings, [PLAIN]).run,
        "sessions": Rebuild(core, settings, ["sessions"]).run,
        "all but search": Rebuild(core, settings, every).run,
    }
    found: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            begin = time.perf_counter()
            await way()
            found[name].append(events / (time.perf_counter() - begin))
    return found
