"""A plugin of pytest's, loaded in a copy only: it notes what became of the tests.

Examples of Hypothesis are the same each time, and are neither kept nor made smaller: what matters
here is whether one fails. How long one takes says nothing on a machine that does much else.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import Phase, settings

from tests.mutations.notes import VARIABLE, Notes, first_line, write

_BROKEN = (NameError, ImportError, SyntaxError)
_BROKEN_SQL = ("PostgresSyntaxError", "UndefinedColumnError", "UndefinedFunctionError")
"""What says that a mutation is no program, rather than that it breaks a promise."""

_notes = Notes()


def pytest_configure(config: pytest.Config) -> None:
    """Before anything is collected: a test takes the profile that is on when it is declared."""
    phases = (Phase.explicit, Phase.generate)
    settings.register_profile(
        "mutations", derandomize=True, database=None, deadline=None, phases=phases
    )
    settings.load_profile("mutations")


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """A file that cannot even be imported."""
    if report.failed and not _notes.broken:
        reason = (str(report.longrepr).strip().splitlines() or [""])[-1]
        _notes.broken = f"{report.nodeid} cannot be collected: {first_line(reason)}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Only here is known of what a test failed."""
    report = yield
    if report.passed and report.when == "call":
        _notes.passed += 1
    if report.failed and call.excinfo is not None and not (_notes.failed or _notes.broken):
        _fail(item.nodeid, report.when, call.excinfo)
    return report


def _fail(test: str, when: str | None, failure: pytest.ExceptionInfo[BaseException]) -> None:
    reason = first_line(failure.exconly())
    no_program = isinstance(failure.value, _BROKEN) or failure.typename in _BROKEN_SQL
    if no_program or when == "setup":
        _notes.broken = f"{test} was not begun: {reason}"
        return
    _notes.failed, _notes.reason = test, reason
    _notes.hung = reason.startswith("Failed: Timeout (>")


def pytest_sessionfinish() -> None:
    """Written last: a run that was cut off leaves nothing."""
    write(Path(os.environ[VARIABLE]), _notes)
