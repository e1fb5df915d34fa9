"""What processes work while something is measured, and what they wait for a core."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.benchmarks import work
from tests.benchmarks.measuring import MeasurementFailed
from tests.benchmarks.work import Watch, waited_s

SPIN = "import os, sys; os.sched_setaffinity(0, {int(sys.argv[1])})\nwhile True: pass"

ENOUGH_S = 0.05
"""What one of two that share a core waits for it within a moment."""


@contextmanager
def spinning(core: int) -> Iterator[int]:
    """A process that wants all of a core."""
    with subprocess.Popen([sys.executable, "-c", SPIN, str(core)]) as process:
        try:
            yield process.pid
        finally:
            process.kill()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux counts it")
def test_who_shares_a_core_waits_for_it() -> None:
    """So somebody who gets half of one and wants it all is seen to be at its end."""
    core, end = min(os.sched_getaffinity(0)), time.monotonic() + 20
    with spinning(core) as one, spinning(core) as two:
        while min(waited_s(one), waited_s(two)) < ENOUGH_S:
            assert time.monotonic() < end, (waited_s(one), waited_s(two))


def test_where_nothing_counts_it_nobody_has_waited() -> None:
    """A process that is not there stands for a system without the figure."""
    assert waited_s(2**30) == 0.0


@pytest.mark.parametrize("who", ["generator", "server"])
def test_what_was_waited_for_counts_as_work(monkeypatch: pytest.MonkeyPatch, who: str) -> None:
    """A generator that others kept from working was the bottleneck; beside such a server not."""
    waited = dict.fromkeys((os.getpid(), os.getppid()), 0.0)
    monkeypatch.setattr(work, "waited_s", waited.__getitem__)
    monkeypatch.setattr(Watch, "_served", lambda _: 0.0)  # the parent may be at work just now
    watch = Watch(os.getppid())
    waited[os.getpid()] += 100.0
    if who == "generator":
        with pytest.raises(MeasurementFailed, match="generator was the bottleneck"):
            watch.end()
    else:
        waited[os.getppid()] += 100.0
        assert watch.end().server_waited_s == 100.0
