"""The pauses between the starts of a process."""

from __future__ import annotations

from ops.supervision.back_off import BackOff
from ops.supervision.settings import SupervisorSettings

SETTINGS = SupervisorSettings(first_pause_s=0.5, longest_pause_s=3.0, settled_s=60.0)


def test_pauses_double_up_to_the_longest() -> None:
    """However often it ends, and no number grows too large for it."""
    back_off = BackOff(SETTINGS)
    assert [back_off.pause(1.0) for _ in range(5)] == [0.5, 1.0, 2.0, 3.0, 3.0]
    for _ in range(5_000):
        assert back_off.pause(59.9) == 3.0


def test_a_process_that_settled_begins_anew() -> None:
    """After its end the first pause holds, and so on from there."""
    back_off = BackOff(SETTINGS)
    for _ in range(5):
        back_off.pause(1.0)
    assert [back_off.pause(60.0), back_off.pause(1.0)] == [0.5, 1.0]
    assert back_off.failures == 2
