"""Who is to be called: handlers in the order of their subscription, each on its own.

One handler's failure is no other's: it is logged, and what it missed it sees by position.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Generic, ParamSpec

from domain.broker import End, Heads, HeadsHandler, PassingHandler, SliceHandler
from domain.envelope import StoredSlice
from domain.passing import Passing

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


class Subscriptions:
    """The half of a :class:`~domain.broker.Broker` that is the same for all: who is to be told."""

    def __init__(self) -> None:
        self._slices: Handlers[StoredSlice, str | None] = Handlers()
        self._signals: Handlers[Heads] = Handlers()
        self._beacons: Handlers[Heads] = Handlers()
        self._passing: Handlers[Passing] = Handlers()
        self._changes: Handlers[[]] = Handlers()

    def on_slice(self, handler: SliceHandler) -> End:
        return self._slices.add(handler)

    def on_signal(self, handler: HeadsHandler) -> End:
        return self._signals.add(handler)

    def on_beacon(self, handler: HeadsHandler) -> End:
        return self._beacons.add(handler)

    def on_passing(self, handler: PassingHandler) -> End:
        return self._passing.add(handler)

    def on_change(self, handler: Callable[[], None]) -> End:
        return self._changes.add(handler)
