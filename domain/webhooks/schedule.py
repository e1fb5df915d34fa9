"""When a delivery that failed is tried again, and when it is given up. Pure."""

from __future__ import annotations

from domain.webhooks.settings import WebhookSettings

_DOUBLINGS = 32
"""Beyond so many the longest pause has been reached with any settings."""


def pause_s(settings: WebhookSettings, attempts: int, uniform: float) -> float:
    """The pause after so many attempts: doubling, bounded, and spread by a number in [0, 1)."""
    doubled = settings.first_retry_s * 2.0 ** min(attempts - 1, _DOUBLINGS)
    return min(doubled, settings.longest_retry_s) * (1 + settings.retry_jitter * (2 * uniform - 1))


def next_attempt(
    settings: WebhookSettings, first_at: float, now: float, pause: float
) -> float | None:
    """When to try again: after the pause, but once more at the very end. None: give up."""
    end = first_at + settings.give_up_s
    return None if now >= end else min(now + pause, end)


def too_old(settings: WebhookSettings, since: float, now: float) -> bool:
    """Whether a delivery has waited too long to be tried for the first time."""
    return now - since > settings.oldest_s
