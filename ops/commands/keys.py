"""``parley keys``: the master key."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import click

from adapters.postgres.migrations import owner
from adapters.postgres.rotation import rotate as rewrap
from ops import master_key
from ops.commands.common import Command, Group, core_of, progress_bar, run, settings_of
from ops.core import Core
from ops.errors import CannotRun
from ops.settings import Settings

LEFT = "SELECT count(*) FROM es.subject_key WHERE wrapped IS NOT NULL AND master_key <> $1"
LOOK_S = 0.5
"""Seconds between two looks at how far it is."""


@click.group(cls=Group)
def keys() -> None:
    """Change the master key."""


@keys.command(cls=Command)
@click.option("--drop-old", is_flag=True, help="Forget older keys: every token ends with them.")
@click.pass_context
def rotate(context: click.Context, *, drop_old: bool) -> None:
    """Wrap all keys under a new master key. Events stay as they are.

    The product must be stopped: a running one does not know the new key. A key in a file is made
    here; one in PARLEY_MASTER_KEY is yours to change first, the new one before the old one.
    """
    settings = settings_of(context)
    count = run(_rotate(settings, drop_old=drop_old))
    click.echo(f"{count} keys are under the new master key.")
    if not drop_old:
        click.echo("Older master keys stay in the ring: tokens and older backups need them.")


async def _rotate(settings: Settings, *, drop_old: bool) -> int:
    await _demand_rest(settings)
    path = master_key.path_of(settings)
    if settings.master_key is None:
        old = master_key.read(settings)
        if old is None:
            raise master_key.missing(settings)
        # The new key is on the disk, beside the old ones, before anything is wrapped under it.
        master_key.write(path, [master_key.fresh(), *old], replace=True)
    async with core_of(settings) as core:
        count = await _rewrap(core)
    if settings.master_key is None and drop_old:
        master_key.write(path, core.keys[:1], replace=True)
    return count


async def _rewrap(core: Core) -> int:
    async with owner(core.url) as connection, owner(core.url) as beside:
        watching = asyncio.ensure_future(_watch(core, beside))
        try:
            return await rewrap(connection, core.masters, core.ids.random)
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)


async def _watch(core: Core, connection: Any) -> None:
    """Show on a terminal how many keys are wrapped anew; beside the work, which asks nobody."""
    whole = await connection.fetchval(LEFT, core.masters.current)
    with progress_bar(whole, "wrapping", shown=sys.stderr.isatty()) as advance:
        while advance is not None:
            advance(whole - await connection.fetchval(LEFT, core.masters.current))
            await core.clock.sleep(LOOK_S)


async def _demand_rest(settings: Settings) -> None:
    async with core_of(settings) as core, owner(core.url) as connection:
        running = await connection.fetchval(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name LIKE 'parley %'"
            " AND pid <> pg_backend_pid()"
        )
    if running:
        raise CannotRun("The product is running: stop it first, since it does not know a new key.")
