"""What a profiler's folded stacks say of rooms and functions."""

from __future__ import annotations

import pytest

from tests.benchmarks.measuring import MeasurementFailed
from tests.benchmarks.stacks import shares

LOOP = "Runner.run (asyncio/runners.py:80)"
LANE = f"{LOOP};Lanes._run (domain/handling/lanes.py:109)"
STACKS = [
    f"{LOOP} 1",
    f"{LANE};States.apply (domain/handling/states.py:1) 6",
    f"{LANE};uuid4 (uuid.py:1) 3",
]


def test_a_room_has_what_its_modules_have_once() -> None:
    """Two frames of one room in a stack are one sample of it."""
    found = shares(STACKS)
    assert found.samples == 10
    assert found.rooms == {
        "domain/handling": (0.6, 0.9),
        "uuid.py": (0.3, 0.3),
        "uvloop": (0.1, 1.0),
    }


def test_functions_come_with_their_files_the_largest_first() -> None:
    """Lines of one function are one."""
    found = shares([*STACKS, f"{LOOP};States.apply (domain/handling/states.py:9) 2"])
    assert list(found.functions) == [
        "States.apply (domain/handling/states.py)",
        "uuid4 (uuid.py)",
        "event loop (uvloop)",
    ]
    assert found.functions["States.apply (domain/handling/states.py)"] == pytest.approx(
        (8 / 12, 8 / 12)
    )


def test_a_profile_of_nothing_fails() -> None:
    """A process that did nothing was not under load."""
    with pytest.raises(MeasurementFailed, match="saw nothing"):
        shares([])
