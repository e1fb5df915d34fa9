"""``python -m ops``: the command line, for a checkout that is not installed."""

from __future__ import annotations

import gc
import os
import signal
import sys
from typing import Any, NoReturn


def leave(*_: Any) -> NoReturn:
    """Nothing has begun yet, so there is nothing to end."""
    os._exit(0)


# What loading makes stays; who looks for garbage in it finds none (ops.cli.keep_what_is_loaded).
gc.disable()

# Loading the product takes a while, in which a stop must already be a clean one.
if {"serve", "run"} & {*sys.argv}:
    signal.signal(signal.SIGINT, leave)
    signal.signal(signal.SIGTERM, leave)
# ./dev holds them back until somebody listens.
signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, signal.SIGTERM})

from ops.cli import main  # noqa: E402 - the lines above come first on purpose

if __name__ == "__main__":
    main()
