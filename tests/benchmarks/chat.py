"""Chat: how many durable messages a second, and how long one takes, beside others.

The product, Socket.IO and a bare echo run as processes of their own, the first two each with a
PostgreSQL; this process generates and checks. All are measured in turn, round by round.
"""

from __future__ import annotations

from collections.abc import Sequence

from tests.benchmarks.measuring import (
    Figure,
    Options,
    Table,
    at_least,
    milliseconds,
    ratios,
    spread,
)
from tests.benchmarks.sides import Side, all_sides
from tests.benchmarks.talk import Figures, closed_loop, open_loop
from tests.benchmarks.work import Watch

WARM_S = 1.0
RATE = 200.0
COLUMNS = ("p50 ms", "p99 ms", "server's CPU, us/message", "generator's share of a core")


async def chat(options: Options) -> Table:
    """Closed loop: the next message follows the ack and the receipt of the one before."""
    async with all_sides(options.people) as sides:
        await measured(sides, options)
    return closed_table(f"chat: {options.people} visitors, {options.people} agents' sockets", sides)


async def pace(options: Options) -> Table:
    """Open loop: messages are sent when they are due, at random moments."""
    async with all_sides(options.people) as sides:
        await measured(sides, options, RATE)
    table = Table(
        f"open loop: {RATE:.0f} messages/s along {options.people} pairs, sent to received",
        ("", *COLUMNS, "generator late, p99 ms"),
    )
    for side in sides:
        if side.missing:
            table.add_missing(side.name, side.missing)
            continue
        late = spread([at_least(0.99, milliseconds(each.late)) for each in side.runs])
        table.add(side.name, *_latencies(side.runs), *_works(side.runs), late)
    ours, *others = sides
    for other in others:
        if not other.missing:
            _, *slower, work = _quotients(ours.runs, other.runs)
            table.add(f"{ours.name} / {other.name}", *slower, work, "", "")
    table.keep(Figure.PACE_P50, _at(0.5, ours.runs))
    table.keep(Figure.PACE_P99, _at(0.99, ours.runs))
    return table


def closed_table(title: str, sides: Sequence[Side]) -> Table:
    """Each side, and how often the first one has the others in it."""
    table = Table(f"{title}, closed loop", ("", "messages/s", *COLUMNS))
    for side in sides:
        if side.missing:
            table.add_missing(side.name, side.missing)
            continue
        table.add(side.name, spread(_rates(side.runs)), *_latencies(side.runs), *_works(side.runs))
    ours, *others = sides
    for other in others:
        if not other.missing:
            table.add(f"{ours.name} / {other.name}", *_quotients(ours.runs, other.runs), "")
            if other.figure is not None:
                table.compare(other.figure, _rates(ours.runs), _rates(other.runs))
    return table


async def measured(sides: Sequence[Side], options: Options, rate: float | None = None) -> None:
    """All sides in turn, so many rounds after one that warms up; each keeps its runs."""
    for number in range(-1, options.rounds):
        for side in sides:
            if not side.missing:
                figures = await _run(side, WARM_S if number < 0 else options.seconds, rate)
                if number >= 0:
                    side.runs.append(figures)
    for side in sides:
        await side.end()


async def _run(side: Side, seconds: float, rate: float | None) -> Figures:
    """One run over a side's lines, with what serving and generating processes worked for it."""
    watch = Watch(side.pid)
    if rate is None:
        figures = await closed_loop(side.lines, seconds)
    else:
        figures = await open_loop(side.lines, seconds, rate)
    work = watch.end()
    figures.cpu_s, figures.generator_s = work.server_s, work.generator_s
    return figures


def _rates(runs: Sequence[Figures]) -> list[float]:
    return [each.rate for each in runs]


def _at(share: float, runs: Sequence[Figures]) -> list[float]:
    """Of each run, within how many milliseconds this share of its messages was received."""
    return [at_least(share, milliseconds(each.received)) for each in runs]


def _latencies(runs: Sequence[Figures]) -> tuple[str, str]:
    return spread(_at(0.5, runs)), spread(_at(0.99, runs))


def _works(runs: Sequence[Figures]) -> tuple[str, str]:
    return spread([each.work for each in runs]), spread([each.generator_share for each in runs])


def _quotients(ours: Sequence[Figures], theirs: Sequence[Figures]) -> tuple[str, str, str, str]:
    """The ratios of rate, latencies and the processor's time for a message."""
    rate = ratios(_rates(ours), _rates(theirs))
    p50, p99 = (ratios(_at(share, ours), _at(share, theirs)) for share in (0.5, 0.99))
    return rate, p50, p99, ratios([each.work for each in ours], [each.work for each in theirs])
