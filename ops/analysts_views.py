"""The analysts' views of a node's release: made as soon as nobody is at those that there are.

A start does not wait for that. An analyst may keep a transaction open for hours, and so does a
backup: chat is not theirs to hold up. Until then the views are those of the release before.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from typing import Any, cast

from adapters.postgres.migrations import owner
from adapters.postgres.readmodels import PostgresTransaction
from domain.errors import StoreUnavailable
from ops.core import Core
from projections.analysts.views import make_views

LOCK_MS = 100
"""Milliseconds to wait for one view: whoever asks it meanwhile waits behind us."""

PAUSE_S = 10.0
"""Seconds between two attempts."""

_TAKING_TURNS = "SELECT pg_advisory_xact_lock(hashtextextended('parley.rm', 0))"
"""As those who make the tables do: nodes that start at once would be in each other's way."""

_logger = logging.getLogger("parley.node")


@contextlib.asynccontextmanager
async def analysts_views(core: Core) -> AsyncIterator[None]:
    """Make the views now if that can be, else as soon as it can within this context."""
    making: list[asyncio.Task[None]] = []
    try:
        await _make(core)
    except StoreUnavailable as error:
        _logger.warning("analysts' views stay as they were until nobody is at them: %s", error)
        making.append(asyncio.create_task(_make_later(core)))
    try:
        yield
    finally:
        for task in making:
            task.cancel()
        await asyncio.gather(*making, return_exceptions=True)


async def _make_later(core: Core) -> None:
    while True:
        await core.clock.sleep(PAUSE_S)
        with contextlib.suppress(StoreUnavailable):
            await _make(core)
            _logger.info("analysts' views are those of this release now")
            return


async def _make(core: Core) -> None:
    async with owner(core.url) as connection, connection.transaction():
        await connection.execute(_TAKING_TURNS)
        await connection.execute(f"SET LOCAL lock_timeout = {LOCK_MS}")
        await make_views(PostgresTransaction(cast("Any", connection)))
