"""Programs that are not ours: those beside this Python first, such as Node from its wheel."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from tests.fixtures.server import clean_environment


def environment(**extra: str) -> dict[str, str]:
    """An environment that finds them, and has nothing of Parley's from the caller."""
    here = Path(sys.executable).parent
    path = os.environ.get("PATH", os.defpath)
    return clean_environment(PATH=f"{here}{os.pathsep}{path}", **extra)


def find(program: str) -> str | None:
    """Where it is; None where it is not."""
    return shutil.which(program, path=environment()["PATH"])
