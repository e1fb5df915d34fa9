"""Memory of processes, as the kernel has it. PSS shares what is shared; RSS does not."""

from __future__ import annotations

from typing import NamedTuple

import psutil


class Memory(NamedTuple):
    """Bytes."""

    pss: float
    rss: float

    def __sub__(self, other: Memory) -> Memory:
        return Memory(self.pss - other.pss, self.rss - other.rss)

    def __truediv__(self, count: float) -> Memory:
        return Memory(self.pss / count, self.rss / count)


def memory_of(*processes: psutil.Process) -> Memory:
    """Of all of them together."""
    infos = [each.memory_full_info() for each in processes]
    return Memory(sum(info.pss for info in infos), sum(info.rss for info in infos))
