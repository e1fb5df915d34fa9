"""What makes a measurement worthless, said loudly: each of these raises MeasurementFailed.

A figure that a bottleneck elsewhere has made, or that nobody has checked, is worse than none.
"""

from __future__ import annotations

import signal

from tests.benchmarks.measuring import MeasurementFailed
from tests.fixtures.postgres import owner_of

GENERATOR_BUSY = 0.9
"""Of the time: a generator that works this much, or waits for a core to work on, is at its end."""

SERVER_BUSY = 0.9
"""The same of a server, which is then what is measured, whatever the generator does. What it waits
for a core counts, for three processes share two: so nothing less need be taken for the end."""

DURABILITY = ("fsync", "full_page_writes", "synchronous_commit")


def demand_idle_generator(generator_s: float, server_s: float, seconds: float) -> None:
    """The generator was not the bottleneck: it had time left, or the server had none.

    Both are seconds, of so many, in which a process worked or would have had it had a core.
    """
    generator, server = generator_s / seconds, server_s / seconds
    if generator >= GENERATOR_BUSY and server < SERVER_BUSY:
        raise MeasurementFailed(
            f"the generator was the bottleneck: it was busy {generator:.0%} of the time,"
            f" the server {server:.0%}"
        )


def demand_events(found: int, expected: int, where: str) -> None:
    """A checker saw what it was to check, which was something."""
    if not expected:
        raise MeasurementFailed(f"nothing was to be seen in {where}: it checked nothing")
    if found != expected:
        raise MeasurementFailed(f"{where}: {found} of {expected}")


def demand_sockets(found: int, expected: int) -> None:
    """As many connections are open as are said to be."""
    if found != expected:
        raise MeasurementFailed(f"{found} sockets of {expected} are open")


def demand_killed(status: int) -> None:
    """A process ended by SIGKILL and by nothing else. ``status`` is as subprocess has it."""
    if status != -signal.SIGKILL:
        raise MeasurementFailed(f"the kill did not happen: the process ended with {status}")


async def demand_durable(database_url: str) -> None:
    """A commit on this server is on the disk."""
    async with owner_of(database_url) as owner:
        for name in DURABILITY:
            demand_on(name, await owner.fetchval("SELECT current_setting($1)", name))


def demand_on(name: str, value: str) -> None:
    """One of the settings that make a commit durable."""
    if value != "on":
        raise MeasurementFailed(f"PostgreSQL runs with {name} = {value}: nothing here is durable")
