"""What may happen to a tenant's goals, and which pages reach one."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from domain.limits import MAX_GOALS, MAX_NAME, MAX_URL
from domain.tenant import commands as c
from domain.tenant import events as e
from domain.tenant.decide import TenantCommand, decide
from domain.tenant.goals import Goal, reaches
from domain.tenant.state import INITIAL, Tenant, evolve
from tests.doubles.appends import uuid
from tests.unit.domain.scenario import Decider

ID = uuid(1)
ADD = c.AddGoal(ID, "goal-1", "Bought", "/checkout/done")
ADDED = e.GoalAdded("goal-1", "Bought", "/checkout/done")

tenant: Decider[Tenant, TenantCommand] = Decider(
    INITIAL, lambda s, event, _: evolve(s, event, 0), lambda command, s, _: decide(command, s)
)


def test_goals_add_up() -> None:
    """Each is there with what it was given; an id is used once."""
    state = tenant.given().when(ADD).then(ADDED).state
    assert state.goals == {"goal-1": Goal("goal-1", "Bought", "/checkout/done")}
    tenant.given(ADDED).when(ADD).then_refused("exists")
    assert len(tenant.given(ADDED).when(replace(ADD, goal="goal-2")).state.goals) == 2


def test_a_goal_is_changed() -> None:
    """Name and page are as they are said now; what says nothing new is nothing."""
    change = c.ChangeGoal(ID, "goal-1", "Paid", "/paid/*")
    changed = e.GoalChanged("goal-1", "Paid", "/paid/*")
    state = tenant.given(ADDED).when(change).then(changed).state
    assert state.goals["goal-1"] == Goal("goal-1", "Paid", "/paid/*")
    tenant.given(ADDED, changed).when(change).then()
    tenant.given().when(change).then_refused("not_found")


def test_a_goal_is_removed() -> None:
    """It is gone, and then there is none to remove."""
    remove = c.RemoveGoal(ID, "goal-1")
    assert tenant.given(ADDED).when(remove).then(e.GoalRemoved("goal-1")).state.goals == {}
    tenant.given().when(remove).then_refused("not_found")


def test_there_are_only_so_many() -> None:
    """Every page view is held against each."""
    full = [replace(ADDED, goal=f"goal-{n}") for n in range(MAX_GOALS)]
    tenant.given(*full).when(replace(ADD, goal="one more")).then_refused("too_many")
    tenant.given(*full[1:]).when(ADD).then_refused("exists")
    tenant.given(*full[1:]).when(replace(ADD, goal="one more")).then(
        replace(ADDED, goal="one more")
    )


@pytest.mark.parametrize(
    "url",
    ["", "done", "https://shop.example/done", "/a?b=c", "/a#b", "/*/done", "/a b", "/\n", "*"],
)
def test_a_pattern_is_a_path(url: str) -> None:
    """What could never match, or would be read in two ways, is refused where it is written."""
    tenant.given().when(replace(ADD, url=url)).then_refused("bad_request")
    tenant.given(ADDED).when(c.ChangeGoal(ID, "goal-1", "Bought", url)).then_refused("bad_request")


@pytest.mark.parametrize("name", ["", "a" * (MAX_NAME + 1), "two\nlines"])
def test_a_goals_name_is_one_line(name: str) -> None:
    """Printable, and of some length."""
    tenant.given().when(replace(ADD, name=name)).then_refused("bad_request")


def test_a_pattern_has_its_length() -> None:
    """No longer than an address."""
    tenant.given().when(replace(ADD, url="/" * (MAX_URL + 1))).then_refused("bad_request")


@pytest.mark.parametrize(
    ("pattern", "url", "reached"),
    [
        ("/done", "https://shop.example/done", True),
        ("/done", "https://shop.example:8443/done?order=7#top", True),
        ("/done", "https://shop.example/done/", False),
        ("/done", "https://shop.example/Done", False),
        ("/done", "https://shop.example/not/done", False),
        ("/done/*", "https://shop.example/done/7", True),
        ("/done*", "https://shop.example/done", True),
        ("/done*", "https://shop.example/do", False),
        ("/", "https://shop.example", True),
        ("/*", "https://shop.example", True),
        ("/结账/完成", "https://x.example/%E7%BB%93%E8%B4%A6/%E5%AE%8C%E6%88%90", True),
        ("/结账/*", "https://x.example/%E7%BB%93%E8%B4%A6/7", True),
        ("/a%20b", "https://x.example/a%20b", True),
        ("/done", "http://[::1/done", False),
        ("/done", "", False),
    ],
)
def test_which_pages_reach_a_goal(pattern: str, url: str, *, reached: bool) -> None:
    """The path alone decides; an address that is none reaches nothing."""
    assert reaches(pattern, url) is reached
