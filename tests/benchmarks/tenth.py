"""The standing benchmark: a part of the standard data set, loaded, verified, rebuilt and asked.

A tenth of it by default. With ``--keep DIR`` what was measured stays there with the store, and a
run that was cut off is gone on with. What is asked by HTTP is asked in turn of a product that is
nearly empty too, and told as the ratio of both; rebuilds beside reading and decrypting alone.
"""

from __future__ import annotations

import contextlib
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from ops.core import existing
from ops.dataset.plan import Plan, plan
from ops.settings import Settings
from projections.building import PAGE_BYTES, PAGE_EVENTS
from tests.benchmarks.asked import asked
from tests.benchmarks.kept import Figures
from tests.benchmarks.loaded import Loaded, loaded
from tests.benchmarks.measuring import Figure, MeasurementFailed, Options, Table, number
from tests.fixtures.postgres import owner_of

APART = "search"
PLAIN = "audit"
NAMES = ("sessions", "agents", "visitors", PLAIN, "analytics", APART)
"""Without webhooks, which are not built beyond what they were told: here nothing."""

EVENT_BYTES = 1_400
"""On the disk for an event, with all read models, and those twice that are built in one pass."""

EVENTS = 13
"""Of a conversation, about."""

SPARE_BYTES = 2 * 2**30
"""That are left free in any case: PostgreSQL's own log, and whoever else writes."""

EARLY = 0.1
SIZES = """
    SELECT coalesce(sum(pg_total_relation_size(c.oid)) FILTER (WHERE n.nspname = 'es'), 0)::float8,
        coalesce(sum(pg_total_relation_size(c.oid)) FILTER (WHERE n.nspname = 'rm'), 0)::float8
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.relkind = 'r'
"""


async def tenth(options: Options) -> Table:
    """Everything, one after the other; what is kept from before is not measured again."""
    wanted = plan(fraction=options.fraction)
    with _directory(options.keep) as directory:
        _demand_space(directory, wanted)
        figures = Figures(directory)
        async with loaded(directory, wanted) as store:
            await _written(store, figures, options.fraction)
            await _rebuilt(store, figures)
            await asked(store, figures, options.rounds)
        return _table(figures, wanted, options.fraction)


@contextlib.contextmanager
def _directory(keep: Path | None) -> Iterator[Path]:
    """Where all of it lies: one that stays, or one that is gone afterwards."""
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="parley-bench-") as made:
        Path(made).chmod(0o755)  # PostgreSQL's own user passes through
        yield Path(made)


def _demand_space(directory: Path, wanted: Plan) -> None:
    """Say how much it takes; refuse where there is less. Raises MeasurementFailed."""
    needed = wanted.conversations * EVENTS * EVENT_BYTES + SPARE_BYTES
    there = sum(each.stat().st_size for each in directory.rglob("*") if each.is_file())
    free = shutil.disk_usage(directory).free
    said = f"{needed / 2**30:.1f} GB of disk, of which {there / 2**30:.1f} are there"
    sys.stderr.write(f"{directory} takes up to {said}; {free / 2**30:.1f} GB are free\n")
    if free < needed - there:
        raise MeasurementFailed(f"it takes {said}, and {free / 2**30:.1f} GB are free")


async def _written(store: Loaded, figures: Figures, fraction: float) -> None:
    """Load, and prove every chain."""

    async def load() -> list[float]:
        result = await store.parley(
            *("dataset", "load", "--fraction", repr(fraction), "--progress", "--json")
        )
        return [result["events"], result["rate"]]

    async def verify() -> list[float]:
        begin = time.perf_counter()
        for tenant in store.wanted.tenants:
            said = await store.parley("audit", "verify", "--tenant", tenant.name, "--json")
            if not said["ok"]:
                raise MeasurementFailed(f"the chain of {tenant.name} is broken")
        return [figures["load"][0] / (time.perf_counter() - begin)]

    await store.text("init")
    await figures.once("load", load)
    await figures.once("verify", verify)


