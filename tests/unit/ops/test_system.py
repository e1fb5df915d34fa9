"""The real clock and the real ids keep the promises of their ports."""

from __future__ import annotations

import time

from ops.system import SystemClock, SystemIds


def test_ids_are_version_7_unique_and_of_their_time() -> None:
    """A thousand ids differ, are UUIDv7, and carry the millisecond in which they were made."""
    before = time.time_ns() // 1_000_000
    made = [SystemIds().uuid() for _ in range(1000)]
    after = time.time_ns() // 1_000_000
    assert len(set(made)) == 1000
    assert {(each.version, each.variant) for each in made} == {(7, "specified in RFC 4122")}
    times = [each.int >> 80 for each in made]
    assert times == sorted(times)
    assert before <= times[0] <= times[-1] <= after


def test_randomness_has_the_length_that_was_asked_for() -> None:
    """Bytes differ from call to call; jitter stays in its range."""
    ids = SystemIds()
    assert len(ids.random(32)) == 32
    assert ids.random(32) != ids.random(32)
    assert all(0 <= ids.uniform() < 1 for _ in range(1000))


async def test_the_clock_counts_seconds() -> None:
    """``now`` is Unix time, ``monotonic`` does not go back, ``sleep`` lasts."""
    clock = SystemClock()
    assert abs(clock.now() - time.time()) < 1
    before = clock.monotonic()
    await clock.sleep(0.01)
    assert clock.monotonic() - before >= 0.009
