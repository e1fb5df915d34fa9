"""Processes that are found by where they work, and ended."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterable
from pathlib import Path

import psutil
import pytest

from ops.stack import processes
from ops.stack.errors import StackNotUsable


def sleeper(place: Path) -> subprocess.Popen[bytes]:
    """One that works there until it is killed."""
    return subprocess.Popen(["sleep", "60"], cwd=place, start_new_session=True)


def test_what_is_born_while_others_are_killed_is_killed_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server may be starting a process of its own in the moment in which it is found."""
    all_of_them = [sleeper(tmp_path)]
    tell = processes.tell

    def once_more(living: Iterable[psutil.Process], number: signal.Signals) -> None:
        if len(all_of_them) < 3:
            all_of_them.append(sleeper(tmp_path))
        tell(living, number)

    monkeypatch.setattr(processes, "tell", once_more)
    processes.kill(tmp_path)
    assert [each.wait(10) for each in all_of_them] == [-signal.SIGKILL] * 3


def test_what_does_not_end_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its number, after a while."""
    process = sleeper(tmp_path)
    monkeypatch.setattr(processes, "tell", lambda *_: None)
    monkeypatch.setattr(processes, "KILL_S", 0.05)
    with pytest.raises(StackNotUsable, match=rf"\[{process.pid}\]"):
        processes.kill(tmp_path)
    process.kill()
    process.wait(10)
