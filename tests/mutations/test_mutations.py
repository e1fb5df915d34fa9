"""The list of mutations fits the code, and a few of them are tried in every run of the checks.

All of them: ``python -m tox run --current-env -e mutations``.
"""

from __future__ import annotations

import ast
import re
import signal
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.mutations import table, trial
from tests.mutations.catalogue import MUTATIONS
from tests.mutations.checkout import ROOT, State
from tests.mutations.mutation import DoesNotApply, Mutation
from tests.mutations.results import Result, Results, fingerprint
from tests.mutations.running import run
from tests.mutations.trial import Trial, Verdict

UNDEFINED = "F821,F822,F823"
"""Ruff's rules for names that nobody defines."""

QUICK_FOLDERS = ("tests/unit/", "tests/property/")
"""Where tests are that need no server."""


def a_mutation(**different: Any) -> Mutation:
    """A mutation of no file in particular."""
    fields = {"name": "a", "file": "a.py", "before": "x", "after": "y", "breaks": "b", "tests": ()}
    return Mutation(**(fields | different))


# --- the list ---------------------------------------------------------------------------------


def test_each_applies() -> None:
    """Its place is in the code exactly once, and something is changed there; all are named."""
    assert [reason for mutation in MUTATIONS if (reason := unfit(mutation))] == []


def test_the_table_is_of_this_list() -> None:
    """The one in the docs is of a whole run; whoever adds a mutation runs it."""
    told = re.findall(r"^\| `([a-z0-9-]+)`", (ROOT / "docs/mutations.md").read_text(), re.MULTILINE)
    assert sorted(told) == sorted(each.name for each in MUTATIONS)


def unfit(mutation: Mutation) -> str:
    """Why a mutation does not apply, or nothing."""
    text = (ROOT / mutation.file).read_text()
    try:
        return "" if mutation.applied_to(text) != text else f"{mutation.name} changes nothing"
    except DoesNotApply as error:
        return str(error)


def test_each_is_a_program(tmp_path: Path) -> None:
    """One that names what is not there would fail any test, and show nothing."""
    for mutation in MUTATIONS:
        if mutation.file.endswith(".py") and not unfit(mutation):
            changed = mutation.applied_to((ROOT / mutation.file).read_text())
            (tmp_path / f"{mutation.name}.py").write_text(changed)
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", UNDEFINED]
    found = subprocess.run([*command, tmp_path], capture_output=True, text=True)
    assert found.returncode == 0, found.stdout


def test_each_names_tests_that_are_there() -> None:
    """By file, or by function; all of them Vitest's or none."""
    for mutation in MUTATIONS:
        assert mutation.tests, mutation.name
        assert len({test.startswith("web/") for test in mutation.tests}) == 1, mutation.name
        for test in mutation.tests:
            file, _, function = test.partition("::")
            assert (ROOT / file).is_file(), test
            assert not function or function in functions(file), test


@cache
def functions(file: str) -> set[str]:
    """The functions of a Python file."""
    tree = ast.parse((ROOT / file).read_text())
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    return {node.name for node in ast.walk(tree) if isinstance(node, kinds)}


def test_names_are_used_once() -> None:
    """A result is found by its mutation's name."""
    names = Counter(mutation.name for mutation in MUTATIONS)
    assert [name for name, count in names.items() if count > 1] == []


def test_whoever_has_read_enough_of_the_list_may_leave() -> None:
    """It ends without a word then, with the status of what a broken pipe ends."""
    command = [sys.executable, "-m", "tests.mutations", "--list"]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as listing:
        assert listing.stdout is not None
        assert listing.stderr is not None
        listing.stdout.close()
        assert listing.stderr.read() == ""
    assert listing.returncode == 128 + signal.SIGPIPE


# --- how they are tried -----------------------------------------------------------------------


def test_code_that_has_moved_is_told_loudly() -> None:
    """A place that is gone, or there twice, is an error of the list."""
    for text in ("", "x x"):
        with pytest.raises(DoesNotApply):
            a_mutation().applied_to(text)


