"""``python -m ops.stack.full``: the product at full size on one machine, for as long as it runs.

A PostgreSQL, a RabbitMQ and a Redis of the data directory's own, except for those that a variable
names, and over them ``parley run``. A server that runs already is somebody's, and stays; each that
was started for this is stopped in the end.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ops.stack import loading

loading.end_with(0)  # while all that follows is loaded

from adapters.postgres.embedded_errors import EmbeddedPostgresError  # noqa: E402 - see above
from ops import cli, program  # noqa: E402 - see above
from ops.errors import CannotRun  # noqa: E402 - see above
from ops.settings_source import load  # noqa: E402 - see above
from ops.stack.stack import VARIABLES, Stack  # noqa: E402 - see above

DOWN_S = 3.0
"""Seconds that we wait for the servers to end. They end by themselves when that is not enough: all
has to be over in 10, and the product's processes may take most of it."""

SERVERS = """
  Servers      {servers} in {data}
  Bring back   ./dev stack up{only} --data {data} (those of them that were killed)"""


def main() -> int:
    """Run it until SIGINT or SIGTERM; the exit status."""
    try:
        loading.interrupt()
        return run(arguments())
    except KeyboardInterrupt:
        return 0
    except (CannotRun, EmbeddedPostgresError) as error:
        sys.stderr.write(f"parley: {error}\n")
        return 1


def arguments() -> dict[str, Any]:
    """What was asked for; wrong usage ends the process with status 2."""
    parser = argparse.ArgumentParser(prog="./dev up --full")
    parser.add_argument("--port", type=int, help="HTTP and WebSocket port (8080)")
    parser.add_argument("--data", type=Path, help="data of the product and of its servers")
    parser.add_argument("--sample", action="store_true", help="with a week of an invented shop")
    return {name: value for name, value in vars(parser.parse_args()).items() if value}


def run(chosen: dict[str, Any]) -> int:
    """Servers, then the product, then, where they were down before, no servers."""
    demo = "--sample" if chosen.pop("sample", False) else "--demo"
    data = load(os.environ, {**chosen})[0].data.absolute()
    programs = os.environ.get("PARLEY_POSTGRES_BIN")
    stack = Stack(data, postgres_bin=Path(programs) if programs else None)
    names = [name for variable, name in VARIABLES.items() if variable not in os.environ]
    ours = [name for name in names if not stack.servers[name].lives()]
    try:
        stack.up(names)
        os.environ.update({variable: stack.urls[name] for variable, name in told(names)})
        sys.stdout.write(hints(stack, names))
        sys.stdout.flush()
        status = cli.run(["run", demo, *options(chosen)])
        return 0 if status == cli.INTERRUPTED else status
    finally:
        if ours:
            end(data, ours)


def told(names: Sequence[str]) -> list[tuple[str, str]]:
    """The variables of these servers."""
    return [(variable, name) for variable, name in VARIABLES.items() if name in names]


def options(chosen: dict[str, Any]) -> list[str]:
    """What was asked for, as ``parley run`` takes it."""
    return [word for name, value in chosen.items() for word in (f"--{name}", str(value))]


def hints(stack: Stack, names: Sequence[str]) -> str:
    """Which servers there are, and commands for them and for the product, as a shell takes them."""
    data = shlex.quote(str(stack.directory))
    only = "" if len(names) == len(VARIABLES) else f" --only {' '.join(names)}"
    said = ""
    if names:
        *most, last = (stack.servers[name].words for name in names)
        servers = f"{', '.join(most)} and {last}" if most else last
        said = SERVERS.format(servers=servers, only=only, data=data)
    look = f"./dev parley log head --tenant demo --data {data}"
    if "database" in names:
        look = f"env $(./dev stack env{only} --data {data}) {look}"
    else:
        look += " (with PARLEY_DATABASE_URL as here)"
    return f"{said}\n  Look inside  {look}\n"


def end(data: Path, names: Sequence[str]) -> None:
    """Stop these by a process of its own: neither our end nor impatience cuts that short."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    with (data / "stack.log").open("ab") as log:
        down = subprocess.Popen(
            program.command("ops.stack", "down", "--data", str(data), "--only", *names),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    with contextlib.suppress(subprocess.TimeoutExpired):
        down.wait(DOWN_S)


if __name__ == "__main__":
    sys.exit(main())
