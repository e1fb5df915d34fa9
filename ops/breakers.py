"""The circuit breakers of a process, one for each remote part, and what they say of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from circuitbreaker import STATE_CLOSED, CircuitBreaker  # type: ignore[import-untyped]  # it has no types

from domain.breaker import Breaker, PartAway

_logger = logging.getLogger("parley.breakers")


@dataclass(frozen=True)
class BreakerSettings:
    """When a remote part is left alone, and for how long."""

    failures: int = 5
    """Failures running after which a remote part is left alone."""

    rest_s: float = 2.0
    """Seconds for which it is left alone; long enough to spare it, short enough to be back soon."""


class Breakers:
    """Makes breakers, and knows how each stands."""

    def __init__(self, settings: BreakerSettings) -> None:
        self._settings = settings
        self._breakers: dict[str, _Breaker] = {}

    def of(self, part: str) -> Breaker:
        """The breaker before a part; one for all that ask under this name."""
        if part not in self._breakers:
            self._breakers[part] = _Breaker(part, self._settings)
        return self._breakers[part]

    def states(self) -> dict[str, str]:
        """How each stands: ``closed``, ``open``, or ``half_open`` when its rest is over."""
        return {part: breaker.state for part, breaker in self._breakers.items()}


class _Breaker:
    """A :class:`~domain.breaker.Breaker`."""

    def __init__(self, part: str, settings: BreakerSettings) -> None:
        self._part = part
        self._circuit = CircuitBreaker(settings.failures, settings.rest_s, Exception, part)
        self._alone = False

    @property
    def state(self) -> str:
        return str(self._circuit.state)

    @contextmanager
    def guard(self) -> Iterator[None]:
        if self._circuit.opened:
            raise PartAway(self._part)
        try:
            yield
        except asyncio.CancelledError:
            raise  # whoever asked has gone; that says nothing of the part
        except Exception as error:
            self._circuit.__exit__(type(error), error, error.__traceback__)
            raise
        else:
            self._circuit.reset()
        finally:
            self._tell()

    def _tell(self) -> None:
        """Say when it is left alone, and when it is there again; not each try between."""
        alone = self._circuit.state != STATE_CLOSED
        if alone and not self._alone:
            _logger.warning("%s: the breaker is open", self._part)
        elif self._alone and not alone:
            _logger.warning("%s: the breaker is closed", self._part)
        self._alone = alone
