"""What the serving process and the generating one work while something is measured."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.benchmarks.checking import demand_idle_generator


@dataclass(frozen=True)
class Work:
    """Seconds that passed, and of them those that server and generator worked.

    And those that each ``waited``: it would have worked, and others had the cores.
    """

    seconds: float
    server_s: float
    generator_s: float
    server_waited_s: float
    generator_waited_s: float

    @property
    def generator_share(self) -> float:
        """How much of a core the generator worked."""
        return self.generator_s / self.seconds


class Watch:
    """Begins when it is made. ``pid`` is the serving process, whose children do not count."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self._begin = time.perf_counter()
        self._server_s = self._served()
        self._generator_s = time.process_time()
        self._server_waited_s, self._generator_waited_s = self._waited()

    def end(self) -> Work:
        """What was worked. Raises MeasurementFailed where the generator was the bottleneck."""
        server_waited_s, generator_waited_s = self._waited()
        work = Work(
            time.perf_counter() - self._begin,
            self._served() - self._server_s,
            time.process_time() - self._generator_s,
            server_waited_s - self._server_waited_s,
            generator_waited_s - self._generator_waited_s,
        )
        demand_idle_generator(
            work.generator_s + work.generator_waited_s,
            work.server_s + work.server_waited_s,
            work.seconds,
        )
        return work

    def _waited(self) -> tuple[float, float]:
        """Of the server and of this process."""
        return waited_s(self._process.pid), waited_s(os.getpid())

    def _served(self) -> float:
        times = self._process.cpu_times()
        return times.user + times.system


def waited_s(pid: int) -> float:
    """For how long a process' first thread, its event loop's, was ready and had no core.

    As Linux counts it (``Documentation/scheduler/sched-stats``); 0 where nothing does.
    """
    try:
        _, waited_ns, _ = Path(f"/proc/{pid}/schedstat").read_text().split()
    except FileNotFoundError:
        return 0.0
    return int(waited_ns) / 1e9
