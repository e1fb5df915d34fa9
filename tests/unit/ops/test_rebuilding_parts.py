"""What a rebuild does when PostgreSQL does not answer for a moment."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from domain.errors import StoreUnavailable, UnknownEvent
from ops import patience
from ops.patience import TRIES
from ops.rebuilding.parts import Building
from projections.generations import NEXT
from tests.doubles.appends import uuid


class Builder:
    """Fails so often, then folds."""

    def __init__(self, failures: int, error: Exception) -> None:
        self.failures = failures
        self.error = error
        self.calls = 0

    async def build(self, *_: object) -> None:
        self.calls += 1
        if self.calls <= self.failures:
            raise self.error

    def only(self, _: object, *, hurried: bool) -> Builder:
        assert hurried
        return self


def building(builder: Builder) -> Building:
    """A build of nothing by this builder."""
    core: Any = SimpleNamespace(database=SimpleNamespace(read_models=None))
    folding: Any = builder
    return Building(core, NEXT, (), folding, page_events=10)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "FIRST_WAIT_S", 0)


async def test_a_moment_without_an_answer_ends_no_rebuild() -> None:
    """It is gone on with; the last failure of too many is told as it is."""
    builder = Builder(TRIES - 1, StoreUnavailable("away"))
    await building(builder).build(uuid(1), 5)
    assert builder.calls == TRIES
    builder = Builder(TRIES, StoreUnavailable("away"))
    with pytest.raises(StoreUnavailable, match="away"):
        await building(builder).build(uuid(1), 5)


async def test_what_waiting_does_not_mend_ends_it() -> None:
    """An event that this program does not know is the same the next time."""
    builder = Builder(1, UnknownEvent("from tomorrow"))
    with pytest.raises(UnknownEvent):
        await building(builder).build(uuid(1), 5)
    assert builder.calls == 1


async def test_while_readers_wait_nothing_is_tried_twice() -> None:
    """The switch gives up, and may be tried again as a whole."""
    builder = Builder(1, StoreUnavailable("away"))
    with pytest.raises(StoreUnavailable):
        await building(builder).among((), hurried=True).build(uuid(1), 5)
    assert builder.calls == 1
