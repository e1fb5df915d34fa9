"""A reader's tab that comes, leaves and comes back, and believes nothing of what it is sent.

Each frame is held to the law. While a node does not know yet that the store's history is another
one, what it sends is held to nothing but continuity: the mark and the epoch must make that good
when the tab is back.
"""

from __future__ import annotations

from typing import Any

from domain.streams import INBOX
from tests.property.resume.desk import Desk
from tests.property.resume.law import Asked, Frame, Law
from tests.property.resume.node import ServingNode
from tests.property.resume.socket import Socket
from tests.property.resume.world import Person, View, World


class Copy:
    """What a tab has of a feed: the events beyond ``start``, up to ``mine``."""

    def __init__(self, start: int, mark: str | None) -> None:
        self.start = self.mine = start
        self.mark = mark
        self.events: list[Frame] = []
        self.asked: Asked | None = None
        self.is_followed = False
        self.is_live = False


class Tab:
    """One tab of somebody. ``takes`` is how many more frames its socket takes; None: all."""

    def __init__(self, world: World, person: Person, copies: dict[str, Copy]) -> None:
        self.world = world
        self.person = person
        self.copies = copies
        self.takes: int | None = None
        self.socket: Socket | None = None
        self.refused: list[str] = []
        self._law = Law(world, person)
        self._desk: Desk | None = None
        self._is_to_load = False
        self._epoch: str | None = None
        self._given: str | None = None
        self._was_there = False
        """Whether it was connected while the history changed."""

    # --- coming and going ---------------------------------------------------------------------

    def load(self) -> None:
        """Be a desk that begins from the view as it is now."""
        assert self.person.rights is not None
        view = self.world.view
        self._desk = self._desk or Desk(self.world, self.person.rights)
        self._desk.load(view)
        self.copies[INBOX] = Copy(view.as_of, view.mark or None)

    def come(
        self, node: ServingNode, *, epoch: bool = True, garbage: dict[str, Any] | None = None
    ) -> None:
        """Say hello at a node, from where each copy is. ``garbage``: offsets that are none.

        Without the epoch only where the marks alone tell: a tab that was there while the history
        changed, or a desk, whose rows are loaded from beyond its offset, owes it to itself.
        """
        if self.socket is not None:
            return
        self._load_if_due()
        self._given = self._epoch if epoch or self._was_there or self._desk else None
        self.socket = Socket(self, node)
        for feed, copy in self.copies.items():
            self._ask(feed, copy, self._given)
        hello = {
            "op": "hello",
            "token": self.world.token(self.person),
            "feeds": {feed: copy.mine for feed, copy in self.copies.items()} | (garbage or {}),
            "marks": {feed: copy.mark for feed, copy in self.copies.items() if copy.mark},
        }
        self.socket.say(hello | ({"epoch": self._given} if self._given else {}))

    def leave(self) -> None:
        """Go away without a word; what was on its way is lost."""
        if self.socket is not None:
            self.socket.hang_up()
            self.gone()

    def gone(self) -> None:
        """The socket is no more."""
        self.socket = None
        for copy in self.copies.values():
            copy.asked, copy.is_followed, copy.is_live = None, False, False

    def go_on(self) -> None:
        """Ask for what is not followed, load what is to be loaded."""
        if self.socket is None or not self.socket.is_welcome:
            return
        self._load_if_due()
        for feed, copy in self.copies.items():
            if not copy.is_followed:
                self._ask(feed, copy, None)
                self.socket.say(self._subscribe(feed, copy))

    def take_up(self) -> None:
        """Wish for all that this person may follow, as the log stands."""
        for feed in self.world.feeds(self.person):
            rights, last = self.person.rights, self.world.source(feed)[-1]
            if feed == INBOX or rights is None or rights.may_read(last.metadata.after):
                self.copies.setdefault(feed, Copy(0, None))

    def _load_if_due(self) -> None:
        """Load the view that a reset, or another epoch, asks for, once no more comes of the old."""
        if self._is_to_load and not self.copies[INBOX].is_followed:
            self._is_to_load = False
            self.load()

    def _ask(self, feed: str, copy: Copy, epoch: str | None) -> None:
        head = len(self.world.source(feed))
        copy.asked = Asked(copy.mine, copy.mark, epoch, self.world.history, head)
        copy.is_followed, copy.is_live = True, False

    def _subscribe(self, feed: str, copy: Copy) -> Frame:
        id_ = str(self.world.ids.uuid())
        frame = {"op": "subscribe", "id": id_, "feed": feed, "after": copy.mine}
        return frame | ({"mark": copy.mark} if copy.mark else {})

    # --- what comes ---------------------------------------------------------------------------

    def take(self, frame: Frame, history: int) -> None:
        """A frame, held to what may be sent by a node that knew of this history."""
        is_known = history == self.world.history
        self._was_there = self._was_there or not is_known
        copy = self.copies.get(frame.get("feed", ""))
        match frame["op"]:
            case "welcome":
                self._welcomed(frame["epoch"])
            case "error":
                self._refused(frame, copy)
            case "gone":
                self._law.check_refusal(frame)
                self.copies.pop(frame["feed"])
            case "events" if copy:
                self._begins(frame["feed"], copy, is_known=is_known)
                self._apply(frame, copy, is_known=is_known)
            case "live" if copy:
                self._begins(frame["feed"], copy, is_known=is_known)
                assert frame["at"] == copy.mine
                copy.is_live = True
            case "reset" if copy:
                self._law.check_reset(frame, copy.asked)
                copy.asked, copy.is_followed = None, False
                self._begin_anew(frame["feed"], frame["head"] if frame["reason"] == "behind" else 0)

    def _welcomed(self, epoch: str) -> None:
        """Another epoch than the one given: all goes at once, before a reset that may be lost.

        Whoever then named the new epoch, with a mark of it, would be taken to be right.
        """
        other = self._given not in {None, epoch}
        self._epoch = epoch
        if other:
            self._was_there = False
            for feed in self.copies:
                self._begin_anew(feed)

    def _begin_anew(self, feed: str, start: int = 0) -> None:
        old, self.copies[feed] = self.copies[feed], Copy(start, None)
        self.copies[feed].asked, self.copies[feed].is_followed = old.asked, old.is_followed
        self._is_to_load = self._is_to_load or (feed == INBOX and self._desk is not None)

    def _refused(self, frame: Frame, copy: Copy | None) -> None:
        self.refused.append(frame["feed"])
        if frame["code"] == "unavailable":
            assert copy is not None
            copy.is_followed, copy.asked = False, None
        elif frame["code"] == "not_found":
            self._law.check_refusal(frame)
            self.copies.pop(frame["feed"], None)
        else:
            assert (frame["code"], copy) == ("bad_request", None)

    def _begins(self, feed: str, copy: Copy, *, is_known: bool) -> None:
        asked, copy.asked = copy.asked, None
        if asked is not None and is_known:
            self._law.check_begun(feed, asked)

    def _apply(self, frame: Frame, copy: Copy, *, is_known: bool) -> None:
        assert frame["after"] == copy.mine, "a gap, or a repeat"
        assert frame["upto"] > copy.mine, "offsets only grow"
        is_true = self._law.is_true(frame)
        assert is_true or not is_known, "not what the log has"
        if is_known:
            self._law.check_sight(frame)
        if is_true and self._desk is not None and frame["feed"] == INBOX:
            for event in frame["events"]:
                self._desk.move(self.world.log[event["position"] - 1])
        copy.mine, copy.mark = frame["upto"], frame["mark"]
        copy.events += frame["events"]

    # --- in the end ---------------------------------------------------------------------------

    @property
    def is_up_to_date(self) -> bool:
        """Whether all its feeds are live and at their heads."""
        heads = {feed: len(self.world.source(feed)) for feed in self.copies}
        return all(copy.is_live and copy.mine == heads[feed] for feed, copy in self.copies.items())

    def check(self) -> None:
        """All that it is to have it has, once and in order, and its list is a fresh list."""
        for feed, copy in self.copies.items():
            assert copy.is_live, f"{feed} is not live"
            assert copy.mine == len(self.world.source(feed))
            assert copy.events == self._law.shown(feed, copy.start, copy.mine)
        if self._desk is not None:
            fresh = View().after(self.world.log).rows
            assert self._desk.rows == self._desk.readable(fresh)
