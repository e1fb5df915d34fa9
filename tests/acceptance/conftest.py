"""One running product for the tests that do not harm it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fixtures.server import Server, running_server


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The product, running; shared, so tests make their own visitors."""
    with running_server() as running:
        yield running
