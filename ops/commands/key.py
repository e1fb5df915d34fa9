"""``parley key``: the API keys of a tenant's own servers."""

from __future__ import annotations

from typing import Any

import click

from domain import credentials
from domain.permissions import SCOPES
from domain.tenant.events import ApiKeyCreated
from ops.asking import Asking
from ops.commands.common import (
    Command,
    Group,
    operator_of,
    reading_core_of,
    run,
    say_columns,
    say_json,
    say_pairs,
    settings_of,
)
from ops.commands.options import json_option, tenant_option
from ops.settings import Settings


@click.group(cls=Group)
def key() -> None:
    """Make and revoke API keys."""


@key.command(name="list", cls=Command)
@tenant_option
@json_option
@click.pass_context
def show(context: click.Context, tenant: str, *, as_json: bool) -> None:
    """Print the keys' ids and scopes; the keys themselves are kept nowhere."""
    keys = run(_list(settings_of(context), tenant))
    if as_json:
        say_json([{"tenant": tenant, "key": k.key, "scopes": list(k.scopes)} for k in keys])
    else:
        say_columns([["key", "scopes"], *([k.key, ",".join(k.scopes)] for k in keys)])


async def _list(settings: Settings, tenant: str) -> list[ApiKeyCreated]:
    async with reading_core_of(settings) as core:
        asking = Asking(core)
        return list((await asking.tenant(await asking.log_of(tenant))).api_keys.values())


@key.command(cls=Command)
@tenant_option
@click.option(
    "--scope", "scopes", multiple=True, type=click.Choice(list(SCOPES)), help="By default all."
)
@json_option
@click.pass_context
def create(context: click.Context, tenant: str, scopes: tuple[str, ...], *, as_json: bool) -> None:
    """Make an API key and print it, this once."""
    made = run(_create(settings_of(context), tenant, scopes or tuple(SCOPES)))
    if as_json:
        say_json(made)
    else:
        say_pairs({**made, "scopes": ",".join(made["scopes"])}.items())


async def _create(settings: Settings, tenant: str, scopes: tuple[str, ...]) -> dict[str, Any]:
    async with operator_of(settings) as operator:
        log = await operator.log_of(tenant)
        text = operator.new_api_key(log)
        await operator.add_api_key(log, text, scopes)
    parsed = credentials.parse_api_key(text)
    assert parsed is not None
    return {"tenant": tenant, "key": parsed.key, "scopes": list(scopes), "api_key": text}


@key.command(cls=Command)
@tenant_option
@click.argument("key_id", metavar="KEY")
@json_option
@click.pass_context
def revoke(context: click.Context, tenant: str, key_id: str, *, as_json: bool) -> None:
    """Let a key, given by its id or whole, open nothing any more; it holds at once."""
    told = run(_revoke(settings_of(context), tenant, key_id))
    say_json(told) if as_json else say_pairs(told.items())


async def _revoke(settings: Settings, tenant: str, key_id: str) -> dict[str, str]:
    async with operator_of(settings) as operator:
        log = await operator.log_of(tenant)
        return {"tenant": tenant, "revoked": await operator.revoke_api_key(log, key_id)}
