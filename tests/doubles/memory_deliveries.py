"""Rows of what is due, in memory: :class:`domain.webhooks.ports.Deliveries`, as plain as can be.

Every method is whole at once. ``away`` makes all of them raise StoreUnavailable.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.errors import StoreUnavailable
from domain.webhooks.ports import Claim, Delivery, Hook, Line, Sought, Wanted


class _Lined(Struct):
    """A line: when it is due, who has it."""

    due_at: float
    lease: UUID | None = None


class MemoryDeliveries:
    """What is due. ``add`` is the follower's side; ``rows`` and ``lines`` are for a test to see."""

    def __init__(self) -> None:
        self.rows: dict[tuple[Hook, int], Delivery] = {}
        self.lines: dict[Line, _Lined] = {}
        self.away = False

    async def add(self, deliveries: Sequence[Delivery]) -> None:
        """Make these due."""
        for each in deliveries:
            assert (each.line.hook, each.position) not in self.rows
            self.rows[each.line.hook, each.position] = each
            self.lines.setdefault(each.line, _Lined(each.since))

    async def claim(self, line: Line, wanted: Wanted) -> Claim | None:
        self._arrive()
        lined = self.lines.get(line)
        if lined is None or lined.due_at > wanted.now:
            return None
        return self._take(line, wanted)

    async def claim_due(self, wanted: Wanted) -> list[Claim]:
        self._arrive()
        used = Counter(wanted.busy)
        chosen = []
        for line, lined in sorted(self.lines.items(), key=lambda item: item[1].due_at):
            if lined.due_at <= wanted.now and used[line.hook] < wanted.lines_of_webhook:
                used[line.hook] += 1
                chosen.append(line)
        return [self._take(line, wanted) for line in chosen[: wanted.lines]]

    async def settle(self, claim: Claim, after: Delivery, until: float) -> Claim | None:
        self._arrive()
        lined = self.lines.get(after.line)
        if lined is None or lined.lease != claim.lease:
            return None
        self.rows[after.line.hook, after.position] = after
        following = self._first(after.line)
        if following is None:
            del self.lines[after.line]
            return None
        lined.due_at = until
        return Claim(following, claim.lease, until)

    async def postpone(self, claim: Claim, after: Delivery, due_at: float) -> None:
        self._arrive()
        lined = self.lines.get(after.line)
        if lined is not None and lined.lease == claim.lease:
            self.rows[after.line.hook, after.position] = after
            self.lines[after.line] = _Lined(due_at)

    async def find(
        self, log: UUID, sought: Sought, before: int | None, limit: int
    ) -> list[Delivery]:
        self._arrive()
        found = [each for each in self.rows.values() if _fits(each, log, sought, before)]
        found.sort(key=lambda each: each.position, reverse=True)
        lowest = found[limit - 1].position if len(found) >= limit else 0
        return [each for each in found if each.position >= lowest]

    async def send_again(
        self, log: UUID, webhook: str, positions: Sequence[int], now: float
    ) -> int:
        self._arrive()
        keys = [((log, webhook), position) for position in positions]
        settled = [key for key in keys if key in self.rows and self.rows[key].state != "waiting"]
        for key in settled:
            was = self.rows[key]
            self.rows[key] = Delivery(was.line, was.position, was.event, was.type, now)
            lined = self.lines.setdefault(was.line, _Lined(now))
            if lined.lease is None:
                lined.due_at = min(lined.due_at, now)
        return len(settled)

    async def sweep(self, delivered_before: float, dead_before: float, limit: int) -> int:
        self._arrive()
        ends = {"delivered": delivered_before, "dead": dead_before}
        over = [
            key
            for key, row in self.rows.items()
            if row.settled_at is not None and row.settled_at < ends[row.state]
        ]
        for key in over[:limit]:
            del self.rows[key]
        return len(over[:limit])

    async def due(self, now: float) -> int:
        self._arrive()
        return sum(lined.due_at <= now for lined in self.lines.values())

    def _arrive(self) -> None:
        if self.away:
            raise StoreUnavailable("the store is away")

    def _first(self, line: Line) -> Delivery | None:
        waiting = [r for r in self.rows.values() if r.line == line and r.state == "waiting"]
        return min(waiting, key=lambda row: row.position, default=None)

    def _take(self, line: Line, wanted: Wanted) -> Claim:
        self.lines[line] = _Lined(wanted.until, wanted.lease)
        first = self._first(line)
        assert first is not None, "a line without anything in it"
        return Claim(replace(first), wanted.lease, wanted.until)


def _fits(row: Delivery, log: UUID, sought: Sought, before: int | None) -> bool:
    return (
        row.line.log == log
        and sought.webhook in {None, row.line.webhook}
        and sought.stream in {None, row.line.stream}
        and sought.state in {None, row.state}
        and sought.event in {None, row.event}
        and (before is None or row.position < before)
    )
