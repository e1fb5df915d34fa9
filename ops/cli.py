"""``parley``: the command line. What each command does is in ``ops.commands``; here they meet.

An error that the operator can mend is one plain sentence on stderr and status 1; wrong usage is 2.
"""

from __future__ import annotations

import os
import sys
from typing import NoReturn

import click

from ops.commands.agent import agent
from ops.commands.analyst import analyst
from ops.commands.audit import audit
from ops.commands.common import Group
from ops.commands.config import config
from ops.commands.conversation import conversation
from ops.commands.dataset import dataset
from ops.commands.doctor import doctor
from ops.commands.goal import goal
from ops.commands.init import init
from ops.commands.key import key
from ops.commands.keys import keys
from ops.commands.log import log
from ops.commands.processes import processes
from ops.commands.projection import projection
from ops.commands.run import run as run_processes
from ops.commands.serve import serve
from ops.commands.settings import settings
from ops.commands.site import site
from ops.commands.tenant import tenant
from ops.commands.webhook import webhook
from ops.errors import MENDABLE, sentence

INTERRUPTED = 130


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
def parley() -> None:
    """Parley: customer chat that loses nothing."""


COMMANDS = (
    serve,
    run_processes,
    processes,
    init,
    doctor,
    tenant,
    site,
    agent,
    key,
    webhook,
    analyst,
    goal,
    conversation,
    log,
    config,
    projection,
    audit,
    keys,
    dataset,
    settings,
)

for command in COMMANDS:
    parley.add_command(command)


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
