"""When a visitor's page views are one visit, and when another begins."""

from __future__ import annotations

from datetime import datetime, timedelta

VISIT_GAP = timedelta(minutes=30)
"""Page views that are less than so far apart are one visit: what the trade counts by."""


def begins_anew(last: datetime | None, at: datetime) -> bool:
    """Whether a page view begins a visit; ``last`` is the one before, None where there is none."""
    return last is None or at - last >= VISIT_GAP
