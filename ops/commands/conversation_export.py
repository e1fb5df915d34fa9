"""``parley conversation export``: a tenant's conversations, many at a time."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import click

from domain.moments import utc_text
from ops.asking import Asking
from ops.commands.common import (
    Command,
    Place,
    reading_core_of,
    run,
    say_json,
    say_pairs,
    settings_of,
    wants_progress,
)
from ops.commands.options import TIME, TimeText, json_option, tenant_option
from ops.core import Core
from ops.exports.run import Done, Export, Wish
from ops.exports.state import State
from ops.pace import Pace, Told
from ops.settings import Settings
from projections.exports.formats import FORMATS
from projections.exports.pieces import Wanted
from projections.exports.source import ConversationSource
from projections.sessions.rows import Status

STATUS = click.Choice(get_args(Status))


@click.command(cls=Command)
@tenant_option
@click.option(
    "--to", "target", required=True, type=Place(path_type=Path, dir_okay=False),
    help="The file; ending in .gz, it is compressed. CSV makes two: F-conversations, F-messages.",
)  # fmt: skip
@click.option(
    "--format", "format_", type=click.Choice(list(FORMATS)), default="jsonl", show_default=True
)
@click.option("--from", "since", type=TimeText(), help=f"Begun then or later. {TIME}")
@click.option("--until", type=TimeText(), help=f"Begun before that. {TIME}")
@click.option("--status", type=STATUS)
@click.option("--department")
@click.option("--tag")
@click.option("--resume", is_flag=True, help="Go on with an export that was cut off.")
@click.option("--overwrite", is_flag=True, help="Replace what is there.")
@click.option("--progress", is_flag=True, help="Show progress, on stderr, without a terminal too.")
@json_option
@click.pass_context
def export(context: click.Context, /, *, as_json: bool, progress: bool, **chosen: Any) -> None:
    """Write conversations to a file, all as of one position, beside a running product too.

    Where it was cut off, --resume goes on. What was erased is exported as erased.
    """
    if chosen["resume"] and chosen["overwrite"]:
        raise click.UsageError("Give --resume or --overwrite, not both.")
    shown = wants_progress(asked=progress)
    done = run(_export(settings_of(context), shown=shown, **chosen))
    say_json(told(done)) if as_json else say_pairs(told(done).items())


async def _export(
    settings: Settings, *, shown: bool, tenant: str, target: Path, format_: str, **chosen: Any
) -> Done:
    async with reading_core_of(settings) as core:
        asking = Asking(core)
        log = await asking.log_of(tenant)
        bounds = await asking.bounds(log, chosen["since"], chosen["until"])
        wanted = Wanted(*bounds, chosen["status"], chosen["department"], chosen["tag"])
        wish = Wish(log, format_, target, wanted, chosen["resume"], chosen["overwrite"])
        database = core.database
        source = ConversationSource(database.read_models, database.cipher, database.store)
        job = Export(source, core.clock, wish)
        begun = await job.prepare()
        if not shown:
            return await job.run(begun)
        with _pace(core, await job.count(begun), begun) as advance:
            return await job.run(begun, advance)


@contextlib.contextmanager
def _pace(core: Core, total: int, begun: State) -> Iterator[Told]:
    """Something to call with how many conversations are written."""
    pace = Pace(core.clock, "exported", total, begun.totals.conversations)
    try:
        yield pace
    finally:
        pace.end()


def told(done: Done) -> dict[str, Any]:
    """An export as its command tells of it."""
    stand, totals = done.stand, done.totals
    return {
        "tenant": stand.tenant,
        "position": stand.position,
        "mark": stand.mark,
        "at": utc_text(stand.at),
        "behind": stand.behind,
        "conversations": totals.conversations,
        "messages": totals.messages,
        "erased": totals.erased,
        "unreadable": totals.unreadable,
        "files": [str(path) for path in done.files],
    }
