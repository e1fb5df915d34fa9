"""The one place where the library's synchronous calls meet Parley's asynchronous ones.

An event loop on a thread of its own opens the log at the first call and keeps it until it is
closed. Every wait is bounded. Nothing else here may block or start a thread.
"""

from __future__ import annotations

import asyncio
import logging
import weakref
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError, Future
from contextlib import AbstractAsyncContextManager
from threading import Lock, Thread, current_thread
from typing import Any, TypeVar

from eventsourcing.persistence import InfrastructureFactoryError, OperationalError

from adapters.eventsourcing_bridge.errors import translated
from adapters.eventsourcing_bridge.opened import OpenLog
from domain.errors import StoreError

Answer = TypeVar("Answer")
Open = Callable[[], AbstractAsyncContextManager[OpenLog]]
Ask = Callable[[OpenLog], Coroutine[Any, Any, Answer]]

OPEN_S = 60.0
"""Seconds for the log to be opened, migrations included."""

ANSWER_S = 60.0
"""Seconds for one call, its repeats included; far above what the store's own limits add up to."""

CLOSE_S = 10.0
"""Seconds for the thread to end; connections are cut, so it takes no longer than a moment."""

_logger = logging.getLogger("parley.eventsourcing")


class Background:
    """A log that other threads may ask. Closed by :meth:`close`, or with its last user."""

    def __init__(self, open_log: Open) -> None:
        self._session = _Session(open_log)
        # The thread knows the session only, so this object can go while it runs.
        self.close = weakref.finalize(self, self._session.close)

    def call(self, ask: Ask[Answer]) -> Answer:
        """The answer of ``ask``, run on the loop.

        Raises the library's errors: InfrastructureFactoryError when the log cannot be opened,
        OperationalError when no answer came (what was asked may have happened), and what
        :mod:`adapters.eventsourcing_bridge.errors` says.
        """
        with translated():
            return self._session.call(ask)


class _Session:
    """The thread, its loop, and the log that is open on it."""

    def __init__(self, open_log: Open) -> None:
        self._open_log = open_log
        self._starting = Lock()
        self._thread: Thread | None = None
        self._ready: Future[OpenLog] = Future()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closing = asyncio.Event()
        self._closed = False

    def call(self, ask: Ask[Answer]) -> Answer:
        log = self._start()
        assert self._loop is not None, "the log is open"
        work = ask(log)
        try:
            answer = asyncio.run_coroutine_threadsafe(work, self._loop)
        except RuntimeError:
            work.close()
            raise OperationalError("the bridge is closed") from None
        return _wait(answer)

    def _start(self) -> OpenLog:
        with self._starting:
            if self._closed:
                raise OperationalError("the bridge is closed")
            if self._thread is None:
                self._thread = Thread(target=self._run, name="parley bridge", daemon=True)
                self._thread.start()
            try:
                return self._ready.result(OPEN_S)
            except TimeoutError:
                raise OperationalError(f"the log was not open after {OPEN_S:g} s") from None
            except Exception as error:
                self._forget_failure()
                if isinstance(error, StoreError):
                    raise
                raise InfrastructureFactoryError(str(error) or repr(error)) from error

    def _forget_failure(self) -> None:
        """Let the next call try to open the log again: what stood in the way may pass."""
        assert self._thread is not None
        self._thread.join(CLOSE_S)
        self._thread, self._ready = None, Future()

    def _run(self) -> None:
        with asyncio.Runner() as runner:  # cancels on leaving whatever is still asked
            runner.run(self._keep_open())

    async def _keep_open(self) -> None:
        self._loop = asyncio.get_running_loop()
        try:
            async with self._open_log() as log:
                self._ready.set_result(log)
                await self._closing.wait()
        except Exception as error:
            if self._ready.done():
                _logger.exception("the log did not close cleanly")
            else:
                self._ready.set_exception(error)

    def close(self) -> None:
        """End the thread and what it holds. What is on its way is given up."""
        with self._starting:
            self._closed = True
        if self._thread is None or self._loop is None or not self._thread.is_alive():
            return
        self._loop.call_soon_threadsafe(self._closing.set)
        if self._thread is current_thread():
            return  # the garbage collector may find the last user on this very thread
        self._thread.join(CLOSE_S)
        if self._thread.is_alive():
            _logger.error("the bridge's thread did not end in %g s", CLOSE_S)


def _wait(answer: Future[Answer]) -> Answer:
    try:
        return answer.result(ANSWER_S)
    except CancelledError:
        raise OperationalError("the bridge was closed meanwhile") from None
    except TimeoutError:
        if answer.done():
            raise
        raise OperationalError(f"no answer in {ANSWER_S:g} s: the outcome is unknown") from None
    finally:
        answer.cancel()
