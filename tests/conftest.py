"""The fixtures that more than one folder of tests shares, and which folders come first."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("suite", deadline=None)  # how long an example takes, is the machine's
settings.load_profile("suite")

pytest_plugins = [  # one that stands on another comes after it, so that pytest sees both first
    "tests.fixtures.authorities",
    "tests.fixtures.postgres",
    "tests.fixtures.product",
    "tests.fixtures.stack",
    "tests.fixtures.redis",
    "tests.fixtures.cluster",
    "tests.fixtures.full_size",
    "tests.fixtures.frames",
    "tests.fixtures.object_store",
]

TESTS = Path(__file__).parent
LONGEST = ("acceptance", "browser", "integration", "simulation", "property", "contract")
"""Folders by how long a file of theirs takes; one that is not here takes seconds.

A worker runs a whole file (tox.ini): one that takes minutes and is begun last runs alone.
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have the files that take longest begun first; within a folder nothing moves."""
    items.sort(key=lambda item: rank(item.path.relative_to(TESTS).parts[0]))


def rank(folder: str) -> int:
    """How late a folder comes."""
    return LONGEST.index(folder) if folder in LONGEST else len(LONGEST)
