"""``parley serve``: run the product until it is told to stop."""

from __future__ import annotations

import logging
import os

import click

from ops import logs
from ops.commands.common import Command, run, settings_of
from ops.commands.options import demo_options
from ops.credentials import Credentials, path_of
from ops.demo import Demo
from ops.errors import MENDABLE, sentence
from ops.inherited import take
from ops.node import serve as serve_node
from ops.roles import SERVING, Role, parse
from ops.settings import Settings
from ops.web_files import not_built

_logger = logging.getLogger("parley.node")


@click.command(cls=Command)
@click.option("--roles", help=f"Roles to run, separated by commas: {', '.join(Role)} (all).")
@click.option("--host", help="Address to listen on (127.0.0.1).")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on (8080; 0: any).")
@demo_options
@click.pass_context
def serve(  # noqa: PLR0913  # its options
    context: click.Context,
    *,
    roles: str | None,
    host: str | None,
    port: int | None,
    demo: bool,
    sample: bool,
) -> int:
    """Run the product until SIGINT or SIGTERM."""
    inherited = take(os.environ, os.getpid())
    chosen = None if roles is None else parse(roles.split(","))
    settings = settings_of(context, roles=chosen, host=host, port=port)

    def announce(url: str, credentials: Credentials | None) -> None:
        if inherited.name is not None:  # what there is to tell, the supervisor tells once
            return
        click.echo(banner(settings, url, credentials))
        lacking = not_built(settings.web)
        if lacking and settings.roles & {Role.VISITOR, Role.AGENT}:
            click.echo(f"parley: {lacking}: there are no pages, neither chat nor desk.", err=True)

    made = Demo.of(demo=demo, sample=sample)
    node = serve_node(settings, demo=made, announce=announce, inherited=inherited)
    if inherited.name is None:
        return run(node)
    logs.name_node(inherited.name)
    try:
        return run(node)
    except MENDABLE as error:  # among the lines of others it is a line of the log
        _logger.error("%s", sentence(error))  # noqa: TRY400  # whoever can mend it needs no traceback
        return 1


def banner(settings: Settings, url: str, credentials: Credentials | None) -> str:
    """Where to click, in one block. Of secrets only the demonstration's own are shown."""
    if not settings.roles & SERVING:
        return behind(settings, url)
    lines = ["", "  Parley is ready", ""]
    if credentials is not None and Role.VISITOR in settings.roles:
        lines.append(f"  Visitor      {url}/demo")
    if Role.AGENT in settings.roles:
        lines.append(f"  Agent        {url}/desk")
    if credentials is not None:
        agent = credentials.agents[0]
        lines.append(f"               tenant {credentials.tenant}, {agent.email}, {agent.password}")
    if Role.ADMIN in settings.roles:
        lines.append(f"  Console      {url}/admin")
    if credentials is not None:
        admin = credentials.admin
        lines += [
            f"               tenant {credentials.tenant}, {admin.email} (its password: see below)",
            f"  Credentials  {path_of(settings.data).resolve()}",
        ]
    return "\n".join([*lines, f"  Health       {url}/api/healthz", ""])


def behind(settings: Settings, url: str) -> str:
    """Of a node that serves nobody: what it does, and whether that is of use to anybody."""
    lines = ["", f"  Parley runs {', '.join(sorted(settings.roles))}"]
    if Role.RELAY in settings.roles:
        lines.append("  The relay has nobody to feed here: the broker is within each process.")
    return "\n".join([*lines, f"  Health  {url}/api/healthz", ""])
