"""How servers are brought up: once each, side by side, and not for ever."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ops.stack.errors import ServerNotUp
from ops.stack.server import Startable, bring_up


class Story(Startable):
    """A server that follows a story: what it is at each look, `lives` and `answers`."""

    words = "Story"
    start_s = 60.0

    def __init__(self, log: Path, *looks: str, then: Callable[[], object] = lambda: None) -> None:
        self.log = log
        self.launches = 0
        self._looks = list(looks)
        self._then = then

    def prepare(self) -> None:
        self._then()

    def launch(self) -> None:
        self.launches += 1

    def lives(self) -> bool:
        if self._looks[0] == "down":
            self._looks.pop(0)
            return False
        return True

    def answers(self) -> bool:
        return self._looks.pop(0) == "answers"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A server's log."""
    path = tmp_path / "story.log"
    path.write_text("".join(f"line {number}\n" for number in range(20)))
    return path


def test_what_answers_is_left_alone(log: Path) -> None:
    """It is asked once, and not started."""
    server = Story(log, "answers")
    bring_up([server])
    assert server.launches == 0


def test_what_is_down_is_started_and_waited_for(log: Path) -> None:
    """Until it answers, not only until it lives."""
    server = Story(log, "down", "lives", "lives", "answers")
    bring_up([server])
    assert server.launches == 1


def test_what_is_just_dying_is_started_when_it_has(log: Path) -> None:
    """A server that was killed a moment ago may still be seen."""
    server = Story(log, "lives", "down", "answers")
    bring_up([server])
    assert server.launches == 1


def test_all_are_started_before_one_is_waited_for(log: Path) -> None:
    """The slowest decides, not the sum."""
    first = Story(log, "down", "lives", "answers")
    seen: list[int] = []
    second = Story(log, "down", "answers", then=lambda: seen.append(first.launches))
    bring_up([first, second])
    assert seen == [1]


def test_one_that_ends_again_is_not_started_for_ever(log: Path) -> None:
    """The end of its log says why."""
    server = Story(log, "down", "lives", "down", "down")
    with pytest.raises(ServerNotUp, match="Story ended while it started") as raised:
        bring_up([server])
    assert server.launches == 2
    assert str(raised.value).endswith("line 18\n  line 19")
    assert "line 9\n" not in str(raised.value)


def test_one_that_never_answers_is_given_up(log: Path) -> None:
    """After its time, which each server has of its own."""
    server = Story(log, *1000 * ["lives"])
    server.start_s = 0.1
    with pytest.raises(ServerNotUp, match="Story does not answer"):
        bring_up([server])
