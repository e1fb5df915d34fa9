"""Signals while a program loads: ./dev holds them back until somebody answers.

It imports next to nothing, so that it is there at once.
"""

from __future__ import annotations

import os
import signal
from typing import NoReturn

SIGNALS = (signal.SIGINT, signal.SIGTERM)


def end_with(status: int) -> None:
    """Until something else is said, a signal ends the process so: nothing has begun yet."""
    for number in SIGNALS:
        signal.signal(number, lambda *_: os._exit(status))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)


def interrupt() -> None:
    """From now on a signal interrupts what goes on."""
    for number in SIGNALS:
        signal.signal(number, _interrupted)


def _interrupted(*_: object) -> NoReturn:
    raise KeyboardInterrupt
