"""What the serving process and the generating one work while something is measured."""

from __future__ import annotations

import time
from dataclasses import dataclass

import psutil

from tests.benchmarks.checking import demand_idle_generator


@dataclass(frozen=True)
class Work:
    """Seconds that passed, and of them those that server and generator worked."""

    seconds: float
    server_s: float
    generator_s: float

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

    def end(self) -> Work:
        """What was worked. Raises MeasurementFailed where the generator was the bottleneck."""
        work = Work(
            time.perf_counter() - self._begin,
            self._served() - self._server_s,
            time.process_time() - self._generator_s,
        )
        demand_idle_generator(work.generator_s, work.server_s, work.seconds)
        return work

    def _served(self) -> float:
        times = self._process.cpu_times()
        return times.user + times.system
