"""What is traced, where spans go, and how many may wait. Loads nothing of OpenTelemetry."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class TracingSettings:
    """Traces of commands, from their frame to the sockets and read models that they reach."""

    sample: float = field(default=0.0, metadata={"least": 0, "most": 1})
    """Share of commands whose trace is recorded, from 0 to 1; 0 is off and costs nothing. 0.01
    shows on a busy site where time goes."""

    endpoint: str | None = field(default=None, repr=False)
    """URL, with its path, where a collector takes OTLP over HTTP, such as
    ``http://127.0.0.1:4318/v1/traces``; needed where traces are recorded, since none go anywhere
    by default."""

    service: str = "parley"
    """Name of the service that spans are filed under; another one for another installation."""

    instance: str | None = None
    """Name of this process among those of the service; by default one that it draws at its
    start."""

    queue_spans: int = 2_048
    """Spans that may wait for the collector, some kB each; more are dropped and counted."""

    batch_spans: int = 512
    """Spans sent at a time; no more than may wait."""

    delay_s: float = 2.0
    """Seconds that a span may wait for a fuller batch."""

    timeout_s: float = 5.0
    """Seconds in which the collector must have taken a batch; else it is lost, and counted."""
