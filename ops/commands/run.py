"""``parley run``: the product as several processes behind one port, kept well until it is ended."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from ops import credentials, program
from ops.commands.common import CHOSEN, Command, say_columns, settings_of
from ops.commands.common import run as run_on_loop
from ops.commands.options import demo_options
from ops.commands.processes import rows
from ops.commands.serve import banner
from ops.demo import Demo
from ops.inherited import take
from ops.roles import SERVING, Role
from ops.settings import Settings
from ops.supervision.plan import MOST, NODE, Post, parse
from ops.supervision.processes import Listed
from ops.supervision.running import supervise

COUNT = click.IntRange(0, MOST)
ALONE = tuple(role for role in Role if role not in SERVING)


def _counted(command: Any) -> Any:
    """The command with an option for the number of nodes, and of each role that runs alone."""
    for role in reversed(ALONE):
        command = click.option(f"--{role}", type=COUNT, help=f"Processes that are only {role}.")(
            command
        )
    return click.option(f"--{NODE}", type=COUNT, help="Processes that serve people.")(command)


@click.command(cls=Command)
@_counted
@click.option("--process", "mixed", multiple=True, help="More, such as relay+projector:1.")
@click.option("--host", help="Address to listen on (127.0.0.1).")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on (8080; 0: any).")
@demo_options
@click.pass_context
def run(  # noqa: PLR0913  # its options
    context: click.Context,
    /,
    *,
    mixed: tuple[str, ...],
    host: str | None,
    port: int | None,
    demo: bool,
    sample: bool,
    **counts: int | None,
) -> None:
    """Run several processes behind one port until SIGINT or SIGTERM, and keep them well.

    Without numbers those in the settings: two nodes, and one process of each other role. SIGHUP
    replaces all of them, one after the other.
    """
    inherited = take(os.environ, os.getpid())
    settings = settings_of(context, host=host, port=port)
    chosen = [*(f"{kind}:{count}" for kind, count in counts.items() if count is not None), *mixed]
    posts = parse(chosen or settings.supervisor.processes)

    def command(post: Post) -> Sequence[str]:
        made = Demo.of(demo=demo, sample=sample)
        return serving(settings, context.meta.get(CHOSEN, {}).get("config"), post, demo=made)

    def ready(listed: Listed) -> None:
        click.echo(told(settings, posts, listed))
        say_columns(rows(listed, {process.pid: "ready" for process in listed.processes}))
        click.echo()

    run_on_loop(supervise(settings, posts, command, inherited.public, ready))


def serving(settings: Settings, config: Path | None, post: Post, *, demo: Demo) -> list[str]:
    """The command that runs a post: this program, by this Python."""
    where = ["--data", str(settings.data), *(["--config", str(config)] if config else [])]
    made = [demo.value] if demo.value and post.serves else []
    return program.command("ops", "serve", "--roles", ",".join(sorted(post.roles)), *where, *made)


def told(settings: Settings, posts: Sequence[Post], listed: Listed) -> str:
    """Where to click, and how to end and to renew all this."""
    roles = frozenset(role for post in posts for role in post.roles)
    shown = credentials.read(credentials.path_of(settings.data))
    pid = listed.supervisor
    lines = [
        "" if listed.url is None else banner(replace(settings, roles=roles), listed.url, shown),
        f"  Stop         Ctrl-C, or kill {pid}",
        f"  Renew        kill -HUP {pid} (one process after the other, nobody is cut off)",
        "",
    ]
    return "\n".join(lines)
