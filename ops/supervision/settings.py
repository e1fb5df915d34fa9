"""What is run, and the times by which a process is taken for well or ill."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ops.supervision.plan import default_entries


@dataclass(frozen=True)
class SupervisorSettings:
    """What ``parley run`` starts, and when it takes a process for ill."""

    processes: tuple[str, ...] = default_entries()
    """Processes to run, as roles and a number, separated by commas. ``node`` stands for all that
    serve people; ``relay+projector:1`` is one process of two roles."""

    targets: Path | None = None
    """File in which Prometheus finds each process's own address (``file_sd_configs``), for
    everybody to read; without one ``prometheus.json`` in the data directory."""

    first_pause_s: float = 0.2
    """Seconds before a process that has ended is started again; doubled each time it ends again."""

    longest_pause_s: float = 30.0
    """The longest of these pauses: soon enough after whatever kept it from running is mended."""

    settled_s: float = 60.0
    """Seconds that a process must have lived for the pauses to begin anew."""

    database_s: float = 90.0
    """Seconds for which a process that starts waits for PostgreSQL before it ends; more than
    ``settled_s``, so that the pauses stay short however long PostgreSQL is away."""

    first_beat_s: float = 60.0
    """Seconds until a new process must be heard of first; a busy machine takes some to load it."""

    silent_s: float = 10.0
    """Seconds without a beat (one is due each second) after which a process counts as hung and is
    killed: longer than any work of ours holds the event loop."""

    ready_s: float = 60.0
    """Seconds that a replacement has to become ready; else the rolling restart is stopped."""

    leave_s: float = 9.0
    """Seconds that a process which was replaced has to end; then it is killed. It serves its
    clients until each one's moment (``stop.spread_ms``), and bounds every step."""

    stop_s: float = 6.0
    """The same where all end at once: nobody is kept then, and all is to be over in 10 seconds."""
