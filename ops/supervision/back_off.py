"""The pauses between the starts of a process that does not stay up."""

from __future__ import annotations

from ops.supervision.settings import SupervisorSettings


class BackOff:
    """The pauses between the starts of one process; ``failures`` counts those that did not last."""

    def __init__(self, settings: SupervisorSettings) -> None:
        self._settings = settings
        self.failures = 0

    def pause(self, lived_s: float) -> float:
        """How long to wait before the next start, after one that has lived so long."""
        if lived_s >= self._settings.settled_s:
            self.failures = 0
        self.failures += 1
        doubled: float = self._settings.first_pause_s * 2 ** min(self.failures - 1, 32)
        return min(self._settings.longest_pause_s, doubled)
