"""Who is to be called: handlers in the order of their subscription, each on its own.

One handler's failure is no other's: it is logged, and what it missed it sees by position.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Generic, ParamSpec

from domain.broker import End

_logger = logging.getLogger("parley.broker")
_P = ParamSpec("_P")


class Handlers(Generic[_P]):
    """Handlers of one kind of message."""

    def __init__(self) -> None:
        self._handlers: dict[object, Callable[_P, Awaitable[None] | None]] = {}

    def __bool__(self) -> bool:
        return bool(self._handlers)

    def add(self, handler: Callable[_P, Awaitable[None] | None]) -> End:
        """Call this one too, under a ticket of its own, so that the same one may come twice."""
        ticket = object()
        self._handlers[ticket] = handler

        def end() -> None:
            self._handlers.pop(ticket, None)

        return end

    def call(self, *args: _P.args, **kwargs: _P.kwargs) -> None:
        """Call all, none of which waits."""
        for handler in list(self._handlers.values()):
            try:
                handler(*args, **kwargs)
            except Exception:
                _logger.exception("a handler of the broker failed")

    async def call_each(self, *args: _P.args, **kwargs: _P.kwargs) -> None:
        """Call one after the other, and wait for each."""
        for handler in list(self._handlers.values()):
            try:
                waiting = handler(*args, **kwargs)
                if waiting is not None:
                    await waiting
            except Exception:
                _logger.exception("a handler of the broker failed")