async def _rebuilt(store: Loaded, figures: Figures) -> None:
    """Each read model alone, all but search in one pass; what reading alone takes; the sizes."""
    events = figures["load"][0]

    async def read() -> list[float]:
        begin = time.perf_counter()
        settings = Settings(data=store.data, database_url=store.url, log_level="error")
        async with existing(settings, store.url) as core:
            pages = core.database.pages(PAGE_BYTES)
            for head in await core.database.store.heads():
                after = 0
                while page := await pages.page(head.log, after, after + PAGE_EVENTS, None):
                    after = page.upto.position
        return [events / (time.perf_counter() - begin)]

    async def sizes() -> list[float]:
        async with owner_of(store.url) as owner:
            return [float(each) for each in await owner.fetchrow(SIZES) or ()]

    await figures.once("read", read)
    for name in NAMES:
        await figures.once(name, lambda name=name: _rebuild(store, events, [name]))  # type: ignore[misc]  # the name of this turn
    every = [name for name in NAMES if name != APART]
    await figures.once("all but search", lambda: _rebuild(store, events, every))
    await figures.once("sizes", sizes)


async def _rebuild(store: Loaded, events: float, names: list[str]) -> list[float]:
    """Events a second; bytes of the largest process when a tenth was done, and at most later."""
    early, late = 0.0, 0.0

    def look(progress: dict[str, float], size: float) -> None:
        nonlocal early, late
        if size and progress["done"] >= EARLY * progress["total"]:
            early, late = early or size, max(late, size)

    taken = await store.rebuild(names, look)
    return [events / taken, early, late]


def _table(figures: Figures, wanted: Plan, fraction: float) -> Table:
    events, rate = figures["load"]
    table = Table(
        f"{fraction:.1%} of the standard data set: {wanted.conversations:,} conversations,"
        f" {wanted.messages:,} messages, {events:,.0f} events",
        ("", "measured", "baseline", "ratio"),
    )
    log, models = figures["sizes"]
    for name, size in (("the log", log), ("the read models", models), ("both", log + models)):
        table.add(f"{name}, MB on disk", number(size / 1e6), "", "")
        table.add(f"{name}, bytes a message", number(size / wanted.messages), "", "")
    reading = figures["read"][0]
    table.add("loaded, events/s", number(rate), "", "")
    for name in ("verify", *NAMES, "all but search"):
        own = figures[name][0]
        shown = "chains verified" if name == "verify" else f"{name} rebuilt"
        table.add(f"{shown}, events/s", number(own), number(reading), number(own / reading))
    searched = figures[APART][0] * wanted.messages / events
    table.add("search rebuilt, messages/s", number(searched), "", "")
    _, early, late = figures["all but search"]
    if early:
        cells = number(late / 1e6), number(early / 1e6), number(late / early)
        table.add("a builder's memory, MB: its most, and after a tenth", *cells)
    for name in figures.names("ask "):
        *ours, theirs = figures[name]
        cells = number(ours[0]), number(theirs), number(ours[0] / theirs)
        table.add(f"{name.removeprefix('ask ')}, ms", *cells)
    _goals(table, figures, searched)
    return table


def _goals(table: Table, figures: Figures, searched: float) -> None:
    """What a goal is set for."""
    if figures["load"][1]:  # else all of it was there before
        table.keep(Figure.BULK, figures["load"][1:])
    table.keep(Figure.REBUILT, figures["all but search"][:1])
    table.keep(Figure.REBUILT_PLAIN, figures[PLAIN][:1])
    table.keep(Figure.SEARCH_BUILT, [searched])
    for start, figure in (("ask report", Figure.TENTH_REPORT), ("ask search", Figure.TENTH_SEARCH)):
        table.keep(figure, [max(figures[name][0] for name in figures.names(start))])
    for start, figure in (("ask list", Figure.TENTH_LIST), ("ask resume", Figure.TENTH_RESUME)):
        (ours, theirs), *_ = (figures[name] for name in figures.names(start))
        table.keep(figure, [ours / theirs])
