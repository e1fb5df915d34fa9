"""``python -m tests.mutations [name …]``: break the product in each way of the list, in a copy.

The status is 1 when one is caught by no test, or cannot be tried: a test is missing, or the list is
behind the code.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.mutations import table
from tests.mutations.catalogue import MUTATIONS
from tests.mutations.mutation import Mutation
from tests.mutations.results import Result, Results
from tests.mutations.running import run

READER_LEFT = 128 + signal.SIGPIPE
"""The status of what ends since nobody reads on, as shells have it: it is no success."""


def main() -> int:
    """Try what was named, everything by default; the exit status."""
    try:
        return _run_or_list()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python must not complain
        return READER_LEFT


def _run_or_list() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutations", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name")
    parser.add_argument("--list", action="store_true", help="show them and end")
    parser.add_argument("--quick", action="store_true", help="those that need no server only")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many at a time")
    parser.add_argument("--results", type=Path, help="keep results here, and go on from them")
    parser.add_argument("--table", type=Path, help="write the table of a whole run into this file")
    given = parser.parse_args()
    chosen = _chosen(parser, given.names, quick=given.quick)
    if given.list:
        for mutation in chosen:
            _say(f"{mutation.name}\n    {mutation.file}: {mutation.breaks}")
        return 0
    if given.table and len(chosen) < len(MUTATIONS):
        parser.error("a table is of a whole run")
    begun = time.monotonic()
    try:
        results = run(chosen, given.jobs, Results(given.results), _Progress(len(chosen)))
    except KeyboardInterrupt:
        _say(f"interrupted; {given.results or 'nothing'} has what was found")
        return 130
    rows = list(zip(chosen, results, strict=True))
    if given.table:
        table.write(given.table, rows, time.monotonic() - begun)
    return _summed_up(rows)


def _chosen(
    parser: argparse.ArgumentParser, names: Sequence[str], *, quick: bool
) -> list[Mutation]:
    unknown = sorted(set(names) - {mutation.name for mutation in MUTATIONS})
    if unknown:
        parser.error(f"there is no mutation {', '.join(unknown)}")
    return [
        mutation
        for mutation in MUTATIONS
        if (not names or mutation.name in names) and (mutation.quick or not quick)
    ]


class _Progress:
    """Tells of each mutation as it is done."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._done = 0

    def __call__(self, mutation: Mutation, result: Result) -> None:
        self._done += 1
        found = result.trial
        place = f"[{self._done}/{self._count}]"
        _say(f"{place} {found.verdict.value:8} {mutation.name}  {found.seconds:.1f} s  {found.by}")
        if result.said:
            _say(f"    {result.said}")


def _summed_up(rows: Sequence[tuple[Mutation, Result]]) -> int:
    bad = [(mutation, result) for mutation, result in rows if not result.is_good]
    for mutation, result in bad:
        _say(f"{result.trial.verdict.value}: {mutation.name}: {mutation.breaks}")
        _say(f"    {result.said}")
    _say(f"{len(rows) - len(bad)} of {len(rows)} mutations are caught")
    return 1 if bad else 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
