"""``parley webhook``: which servers of a tenant's are told what happens in conversations."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click

from domain.moments import utc_text
from domain.tenant.webhooks import Webhook
from domain.webhooks.catalogue import SENDABLE, STANDARD
from domain.webhooks.ports import NoAnswer
from domain.webhooks.sending import is_success
from ops.commands.common import (
    Command,
    Group,
    core_of,
    reading_core_of,
    run,
    say_columns,
    say_json,
    say_pairs,
    settings_of,
)
from ops.commands.options import json_option, tenant_option
from ops.commands.webhook_deliveries import deliveries, redeliver
from ops.errors import CannotRun
from ops.settings import Settings
from ops.webhook_operator import WebhookOperator, Wishes
from ops.webhooks import client_of

ALL = "all"
"""How it is told that a webhook wants every event of its format."""

webhook_option = click.option("--webhook", required=True, help="The webhook's id.")
type_option = click.option(
    "--type", "types", multiple=True, help="An event that it wants; may be given several times."
)
formats = click.Choice(list(SENDABLE))


@click.group(cls=Group)
def webhook() -> None:
    """Tell a tenant's servers what happens in conversations."""


webhook.add_command(deliveries)
webhook.add_command(redeliver)


@webhook.command(name="list", cls=Command)
@tenant_option
@json_option
@click.pass_context
def show(context: click.Context, tenant: str, *, as_json: bool) -> None:
    """Print the webhooks; of their secrets nothing."""
    webhooks = run(_list(settings_of(context), tenant))
    if as_json:
        say_json([told(tenant, each) for each in webhooks])
    else:
        rows = [
            [each.webhook, each.url, each.format, ",".join(each.types) or ALL, _state(each)]
            for each in webhooks
        ]
        say_columns([["webhook", "url", "format", "types", "state"], *rows])


async def _list(settings: Settings, tenant: str) -> list[Webhook]:
    async with reading_core_of(settings) as core:
        operator = WebhookOperator(core, settings.webhooks)
        return await operator.webhooks(await operator.log_of(tenant))


@webhook.command(cls=Command)
@tenant_option
@click.option("--url", required=True, help="Where it is: https://shop.example/hook.")
@click.option("--format", "format_", type=formats, default=STANDARD, show_default=True)
@type_option
@json_option
@click.pass_context
def add(context: click.Context, /, *, as_json: bool, **chosen: Any) -> None:
    """Add a webhook and print its secret, this once."""
    settings = settings_of(context)
    _warn_of(settings, chosen["url"])
    made = run(_add(settings, **chosen))
    say_json(made) if as_json else say_pairs(made.items())


async def _add(
    settings: Settings, *, tenant: str, url: str, format_: str, types: tuple[str, ...]
) -> dict[str, Any]:
    async with core_of(settings) as core:
        operator = WebhookOperator(core, settings.webhooks)
        made = await operator.add(await operator.log_of(tenant), url, format_, types)
    return {**told(tenant, made), "secret": made.secret}


@webhook.command(name="set", cls=Command)
@tenant_option
@webhook_option
@click.option("--url", help="Another address.")
@click.option("--format", "format_", type=formats, help="Another format.")
@type_option
@click.option("--all-types", is_flag=True, help="It wants every event of its format.")
@click.option("--enable", is_flag=True, help="Tell it again, of what happens from now on.")
@click.option("--disable", is_flag=True, help="Tell it nothing for now.")
@json_option
@click.pass_context
def change(context: click.Context, /, *, as_json: bool, **chosen: Any) -> None:
    """Change a webhook: address and format at once, its wishes for what happens from now on."""
    if chosen["types"] and chosen["all_types"]:
        raise click.UsageError("Give --type or --all-types, not both.")
    if chosen["enable"] and chosen["disable"]:
        raise click.UsageError("Give --enable or --disable, not both.")
    settings = settings_of(context)
    if chosen["url"] is not None:
        _warn_of(settings, chosen["url"])
    changed = run(_set(settings, **chosen))
    say_json(changed) if as_json else say_pairs(changed.items())


