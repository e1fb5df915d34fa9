"""The port to a circuit breaker: who has failed several times running is left alone for a while.

One stands before every remote part. While it is open its callers fail at once, or do without that
part, instead of each waiting for it in vain.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Final, Protocol


class PartAway(Exception):
    """The breaker is open: the part was not even asked. ``part`` is its name."""

    def __init__(self, part: str) -> None:
        self.part = part
        super().__init__(f"{part} is left alone, since it has just failed several times")


class Breaker(Protocol):
    """Stands before one remote part."""

    def guard(self) -> AbstractContextManager[None]:
        """Around each call of the part: whatever is raised inside counts as its failure.

        Raises :class:`PartAway` while the breaker is open. Once its rest is over, calls are let
        through again; the first that succeeds closes it.
        """


class _NoBreaker:
    def guard(self) -> AbstractContextManager[None]:
        return nullcontext()


NO_BREAKER: Final[Breaker] = _NoBreaker()
"""Lets every call through."""
