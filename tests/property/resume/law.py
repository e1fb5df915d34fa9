"""What may be sent to a reader, and what must be: by the log as the store has it at that moment."""

from __future__ import annotations

import json
from typing import Any

from msgspec import Struct

from domain.envelope import RecordedEvent
from domain.streams import INBOX
from domain.visibility import Audience, encode, in_inbox, is_shown
from tests.property.resume.node import LIMITS
from tests.property.resume.world import Person, World

Frame = dict[str, Any]


class Asked(Struct, frozen=True):
    """With what a feed was asked for, and how things stood then."""

    after: int
    mark: str | None
    epoch: str | None
    history: int
    head: int


class Law:
    """What one person's tabs are held to."""

    def __init__(self, world: World, person: Person) -> None:
        self._world = world
        self._rights = person.rights
        self._audience = Audience.VISITOR if person.rights is None else Audience.AGENT

    def shown(self, feed: str, after: int, upto: int) -> list[Frame]:
        """The events of a range of the log that this reader is shown, as they are sent."""
        events = self._world.source(feed)[after:upto]
        return [json.loads(encode(e, self._audience)) for e in events if self._sees(feed, e)]

    def _sees(self, feed: str, event: RecordedEvent) -> bool:
        rights, place = self._rights, event.metadata
        if feed != INBOX or rights is None or not is_shown(event, self._audience):
            return is_shown(event, self._audience)
        concerns_all = event.stream.startswith("agent-") or rights.unlimited
        return in_inbox(event) and (concerns_all or rights.sees(place.before, place.after))

    def is_true(self, frame: Frame) -> bool:
        """Whether a range is what the log has there, with its mark."""
        feed, after, upto = frame["feed"], frame["after"], frame["upto"]
        same: bool = frame["events"] == self.shown(feed, after, upto)
        return same and bool(frame["mark"] == self._world.mark(feed, upto))

    def check_sight(self, frame: Frame) -> None:
        """Nothing of a conversation beyond what took it from this agent's sight."""
        rights, source = self._rights, self._world.source(frame["feed"])
        if rights is None or rights.unlimited or not frame["events"] or frame["feed"] == INBOX:
            return
        places = [(event.metadata.before, event.metadata.after) for event in source]
        rest = places[frame["events"][-1]["version"] - 1 :]
        assert any(rights.sees(*place) for place in rest), "not theirs"

    def check_reset(self, frame: Frame, asked: Asked | None) -> None:
        """A feed begins anew only where that is due."""
        assert asked is not None, "a reset of what was followed already"
        feed, head = frame["feed"], frame["head"]
        due = {
            "ahead": asked.after > head,
            "history": self._is_other(feed, asked),
            "behind": feed == INBOX and head - asked.after > LIMITS.inbox_replay_events,
        }
        assert due[frame["reason"]] or asked.history != self._world.history

    def check_begun(self, feed: str, asked: Asked) -> None:
        """The first that comes of a feed says that nothing was wrong with where the tab was."""
        if asked.history != self._world.history:
            return
        assert not self._is_other(feed, asked), "another history"
        assert asked.after <= len(self._world.source(feed)), "beyond the head"
        assert feed != INBOX or asked.head - asked.after <= LIMITS.inbox_replay_events

    def _is_other(self, feed: str, asked: Asked) -> bool:
        """Whether the tab's epoch or mark is of another history."""
        if asked.epoch not in {None, self._world.epoch}:
            return True
        is_marked = asked.mark is not None and asked.after > 0
        return is_marked and asked.mark != self._world.mark(feed, asked.after)

    def check_refusal(self, frame: Frame) -> None:
        """Only a limited agent is told that there is no such conversation, or that it is gone."""
        assert self._rights is not None
        assert not self._rights.unlimited
        assert frame["feed"] != INBOX
