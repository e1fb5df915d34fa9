"""``parley webhook deliveries`` and ``redeliver``: what became of what was due to webhooks."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import click

from domain import streams
from domain.moments import utc_text
from domain.webhooks.ports import Delivery, Sought
from ops.commands.common import (
    Command,
    core_of,
    progress_bar,
    reading_core_of,
    run,
    say_columns,
    say_json,
    say_pairs,
    settings_of,
    wants_progress,
)
from ops.commands.options import json_option, tenant_option
from ops.settings import Settings
from ops.webhook_operator import WebhookOperator

MOST = 10_000
"""Deliveries that one command prints at most."""


@click.command(cls=Command)
@tenant_option
@click.option("--webhook", help="Only this webhook's, by its id.")
@click.option("--conversation", help="Only this conversation's, by its id.")
@click.option("--state", type=click.Choice(["waiting", "delivered", "dead"]))
@click.option("--limit", type=click.IntRange(1, MOST), default=50, show_default=True)
@json_option
@click.pass_context
def deliveries(context: click.Context, /, *, as_json: bool, **chosen: Any) -> None:
    """Print deliveries, the newest first; those delivered long ago are not kept."""
    found = run(_find(settings_of(context), **chosen))
    if as_json:
        for each in found:
            say_json(form_of(each))
    else:
        head = ["position", "type", "conversation", "webhook", "state", "tries", "last"]
        say_columns([head, *map(_cells, found)])


async def _find(
    settings: Settings, *, tenant: str, conversation: str | None, limit: int, **sought: Any
) -> list[Delivery]:
    stream = None if conversation is None else streams.conversation(conversation)
    async with reading_core_of(settings) as core:
        operator = WebhookOperator(core, settings.webhooks)
        log = await operator.log_of(tenant)
        return await operator.deliveries(log, Sought(stream=stream, **sought), limit)


@click.command(cls=Command)
@tenant_option
@click.option("--webhook", required=True, help="The webhook's id.")
@click.option("--event", type=click.UUID, help="The event's id: the webhook-id that is sent.")
@click.option("--dead", is_flag=True, help="All that were given up.")
@click.option("--progress", is_flag=True, help="Say how far it is, on stderr.")
@json_option
@click.pass_context
def redeliver(
    context: click.Context, /, *, as_json: bool, progress: bool, dead: bool, **chosen: Any
) -> None:
    """Send one event again, or all that were given up, under the same ids."""
    if (chosen["event"] is not None) == dead:
        raise click.UsageError("Give --event or --dead.")
    shown = dead and wants_progress(asked=progress)
    done = run(_redeliver(settings_of(context), shown=shown, **chosen))
    say_json(done) if as_json else say_pairs(done.items())


async def _redeliver(
    settings: Settings, *, tenant: str, webhook: str, event: UUID | None, shown: bool
) -> dict[str, Any]:
    async with core_of(settings) as core:
        operator = WebhookOperator(core, settings.webhooks)
        log = await operator.log_of(tenant)
        await operator.webhook(log, webhook)
        if event is None:
            positions = await operator.dead(log, webhook)
        else:
            positions = await operator.settled(log, webhook, event)
        with progress_bar(len(positions), "sending again", shown=shown) as advance:
            count = await operator.send_again(log, webhook, positions, advance or (lambda _: None))
    return {"tenant": tenant, "webhook": webhook, "redelivered": count}


def form_of(each: Delivery) -> dict[str, Any]:
    """A delivery as JSON."""
    return {
        "position": each.position,
        "event": str(each.event),
        "type": each.type,
        "conversation": streams.conversation_id(each.line.stream),
        "webhook": each.line.webhook,
        "state": each.state,
        "attempts": each.attempts,
        "status": each.status,
        "error": each.error,
        "since": _at(each.since),
        "first_at": _at(each.first_at),
        "last_at": _at(each.last_at),
        "settled_at": _at(each.settled_at),
    }


def _at(seconds: float | None) -> str | None:
    return None if seconds is None else utc_text(datetime.fromtimestamp(seconds, UTC))


def _cells(each: Delivery) -> list[str]:
    last = each.error or ("-" if each.status is None else str(each.status))
    conversation = streams.conversation_id(each.line.stream) or "-"
    return [
        *(str(each.position), each.type, conversation, each.line.webhook),
        *(each.state, str(each.attempts), last),
    ]
