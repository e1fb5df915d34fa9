"""``python -m tests.benchmarks [name …]``: measure, and print plain tables.

Nothing here passes or fails by a figure. What is wrong is a measurement that measured nothing, or
met an error: then the status is 1 and no table is printed for it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Awaitable, Callable

import uvloop

from tests.benchmarks.append import append
from tests.benchmarks.chat import chat, pace
from tests.benchmarks.fan_out import fan_out
from tests.benchmarks.idle import idle
from tests.benchmarks.kill import kill
from tests.benchmarks.lone import lone
from tests.benchmarks.measuring import Options, Table
from tests.benchmarks.nodes import nodes
from tests.benchmarks.relay import relay
from tests.benchmarks.rest import rest
from tests.benchmarks.resume import resume
from tests.benchmarks.returning import returning
from tests.benchmarks.start import start
from tests.benchmarks.tracing import tracing

BENCHMARKS: dict[str, Callable[[Options], Awaitable[Table]]] = {
    "append": append,
    "lone": lone,
    "chat": chat,
    "pace": pace,
    "tracing": tracing,
    "resume": resume,
    "returning": returning,
    "start": start,
    "idle": idle,
    "rest": rest,
    "fan-out": fan_out,
    "kill": kill,
    "nodes": nodes,
    "relay": relay,
}


def main() -> int:
    """Measure what was named, everything by default; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(BENCHMARKS))
    parser.add_argument("--rounds", type=int, default=Options.rounds)
    parser.add_argument("--seconds", type=float, default=Options.seconds, help="of a round")
    parser.add_argument("--people", type=int, default=Options.people, help="visitors, and agents")
    given = parser.parse_args()
    unknown = [name for name in given.names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"there is no benchmark {', '.join(unknown)}")
    options = Options(given.rounds, given.seconds, given.people)
    for name in given.names or BENCHMARKS:
        sys.stdout.write(f"{uvloop.run(_run(name, options))}\n")
        sys.stdout.flush()
    return 0


async def _run(name: str, options: Options) -> Table:
    return await BENCHMARKS[name](options)


if __name__ == "__main__":
    sys.exit(main())
