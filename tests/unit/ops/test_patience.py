"""Waiting for PostgreSQL at a start: as long as that helps, and not longer."""

from __future__ import annotations

import asyncpg
import pytest

from domain.errors import StoreUnavailable
from ops import patience

AWAY = "postgresql://parley:hidden-word@127.0.0.1:9/parley"


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tries follow each other closely."""
    monkeypatch.setattr(patience, "TRY_S", 0.01)


async def test_when_it_does_not_come_somebody_is_called(caplog: pytest.LogCaptureFixture) -> None:
    """It is said once that one waits, and in the end that it was in vain; without the password."""
    with pytest.raises(StoreUnavailable):
        await patience.until_there(AWAY, 0.1)
    waits, alarm = caplog.messages
    assert "the start waits for it" in waits
    assert alarm == "alarm: PostgreSQL has not come in 0.1 s"
    assert "hidden-word" not in caplog.text


@pytest.mark.parametrize(
    "failure",
    [asyncpg.InvalidPasswordError("no"), asyncpg.InvalidCatalogNameError("no such database")],
)
async def test_what_no_waiting_mends_is_not_waited_for(
    failure: Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A wrong login, and a database that is not there."""

    async def connect(*_: object, **__: object) -> None:
        raise failure

    monkeypatch.setattr(asyncpg, "connect", connect)
    with pytest.raises(StoreUnavailable):
        await patience.until_there(AWAY, 60.0)
    assert not caplog.messages
