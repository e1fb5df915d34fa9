"""The broker of a single process: slices and signals go straight to the handlers.

It keeps nothing and knows no other process; what others commit comes by the relay's polling.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import ParamSpec
from uuid import UUID

from domain.envelope import Slice
from domain.ports import SignalHandler, SliceHandler

_logger = logging.getLogger("parley.broker")
_P = ParamSpec("_P")


class InProcessBroker:
    """A :class:`~domain.ports.Broker`. Handlers run at once, in the order of their subscription."""

    def __init__(self) -> None:
        self._slices: dict[object, SliceHandler] = {}
        self._signals: dict[object, SignalHandler] = {}

    async def publish(self, committed: Slice) -> None:
        for handler in list(self._slices.values()):
            _call(handler, committed)

    def signal(self, log: UUID, head: int) -> None:
        for handler in list(self._signals.values()):
            _call(handler, log, head)

    def on_slice(self, handler: SliceHandler) -> Callable[[], None]:
        return _subscribe(self._slices, handler)

    def on_signal(self, handler: SignalHandler) -> Callable[[], None]:
        return _subscribe(self._signals, handler)


def _subscribe(
    handlers: dict[object, Callable[_P, None]], handler: Callable[_P, None]
) -> Callable[[], None]:
    """Add a handler under a ticket of its own, so that the same one may come twice."""
    ticket = object()
    handlers[ticket] = handler

    def unsubscribe() -> None:
        handlers.pop(ticket, None)

    return unsubscribe


def _call(handler: Callable[_P, None], *args: _P.args, **kwargs: _P.kwargs) -> None:
    """One handler's failure is no other's: it is logged, and it will see the hole by position."""
    try:
        handler(*args, **kwargs)
    except Exception:
        _logger.exception("a handler of the broker failed")
