"""Waiting by call or by clock."""

from __future__ import annotations

import asyncio

from domain.pulse import Pulse
from tests.doubles.clock import ManualClock, settle


async def test_a_call_ends_a_wait() -> None:
    """Called, the waiter goes on at once."""
    pulse = Pulse(ManualClock())
    waiting = asyncio.create_task(pulse.wait(60.0))
    await settle()
    assert not waiting.done()
    pulse.call()
    assert await waiting is True


async def test_a_call_before_the_wait_is_kept_once() -> None:
    """Who calls between two waits is not forgotten; several calls are one."""
    clock = ManualClock()
    pulse = Pulse(clock)
    pulse.call()
    pulse.call()
    assert await pulse.wait(60.0) is True
    waiting = asyncio.create_task(pulse.wait(60.0))
    await clock.advance(60.0)
    assert await waiting is False


async def test_a_cancelled_wait_leaves_no_task() -> None:
    """Its two racers end with it."""
    pulse = Pulse(ManualClock())
    waiting = asyncio.create_task(pulse.wait(60.0))
    await settle()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert asyncio.all_tasks() == {asyncio.current_task()}
