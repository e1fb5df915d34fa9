"""``parley init``: make what the first start would make, without serving."""

from __future__ import annotations

import click

from ops import credentials, demo, master_key
from ops.commands.common import Command, core_of, run, say_pairs, settings_of
from ops.operator import Operator, passwords_of
from ops.settings import Settings


@click.command(cls=Command)
@click.option("--demo", "with_demo", is_flag=True, help="Make the tenant demo, too.")
@click.pass_context
def init(context: click.Context, *, with_demo: bool) -> None:
    """Make schema and keys, and the first tenant with --demo."""
    run(_init(settings_of(context), with_demo=with_demo))


async def _init(settings: Settings, *, with_demo: bool) -> None:
    async with core_of(settings) as core:
        where = [("data directory", settings.data.resolve())]
        if settings.master_key is None:
            where.append(("master key", master_key.path_of(settings).resolve()))
        if with_demo:
            url = settings.public_url or f"http://{settings.host}:{settings.port}"
            with passwords_of(settings) as passwords:
                await demo.ensure(
                    core, Operator(core, passwords), settings.data, url, serving=False
                )
            where.append(("credentials", credentials.path_of(settings.data).resolve()))
    say_pairs(where)
