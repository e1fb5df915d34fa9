"""Given the past, when a command comes, then these events follow: a test of a decision in one line.

Nothing is simulated here; ``decide`` and ``evolve`` are called as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import pytest
from msgspec import Struct

from domain.envelope import Actor
from domain.errors import Refused

State = TypeVar("State")
Command = TypeVar("Command")
Past = Struct | tuple[Actor, Struct]

VISITOR = Actor("visitor", "ada", "Ada")
AGENT = Actor("agent", "grace", "Grace")


class Decider(Generic[State, Command]):
    """An aggregate: its first state, and its two functions."""

    def __init__(
        self,
        initial: State,
        evolve: Callable[[State, object, Actor], State],
        decide: Callable[[Command, State, Actor], Sequence[Struct]],
    ) -> None:
        self.initial = initial
        self.evolve = evolve
        self.decide = decide

    def given(self, *past: Past) -> Situation[State, Command]:
        """The situation after these events; ``(actor, event)`` where it matters who did it."""
        state = self.initial
        for entry in past:
            actor, event = entry if isinstance(entry, tuple) else (VISITOR, entry)
            state = self.evolve(state, event, actor)
        return Situation(self, state)


class Situation(Generic[State, Command]):
    """An aggregate with a past."""

    def __init__(self, decider: Decider[State, Command], state: State) -> None:
        self._decider = decider
        self.state = state

    def when(self, command: Command, actor: Actor = VISITOR) -> Outcome[State]:
        """Let the command come."""
        decider = self._decider
        try:
            events = list(decider.decide(command, self.state, actor))
        except Refused as refused:
            return Outcome(refused, self.state)
        state = self.state
        for event in events:
            state = decider.evolve(state, event, actor)
        return Outcome(events, state)


class Outcome(Generic[State]):
    """What came of a command; ``state`` is the state after it."""

    def __init__(self, result: list[Struct] | Refused, state: State) -> None:
        self._result = result
        self.state = state

    def then(self, *events: Struct) -> Outcome[State]:
        """Exactly these events followed, in this order; none: there was nothing to do."""
        assert self._result == list(events)
        return self

    def then_refused(self, code: str) -> None:
        """The command was refused with this code."""
        if not isinstance(self._result, Refused):
            pytest.fail(f"not refused, but {self._result}")
        assert self._result.code == code
