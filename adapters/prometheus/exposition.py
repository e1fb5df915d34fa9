"""What ``/metrics`` answers: our figures and the process's own, in the form that is asked for.

Which form that is, the library decides by the request's ``Accept``: OpenMetrics, or Prometheus'
older text.
"""

from __future__ import annotations

from prometheus_client import (
    CollectorRegistry,
    GCCollector,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, choose_encoder
from prometheus_client.registry import Collector


class Exposition:
    """Writes figures out. Has a registry of its own: what else is in the process is not ours."""

    def __init__(self, measures: Collector) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(measures)
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        GCCollector(registry=self._registry)

    def __call__(self, accept: str) -> tuple[bytes, str]:
        """The figures as they are now, and their media type. ``accept`` may hold anything."""
        try:
            write, media = choose_encoder(accept)
        except (TypeError, ValueError):  # the library's own, for a version that is none
            write, media = generate_latest, CONTENT_TYPE_PLAIN_0_0_4
        return write(self._registry), media
