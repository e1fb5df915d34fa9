"""``parley audit list``: who changed what and when, and who signed in from where."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import click

from domain.errors import BatchRefused
from domain.moments import utc_text
from ops.asking import Asking
from ops.commands.common import Command, reading_core_of, run, say_json, settings_of
from ops.commands.options import TIME, TimeText, json_option, tenant_option
from ops.core import Core
from ops.errors import CannotRun
from ops.settings import Settings
from projections.audit.evolve import AuditRow
from projections.audit.reader import PAGE_LINES, AuditReader, Sought


@click.command(name="list", cls=Command)
@tenant_option
@click.option("--kind", type=click.Choice(["change", "login"]), help="Only these.")
@click.option("--actor", help="An id: who did it, or the agent as whom it was done or tried.")
@click.option("--from", "since", type=TimeText(), help=f"From then on. {TIME}")
@click.option("--until", type=TimeText(), help=f"Until then, and not of it. {TIME}")
@click.option("--limit", type=click.IntRange(min=1), default=100, show_default=True)
@json_option
@click.pass_context
def lines(context: click.Context, /, *, as_json: bool, **chosen: Any) -> None:
    """Print who changed what, and who signed in, tried to and out: the newest first.

    It is what the projector has folded; what a stopped product has not yet, is not in it.
    """
    run(_print(settings_of(context), as_json=as_json, **chosen))


async def _print(
    settings: Settings, *, as_json: bool, tenant: str, limit: int, **asked: str | None
) -> None:
    async with reading_core_of(settings) as core:
        async for line in _lines(core, tenant, limit, asked):
            say_json(told(line)) if as_json else click.echo(_text(line))


async def _lines(
    core: Core, tenant: str, limit: int, asked: dict[str, Any]
) -> AsyncIterator[AuditRow]:
    asking = Asking(core)
    log = await asking.log_of(tenant)
    bounds = await asking.bounds(log, asked["since"], asked["until"])
    sought = Sought(asked["kind"], asked["actor"], *bounds)
    reader = AuditReader(core.database.read_models, core.database.cipher)
    before: int | None = None
    while limit > 0:
        try:
            page = await reader.page(log, sought, min(limit, PAGE_LINES), before)
        except BatchRefused:
            raise CannotRun("There is no audit yet: it is made when the product starts.") from None
        for line in page.items:
            yield line
        limit, before = limit - len(page.items), page.next
        if before is None:
            return


def told(line: AuditRow) -> dict[str, Any]:
    """A line as JSON."""
    return {
        "position": line.position,
        "at": utc_text(line.at),
        "kind": line.kind,
        "type": line.type,
        "role": line.role,
        "actor": line.actor,
        "name": None if line.label is None else line.label.name,
        "stream": line.stream,
        "cause": None if line.cause is None else str(line.cause),
        "data": None if line.label is None else line.label.data,
    }


def _text(line: AuditRow) -> str:
    """A line as people read it."""
    form = told(line)
    who = form["name"] or f"{line.role} {line.actor}"
    data = "(erased)" if form["data"] is None else " ".join(map(_said, form["data"].items()))
    return (
        f"{line.position:>8}  {form['at']}  {line.type}  {line.stream}  by {who}  {data}".rstrip()
    )


def _said(field: tuple[str, Any]) -> str:
    """A field with its value, whose control characters are not for a terminal to act on."""
    name, value = field
    return f"{name}={value!r}"
