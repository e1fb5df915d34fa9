"""``parley dataset``: the standard data set, whole or a fraction of it, to measure and try on."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

import click
import msgspec
from msgspec import Struct

from ops.commands.common import (
    Command,
    Group,
    core_of,
    run,
    say_columns,
    say_json,
    say_pairs,
    settings_of,
    wants_progress,
)
from ops.commands.options import json_option
from ops.dataset.loading import Progress
from ops.dataset.plan import END_DAY, FIRST_DAY, Plan, TenantPlan, plan
from ops.dataset.words.chinese import CHINESE
from ops.dataset.words.english import ENGLISH
from ops.dataset.workers import Workers
from ops.errors import CannotRun
from ops.operator import check_tenant_name
from ops.pace import Line, duration
from ops.settings import Settings

LOOKED_FOR = (ENGLISH.looked_for, CHINESE.looked_for)


class Result(Struct, frozen=True):
    """What was loaded; ``found`` of the events were there before."""

    tenants: int
    conversations: int
    messages: int
    events: int
    found: int
    seconds: float

    @property
    def rate(self) -> float:
        """Events a second that were written."""
        return (self.events - self.found) / self.seconds if self.seconds else 0.0


def plan_options(command: Callable[..., None]) -> Callable[..., None]:
    """What says which set it is; all three together name it."""
    for option in reversed(
        (
            click.option(
                "--fraction",
                type=click.FloatRange(0, 1, min_open=True),
                default=0.01,
                show_default=True,
                help="How much of the whole set.",
            ),
            click.option("--seed", type=int, default=1, show_default=True),
            click.option(
                "--prefix", default="std", show_default=True, help="What tenants' names begin with."
            ),
        )
    ):
        command = option(command)
    return command


@click.group(cls=Group)
def dataset() -> None:
    """Make a large, believable history, the same for everybody."""


@dataset.command(cls=Command)
@plan_options
@json_option
def describe(*, as_json: bool, **chosen: Any) -> None:
    """Say what would be made, and change nothing."""
    wanted = _plan(**chosen)
    if as_json:
        say_json(_form(wanted))
        return
    heading = ["tenant", "zone", "Chinese", "conversations", "messages", "log"]
    say_columns([heading, *map(_cells, wanted.tenants)])
    click.echo("")
    say_pairs(
        [
            ("from", FIRST_DAY),
            ("to", END_DAY),
            ("conversations", wanted.conversations),
            ("messages", wanted.messages),
            *(("rare word", word.rare) for word in LOOKED_FOR),
            *(("common word", word.common) for word in LOOKED_FOR),
            *(("rare together", " ".join(word.apart)) for word in LOOKED_FOR),
        ]
    )


def _cells(tenant: TenantPlan) -> list[str]:
    numbers = (f"{tenant.profile.chinese:.0%}", str(tenant.conversations), str(tenant.messages))
    return [tenant.name, tenant.profile.zone, *numbers, str(tenant.log)]


def _form(wanted: Plan) -> dict[str, Any]:
    return {
        "from": str(FIRST_DAY),
        "to": str(END_DAY),
        "conversations": wanted.conversations,
        "messages": wanted.messages,
        "looked_for": msgspec.to_builtins(LOOKED_FOR),
        "tenants": [
            {
                "tenant": tenant.name,
                "log": str(tenant.log),
                "zone": tenant.profile.zone,
                "conversations": tenant.conversations,
                "messages": tenant.messages,
            }
            for tenant in wanted.tenants
        ],
    }


@dataset.command(cls=Command)
@plan_options
@click.option("--tenant", "only", multiple=True, help="Only this tenant of it; may be repeated.")
@click.option(
    "--jobs", type=click.IntRange(1, 64), help="Tenants at a time; as many as there are processors."
)
@json_option
@click.option("--progress", is_flag=True, help="Show progress, on stderr, without a terminal too.")
@click.pass_context
def load(
    context: click.Context,
    /,
    *,
    only: tuple[str, ...],
    jobs: int | None,
    as_json: bool,
    progress: bool,
    **chosen: Any,
) -> None:
    """Write the history into new tenants, or go on with one that was cut off.

    Given again with the same options it goes on exactly where the log ends. Nobody can sign in to
    these tenants before `parley agent set --password`.
    """
    wanted = _only(_plan(**chosen), only)
    settings = settings_of(context)
    shown = wants_progress(asked=progress)
    result = run(_load(settings, wanted, jobs or os.cpu_count() or 1, shown=shown))
    told = {**msgspec.to_builtins(result), "rate": round(result.rate)}
    if as_json:
        say_json(told)
    else:
        say_pairs(told.items())


def _plan(*, fraction: float, seed: int, prefix: str) -> Plan:
    check_tenant_name(f"{prefix}-name")
    wanted = plan(seed=seed, fraction=fraction, prefix=prefix)
    if not wanted.tenants:
        raise CannotRun("There is nothing in so small a fraction.")
    return wanted


def _only(wanted: Plan, names: Sequence[str]) -> Plan:
    """Those of the plan's tenants that are named, all where none is."""
    known = {tenant.name: tenant for tenant in wanted.tenants}
    for name in names:
        if name not in known:
            raise CannotRun(f"There is no {name!r} in it; its tenants are {', '.join(known)}.")
    return Plan(tuple(known[name] for name in dict.fromkeys(names))) if names else wanted


async def _load(settings: Settings, wanted: Plan, jobs: int, *, shown: bool) -> Result:
    async with core_of(settings) as core:
        board, begin = Board(wanted, Line(core.clock)), core.clock.monotonic()
        async for each in Workers(settings, core.url, jobs).load(wanted.tenants):
            board.take(each)
            if shown:
                board.show()
        seconds = core.clock.monotonic() - begin
    if shown:
        board.finish()
    return board.result(seconds)


class Board:
    """How far everybody is, and what is said of it on stderr."""

    def __init__(self, wanted: Plan, line: Line) -> None:
        self._wanted = wanted
        self._line = line
        self._of: dict[str, Progress] = {}

    def take(self, progress: Progress) -> None:
        """One tenant is so far."""
        self._of[progress.tenant] = progress

    def show(self) -> None:
        """Say how far it is, unless that was said just now."""
        self._line.say(self._text)

    def finish(self) -> None:
        """Say it once more, and leave the line."""
        self._line.end(self._text)

    def _text(self, now: float) -> str:
        seconds = now - self._line.begun
        total, done = self._wanted.conversations, self._sum("conversations")
        events, found = self._sum("events"), self._sum("found")
        written = max(0, events - found)
        rate = written / seconds if seconds else 0.0
        line = f"{done:,} of {total:,} conversations, {events:,} events, {rate:,.0f}/s"
        if written:  # what was there before took no time
            left = seconds * (total - done) / (done * written / events) if done else 0.0
            line += f", {duration(left)} left"
        return line

    def result(self, seconds: float) -> Result:
        """What has come of it."""
        return Result(
            len(self._wanted.tenants),
            self._wanted.conversations,
            self._wanted.messages,
            self._sum("events"),
            self._sum("found"),
            round(seconds, 3),
        )

    def _sum(self, field: str) -> int:
        return sum(getattr(each, field) for each in self._of.values())
