"""What an operator asks of a tenant's goals."""

from __future__ import annotations

from uuid import UUID

from domain.tenant import commands as c
from domain.tenant.goals import Goal
from ops.asking import Asking
from ops.errors import CannotRun


class GoalOperator(Asking):
    """The operator's commands about goals, on a core. Those that change raise Refused."""

    async def goals(self, log: UUID) -> list[Goal]:
        """Those that there are."""
        return list((await self.tenant(log)).goals.values())

    async def goal(self, log: UUID, goal: str) -> Goal:
        """One of them. Raises CannotRun where it is not there."""
        found = (await self.tenant(log)).goals.get(goal)
        if found is None:
            raise CannotRun(f"There is no goal {goal!r} here; `parley goal list` names them.")
        return found

    async def add(self, log: UUID, name: str, url: str) -> Goal:
        """A further goal."""
        goal = str(self._id())
        await self._ask(log, c.AddGoal(self._id(), goal, name, url))
        return await self.goal(log, goal)

    async def change(self, log: UUID, goal: str, name: str | None, url: str | None) -> Goal:
        """Another name or page (None: as before); the goal as it is then."""
        now = await self.goal(log, goal)
        command = c.ChangeGoal(
            self._id(), goal, now.name if name is None else name, now.url if url is None else url
        )
        await self._ask(log, command)
        return await self.goal(log, goal)

    async def remove(self, log: UUID, goal: str) -> None:
        """Count it no more."""
        await self.goal(log, goal)
        await self._ask(log, c.RemoveGoal(self._id(), goal))
