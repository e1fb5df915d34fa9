"""Whole scenarios: the promises hold whatever goes wrong, and a seed says exactly what happened."""

from __future__ import annotations

import logging
import random
import subprocess
import sys
from contextlib import closing

import pytest

from tests.simulation.failures import collected
from tests.simulation.faults import KINDS
from tests.simulation.judgement import never_seen
from tests.simulation.loop import VirtualLoop
from tests.simulation.many import Totals, command, failure, totals_of
from tests.simulation.scenario import Played, play

FIXED = range(300)
"""The seeds that every run plays."""

GROUP = 150
"""Seeds in a group of the fixed ones: enough for every kind of fault to happen."""

FRESH_GROUPS, FRESH = 4, 30
"""Groups of seeds that no run played before, and how many are in each."""


@pytest.mark.parametrize("first", range(FIXED.start, FIXED.stop, GROUP))
def test_fixed_seeds(first: int) -> None:
    """Every promise holds in each, and every kind of fault happened in one of them."""
    totals = Totals()
    for seed in range(first, first + GROUP):
        totals.add(played(seed))
    assert never_seen(frozenset(KINDS), totals.faults, totals.looked) == []


@pytest.mark.parametrize("group", range(FRESH_GROUPS))
def test_fresh_seeds(group: int) -> None:
    """Every promise holds in scenarios that nobody has seen before."""
    seeds = [random.SystemRandom().getrandbits(40) for _ in range(FRESH)]
    print(f"group {group}: seeds {seeds}")  # noqa: T201  # pytest shows it where one fails
    for seed in seeds:
        played(seed)


def played(seed: int) -> Totals:
    """What happened in a scenario; fails with the command that replays it."""
    found = play(seed)
    if found.wrong is not None:
        pytest.fail(failure(found), pytrace=False)
    return totals_of(found)


def test_a_failing_seed_says_how_to_see_it_again() -> None:
    """The last line is one command, which knows of the seed alone."""
    told = failure(Played(1234, play(0).history, {}, "something was lost"))  # type: ignore[arg-type]  # nothing was looked at
    assert told.splitlines()[-1] == f"replay: {command(1234)}"
    assert command(1234) == ".venv/bin/python -m tests.simulation --seed 1234 --trace"


def test_what_runs_after_it_logs_as_before(caplog: pytest.LogCaptureFixture) -> None:
    """A scenario silences the product; loggers that were asked meanwhile remember no answer."""
    logger = logging.getLogger("parley.heard-again")
    with closing(VirtualLoop()) as loop, collected(loop, play(0).history):
        assert not logger.isEnabledFor(logging.WARNING)
    logger.warning("heard")
    assert caplog.messages == ["heard"]


DIGESTS = """
import sys
from tests.simulation.scenario import play
print(sorted((seed, play(seed).history.digest()) for seed in map(int, sys.argv[1:])))
"""


def test_a_seed_says_exactly_what_happens() -> None:
    """Two processes, with other hashes, after other seeds: the same to the last frame."""
    seeds = ["3", "8", "21", "42"]
    digests = [
        subprocess.run(
            [sys.executable, "-c", DIGESTS, *order],
            env={"PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for hash_seed, order in (("1", seeds), ("2", seeds[::-1]))
    ]
    assert digests[0] == digests[1]
    assert digests[0].count("(") == len(seeds)


def test_another_seed_is_another_scenario() -> None:
    """Else all of them would show the same one."""
    assert len({play(seed).history.digest() for seed in range(5)}) == 5
