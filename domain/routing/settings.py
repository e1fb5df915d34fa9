"""How often the router looks, how much it asks for at once, how long it waits."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RouterSettings:
    """The router's own settings; what a tenant wants of it, the tenant says."""

    poll_s: float = 1.0
    """Seconds between two looks at all heads, at who is present, and at the clock: by so much what
    is due is late at most."""

    rest_s: float = 0.02
    """Seconds between two turns on a log: what comes meanwhile is decided on together."""

    backoff_s: float = 10.0
    """The longest pause after failures; they begin at ``poll_s`` and double."""

    settle_s: float = 4.0
    """Seconds after a shard was taken in which nothing is decided on it, where there are other
    processes: whoever had it must have noticed by then, and be done."""

    lease_s: float = 2.5
    """Seconds after the last look at which this process had a shard in which it may decide; below
    ``settle_s``, and above ``poll_s``."""

    retry_s: float = 1.0
    """Seconds after which what was not granted is decided again."""

    under_way: int = 128
    """Decisions of a log on their way at a time: half of a batch, so that chat has its place."""

    behind: int = 20_000
    """Events that read models may be behind when an office begins with them; where they are
    further, it waits for them: they are being built, and reading it all twice helps nobody."""

    stale_s: float = 3 * 86_400.0
    """Seconds after which one who waits still is no alarm any more where an office begins: what an
    older program left open. Longer than a weekend that the product was off."""

    idle_s: float = 300.0
    """Seconds after which an office in which nobody waits, is served or is there is put away, until
    its log grows: as long as a page is likely to be come back to."""

    left_behind_s: float = 600.0
    """Seconds by which a visitor who waits and has left the page stands behind: whoever came that
    much later and is there goes first. Longer, and those who are to be written to wait for a quiet
    hour; 0: as if they were there."""

    concurrency: int = 2
    """Logs read at a time."""

    signal_s: float = 1.0
    """Seconds between two messages to a visitor about its place, at least."""

    repeat_s: float = 10.0
    """Seconds after which those who wait are told again: at most once as much is lost."""

    told: int = 500
    """Places that are told as soon as they change; those behind them only every ``repeat_s``."""
