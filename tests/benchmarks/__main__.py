"""``python -m tests.benchmarks [name …]``: measure, and print plain tables.

Nothing here passes or fails by a figure. What is wrong is a measurement that measured nothing, or
met an error: then the status is 1, and in place of its table stands why.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import uvloop

from tests.benchmarks import report
from tests.benchmarks.append import append
from tests.benchmarks.chat import chat, pace
from tests.benchmarks.fan_out import fan_out
from tests.benchmarks.goals import verdict
from tests.benchmarks.idle import idle
from tests.benchmarks.kill import kill
from tests.benchmarks.lone import lone
from tests.benchmarks.measuring import MeasurementFailed, Options, Table
from tests.benchmarks.nodes import nodes
from tests.benchmarks.profiling import LOADS, profile
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
PROFILE = "profile"


def main() -> int:
    """Measure what was named, everything by default; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    names = f"{', '.join(BENCHMARKS)}; or {PROFILE} and one of {', '.join(LOADS)}"
    parser.add_argument("names", nargs="*", metavar="name", help=names)
    parser.add_argument("--rounds", type=int, default=Options.rounds)
    parser.add_argument("--seconds", type=float, default=Options.seconds, help="of a round")
    parser.add_argument("--people", type=int, default=Options.people, help="visitors, and agents")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write all as Markdown too")
    given = parser.parse_args()
    known = LOADS if given.names[:1] == [PROFILE] else BENCHMARKS
    wanted = given.names[1:] if known is LOADS else given.names or list(BENCHMARKS)
    unknown = [name for name in wanted if name not in known]
    if unknown or not wanted:
        parser.error(f"name some of {', '.join(known)}; there is no {', '.join(unknown)}")
    options = Options(given.rounds, given.seconds, given.people)
    if known is LOADS:
        return _measure(wanted, lambda name: profile(name, options), options, given.report)
    return _measure(wanted, lambda name: BENCHMARKS[name](options), options, given.report)


def _measure(
    names: Sequence[str],
    benchmark: Callable[[str], Awaitable[Table]],
    options: Options,
    to: Path | None,
) -> int:
    """All of them; one that fails keeps none of the others. The exit status."""
    tables: list[Table] = []
    failures: list[str] = []
    for name in names:
        try:
            tables.append(uvloop.run(_awaited(benchmark(name))))
        except MeasurementFailed as error:
            failures.append(f"{name}: {error}")
            sys.stderr.write(f"{failures[-1]}\n\n")
        else:
            sys.stdout.write(f"{tables[-1]}\n")
            sys.stdout.flush()
    if any(table.figures for table in tables):
        tables.insert(0, verdict(tables))
        sys.stdout.write(f"{tables[0]}\n")
    if to is not None:
        report.write(to, tables, failures, options)
    return 1 if failures else 0


async def _awaited(table: Awaitable[Table]) -> Table:
    return await table


if __name__ == "__main__":
    sys.exit(main())
