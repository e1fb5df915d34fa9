"""The limits of sending webhooks. ``ops`` fills them in; nothing here reads a variable."""

from __future__ import annotations

from dataclasses import dataclass, field

HOUR_S = 3600.0
DAY_S = 24 * HOUR_S


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """How webhooks are sent: how often, how many at a time, how long, and where to."""

    networks: tuple[str, ...] = ()
    """Networks (``10.1.0.0/16``) that webhooks may be sent to though they are private, and where
    plain ``http`` will do; none, since whoever may add a webhook could ask our inner servers."""

    deadline_s: float = 15.0
    """Seconds for a whole request, from looking up the name to the answer's end; the least that
    the Standard Webhooks specification advises to give receivers."""

    answer_bytes: int = 65_536
    """Bytes of an answer that are read; an answer is a status, what follows helps nobody."""

    lines: int = 64
    """Requests of one process at a time; each waits for a receiver most of its time."""

    lines_of_webhook: int = 4
    """Requests to one webhook of one process at a time: a receiver that hangs leaves the others
    their places, and one that is small is not overrun."""

    line_deliveries: int = 20
    """Deliveries of one conversation before another one gets the place."""

    lease_s: float = 30.0
    """Seconds for which a conversation is one process's; then another takes over what a killed one
    had in work. Longer than a request, by more than clocks differ."""

    poll_s: float = 1.0
    """Seconds between two looks at what is due, when nobody says that something is."""

    first_retry_s: float = 5.0
    """Seconds until the second attempt; the pauses double from here."""

    longest_retry_s: float = HOUR_S
    """Seconds between two attempts at most: 12 h then hold some 20 attempts."""

    retry_jitter: float = field(default=0.2, metadata={"least": 0, "most": 1})
    """By which part of itself a pause is longer or shorter, so that what failed together is not
    tried together."""

    give_up_s: float = 12 * HOUR_S
    """Seconds from its first attempt until a delivery is given up and dead: a night's outage."""

    oldest_s: float = 3 * DAY_S
    """Seconds that a delivery may wait behind others of its conversation without an attempt; then
    it is dead too. A receiver that is gone for good would else be tried for months."""

    delivered_keep_s: float = DAY_S
    """Seconds that a delivery is kept once it was delivered, to be looked up or sent again."""

    dead_keep_s: float = 30 * DAY_S
    """Seconds that a dead delivery is kept to be sent again."""

    sweep_s: float = 60.0
    """Seconds between two times that what is kept too long is deleted."""

    sweep_rows: int = 5_000
    """Deliveries deleted at a time: a short transaction."""

    old_secret_s: float = DAY_S
    """Seconds for which a secret that was replaced still signs beside the new one: the time that a
    receiver has to change it."""

    failures: int = 5
    """Requests running without a sound answer after which a webhook is left alone."""

    rest_s: float = 30.0
    """Seconds for which it is left alone, whatever of it is due; then a few attempts tell."""
