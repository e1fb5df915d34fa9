"""The harness says loudly what makes a measurement worthless."""

from __future__ import annotations

import signal

import pytest

from tests.benchmarks.checking import (
    DURABILITY,
    GENERATOR_BUSY,
    SERVER_BUSY,
    demand_events,
    demand_idle_generator,
    demand_killed,
    demand_on,
    demand_sockets,
)
from tests.benchmarks.measuring import MeasurementFailed


def test_a_generator_at_its_end_beside_an_idle_server_is_the_bottleneck() -> None:
    """What is measured then is the generator."""
    with pytest.raises(MeasurementFailed, match="generator was the bottleneck"):
        demand_idle_generator(generator_s=GENERATOR_BUSY * 4, server_s=1.0, seconds=4.0)


@pytest.mark.parametrize(
    ("generator", "server"), [(GENERATOR_BUSY - 0.01, 0.1), (1.0, SERVER_BUSY), (0.1, 1.0)]
)
def test_a_generator_with_time_left_or_a_server_without_is_none(
    generator: float, server: float
) -> None:
    """A server that has no time left is what is measured, whatever the generator does."""
    demand_idle_generator(generator * 4, server * 4, 4.0)


def test_a_checker_that_saw_nothing_fails() -> None:
    """Nothing found of nothing expected shows nothing."""
    with pytest.raises(MeasurementFailed, match="it checked nothing"):
        demand_events(0, 0, "the log")


@pytest.mark.parametrize("found", [0, 9, 11])
def test_what_is_missing_or_too_much_fails(found: int) -> None:
    """A lost message and a doubled one both end the measurement."""
    with pytest.raises(MeasurementFailed, match=f"the log: {found} of 10"):
        demand_events(found, 10, "the log")


@pytest.mark.parametrize("name", DURABILITY)
@pytest.mark.parametrize("value", ["off", "local", "remote_write"])
def test_a_server_that_does_not_write_to_the_disk_is_refused(name: str, value: str) -> None:
    """No figure comes of commits that a crash would lose."""
    with pytest.raises(MeasurementFailed, match=f"{name} = {value}"):
        demand_on(name, value)


@pytest.mark.parametrize("status", [0, 1, -signal.SIGTERM])
def test_a_process_that_ended_otherwise_was_not_killed(status: int) -> None:
    """A fault that did not happen shows nothing."""
    demand_killed(-signal.SIGKILL)
    with pytest.raises(MeasurementFailed, match=f"ended with {status}"):
        demand_killed(status)


@pytest.mark.parametrize("found", [0, 1_999, 2_001])
def test_another_number_of_sockets_fails(found: int) -> None:
    """What the table's title says is what was there."""
    demand_sockets(2_000, 2_000)
    with pytest.raises(MeasurementFailed, match=f"{found} sockets of 2000"):
        demand_sockets(found, 2_000)
