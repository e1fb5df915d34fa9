"""When a delivery is tried again."""

from __future__ import annotations

import pytest

from domain.webhooks.schedule import next_attempt, pause_s, too_old
from domain.webhooks.settings import WebhookSettings

SETTINGS = WebhookSettings(
    first_retry_s=5, longest_retry_s=3600, give_up_s=43_200, retry_jitter=0.2
)
MIDDLE = 0.5


def test_pauses_double_up_to_the_longest() -> None:
    """From the first one on; after ten attempts it is an hour, and stays one."""
    pauses = [pause_s(SETTINGS, attempts, MIDDLE) for attempts in range(1, 14)]
    assert pauses[:4] == [5, 10, 20, 40]
    assert pauses[9:] == [2560, 3600, 3600, 3600]
    assert pause_s(SETTINGS, 10_000, MIDDLE) == 3600


@pytest.mark.parametrize(("uniform", "pause"), [(0.0, 4.0), (0.5, 5.0), (0.999_999, 6.0)])
def test_pauses_are_spread(uniform: float, pause: float) -> None:
    """By a fifth in both directions."""
    assert pause_s(SETTINGS, 1, uniform) == pytest.approx(pause, abs=0.001)


def test_the_last_attempt_is_at_the_end() -> None:
    """The pause is cut short there, and after that attempt nothing comes."""
    assert next_attempt(SETTINGS, 1000, 1010, 20) == 1030
    assert next_attempt(SETTINGS, 1000, 44_000, 3600) == 44_200
    assert next_attempt(SETTINGS, 1000, 44_200, 3600) is None


def test_what_never_got_a_chance_is_too_old_one_day() -> None:
    """After the time in the settings, and not before."""
    assert not too_old(SETTINGS, 1000, 1000 + SETTINGS.oldest_s)
    assert too_old(SETTINGS, 1000, 1001 + SETTINGS.oldest_s)
