"""The table of a whole run, as docs/mutations.md has it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from tests.mutations import checkout
from tests.mutations.mutation import Mutation
from tests.mutations.results import Result
from tests.mutations.trial import Verdict

HEADING = "## The last whole run"
"""What stands before it in the file stays; what stands behind it is written anew."""


def write(path: Path, rows: Sequence[tuple[Mutation, Result]], seconds: float) -> None:
    """Put the table at the end of a file."""
    before = path.read_text().partition(HEADING)[0] if path.exists() else ""
    path.write_text(f"{before}{HEADING}\n\n{_summary(rows, seconds)}\n\n{_table(rows)}\n")


def _summary(rows: Sequence[tuple[Mutation, Result]], seconds: float) -> str:
    good = sum(result.is_good for _, result in rows)
    when = time.strftime("%Y-%m-%d", time.gmtime())
    return (
        f"{when}, commit {checkout.commit()}: {good} of {len(rows)} caught,"
        f" in {seconds / 60:.0f} minutes."
    )


def _table(rows: Sequence[tuple[Mutation, Result]]) -> str:
    head = [
        "| mutation | what it breaks | caught by | s | simulation |",
        "|---|---|---|---|---|",
    ]
    return "\n".join([*head, *(_row(*row) for row in rows)])


def _row(mutation: Mutation, result: Result) -> str:
    cells = (
        f"`{mutation.name}`",
        mutation.breaks,
        caught_by(result),
        f"{result.trial.seconds:.1f}",
        "" if result.played is None else result.played.by or result.played.verdict.value,
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def caught_by(result: Result) -> str:
    """The test, or what became of it instead."""
    found = result.trial
    if found.verdict is Verdict.CAUGHT:
        return f"`{found.by}`"
    if found.verdict is Verdict.HUNG:
        return f"`{found.by}`, which never ends"
    return f"**{found.verdict.value}**"
