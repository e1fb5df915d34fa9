"""Whatever fails where nothing may: exceptions that the product only logs, and those nobody takes.

What the world does to the product is a :class:`~domain.errors.ParleyError`; anything else is our
own mistake, and a scenario in which it happens has failed.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from domain.errors import ParleyError, described
from tests.simulation.history import History
from tests.simulation.loop import VirtualLoop

_LOGGER = logging.getLogger("parley")


class _Collecting(logging.Handler):
    def __init__(self, history: History) -> None:
        super().__init__(logging.ERROR)
        self._history = history

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if error is not None and not isinstance(error, ParleyError):
            self._history.failures.append(f"{record.getMessage()}: {_words(error)}")


@contextmanager
def collected(loop: VirtualLoop, history: History) -> Iterator[None]:
    """Collect failures, and let the product say nothing of what the faults do to it."""

    def take(_: Any, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if not isinstance(error, ParleyError):
            history.failures.append(f"{context['message']}: {_words(error)}")

    handler = _Collecting(history)
    before = (_LOGGER.level, _LOGGER.propagate)
    loop.set_exception_handler(take)
    _LOGGER.addHandler(handler)
    _LOGGER.setLevel(logging.ERROR)
    _LOGGER.propagate = False
    try:
        yield
    finally:
        _LOGGER.removeHandler(handler)
        _LOGGER.setLevel(before[0])  # which also forgets what the loggers below it remember
        _LOGGER.propagate = before[1]


def _words(error: BaseException | None) -> str:
    return f"{described(error)} {error}" if isinstance(error, Exception) else repr(error)
