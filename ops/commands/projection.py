"""``parley projection``: rebuild read models, pause them, mend what was parked, throw away."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import click
import msgspec

from adapters.postgres.builds import ParkedEvent
from domain.moments import utc_text
from ops.commands.common import (
    Command,
    Group,
    reading_core_of,
    run,
    say_columns,
    say_json,
    settings_of,
    wants_progress,
)
from ops.commands.options import json_option, tenant_option
from ops.commands.projection_list import list_
from ops.pace import duration
from ops.rebuilding.operator import ProjectionOperator
from ops.rebuilding.progress import Progress, Say
from ops.rebuilding.rebuild import Rebuild
from ops.settings import Settings

SHARE = click.FloatRange(0, 1, min_open=True)
BAR = 36
"""Characters of the bar."""


@click.group(cls=Group)
def projection() -> None:
    """Look after read models: list, rebuild, pause, resume, drop."""


projection.add_command(list_)


@projection.command(cls=Command)
@click.argument("names", nargs=-1)
@click.option("--all", "every", is_flag=True, help="Every projection, in one pass over the logs.")
@click.option("--undo", is_flag=True, help="Go back to the tables before the last rebuild.")
@click.option("--tenant", help="Only this tenant's rows, exchanged in one transaction.")
@click.option("--share", type=SHARE, help="The part of the time that each process works.")
@click.option("--workers", type=click.IntRange(1, 64), help="Processes that fold.")
@click.option("--progress", is_flag=True, help="Say how far it is, on stderr.")
@json_option
@click.pass_context
def rebuild(context: click.Context, /, *, as_json: bool, progress: bool, **chosen: Any) -> None:
    """Fold the logs anew beside the live tables, then switch.

    One that was cut off is gone on with; `parley projection drop` throws it away instead.
    """
    names, every = tuple(chosen.pop("names")), chosen.pop("every")
    if chosen["tenant"] and chosen["workers"]:
        raise click.UsageError("One tenant's log is folded by this process, without --workers.")
    if bool(names) == every:
        raise click.UsageError("Name one projection or more, or give --all.")
    if chosen["undo"] and chosen["tenant"]:
        raise click.UsageError("--undo is of all tenants' rows.")
    settings = _built_by(settings_of(context), chosen.pop("share"), chosen.pop("workers"))
    with _told(as_json=as_json, shown=wants_progress(asked=progress)) as say:
        run(_rebuild(settings, names, say, **chosen))


def _built_by(settings: Settings, share: float | None, workers: int | None) -> Settings:
    """The settings with what was chosen for this rebuild."""
    build = settings.build
    build = replace(build, share=share or build.share, workers=workers or build.workers)
    return replace(settings, build=build)


async def _rebuild(
    settings: Settings, names: tuple[str, ...], say: Say, *, undo: bool, tenant: str | None
) -> None:
    async with reading_core_of(settings) as core:
        chosen = Rebuild(core, settings, names or ProjectionOperator(core, settings).names)
        if undo:
            await chosen.undo(say)
        elif tenant is not None:
            await chosen.run_for(tenant, say=say)
        else:
            await chosen.run(say)


@contextlib.contextmanager
def _told(*, as_json: bool, shown: bool) -> Iterator[Say]:
    """Says how far it is: as lines of JSON, or as a bar with rate and time left."""
    if as_json:
        yield lambda progress: say_json(msgspec.to_builtins(progress))
        return
    here = sys.stderr.isatty()  # then each line takes the place of the last
    start, end = ("\r", "\x1b[K") if here else ("", "\n")

    def say(progress: Progress) -> None:
        if shown:
            click.echo(f"{start}{_words(progress)}{end}", err=True, nl=False)

    yield say
    if shown and here:
        click.echo(err=True)


def _words(progress: Progress) -> str:
    """A bar, with how fast it is and how long it takes still."""
    part = progress.done / max(progress.total, 1)
    bar = "#" * int(BAR * part)
    left = "" if progress.left_s is None else f", {duration(progress.left_s)} left"
    return f"rebuilding [{bar:-<{BAR}}] {part:4.0%}  {progress.per_second:,.0f} events/s{left}"


@projection.command(cls=Command)
@click.argument("name")
@click.pass_context
def pause(context: click.Context, name: str) -> None:
    """Let a projection keep its place; views stay as they are."""
    run(_pause(settings_of(context), name, paused=True))


@projection.command(cls=Command)
@click.argument("name")
@click.pass_context
def resume(context: click.Context, name: str) -> None:
    """Let a paused projection go on."""
    run(_pause(settings_of(context), name, paused=False))


async def _pause(settings: Settings, name: str, *, paused: bool) -> None:
    async with reading_core_of(settings) as core:
        await ProjectionOperator(core, settings).pause(name, paused=paused)


@projection.command(cls=Command)
@click.argument("name")
@click.pass_context
def drop(context: click.Context, name: str) -> None:
    """Throw away what is kept beside the live tables of NAME.

    That is the generation before, and a build that is not finished. NAME.VERSION: all of a version
    that this program has no more.
    """
    for each in run(_drop(settings_of(context), name)):
        click.echo(each)


async def _drop(settings: Settings, name: str) -> list[str]:
    async with reading_core_of(settings) as core:
        return await ProjectionOperator(core, settings).drop(name)


@projection.command(cls=Command)
@click.argument("name")
@click.option("--tenant", help="Only this tenant's.")
@json_option
@click.pass_context
def parked(context: click.Context, name: str, tenant: str | None, *, as_json: bool) -> None:
    """Print the events that a projection could not fold and has stepped over."""
    found = run(_parked(settings_of(context), name, tenant))
    if as_json:
        for each in found:
            say_json(msgspec.to_builtins(each))
    else:
        say_columns([["tenant", "position", "parked at", "error"], *map(_cells, found)])


async def _parked(settings: Settings, name: str, tenant: str | None) -> list[ParkedEvent]:
    async with reading_core_of(settings) as core:
        return await ProjectionOperator(core, settings).parked(name, tenant)


def _cells(event: ParkedEvent) -> list[str]:
    return [event.tenant, str(event.position), utc_text(event.parked_at), event.error]


@projection.command(cls=Command)
@click.argument("name")
@tenant_option
@click.option("--position", type=click.IntRange(1), required=True, help="Where it is parked.")
@click.pass_context
def replay(context: click.Context, name: str, tenant: str, position: int) -> None:
    """Fold a tenant's log anew, now that a parked event can be folded.

    Out of order it cannot be folded; so its rows are all made again. If it still fails, nothing is
    changed.
    """
    run(_replay(settings_of(context), name, tenant, position))


async def _replay(settings: Settings, name: str, tenant: str, position: int) -> None:
    async with reading_core_of(settings) as core:
        await ProjectionOperator(core, settings).demand_parked(name, tenant, position)
        await Rebuild(core, settings, [name]).run_for(tenant, mended=position)
