"""What a node lets go of when its store may have another history."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from domain.envelope import RecordedEvent
from domain.history import Change
from ops.parts import Parts
from projections.recent import RecentEvents
from tests.unit.projections.test_engine import LOG
from tests.unit.projections.test_recent import at, event


@pytest.mark.parametrize(
    ("change", "expected"),
    [(Change.SERVER, []), (Change.HISTORY, ["places in logs", "sockets: another history"])],
)
def test_what_is_let_go_of(change: Change, expected: list[str]) -> None:
    """After a mere restart of the server sockets stay; what was kept to be folded never does."""
    let_go: list[str] = []
    recent = RecentEvents(10)
    kept: list[RecordedEvent] = [event(1), event(2)]
    recent.take(LOG, kept)
    parts = Parts.__new__(Parts)
    parts._views = SimpleNamespace(recent=recent)  # type: ignore[assignment]  # these alone
    parts._tail = SimpleNamespace(forget=lambda: let_go.append("places in logs"))  # type: ignore[assignment]  # as above
    parts.sockets = SimpleNamespace(send_away=lambda why: let_go.append(f"sockets: {why}"))  # type: ignore[assignment]  # as above
    parts._another_history(change)
    assert let_go == expected
    assert not recent.after(LOG, at(1), 10)
