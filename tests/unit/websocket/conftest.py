"""The node that the tests of sockets run against."""

from __future__ import annotations

import pytest

from tests.unit.websocket.chat import Chat


@pytest.fixture
async def chat() -> Chat:
    """A fresh node."""
    return await Chat().open()
