"""``parley projection list``: how every projection is, in every tenant's log."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click
import msgspec
from msgspec import Struct

from adapters.postgres.overview import Overview, Standing
from ops.commands.common import Command, reading_core_of, run, say_columns, say_json, settings_of
from ops.commands.options import json_option
from ops.pace import duration
from ops.rebuilding.operator import ProjectionOperator
from ops.settings import Settings
from projections.generations import CURRENT, NEXT, OLD
from projections.projection import name_of

GONE_S = 5.0
"""Seconds after which a rebuild that says nothing was cut off: it speaks twice a second."""

HEAD = ("projection", "tenant", "state", "position", "lag", "behind", "parked", "MB", "beside")


class Line(Struct, frozen=True):
    """One projection in one log. Sizes are bytes of its tables, of all tenants together.

    ``older_bytes`` are those of the generation before; ``building`` is the part of the log that an
    unfinished build has, with its rate where it is under way; None where there is none.
    """

    projection: str
    version: int
    tenant: str
    state: str
    reason: str | None
    position: int
    lag_events: int
    lag_s: float
    parked: int
    bytes: int
    older_bytes: int | None
    building: float | None
    per_second: float | None


@click.command("list", cls=Command)
@json_option
@click.pass_context
def list_(context: click.Context, *, as_json: bool) -> None:
    """Print how every projection is, in every tenant's log."""
    lines = list(lines_of(run(_overview(settings_of(context)))))
    if as_json:
        for line in lines:
            say_json(msgspec.to_builtins(line))
    else:
        say_columns([HEAD, *map(_cells, lines)])


async def _overview(settings: Settings) -> Overview:
    async with reading_core_of(settings) as core:
        return await ProjectionOperator(core, settings).overview()


def lines_of(overview: Overview) -> Iterator[Line]:
    """A line for each projection and log; what is built beside it is part of that."""
    beside = {(each.identifier, each.tenant): each for each in overview.standings}
    for each in overview.standings:
        if "+" not in each.identifier:
            yield _line(overview, each, beside.get((each.identifier + NEXT.suffix, each.tenant)))


def _line(overview: Overview, live: Standing, building: Standing | None) -> Line:
    name, _, version = live.identifier.rpartition(".")
    build = overview.builds.get(name)
    under_way = build is not None and build.seen_s < GONE_S
    sizes: dict[Any, int] = overview.sizes
    begun = (live.identifier, NEXT.schema) in sizes
    position = building.position if building else 0
    return Line(
        projection=name,
        version=int(version),
        tenant=live.tenant,
        state=_state(overview, live),
        reason=live.reason,
        position=live.position,
        lag_events=live.head - live.position,
        lag_s=live.lag_s,
        parked=live.parked,
        bytes=sizes.get((live.identifier, CURRENT.schema), 0),
        older_bytes=sizes.get((live.identifier, OLD.schema)),
        building=position / max(live.head, 1) if begun else None,
        per_second=build.per_second if build is not None and under_way and begun else None,
    )


def _state(overview: Overview, live: Standing) -> str:
    """In one word. What this program does not have, nobody may follow any more."""
    if live.identifier not in overview.own:
        return "elsewhere"
    return "paused" if name_of(live.identifier) in overview.paused else live.state or "following"


def _cells(line: Line) -> list[str]:
    state = line.state if line.reason is None else f"{line.state}: {line.reason}"
    return [
        f"{line.projection}.{line.version}",
        line.tenant,
        state,
        *(str(line.position), str(line.lag_events), duration(line.lag_s), str(line.parked)),
        f"{line.bytes / 1e6:.1f}",
        ", ".join(_beside(line)),
    ]


def _beside(line: Line) -> Iterator[str]:
    if line.older_bytes is not None:
        yield f"older generation of {line.older_bytes / 1e6:.1f} MB"
    if line.building is not None:
        how = "cut off" if line.per_second is None else f"{line.per_second:,.0f} events/s"
        yield f"building {line.building:.0%} ({how})"
