"""When each clock starts and stops, and what else the reports mean.

``docs/analytics.md`` has the same words; a test holds the two together.
"""

from __future__ import annotations

from datetime import timedelta

from msgspec import Struct

CREDIT = timedelta(days=7)
"""A goal is credited to the visitor's last conversation if that began at most so long before."""


class Clock(Struct, frozen=True):
    """One measured time, in the words of the documentation."""

    name: str
    starts: str
    stops: str


CLOCKS = (
    Clock(
        "wait",
        "the visitor's first message; the conversation's start if an agent was faster",
        "the first assignment to an agent",
    ),
    Clock(
        "first_response",
        "the visitor's first message; the conversation's start if an agent was faster",
        "the first message by an agent",
    ),
    Clock(
        "handling",
        "each time an agent begins to serve it: assigned, or reopened with its agent",
        "each close, and each transfer to a department; summed up",
    ),
    Clock("resolution", "the conversation's start", "the last close; none while it is open"),
)

TERMS = {
    "missed": "closed, and no agent ever answered",
    "waiting": "open, and nobody answered yet, no bot either",
    "transferred": "at least one transfer, to an agent or to a department",
    "bot share": "of the conversations that were answered, those that a bot answered and no agent",
    "satisfaction": "the mean of the ratings; beside it the share of 4 and 5, and of rated ones",
    "conversion": "conversations and visits whose visitor reached a goal, of all of them",
}
"""What is counted, in the words of the documentation."""
