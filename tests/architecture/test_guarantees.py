"""The page of guarantees names tests that are there, and says of each promise all that it must."""

from __future__ import annotations

import re

import pytest

from tests.architecture.test_docs import ROOT
from tests.mutations.catalogue import MUTATIONS

PAGE = (ROOT / "docs/guarantees.md").read_text("utf-8")
PROMISES = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))
NOT_A_PROMISE = "What no test can show"


@pytest.mark.parametrize("promise", [name for name in PROMISES if name != NOT_A_PROMISE])
def test_a_promise_says_how_it_is_kept_and_shown_and_where_it_ends(promise: str) -> None:
    """Whoever doubts finds what to read, what to run, and what is not promised."""
    said = PROMISES[promise]
    for part in ("*Kept by:*", "*Shown by:*", "*Ends:*"):
        assert part in said, part
    assert re.search(r"`(tests|web)/", said)


@pytest.mark.parametrize("named", sorted(set(re.findall(r"`((?:tests|web)/[^`]+)`", PAGE))))
def test_the_tests_that_it_names_are_there(named: str) -> None:
    """Files, folders, and functions in files."""
    path, _, function = named.partition("::")
    assert (ROOT / path).exists()
    assert not function or f"def {function}(" in (ROOT / path).read_text("utf-8")


@pytest.mark.parametrize("named", re.findall(r"mutation `([^`]+)`", PAGE))
def test_the_mutations_that_it_names_are_tried(named: str) -> None:
    """By their names in the list."""
    assert named in {each.name for each in MUTATIONS}
