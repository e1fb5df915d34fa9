"""``parley init``: make what the first start would make, without serving."""

from __future__ import annotations

import click

from ops import credentials, master_key
from ops.commands.common import Command, core_of, run, say_pairs, settings_of
from ops.commands.options import demo_options
from ops.demo import Demo, ensure
from ops.operator import Operator, passwords_of
from ops.settings import Settings


@click.command(cls=Command)
@demo_options
@click.pass_context
def init(context: click.Context, *, demo: bool, sample: bool) -> None:
    """Make schema and keys, and the first tenant with --demo or --sample."""
    run(_init(settings_of(context), Demo.of(demo=demo, sample=sample)))


async def _init(settings: Settings, made: Demo) -> None:
    async with core_of(settings) as core:
        where = [("data directory", settings.data.resolve())]
        if settings.master_key is None:
            where.append(("master key", master_key.path_of(settings).resolve()))
        if made is not Demo.NONE:
            url = settings.public_url or f"http://{settings.host}:{settings.port}"
            with passwords_of(settings) as passwords:
                await ensure(
                    core,
                    Operator(core, passwords),
                    settings.data,
                    url,
                    serving=False,
                    sample=made is Demo.SAMPLE,
                )
            where.append(("credentials", credentials.path_of(settings.data).resolve()))
    say_pairs(where)
