"""``parley tenant``: the customers of this installation."""

from __future__ import annotations

import click
import msgspec
from msgspec import Struct

from ops.commands.common import Command, Group, operator_of, run, say_json, say_pairs, settings_of
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
    """Make tenants."""


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
