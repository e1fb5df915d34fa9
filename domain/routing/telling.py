"""What those who wait are told of their place, and how often: on change, and every so often."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from domain.passing import Passing, Place, Queue
from domain.routing.office import Office
from domain.routing.settings import RouterSettings
from domain.routing.staffing import places

MESSAGE_PLACES = 200
"""Places of one message to the nodes."""


class Telling:
    """Tells the visitors of one log, whichever node they are at."""

    def __init__(
        self, log: UUID, settings: RouterSettings, pass_on: Callable[[Passing], None]
    ) -> None:
        self._log = log
        self._settings = settings
        self._pass_on = pass_on
        self._told: dict[str, Place] = {}
        self._told_at = self._repeated_at = float("-inf")
        self._changes = -1

    def tell(self, office: Office, now: float) -> None:
        """Tell who is to be told by now (seconds since 1970), not more often than is said."""
        again = now - self._repeated_at >= self._settings.repeat_s
        if now - self._told_at < self._settings.signal_s or not (office.queue or self._told):
            return
        if not again and office.changes == self._changes:
            return
        self._told_at, self._changes = now, office.changes
        found = places(office, now)
        if again:
            self._repeated_at = now
            self._told = {each.conversation: each for each in found}
            self._pass(found)
            return
        near = found[: self._settings.told]
        self._pass([each for each in near if self._told.get(each.conversation) != each])
        there = {each.conversation for each in found}
        self._told = {name: each for name, each in self._told.items() if name in there}
        self._told |= {each.conversation: each for each in near}

    def _pass(self, found: Sequence[Place]) -> None:
        for begin in range(0, len(found), MESSAGE_PLACES):
            some = tuple(found[begin : begin + MESSAGE_PLACES])
            self._pass_on(Queue(self._log, some))
