"""``parley``: the command line. What each command does is in ``ops.commands``; here they meet.

An error that the operator can mend is one plain sentence on stderr and status 1; wrong usage is 2.
"""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module
from typing import NoReturn

import click

from ops.commands.common import Group
from ops.errors import MENDABLE, sentence

INTERRUPTED = 130

COMMANDS = (
    "serve",
    "run",
    "processes",
    "init",
    "doctor",
    "tenant",
    "site",
    "agent",
    "key",
    "webhook",
    "analyst",
    "goal",
    "conversation",
    "log",
    "config",
    "projection",
    "audit",
    "keys",
    "dataset",
    "settings",
)
"""What there is. Each is in the file of its name, and is called so there."""


class Program(Group):
    """Loads a command when it is asked for: to load all of them takes longer than many a one."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # as click calls it
        return sorted(COMMANDS)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002  # as click calls it
        cmd_name: str,
    ) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"ops.commands.{cmd_name}"), cmd_name)
        keep_what_is_loaded()
        return command


def keep_what_is_loaded() -> None:
    """Have garbage looked for from now on, and never in what was loaded until now: that stays.

    Before, only ``ops.__main__`` switches that off. Together it is a quarter of a short command.
    """
    if not gc.isenabled():
        gc.freeze()
        gc.enable()


def _tell_version(context: click.Context, _option: click.Parameter, asked: bool) -> None:  # noqa: FBT001  # click calls it so
    if asked:
        from ops.version import program_version  # noqa: PLC0415  # reads files, for this alone

        click.echo(f"parley {program_version()}")
        context.exit()


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_tell_version,
    help="Show the version and exit.",
)
def parley() -> None:
    """Parley: customer chat that loses nothing."""


def main() -> NoReturn:
    """Run the command line and end the process."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command; its exit status."""
    try:
        status = parley.main(arguments, prog_name="parley", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except BrokenPipeError:
        return _reader_left()
    except MENDABLE as error:
        click.echo(f"parley: {sentence(error)}", err=True)
        return 1
    return status if isinstance(status, int) else 0


def _reader_left() -> int:
    """Whoever read our output has enough; Python must not complain of it at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0
