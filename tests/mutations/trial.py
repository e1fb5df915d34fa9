"""One run of some tests in a copy, and what it says: by which test a mutation is caught, if by any.

Caught is what makes a *test* fail. Code that does not compile, a fixture that fails, a run that
finds no test: each is an error of the list, and is told as one.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from enum import Enum
from pathlib import Path

from msgspec import Struct

from tests.mutations import notes
from tests.mutations.mutation import WEB
from tests.mutations.notes import VARIABLE, Notes

LONGEST_S = 120.0
"""Seconds for tests whose usual time is not known yet."""

STOP_S = 15.0
"""Seconds for a run that is told to stop, in which it stops its PostgreSQL; then it is killed."""


class Verdict(Enum):
    """What a run says of a mutation."""

    CAUGHT = "caught"
    HUNG = "hangs"
    SURVIVED = "SURVIVED"
    BROKEN = "BROKEN"


class Trial(Struct, frozen=True):
    """A run's verdict. ``by`` is the test that failed, ``reason`` what it or the run failed of."""

    verdict: Verdict
    seconds: float
    by: str = ""
    reason: str = ""


def run(copy: Path, tests: Sequence[str], limit_s: float) -> Trial:
    """Run these tests in a copy until one fails; a test that takes longer than the limit hangs."""
    path = _no_notes(copy)
    web = all(test.startswith(WEB) for test in tests)
    command = _vitest(tests, path, limit_s) if web else _pytest(tests, limit_s)
    begun = time.monotonic()
    output, ended = _run(command, copy / "web" if web else copy, path, 2 * limit_s + STOP_S)
    seconds = time.monotonic() - begun
    if not ended:
        return Trial(Verdict.HUNG, seconds, " ".join(tests), "the run did not end")
    found = notes.of_vitest(path) if web else notes.ours(path)
    if found is None:
        return Trial(Verdict.BROKEN, seconds, reason=output[-1000:])
    return _judged(found, seconds)


def play(copy: Path, seeds: int) -> Trial:
    """Play so many seeds of the simulation in a copy until one fails."""
    path = _no_notes(copy)
    command = [sys.executable, "-m", "tests.mutations.playing", str(seeds)]
    begun = time.monotonic()
    output, ended = _run(command, copy, path, LONGEST_S)
    seconds = time.monotonic() - begun
    if not ended:
        return Trial(Verdict.HUNG, seconds, "the simulation", "it did not end")
    found = notes.ours(path)
    if found is None:
        return Trial(Verdict.BROKEN, seconds, reason=output[-1000:])
    return _judged(found, seconds)


def _judged(found: Notes, seconds: float) -> Trial:
    if found.broken:
        return Trial(Verdict.BROKEN, seconds, reason=found.broken)
    if found.failed:
        verdict = Verdict.HUNG if found.hung else Verdict.CAUGHT
        return Trial(verdict, seconds, found.failed, found.reason)
    if not found.passed:
        return Trial(Verdict.BROKEN, seconds, reason="no test ran")
    return Trial(Verdict.SURVIVED, seconds)


def _no_notes(copy: Path) -> Path:
    """Where the next run leaves its notes; what the last one left is gone."""
    path = copy / "notes.json"
    path.unlink(missing_ok=True)
    return path


def _pytest(tests: Sequence[str], limit_s: float) -> list[str]:
    options = ["-q", "-x", "-p", "no:cacheprovider", "-o", f"timeout={limit_s:.0f}"]
    return [sys.executable, "-m", "pytest", "-p", "tests.mutations.noting", *options, *tests]


def _vitest(tests: Sequence[str], path: Path, limit_s: float) -> list[str]:
    program = ["node", "node_modules/vitest/vitest.mjs", "run", "--bail=1"]
    options = ["--reporter=json", f"--outputFile={path}", f"--testTimeout={1000 * limit_s:.0f}"]
    return [*program, *options, *(test.removeprefix(WEB) for test in tests)]


def _run(command: Sequence[str], folder: Path, path: Path, limit_s: float) -> tuple[str, bool]:
    """What it has written, and whether it came to an end by itself.

    It is in the caller's process group, so that an interrupt at the keyboard ends it too.
    """
    process = subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, VARIABLE: str(path)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        return process.communicate(timeout=limit_s)[0], True
    except subprocess.TimeoutExpired:
        return "", False
    finally:
        _stop(process)


def _stop(process: subprocess.Popen[str]) -> None:
    """Let it clean up after itself, and see that nothing of it is left."""
    for number in (signal.SIGINT, signal.SIGKILL):
        if process.poll() is None:
            process.send_signal(number)
            try:
                process.communicate(timeout=STOP_S)
            except subprocess.TimeoutExpired:
                continue
