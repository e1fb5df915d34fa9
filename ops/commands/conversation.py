"""``parley conversation``: one conversation for the operator, as it is or as it was.

It is folded from the log, so that it needs no read model, and shows what agents could see.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from uuid import UUID

import click
import msgspec

from domain import streams
from domain.conversation.events import MessagePosted, NoteAdded
from domain.envelope import RecordedEvent
from domain.errors import Refused
from domain.moments import MAX_POSITION, Asked, Moment, asked, utc_text
from ops.asking import log_of
from ops.commands.common import (
    Command,
    Group,
    reading_core_of,
    run,
    say_columns,
    say_json,
    say_pairs,
    settings_of,
)
from ops.commands.conversation_export import export
from ops.commands.log import Part, data_of, form_of, pages
from ops.commands.options import tenant_option
from ops.core import Core
from ops.errors import CannotRun
from ops.settings import Settings
from projections.sessions.items import SessionItem
from projections.sessions.past import PastViews

NOW = Asked(position=MAX_POSITION)


class MomentText(click.ParamType[Asked]):
    """A position of the log, or a time."""

    name = "moment"

    def convert(
        self, value: str | Asked, param: click.Parameter | None, ctx: click.Context | None
    ) -> Asked:
        if isinstance(value, Asked):
            return value
        try:
            return asked(value)
        except Refused:
            self.fail("must be a position, or a time as 2026-11-22T10:00:00Z", param, ctx)


@click.group(cls=Group)
def conversation() -> None:
    """Look at a conversation, or export many."""


conversation.add_command(export)


@conversation.command(cls=Command)
@tenant_option
@click.argument("name", metavar="ID", type=click.UUID)
@click.option("--at", type=MomentText(), default=NOW, help="As it was: a position, or a time.")
@click.option("--json", "as_json", is_flag=True, help="JSON: the view, then an event a line.")
@click.pass_context
def show(context: click.Context, tenant: str, name: UUID, at: Asked, *, as_json: bool) -> None:
    """Print a conversation's view and transcript."""
    run(_show(settings_of(context), tenant, str(name), at, as_json=as_json))


async def _show(settings: Settings, tenant: str, name: str, at: Asked, *, as_json: bool) -> None:
    stream = streams.conversation(name)
    async with reading_core_of(settings) as core:
        log = await log_of(core, tenant)
        moment = await core.database.store.moment(log, at, stream)
        if not moment.version:
            raise CannotRun(await _why_not(core, log, name))
        page = await PastViews(core.database.store).one(log, name, moment)
        if page is None:
            raise CannotRun("The beginning of this conversation is damaged and cannot be read.")
        (_say_view_json if as_json else _say_view)(moment, page.items[0])
        async for events in pages(core, log, Part(stream, 1, moment.version)):
            if as_json:
                for event in events:
                    say_json(form_of(event, encrypted=False))
            else:
                say_columns([_line(event) for event in events])


async def _why_not(core: Core, log: UUID, name: str) -> str:
    now = await core.database.store.moment(log, NOW, streams.conversation(name))
    if now.version:
        return "The conversation had not begun then."
    return f"There is no conversation {name} here."


def _say_view_json(moment: Moment, view: SessionItem) -> None:
    time = None if moment.at is None else utc_text(moment.at)
    at = {"position": moment.position, "time": time, "latest": moment.latest}
    say_json({**msgspec.to_builtins(view), "as_of": moment.position, "mark": moment.mark, "at": at})


def _say_view(moment: Moment, view: SessionItem) -> None:
    time = "" if moment.at is None else f", {moment.at:%Y-%m-%d %H:%M:%S} UTC"
    say_pairs(
        [
            ("conversation", view.id),
            ("as of", f"position {moment.position}{time}{', the latest' * moment.latest}"),
            ("visitor", _named(view.visitor, view.visitor_name)),
            ("status", view.status),
            ("assignee", view.assignee and _named(view.assignee, view.assignee_name)),
            ("department", view.department),
            ("tags", [_plain(tag) for tag in view.tags]),
            ("rating", view.rating),
            ("comment", view.comment and _plain(view.comment)),
            ("version", view.version),
        ]
    )
    click.echo()


def _line(event: RecordedEvent) -> Sequence[str]:
    who = f"{event.actor.role} {_plain(event.actor.name or event.actor.id)}"
    return [str(event.version), f"{event.at:%Y-%m-%d %H:%M:%S}", who, _said(event)]


def _said(event: RecordedEvent) -> str:
    """What was said, or what happened."""
    if event.data is None:
        return f"({'damaged' if event.damaged else 'erased'}) {event.type}"
    if isinstance(event.data, MessagePosted | NoteAdded) and event.data.body.text is not None:
        note = "(note) " if isinstance(event.data, NoteAdded) else ""
        return note + _plain(event.data.body.text)
    return f"({event.type}) {_plain(json.dumps(data_of(event), ensure_ascii=False))}"


def _named(who: str, name: str | None) -> str:
    return who if name is None else f"{who} ({_plain(name)})"


def _plain(text: str) -> str:
    """The text in one line, and nothing in it that a terminal would obey."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
