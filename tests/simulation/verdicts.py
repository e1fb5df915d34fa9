"""What a checker says: how much it has looked at, and what is wrong.

A checker that saw nothing has shown nothing (:mod:`tests.simulation.judgement`).
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct


class Verdict(Struct):
    """What a checker found: how much it looked at, and each thing that is wrong."""

    looked: int
    wrong: list[str]


def verdict(findings: Iterator[str | None]) -> Verdict:
    """A verdict from one finding for each thing looked at; None: it is as it should be."""
    looked, wrong = 0, []
    for finding in findings:
        looked += finding is None or not finding.startswith("+")
        if finding is not None:
            wrong.append(finding.removeprefix("+"))
    return Verdict(looked, wrong)
