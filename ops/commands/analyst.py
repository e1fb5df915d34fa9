"""``parley analyst``: logins for whoever reads a tenant's views with SQL."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit
from uuid import UUID

import click
import msgspec

from adapters.postgres.analysts import Analyst, add_analyst, analysts, remove_analyst
from adapters.postgres.migrations import Owner, owner
from domain import spreadsheets
from domain.moments import utc_text
from ops.asking import log_of
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
from ops.operator import Operator
from ops.settings import Settings
from projections.analysts.labels import Label, labels


@click.group(cls=Group)
def analyst() -> None:
    """Make and end logins of analysts, who read one tenant's views with SQL."""


@analyst.command(cls=Command)
@tenant_option
@click.argument("name")
@json_option
@click.pass_context
def create(context: click.Context, tenant: str, name: str, *, as_json: bool) -> None:
    """Make a login and print its URL, this once."""
    told = run(_create(settings_of(context), tenant, name))
    say_json(told) if as_json else say_pairs(told.items())


@analyst.command(name="list", cls=Command)
@tenant_option
@json_option
@click.pass_context
def show(context: click.Context, tenant: str, *, as_json: bool) -> None:
    """Print the logins; their passwords are kept nowhere."""
    found = [_told(each) for each in run(_list(settings_of(context), tenant))]
    if as_json:
        say_json(found)
    else:
        say_columns([["name", "role", "since"], *(list(each.values()) for each in found)])


@analyst.command(cls=Command)
@tenant_option
@click.argument("name")
@json_option
@click.pass_context
def remove(context: click.Context, tenant: str, name: str, *, as_json: bool) -> None:
    """End a login, and what it is asking now."""
    run(_remove(settings_of(context), tenant, name))
    told = {"tenant": tenant, "removed": name}
    say_json(told) if as_json else say_pairs(told.items())


@analyst.command(name="labels", cls=Command)
@tenant_option
@json_option
@click.pass_context
def show_labels(context: click.Context, tenant: str, *, as_json: bool) -> None:
    """Print, as CSV, what stands behind the values that the views have in the place of texts."""
    found = run(_labels(settings_of(context), tenant))
    if as_json:
        say_json([msgspec.to_builtins(each) for each in found])
        return
    rows = [Label.__struct_fields__, *map(msgspec.structs.astuple, found)]
    click.echo(spreadsheets.lines(rows), nl=False)


def _told(each: Analyst) -> dict[str, str]:
    return {"name": each.name, "role": each.role, "since": utc_text(each.created_at)}


async def _create(settings: Settings, tenant: str, name: str) -> dict[str, Any]:
    async with _owning(settings, tenant) as (operator, url, connection, log):
        password = operator.new_password()
        role = await add_analyst(connection, log, name, password, settings.postgres)
    return {"tenant": tenant, "name": name, "role": role, "url": _url_of(url, role, password)}


async def _list(settings: Settings, tenant: str) -> list[Analyst]:
    async with _owning(settings, tenant) as (_, _, connection, log):
        return list(await analysts(connection, log))


async def _remove(settings: Settings, tenant: str, name: str) -> None:
    async with _owning(settings, tenant) as (_, _, connection, log):
        await remove_analyst(connection, log, name)


async def _labels(settings: Settings, tenant: str) -> list[Label]:
    async with reading_core_of(settings) as core:
        models, cipher = core.database.read_models, core.database.cipher
        return await labels(models, cipher, core.clock, await log_of(core, tenant))


@contextlib.asynccontextmanager
async def _owning(
    settings: Settings, tenant: str
) -> AsyncIterator[tuple[Operator, str, Owner, UUID]]:
    """A transaction of the owner's, with the tenant's log."""
    async with operator_of(settings) as operator:
        log, url = await operator.log_of(tenant), operator.url
        async with owner(url) as connection, connection.transaction():
            yield operator, url, connection, log


def _url_of(url: str, role: str, password: str) -> str:
    """Where the database is, for this login."""
    parts = urlsplit(url)
    hosts = parts.netloc.rpartition("@")[2]
    login = f"{quote(role, safe='')}:{quote(password, safe='')}"
    return urlunsplit(parts._replace(netloc=f"{login}@{hosts}"))
