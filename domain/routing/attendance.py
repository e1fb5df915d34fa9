"""Which agents are present, as the router was shown. No log tells that. No clock and no I/O."""

from __future__ import annotations

from collections.abc import Collection


class Attendance:
    """Who is present of those that were asked for, and since when the others are not.

    Before it was ``looked`` for them nothing is known: neither who is there nor who is gone.
    """

    def __init__(self) -> None:
        self.present: frozenset[str] = frozenset()
        self.absent: dict[str, float] = {}
        self.looked = False
        self._asked: frozenset[str] = frozenset()

    def see(
        self, asked: Collection[str], present: Collection[str], now: float, *, knows_all: bool
    ) -> bool:
        """Take who is present of those that were asked for. True: others than before.

        Without ``knows_all`` nobody is gone whom nobody has seen to go (:meth:`lose`).
        """
        self.looked = True
        self._asked = frozenset(asked)
        there = frozenset(present)
        if knows_all:
            gone = self._asked - there
            self.absent = {agent: self.absent.get(agent, now) for agent in gone}
        else:
            there |= self.present
            self.absent = {}
        before, self.present = self.present, there & self._asked
        return self.present != before

    def lose(self, agent: str) -> bool:
        """Somebody has seen an agent go. True: it was present."""
        was_there = agent in self.present
        self.present -= {agent}
        return was_there

    def covers(self, agents: Collection[str]) -> bool:
        """Whether all of these were asked for."""
        return self._asked.issuperset(agents)
