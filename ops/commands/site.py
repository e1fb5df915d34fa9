"""``parley site``: the web sites of a tenant, and which pages may use their chat."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click

from domain.moments import utc_text
from domain.tenant.events import SiteAdded
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
from ops.errors import CannotRun
from ops.settings import Settings

ANY = "any"
"""How it is told that pages of every origin may use a site."""

origins_option = click.option(
    "--origins",
    help="Pages that may use its chat, such as https://shop.example, separated by commas;"
    " an empty text lets any page.",
)

site_option = click.option("--site", "site_id", required=True, help="The site's id.")


@click.group(cls=Group)
def site() -> None:
    """Add sites, and say which pages may use their chat."""


@site.command(name="list", cls=Command)
@tenant_option
@json_option
@click.pass_context
def show(context: click.Context, tenant: str, *, as_json: bool) -> None:
    """Print the sites; of their secrets nothing."""
    sites = run(_list(settings_of(context), tenant))
    if as_json:
        say_json([told(tenant, each) for each in sites])
    else:
        rows = [[each.site, each.name, ",".join(each.origins) or ANY] for each in sites]
        say_columns([["site", "name", "origins"], *rows])


async def _list(settings: Settings, tenant: str) -> list[SiteAdded]:
    async with reading_core_of(settings) as core:
        asking = Asking(core)
        return list((await asking.tenant(await asking.log_of(tenant))).sites.values())


@site.command(cls=Command)
@tenant_option
@click.option("--name", required=True, help="What the site is called.")
@origins_option
@json_option
@click.pass_context
def add(context: click.Context, /, *, as_json: bool, **chosen: Any) -> None:
    """Add a site and print its secret, this once."""
    made = run(_add(settings_of(context), **chosen))
    say_json(made) if as_json else say_pairs(made.items())


async def _add(
    settings: Settings, *, tenant: str, name: str, origins: str | None
) -> dict[str, Any]:
    wanted = origins_of(origins) or ()
    async with operator_of(settings) as operator:
        made = await operator.add_site(await operator.log_of(tenant), name, wanted)
    added = SiteAdded(made.site, name, made.secret, wanted)
    return {**told(tenant, added), "site_secret": made.secret}


@site.command(name="set", cls=Command)
@tenant_option
@site_option
@click.option("--name", help="Another name.")
@origins_option
@json_option
@click.pass_context
def change(context: click.Context, /, *, as_json: bool, **chosen: Any) -> None:
    """Change a site's name, or which pages may use its chat; it holds at once."""
    changed = run(_set(settings_of(context), **chosen))
    say_json(changed) if as_json else say_pairs(changed.items())


async def _set(
    settings: Settings, *, tenant: str, site_id: str, name: str | None, origins: str | None
) -> dict[str, Any]:
    if name is None and origins is None:
        raise CannotRun("Nothing to change was given.")
    async with operator_of(settings) as operator:
        log = await operator.log_of(tenant)
        return told(tenant, await operator.change_site(log, site_id, name, origins_of(origins)))


@site.command(cls=Command)
@tenant_option
@site_option
@click.option("--at-once", is_flag=True, help="Old secrets are good no more: one has leaked.")
@json_option
@click.pass_context
def rotate(context: click.Context, /, *, as_json: bool, **chosen: Any) -> None:
    """Draw a new secret and print it, this once; the old one is good beside it for a day."""
    made = run(_rotate(settings_of(context), **chosen))
    say_json(made) if as_json else say_pairs(made.items())


async def _rotate(
    settings: Settings, *, tenant: str, site_id: str, at_once: bool
) -> dict[str, str]:
    async with operator_of(settings) as operator:
        log = await operator.log_of(tenant)
        secret, until = await operator.rotate_site_secret(log, site_id, at_once=at_once)
    end = utc_text(datetime.fromtimestamp(until, UTC))
    return {"tenant": tenant, "site": site_id, "site_secret": secret, "old_until": end}


@site.command(cls=Command)
@tenant_option
@site_option
@json_option
@click.pass_context
def remove(context: click.Context, tenant: str, site_id: str, *, as_json: bool) -> None:
    """Have no chat on a site any more; its conversations stay."""
    removed = run(_remove(settings_of(context), tenant, site_id))
    say_json(removed) if as_json else say_pairs(removed.items())


async def _remove(settings: Settings, tenant: str, site_id: str) -> dict[str, str]:
    async with operator_of(settings) as operator:
        await operator.remove_site(await operator.log_of(tenant), site_id)
    return {"tenant": tenant, "removed": site_id}


@site.command(cls=Command)
@tenant_option
@site_option
@json_option
@click.pass_context
def restore(context: click.Context, tenant: str, site_id: str, *, as_json: bool) -> None:
    """Have a site that was removed, as it was."""
    restored = run(_restore(settings_of(context), tenant, site_id))
    say_json(restored) if as_json else say_pairs(restored.items())


async def _restore(settings: Settings, tenant: str, site_id: str) -> dict[str, Any]:
    async with operator_of(settings) as operator:
        return told(tenant, await operator.restore_site(await operator.log_of(tenant), site_id))


def origins_of(text: str | None) -> tuple[str, ...] | None:
    """The origins in a text; None where nothing was given."""
    if text is None:
        return None
    return tuple(part.strip() for part in text.split(",") if part.strip())


def told(tenant: str, each: SiteAdded) -> dict[str, Any]:
    """A site without its secret."""
    return {"tenant": tenant, "site": each.site, "name": each.name, "origins": list(each.origins)}
