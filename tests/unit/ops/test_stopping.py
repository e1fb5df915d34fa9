"""Stopping: a signal ends a start at once, a running node in order, and a second one hastens."""

from __future__ import annotations

import asyncio

import pytest

from ops.followers import Followers
from ops.stopping import Stop


async def forever() -> None:
    """What never ends by itself."""
    await asyncio.Event().wait()


async def test_while_starting_a_stop_cancels() -> None:
    """Whatever the start waits for, it is cut off."""
    made: list[Stop] = []

    async def start() -> None:
        made.append(Stop())
        await forever()

    task = asyncio.create_task(start())
    await asyncio.sleep(0)
    made[0].ask()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_once_started_a_stop_only_asks() -> None:
    """A running node is not torn down: it is told."""
    stop = Stop()
    stop.started()
    stop.ask()
    await asyncio.sleep(0)
    assert stop.asked.is_set()


async def test_a_step_that_takes_too_long_is_cut_off(caplog: pytest.LogCaptureFixture) -> None:
    """The next step comes, and the log says what was left undone."""
    await Stop().within(0.01, "the clients", forever())
    assert "without the clients" in caplog.text


async def test_a_second_stop_hastens() -> None:
    """A step that could take an hour ends when the operator asks again."""
    stop = Stop()
    stop.started()
    stop.ask()
    step = asyncio.create_task(stop.within(3600, "the clients", forever()))
    await asyncio.sleep(0)
    stop.ask()
    async with asyncio.timeout(10):
        await step


async def test_a_step_that_fails_does_not_keep_the_next_from_coming(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Stopping goes on past a failure, which is logged by its kind."""

    async def fails() -> None:
        raise ValueError("what somebody wrote")

    await Stop().within(1, "the clients", fails())
    assert "ValueError" in caplog.text
    assert "what somebody wrote" not in caplog.text


async def test_a_follower_that_ends_by_itself_breaks_the_node(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What must not end is missed when it does; being told to end is no breakage."""
    followers = Followers()
    followers.start("good", forever())
    followers.start("bad", asyncio.sleep(0))
    async with asyncio.timeout(10):
        await followers.broken.wait()
    assert "bad has ended by itself" in caplog.text
    await followers.stop()
    sound = Followers()
    sound.start("good", forever())
    await asyncio.sleep(0)
    await sound.stop()
    assert not sound.broken.is_set()


async def test_while_others_serve_clients_have_their_time() -> None:
    """A step for their sake goes on until nobody else serves any more."""
    stop = Stop()
    stop.started()
    step = asyncio.create_task(stop.while_others_serve(3600, "the clients", forever()))
    await asyncio.sleep(0)
    assert not step.done()
    stop.alone.set()
    async with asyncio.timeout(10):
        await step


async def test_alone_a_node_keeps_nobody() -> None:
    """Without another node the step is not even begun."""
    stop = Stop()
    stop.alone.set()
    begun = []

    async def wait() -> None:
        begun.append(1)

    await stop.while_others_serve(3600, "the clients", wait())
    assert not begun