@pytest.mark.parametrize(
    ("verdict", "test"),
    [
        (Verdict.SURVIVED, "def test_it(): pass"),
        (Verdict.CAUGHT, "def test_it(): assert 1 == 2"),
        (Verdict.CAUGHT, "def test_it(): raise RuntimeError"),
        (Verdict.HUNG, "def test_it():\n    while True: pass"),
        (Verdict.BROKEN, "def test_it(): what_nobody_defines"),
        (Verdict.BROKEN, "import what_nobody_has\ndef test_it(): pass"),
        (Verdict.BROKEN, "def test_it(no_such_fixture): pass"),
        (Verdict.BROKEN, "def it(): pass"),
        (Verdict.BROKEN, "import os\ndef test_it(): os._exit(1)"),
    ],
)
def test_only_a_test_that_fails_is_a_catch(tmp_path: Path, verdict: Verdict, test: str) -> None:
    """Not what keeps tests from running, nor what never ends."""
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "mutations").symlink_to(ROOT / "tests" / "mutations")
    (tmp_path / "test_it.py").write_text(test)
    found = trial.run(tmp_path, ["test_it.py"], 2.0)
    assert found.verdict is verdict, found
    assert found.by == ("test_it.py::test_it" if verdict in {Verdict.CAUGHT, Verdict.HUNG} else "")


def test_a_hang_is_good_only_where_it_is_meant() -> None:
    """Of what never ends nobody knows whether it would have failed."""
    hung = Trial(Verdict.HUNG, 1.0)
    assert not Result("a", "of", hung).is_good
    assert Result("a", "of", hung, expects_hang=True).is_good
    for verdict in (Verdict.SURVIVED, Verdict.BROKEN):
        assert not Result("a", "of", Trial(verdict, 1.0), expects_hang=True).is_good


def test_what_the_simulation_is_meant_to_find_it_must_find() -> None:
    """Also where a test has caught it."""
    caught, missed = Trial(Verdict.CAUGHT, 1.0), Trial(Verdict.SURVIVED, 1.0)
    assert Result("a", "of", caught, caught).is_good
    assert not Result("a", "of", caught, missed).is_good


def test_an_interrupted_run_goes_on(tmp_path: Path) -> None:
    """Good results hold while mutation, code and tests are the same; others are tried again."""
    path = tmp_path / "results.jsonl"
    good = Result("a", "1", Trial(Verdict.CAUGHT, 1.0))
    bad = Result("b", "2", Trial(Verdict.SURVIVED, 1.0))
    for result in (good, bad):
        Results(path).add(result)
    found = Results(path)
    assert [found.find(of) for of in ("1", "2", "3")] == [good, None, None]
    assert fingerprint(a_mutation(), "s") != fingerprint(a_mutation(after="z"), "s")
    assert fingerprint(a_mutation(), "s") != fingerprint(a_mutation(), "t")
    state = State()
    assert state.of(["tests/unit/domain/test_ids.py"]) != state.of([])
    assert state.of(["tests/unit/domain/test_no.py"]) == state.of([])


def test_a_table_takes_the_place_of_the_last_one(tmp_path: Path) -> None:
    """What stands before it stays."""
    path = tmp_path / "page.md"
    path.write_text("Words.\n")
    for verdict in (Verdict.SURVIVED, Verdict.CAUGHT):
        row = a_mutation(), Result("a", "1", Trial(verdict, 1.0, "test_a.py::test_a"))
        table.write(path, [row], 60.0)
    text = path.read_text()
    assert text.startswith("Words.\n")
    assert "SURVIVED" not in text
    assert text.count("| `a` | b | `test_a.py::test_a` | 1.0 |  |") == 1


# --- some of them -----------------------------------------------------------------------------


@pytest.mark.timeout(400)
def test_the_quick_ones_are_caught() -> None:
    """Each by a test that passes without it."""
    quick = [mutation for mutation in MUTATIONS if mutation.quick]
    assert len(quick) >= 4
    assert all(test.startswith(QUICK_FOLDERS) for each in quick for test in each.tests)
    found = run([replace(each, played=False) for each in quick], 2, Results(None), lambda *_: None)
    assert [str(result) for result in found if not result.is_good] == []
