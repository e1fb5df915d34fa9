"""How this program is started once more: by the same Python, which finds the same code."""

from __future__ import annotations

import sys


def command(module: str, *arguments: str) -> list[str]:
    """The command that runs one of our modules."""
    # ./dev keeps what lies in the caller's directory from standing in for our packages.
    safe = ["-P"] if sys.flags.safe_path else []
    return [sys.executable, *safe, "-m", module, *arguments]
