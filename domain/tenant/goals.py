"""What may happen to a tenant's goals, what of their past that rests on, and who reaches one."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from msgspec import Struct

from domain.errors import Refused
from domain.limits import MAX_GOALS, MAX_NAME, MAX_URL
from domain.tenant import commands as c
from domain.tenant import events as e

GoalCommand = c.AddGoal | c.ChangeGoal | c.RemoveGoal

ANY_REST = "*"
"""At the end of a pattern: whatever follows."""


class Goal(Struct, frozen=True):
    """A goal as it is."""

    goal: str
    name: str
    url: str


Goals = dict[str, Goal]


def reaches(pattern: str, url: str) -> bool:
    """Whether a page is what a goal's pattern names.

    The pattern is a path as the address bar shows it, ``/checkout/done``, or with ``*`` at its end
    how paths begin. Host, query and fragment do not count; capitals do. Browsers send a path
    percent-encoded, people write it as they read it: both are the same.
    """
    try:
        path = unquote(urlsplit(url).path) or "/"
    except ValueError:
        return False
    pattern = unquote(pattern)
    if pattern.endswith(ANY_REST):
        return path.startswith(pattern.removesuffix(ANY_REST))
    return path == pattern


def decide(command: GoalCommand, state: Goals) -> list[Struct]:
    """The events that follow from a command about a goal. Raises :class:`Refused`."""
    if isinstance(command, c.AddGoal):
        return _add(command, state)
    goal = state.get(command.goal)
    if goal is None:
        raise Refused("not_found", "There is no such goal.")
    if isinstance(command, c.RemoveGoal):
        return [e.GoalRemoved(command.goal)]
    _check(command)
    if (goal.name, goal.url) == (command.name, command.url):
        return []
    return [e.GoalChanged(command.goal, command.name, command.url)]


def _add(command: c.AddGoal, state: Goals) -> list[Struct]:
    if command.goal in state:
        raise Refused("exists", "This goal exists already.")
    if len(state) >= MAX_GOALS:
        raise Refused("too_many", f"There may be {MAX_GOALS} goals.")
    _check(command)
    return [e.GoalAdded(command.goal, command.name, command.url)]


def _check(command: c.AddGoal | c.ChangeGoal) -> None:
    if not 0 < len(command.name) <= MAX_NAME or not command.name.isprintable():
        raise Refused("bad_request", f"A goal's name has 1 to {MAX_NAME} printable characters.")
    if not is_pattern(command.url):
        raise Refused(
            "bad_request",
            "A goal's page is a path such as /checkout/done, which begins with / and may end"
            f" in {ANY_REST}, without host, query and fragment.",
        )


def is_pattern(text: str) -> bool:
    """Whether this is a pattern of pages' paths."""
    fixed = text.removesuffix(ANY_REST)
    clean = text.isprintable() and not set(fixed) & set(" ?#*")
    return fixed.startswith("/") and clean and len(text) <= MAX_URL


def evolve(goals: Goals, event: object) -> Goals:
    """The goals after an event; those given stay as they are."""
    match event:
        case e.GoalAdded() | e.GoalChanged():
            return {**goals, event.goal: Goal(event.goal, event.name, event.url)}
        case e.GoalRemoved():
            return {name: each for name, each in goals.items() if name != event.goal}
        case _:
            return goals
