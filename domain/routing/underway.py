"""Decisions that are on their way to the log, and what they promise to whom meanwhile. Pure."""

from __future__ import annotations

from collections import Counter

from domain.routing.decisions import Decision, Key, Route


class Underway:
    """What was asked for and has no answer yet, or one whose effect is not folded here.

    ``turns`` says when it was an agent's turn last (microseconds since 1970), here.
    """

    def __init__(self) -> None:
        self.turns: dict[str, int] = {}
        self._decisions: set[Key] = set()
        self._promised: dict[str, str] = {}
        self._promises: Counter[str] = Counter()
        self._turn = 0

    def __len__(self) -> int:
        return len(self._decisions)

    def __contains__(self, decision: Decision) -> bool:
        """Whether the same has been asked for already."""
        return decision.key in self._decisions

    def begin(self, decision: Decision, now: float) -> None:
        """A decision is on its way to the log."""
        self._decisions.add(decision.key)
        if isinstance(decision, Route):
            self.keep(decision.conversation)
            self._promised[decision.conversation] = decision.agent
            self._promises[decision.agent] += 1
            self._turn = max(self._turn + 1, int(now * 1e6))
            self.turns[decision.agent] = self._turn

    def end(self, decision: Decision) -> None:
        """What came of it was folded, or it is to be decided again."""
        self._decisions.discard(decision.key)
        if isinstance(decision, Route):
            self.keep(decision.conversation)

    def keep(self, conversation: str) -> None:
        """It has come to whom it was promised, or will not."""
        agent = self._promised.pop(conversation, None)
        if agent is not None:
            self._promises[agent] -= 1

    def promises(self, agent: str) -> int:
        """How many conversations are on their way to an agent."""
        return self._promises[agent]

    def is_promised(self, conversation: str) -> bool:
        """Whether it is on its way to somebody."""
        return conversation in self._promised
