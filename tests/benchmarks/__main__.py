"""``python -m tests.benchmarks [name …]``: measure, and print plain tables.

Nothing here passes or fails by a figure. What is wrong is a measurement that measured nothing, or
met an error: then the status is 1, and why stands in place of its table.
"""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

import uvloop

from tests.benchmarks import report
from tests.benchmarks.append import append
from tests.benchmarks.beside import beside
from tests.benchmarks.bulk import bulk
from tests.benchmarks.chat import chat, pace
from tests.benchmarks.desk import desk
from tests.benchmarks.fan_out import fan_out
from tests.benchmarks.goals import verdict
from tests.benchmarks.idle import idle
from tests.benchmarks.kill import kill
from tests.benchmarks.lag import lag
from tests.benchmarks.lone import lone
from tests.benchmarks.measuring import MeasurementFailed, Options, Table
from tests.benchmarks.nodes import nodes
from tests.benchmarks.past import past
from tests.benchmarks.profiling import PROFILES
from tests.benchmarks.rebuild import rebuild
from tests.benchmarks.relay import relay
from tests.benchmarks.reports import reports
from tests.benchmarks.rest import rest
from tests.benchmarks.resume import resume
from tests.benchmarks.returning import returning
from tests.benchmarks.routing import routing
from tests.benchmarks.search import search
from tests.benchmarks.snapshots import snapshots
from tests.benchmarks.start import start
from tests.benchmarks.tenth import tenth
from tests.benchmarks.tracing import tracing

Benchmark = Callable[[Options], Awaitable[Table]]

BENCHMARKS: dict[str, Benchmark] = {
    "append": append,
    "bulk": bulk,
    "rebuild": rebuild,
    "lone": lone,
    "chat": chat,
    "pace": pace,
    "beside": beside,
    "tracing": tracing,
    "resume": resume,
    "returning": returning,
    "routing": routing,
    "start": start,
    "snapshots": snapshots,
    "past": past,
    "idle": idle,
    "rest": rest,
    "fan-out": fan_out,
    "kill": kill,
    "nodes": nodes,
    "relay": relay,
    "lag": lag,
    "search": search,
    "reports": reports,
    "desk": desk,
    "tenth": tenth,
}
APART = "tenth"
"""Is measured only where it is named: it takes long, and much of the disk."""

PROFILE = "profile"


def main() -> int:
    """Measure what was named, everything by default; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    names = f"{', '.join(BENCHMARKS)}; or {PROFILE} and one of {', '.join(PROFILES)}"
    parser.add_argument("names", nargs="*", metavar="name", help=names)
    parser.add_argument("--rounds", type=int, default=Options.rounds)
    parser.add_argument("--seconds", type=float, default=Options.seconds, help="of a round")
    parser.add_argument("--people", type=int, default=Options.people, help="visitors, and agents")
    parser.add_argument("--fraction", type=float, default=Options.fraction, help=f"for {APART}")
    parser.add_argument("--keep", type=Path, metavar="DIR", help=f"for {APART}: go on there")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write all as Markdown too")
    given = parser.parse_args()
    known = PROFILES if given.names[:1] == [PROFILE] else BENCHMARKS
    wanted = (
        given.names[1:]
        if known is PROFILES
        else given.names or [name for name in BENCHMARKS if name != APART]
    )
    unknown = [name for name in wanted if name not in known]
    if unknown:
        parser.error(f"there is no {', '.join(unknown)}")
    if not wanted:
        parser.error(f"name some of {', '.join(known)}")
    options, load = (
        Options(given.rounds, given.seconds, given.people, given.fraction, given.keep),
        os.getloadavg()[0],
    )
    tables, failures = _measured(wanted, known, options)
    if any(table.figures for table in tables):
        tables.insert(0, verdict(tables, whole=not given.names))
        sys.stdout.write(f"{tables[0]}\n")
    if given.report is not None:
        report.write(given.report, tables, failures, options, load)
    return 1 if failures else 0


def _measured(
    names: Sequence[str], known: Mapping[str, Benchmark], options: Options
) -> tuple[list[Table], list[str]]:
    """Their tables, and why there is none of others: one that fails keeps none from running."""
    tables: list[Table] = []
    failures: list[str] = []
    for name in names:
        try:
            tables.append(uvloop.run(_awaited(known[name](options))))
        except Exception as error:  # noqa: BLE001  # it is told, and costs none of the others
            failures.append(f"{name}: {str(error) or type(error).__name__}")
            if not isinstance(error, MeasurementFailed):
                traceback.print_exc()
            sys.stderr.write(f"{failures[-1]}\n\n")
        else:
            sys.stdout.write(f"{tables[-1]}\n")
            sys.stdout.flush()
    return tables, failures


async def _awaited(table: Awaitable[Table]) -> Table:
    return await table


if __name__ == "__main__":
    sys.exit(main())
