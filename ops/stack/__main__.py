"""``python -m ops.stack up|down|env --data DIR [--only NAME…]``: the private stack, by hand.

Only ``env`` writes to stdout: a line for each server, which a shell, or ``env``, can take as it is.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from ops.stack import loading

INTERRUPTED = 130

loading.end_with(INTERRUPTED)  # while all that follows is loaded

from adapters.postgres.embedded_errors import EmbeddedPostgresError  # noqa: E402 - see above
from ops.errors import CannotRun  # noqa: E402 - see above
from ops.stack.errors import NeverStarted  # noqa: E402 - see above
from ops.stack.stack import NAMES, VARIABLES, Stack  # noqa: E402 - see above


def main() -> int:
    """Do what was asked; the exit status."""
    try:
        loading.interrupt()
        chosen = arguments()
        programs = os.environ.get("PARLEY_POSTGRES_BIN")
        stack = Stack(chosen.data, postgres_bin=Path(programs) if programs else None)
        VERBS[chosen.verb](stack, chosen.only)
    except KeyboardInterrupt:
        sys.stderr.write("stack: interrupted; what was begun goes on until ./dev stack down\n")
        return INTERRUPTED
    except (CannotRun, EmbeddedPostgresError) as error:
        sys.stderr.write(f"stack: {error}\n")
        return 1
    return 0


def arguments() -> argparse.Namespace:
    """What was asked for; wrong usage ends the process with status 2."""
    parser = argparse.ArgumentParser(
        prog="./dev stack",
        description="Private PostgreSQL, RabbitMQ and Redis for development and tests.",
    )
    parser.add_argument("verb", choices=VERBS, help="start, stop, or show URLs")
    parser.add_argument("--data", type=Path, required=True, help="the stack's directory")
    parser.add_argument("--only", nargs="+", choices=NAMES, default=NAMES, help="these servers")
    return parser.parse_args()


def show(stack: Stack, names: Sequence[str]) -> None:
    """Print the URLs as variables."""
    urls = stack.urls
    if not set(names) <= set(urls):
        raise NeverStarted(stack.directory)
    for variable, name in VARIABLES.items():
        if name in names:
            sys.stdout.write(f"{variable}={urls[name]}\n")


VERBS: dict[str, Callable[[Stack, Sequence[str]], None]] = {
    "up": Stack.up,
    "down": Stack.down,
    "env": show,
}


if __name__ == "__main__":
    sys.exit(main())
