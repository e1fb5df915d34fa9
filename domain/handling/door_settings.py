"""The settings of the doors: how long tokens and secrets are good. Seconds throughout."""

from __future__ import annotations

from dataclasses import dataclass

HOUR = 3600
DAY = 24 * HOUR


@dataclass(frozen=True)
class DoorSettings:
    """How long what the doors give out is good, in seconds."""

    visitor_token_s: int = DAY
    """A visitor's token. 24 h: longer than any sitting, short enough for what cannot be revoked."""

    agent_token_s: int = 12 * HOUR
    """An agent's token. 12 h: a working day with its breaks."""

    visitor_secret_s: int = 180 * DAY
    """A visitor's renewal secret that is not used. 180 days: who comes back within half a year is
    recognised."""

    agent_secret_s: int = 14 * DAY
    """An agent's renewal secret that is not used. 14 days: a holiday, then the password again."""

    rotate_after_s: int = DAY
    """A renewal secret older than this is answered with a successor. 1 day: rare enough to lose no
    tab, and a stolen one does not stay good for long."""

    rotation_grace_s: int = 600
    """How long a secret stays good once its successor was used. 10 min: other tabs follow."""

    identity_window_s: int = 300
    """How far a signed identity's time may be from ours, either way: part of the contract."""

    nonce_margin_s: int = 600
    """How long beyond that window a nonce is kept: more than nodes' clocks are ever apart."""

    identify_attempts: int = 5
    """How often it is tried to find or make the visitor of a user, while others do the same."""