async def _set(
    settings: Settings, *, tenant: str, webhook: str, enable: bool, disable: bool, **chosen: Any
) -> dict[str, Any]:
    types = () if chosen["all_types"] else (chosen["types"] or None)
    wishes = Wishes(chosen["url"], chosen["format_"], types)
    if wishes == Wishes() and not (enable or disable):
        raise CannotRun("Nothing to change was given.")
    async with core_of(settings) as core:
        operator = WebhookOperator(core, settings.webhooks)
        log = await operator.log_of(tenant)
        if wishes != Wishes():
            await operator.change(log, webhook, wishes)
        if enable or disable:
            await operator.switch(log, webhook, on=enable)
        return told(tenant, await operator.webhook(log, webhook))


@webhook.command(cls=Command)
@tenant_option
@webhook_option
@click.option("--at-once", is_flag=True, help="Old secrets sign no more: one has leaked.")
@json_option
@click.pass_context
def rotate(context: click.Context, /, *, as_json: bool, **chosen: Any) -> None:
    """Draw a new secret and print it, this once; the old one signs beside it for a while."""
    made = run(_rotate(settings_of(context), **chosen))
    say_json(made) if as_json else say_pairs(made.items())


async def _rotate(
    settings: Settings, *, tenant: str, webhook: str, at_once: bool
) -> dict[str, str]:
    async with core_of(settings) as core:
        operator = WebhookOperator(core, settings.webhooks)
        log = await operator.log_of(tenant)
        secret, until = await operator.rotate(log, webhook, at_once=at_once)
    end = utc_text(datetime.fromtimestamp(until, UTC))
    return {"tenant": tenant, "webhook": webhook, "secret": secret, "old_until": end}


@webhook.command(cls=Command)
@tenant_option
@webhook_option
@json_option
@click.pass_context
def remove(context: click.Context, tenant: str, webhook: str, *, as_json: bool) -> None:
    """Remove a webhook; it is told nothing more, not even what was due."""
    removed = run(_remove(settings_of(context), tenant, webhook))
    say_json(removed) if as_json else say_pairs(removed.items())


async def _remove(settings: Settings, tenant: str, webhook: str) -> dict[str, str]:
    async with core_of(settings) as core:
        operator = WebhookOperator(core, settings.webhooks)
        await operator.remove(await operator.log_of(tenant), webhook)
    return {"tenant": tenant, "removed": webhook}


@webhook.command(cls=Command)
@tenant_option
@webhook_option
@json_option
@click.pass_context
def test(context: click.Context, tenant: str, webhook: str, *, as_json: bool) -> int:
    """Send a signed ping and print what came back; status 1 unless that is a success."""
    came = run(_test(settings_of(context), tenant, webhook))
    say_json(came) if as_json else say_pairs(came.items())
    return 0 if came["ok"] else 1


async def _test(settings: Settings, tenant: str, webhook: str) -> dict[str, Any]:
    async with reading_core_of(settings) as core:
        operator = WebhookOperator(core, settings.webhooks)
        log = await operator.log_of(tenant)
        found = await operator.webhook(log, webhook)
        to = {"tenant": tenant, "webhook": webhook, "url": found.url}
        try:
            answer = await operator.ping(log, found, client_of(core, settings))
        except NoAnswer as error:
            return {**to, "ok": False, "error": error.code, "detail": str(error)}
    return {
        **to,
        "ok": is_success(answer.status),
        "status": answer.status,
        "took_ms": round(answer.took_s * 1000),
        "body": answer.body[:SHOWN_BYTES].decode("utf-8", "replace"),
    }


SHOWN_BYTES = 500
"""Bytes of an answer that ``test`` prints."""


def told(tenant: str, each: Webhook) -> dict[str, Any]:
    """A webhook without its secrets."""
    return {
        "tenant": tenant,
        "webhook": each.webhook,
        "url": each.url,
        "format": each.format,
        "types": list(each.types),
        "disabled": each.disabled or None,
    }


def _state(each: Webhook) -> str:
    return f"disabled ({each.disabled})" if each.disabled else "enabled"


def _warn_of(settings: Settings, url: str) -> None:
    """Say so where an address can never be asked, as far as this command can know."""
    if url.startswith("http:") and not settings.webhooks.networks:
        click.echo(
            "parley: plain http is only sent into networks that PARLEY_WEBHOOKS_NETWORKS names;"
            " none is named here.",
            err=True,
        )
