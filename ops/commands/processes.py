"""``parley processes``: what `parley run` runs here, and how each of it is."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import click
import msgspec

from ops.commands.common import Command, run, say_columns, say_json, settings_of
from ops.errors import CannotRun
from ops.settings import Settings
from ops.supervision import processes as listing
from ops.supervision.processes import Listed, Process
from ops.supervision.running import supervisor_of

HEAD = ["process", "pid", "state", "own port", "since", "restarts", "roles"]


@click.command(cls=Command)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_context
def processes(context: click.Context, *, as_json: bool) -> None:
    """Print what `parley run` keeps on this directory; status 1 if one of it is not ready."""
    listed = listed_of(settings_of(context))
    states = run(states_of(listed))
    if as_json:
        say_json(form_of(listed, states))
    else:
        say_columns(rows(listed, states))
    context.exit(0 if set(states.values()) == {"ready"} else 1)


def listed_of(settings: Settings) -> Listed:
    """The list of a supervisor that lives. Raises CannotRun where there is none."""
    listed = listing.read(settings.data)
    if listed is None or supervisor_of(settings.data) is None:
        raise CannotRun(f"No `parley run` looks after {settings.data}.")
    return listed


async def states_of(listed: Listed) -> dict[int, str]:
    """How each process is, by its number, as it says itself just now."""
    found = await asyncio.gather(*(listing.state_of(each) for each in listed.processes))
    return {each.pid: state for each, state in zip(listed.processes, found, strict=True)}


def rows(listed: Listed, states: Mapping[int, str]) -> list[list[str]]:
    """The list as a table."""
    return [HEAD, *(_row(each, states[each.pid]) for each in listed.processes)]


def _row(process: Process, state: str) -> list[str]:
    since = datetime.fromtimestamp(process.since, UTC)
    return [
        process.name,
        str(process.pid),
        state,
        str(process.port),
        f"{since:%Y-%m-%d %H:%M:%S}",
        str(process.restarts),
        ",".join(process.roles),
    ]


def form_of(listed: Listed, states: Mapping[int, str]) -> dict[str, Any]:
    """The list as JSON."""
    form: dict[str, Any] = msgspec.to_builtins(listed)
    for each in form["processes"]:
        del each["born"]
        each["state"] = states[each["pid"]]
    return form
