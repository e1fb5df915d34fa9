"""``parley tenant``: the customers of this installation, and when each is there to answer."""

from __future__ import annotations

from typing import Any

import click
import msgspec
from msgspec import Struct

from domain.tenant.calendar import ALWAYS
from domain.tenant.state import Tenant
from ops.asking import Asking
from ops.commands.common import (
    Command,
    Group,
    operator_of,
    reading_core_of,
    run,
    say_json,
    say_pairs,
    settings_of,
)
from ops.commands.options import json_option, tenant_option
from ops.hours_text import holiday_of, holiday_text, week_of, week_text
from ops.operator import Operator
from ops.settings import Settings

SITE = "Web site"


class NewTenant(Struct, frozen=True):
    """What a new tenant's operator is told, once."""

    tenant: str
    log: str
    site: str
    site_secret: str
    api_key: str


@click.group(cls=Group)
def tenant() -> None:
    """Make tenants, and say when they are there to answer."""


@tenant.command(cls=Command)
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_context
def create(context: click.Context, name: str, *, as_json: bool) -> None:
    """Make a tenant with a site and an API key, and print their secrets, this once."""
    made = run(_create(settings_of(context), name))
    if as_json:
        say_json(msgspec.to_builtins(made))
    else:
        say_pairs((field, getattr(made, field)) for field in made.__struct_fields__)


async def _create(settings: Settings, name: str) -> NewTenant:
    async with operator_of(settings) as operator:
        return await create_tenant(operator, name)


async def create_tenant(operator: Operator, name: str) -> NewTenant:
    """Make a tenant, or complete one whose making was cut short.

    The API key comes last, and is told only here: a tenant that has one is complete. Raises
    CannotRun, and Refused ``exists``.
    """
    log = await operator.begin_tenant(name)
    site = await operator.ensure_site(log, SITE, operator.new_site(log))
    api_key = operator.new_api_key(log)
    await operator.ensure_api_key(log, api_key)
    return NewTenant(name, str(log), site.site, site.secret, api_key)


@tenant.command(cls=Command)
@tenant_option
@click.option("--zone", required=True, help="Time zone: Europe/Berlin.")
@click.option("--week", required=True, help='Such as "mon-fri 09:00-18:00, sat 10:00-14:00".')
@click.option(
    "--holiday",
    "holidays",
    multiple=True,
    help='A date on which it is closed, or open at other hours: "2026-12-24 09:00-12:00".'
    " May be given several times.",
)
@json_option
@click.pass_context
def hours(context: click.Context, /, *, as_json: bool, **chosen: Any) -> None:
    """Set the opening hours, all anew: what reports count as business time from now on."""
    shown = run(_set_hours(settings_of(context), **chosen))
    say_json(shown) if as_json else say_pairs(shown.items())


async def _set_hours(
    settings: Settings, *, tenant: str, zone: str, week: str, holidays: tuple[str, ...]
) -> dict[str, Any]:
    wanted = (zone, week_of(week), tuple(holiday_of(each) for each in holidays))
    async with operator_of(settings) as operator:
        log = await operator.log_of(tenant)
        await operator.set_hours(log, *wanted)
        return told(str(log), await operator.tenant(log))


@tenant.command(cls=Command)
@tenant_option
@json_option
@click.pass_context
def show(context: click.Context, tenant: str, *, as_json: bool) -> None:
    """Print a tenant: its log, its time zone and opening hours."""
    shown = run(_show(settings_of(context), tenant))
    say_json(shown) if as_json else say_pairs(shown.items())


async def _show(settings: Settings, tenant: str) -> dict[str, Any]:
    async with reading_core_of(settings) as core:
        asking = Asking(core)
        log = await asking.log_of(tenant)
        return told(str(log), await asking.tenant(log))


def told(log: str, state: Tenant) -> dict[str, Any]:
    """A tenant as it is printed; without hours it is always open."""
    now = state.hours or ALWAYS
    return {
        "tenant": state.name,
        "log": log,
        "zone": now.zone,
        "week": week_text(now.week),
        "holidays": [holiday_text(each) for each in now.holidays],
    }
