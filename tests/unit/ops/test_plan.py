"""Plans: which processes are asked for, under which names."""

from __future__ import annotations

import pytest

from ops.errors import CannotRun
from ops.roles import ALL, SERVING, Role
from ops.supervision.plan import default_entries, parse


def test_a_plan_names_its_processes() -> None:
    """So many of a kind are counted; a node is all that serves people; roles may be together."""
    posts = parse(["node:2", "relay", "relay+projector:1", "projector+relay:1", "visitor:0"])
    assert [(post.name, post.roles) for post in posts] == [
        ("node-1", SERVING),
        ("node-2", SERVING),
        ("relay-1", {Role.RELAY}),
        ("projector+relay-1", {Role.PROJECTOR, Role.RELAY}),
        ("projector+relay-2", {Role.PROJECTOR, Role.RELAY}),
    ]
    assert [post.serves for post in posts] == [True, True, False, False, False]


def test_by_default_every_role_runs_and_two_serve() -> None:
    """So that one is there while the other is away."""
    posts = parse(default_entries())
    assert frozenset[Role]().union(*(post.roles for post in posts)) == ALL
    assert sum(post.serves for post in posts) == 2


@pytest.mark.parametrize(
    ("entries", "sentence"),
    [
        (["chef:1"], "no role 'chef', as in 'chef:1'; the roles are node, visitor"),
        (["node:two"], "'node:two' names no number"),
        (["node:-1"], "'node:-1' names no number"),
        (["node:65"], "65 processes, and 64 are the most"),
        (["node:99999999"], "65 processes"),
        (["node:0"], "no process to run"),
        ([], "no process to run"),
    ],
)
def test_what_is_no_plan_is_refused(entries: list[str], sentence: str) -> None:
    """In one sentence that repeats what was written."""
    with pytest.raises(CannotRun, match=sentence):
        parse(entries)
