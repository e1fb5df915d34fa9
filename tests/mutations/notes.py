"""What a run of tests in a copy leaves behind for whoever started it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

VARIABLE = "PARLEY_TEST_MUTATION_NOTES"
"""Where in the environment the file is named."""

REASON_CHARACTERS = 200
"""Of a failure as it is noted: enough to know it again."""


class Notes(Struct):
    """How many tests passed; the first that failed, why, and whether for not ending in time.

    ``broken``: it was no test that failed, but the way to it.
    """

    passed: int = 0
    failed: str = ""
    reason: str = ""
    hung: bool = False
    broken: str = ""


def write(path: Path, notes: Notes) -> None:
    """Leave the notes."""
    path.write_bytes(msgspec.json.encode(notes))


def ours(path: Path) -> Notes | None:
    """Notes that we have left ourselves; None where the run did not get to its end."""
    return msgspec.json.decode(path.read_bytes(), type=Notes) if path.exists() else None


def of_vitest(path: Path) -> Notes | None:
    """The same, from Vitest's own report."""
    if not path.exists():
        return None
    report: dict[str, Any] = msgspec.json.decode(path.read_bytes())
    notes = Notes(passed=report["numPassedTests"])
    for file in report["testResults"]:
        name = "web/" + file["name"].rpartition("/web/")[2]
        if file["status"] == "failed" and not file["assertionResults"]:
            notes.broken = notes.broken or f"{name} is no program: {first_line(file['message'])}"
        for test in file["assertionResults"]:
            if test["status"] == "failed" and not notes.failed:
                notes.failed = f"{name}::{test['fullName']}"
                notes.reason = first_line("".join(test["failureMessages"]))
                notes.hung = "timed out in" in notes.reason
    return notes


def first_line(text: str) -> str:
    """The beginning of what a failure says of itself."""
    return (text.strip().splitlines() or [""])[0][:REASON_CHARACTERS]
