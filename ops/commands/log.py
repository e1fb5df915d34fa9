"""``parley log``: look at a tenant's log, event by event."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import click
import msgspec

from domain.envelope import RecordedEvent
from domain.moments import utc_text
from ops.asking import log_of
from ops.commands.common import (
    Command,
    Group,
    progress_bar,
    reading_core_of,
    run,
    say_columns,
    say_json,
    say_pairs,
    settings_of,
)
from ops.commands.options import tenant_option
from ops.core import Core
from ops.settings import Settings

PAGE_EVENTS = 500
TAIL_S = 0.2
"""Seconds between two looks of ``tail``: soon enough for a person who reads along."""

SECRET_FIELDS = frozenset({"secret", "password", "digest"})
HIDDEN = "(hidden)"

LARGEST = 2**63 - 1
"""The largest number that a log can count to."""

FIRST = click.IntRange(1, LARGEST)

Say = Callable[[list[RecordedEvent]], None]
"""Prints a page of events."""

json_option = click.option("--json", "as_json", is_flag=True, help="JSON, one object a line.")
encrypted_option = click.option("--encrypted", is_flag=True, help="Leave out what people wrote.")


@click.group(cls=Group)
def log() -> None:
    """Inspect and replay a tenant's log."""


@log.command(cls=Command)
@tenant_option
@json_option
@click.pass_context
def head(context: click.Context, tenant: str, *, as_json: bool) -> None:
    """Print the last position and the hash of the chain there."""
    told = run(_head(settings_of(context), tenant))
    say_json(told) if as_json else say_pairs(told.items())


async def _head(settings: Settings, tenant: str) -> dict[str, object]:
    async with reading_core_of(settings) as core:
        (found,) = await core.database.store.heads([await log_of(core, tenant)])
    return {"tenant": found.tenant, "position": found.position, "hash": found.hash.hex()}


@log.command(cls=Command)
@tenant_option
@click.option("--stream", help="Only this stream; --from and --to are then its versions.")
@click.option("--from", "first", type=FIRST, default=1, help="First position.")
@click.option("--to", "last", type=click.IntRange(0, LARGEST), help="Last position.")
@encrypted_option
@json_option
@click.pass_context
def read(context: click.Context, /, *, encrypted: bool, as_json: bool, **chosen: Any) -> None:
    """Print events, from first to last."""
    run(_read(settings_of(context), _printer(encrypted=encrypted, as_json=as_json), **chosen))


async def _read(settings: Settings, say: Say, *, tenant: str, **chosen: Any) -> None:
    async with reading_core_of(settings) as core:
        log_id = await log_of(core, tenant)
        part = Part(**chosen)
        with progress_bar(await _length(core, log_id, part), "reading", shown=_hidden()) as advance:
            async for page in pages(core, log_id, part):
                say(page)
                if advance is not None:
                    advance(part.number(page[-1]) - part.first + 1)


def _hidden() -> bool:
    """Whether somebody waits at a terminal and sees nothing, since the events go elsewhere."""
    return sys.stderr.isatty() and not sys.stdout.isatty()


async def _length(core: Core, log_id: UUID, part: Part) -> int:
    """How many events a part has, about."""
    (head,) = await core.database.store.stream_heads(log_id, [(part.stream, 0)])
    last = head.number if part.last is None else min(part.last, head.number)
    return max(0, last - part.first + 1)


@dataclass(frozen=True)
class Part:
    """Events from ``first`` to ``last``, both included: positions, or versions of the stream."""

    stream: str | None
    first: int
    last: int | None = None

    def number(self, event: RecordedEvent) -> int:
        """By what this part counts."""
        return event.position if self.stream is None else event.version


async def pages(core: Core, log_id: UUID, part: Part) -> AsyncIterator[list[RecordedEvent]]:
    """A part of a log, a page at a time."""
    after, store = part.first - 1, core.database.store
    while part.last is None or after < part.last:
        limit = PAGE_EVENTS if part.last is None else min(PAGE_EVENTS, part.last - after)
        if part.stream is None:
            page = await store.read_log(log_id, after, limit)
        else:
            page = await store.read_stream(log_id, part.stream, after, limit)
        if not page:
            return
        yield page
        after = part.number(page[-1])


@log.command(cls=Command)
@tenant_option
@click.option("--stream", help="Only this stream.")
@click.option("--from", "first", type=FIRST, help="First position, else new ones.")
@encrypted_option
@json_option
@click.pass_context
def tail(context: click.Context, /, *, encrypted: bool, as_json: bool, **chosen: Any) -> None:
    """Print events as they come, until interrupted."""
    run(_tail(settings_of(context), _printer(encrypted=encrypted, as_json=as_json), **chosen))


async def _tail(
    settings: Settings, say: Say, *, tenant: str, stream: str | None, first: int | None
) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with reading_core_of(settings) as core:
        log_id = await log_of(core, tenant)
        if first is None:
            (found,) = await core.database.store.stream_heads(log_id, [(stream, 0)])
            first = found.number + 1
        while not stop.is_set():
            part = Part(stream, first)
            async for page in pages(core, log_id, part):
                say(page)
                first = 1 + part.number(page[-1])
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), TAIL_S)


def _printer(*, encrypted: bool, as_json: bool) -> Say:
    def say(events: list[RecordedEvent]) -> None:
        if as_json:
            for event in events:
                say_json(form_of(event, encrypted=encrypted))
        else:
            say_columns([_cells(event, encrypted=encrypted) for event in events])

    return say


def form_of(event: RecordedEvent, *, encrypted: bool) -> dict[str, Any]:
    """An event as JSON. ``encrypted`` leaves out what is encrypted in the store."""
    form: dict[str, Any] = {
        "position": event.position,
        "stream": event.stream,
        "version": event.version,
        "type": event.type,
        "schema_version": event.schema_version,
        "id": str(event.id),
        "at": utc_text(event.at),
        "actor": {"role": event.actor.role, "id": event.actor.id},
        "metadata": msgspec.to_builtins(event.metadata),
        "erased": event.data is None and not event.damaged,
        "damaged": event.damaged,
    }
    if not encrypted:
        form["actor"]["name"] = event.actor.name
        form["data"] = data_of(event)
    return form


def data_of(event: RecordedEvent) -> Any:
    """What happened, without what opens doors: that is told once, when it is made."""
    form = msgspec.to_builtins(event.data)
    if isinstance(form, dict):
        form |= dict.fromkeys(SECRET_FIELDS & form.keys(), HIDDEN)
    return form


def _cells(event: RecordedEvent, *, encrypted: bool) -> list[str]:
    place = [str(event.position), f"{event.at:%Y-%m-%d %H:%M:%S}", event.type]
    who = [f"{event.stream}@{event.version}", f"{event.actor.role} {event.actor.id}"]
    if encrypted:
        return place + who
    missing = "damaged" if event.damaged else "erased"
    data = missing if event.data is None else json.dumps(data_of(event), ensure_ascii=False)
    return [*place, *who, data]
