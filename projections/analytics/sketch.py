"""Times in buckets whose borders grow by a fixed factor, so that percentiles can be merged.

The buckets of DDSketch (Masson, Rim and Lee, 2019) without its collapsing: a time is known to
:data:`ERROR` of itself, whatever it is, and buckets of days or agents are merged by adding them up.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil, log

ERROR = 0.025
"""The largest relative error of a percentile: 2.5 %, finer than anybody acts on: 484 buckets from
a millisecond to a year, 512 to four."""

_GAMMA = (1 + ERROR) / (1 - ERROR)
LOG_GAMMA = log(_GAMMA)
"""What SQL divides logarithms by: a time of ``ms`` is in bucket ``ceil(ln(ms) / LOG_GAMMA)``."""


def quantile(buckets: Mapping[int, int], share: float) -> float | None:
    """The time in milliseconds that this share of all times does not exceed; None without any."""
    count = sum(buckets.values())
    rank = max(1, ceil(share * count))
    for bucket in sorted(buckets):
        rank -= buckets[bucket]
        if rank <= 0:
            return float(2 * _GAMMA**bucket / (_GAMMA + 1))
    return None
