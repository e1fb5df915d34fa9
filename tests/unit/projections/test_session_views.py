"""What each event makes of a session view, by example."""

from __future__ import annotations

import asyncio

from projections.sessions.rows import SessionRow, Sessions
from tests.unit.projections.histories import AGENTS, DEPARTMENTS, VISITORS, Action
from tests.unit.projections.test_laws import fold_sessions, run_events


def view(*actions: Action) -> SessionRow:
    """The one conversation that these actions come to."""
    events = asyncio.run(run_events(actions))
    (row,) = fold_sessions(Sessions(), events).rows.values()
    return row


START = Action("start", number=1)


def test_a_start_opens_it() -> None:
    """Open, nobody's, in its department, the visitor's first words last."""
    row = view(START)
    assert (row.status, row.visitor, row.assignee) == ("open", VISITORS[0], None)
    assert row.department == DEPARTMENTS[1]
    assert row.label.last is not None
    assert (row.label.last.role, row.label.last.at) == ("visitor", row.last_at)
    assert row.last_visitor_version == row.last_message_version == row.version == 2


def test_a_note_is_not_the_last_message() -> None:
    """Agents' notes raise the version and nothing else that a list shows."""
    before, after = view(START), view(START, Action("note"))
    assert (after.label, after.last_at) == (before.label, before.last_at)
    assert after.last_message_version == before.last_message_version
    assert after.version == before.version + 1


def test_an_answer_takes_it_and_is_not_the_visitors() -> None:
    """The agent's message is last; what the visitor said last is still known."""
    row = view(START, Action("answer"))
    assert row.assignee == AGENTS[0]
    assert row.label.assignee_name is not None
    assert row.label.last is not None
    assert row.label.last.role == "agent"
    assert (row.last_visitor_version, row.last_message_version) == (2, row.version)


def test_a_long_message_is_cut() -> None:
    """A list holds the first 200 characters of the last message, not more."""
    row = view(START, Action("post", number=4))
    assert row.label.last is not None
    assert len(row.label.last.text) == 200


def test_a_transfer_to_a_department_leaves_nobody() -> None:
    """Assignee and name go, the department changes."""
    row = view(START, Action("answer"), Action("transfer", number=1))
    assert (row.assignee, row.label.assignee_name, row.department) == (None, None, "support")


def test_reads_never_go_back() -> None:
    """Of two reads the further one counts, for the visitor and for each agent."""
    reads = (Action("agent-read", number=1), Action("read", number=1), Action("read"))
    row = view(START, *reads)
    assert (row.reads, row.visitor_read) == ({AGENTS[0]: 2}, 2)


def test_closing_and_reopening_are_activity() -> None:
    """Both move the time by which lists are sorted; a rating does not."""
    closed = view(START, Action("close"))
    assert closed.status == "closed"
    assert closed.last_at > view(START).last_at
    rated = view(START, Action("close"), Action("rate", number=4))
    assert (rated.rating, rated.last_at) == (5, closed.last_at)
    assert rated.label.comment is not None
    assert view(START, Action("close"), Action("reopen")).status == "open"


def test_it_says_since_when_somebody_waits() -> None:
    """For somebody to serve it, and for an answer; a reminder is of what was said since the last.

    Passed on while nobody serves it, it keeps its place in time.
    """
    first = view(START)
    row = view(START, Action("post"), Action("transfer", number=1))
    assert (row.queued_at, row.served_at, row.unreminded_version) == (first.started_at, None, 2)
    assert row.unanswered_at == row.unreminded_at == first.last_at
    reminded = view(START, Action("remind"), Action("post"))
    assert (reminded.unanswered_at, reminded.unreminded_at) == (first.last_at, reminded.last_at)
    assert reminded.unreminded_version == reminded.version
    served = view(START, Action("route"))
    assert (served.queued_at, served.assignee) == (None, AGENTS[0])
    assert served.served_at is not None
    assert served.unanswered_at is not None
    released = view(START, Action("route"), Action("release"))
    assert released.queued_at is not None
    assert (released.served_at, released.assignee) == (None, None)


def test_missed_is_until_an_agent_answers() -> None:
    """It stays so beyond its end, and is over with the answer; then nobody waits any more."""
    missed = view(START, Action("miss"), Action("post"), Action("close"))
    assert (missed.missed, missed.queued_at, missed.unanswered_at) == ("unstaffed", None, None)
    answered = view(START, Action("miss"), Action("answer"))
    assert (answered.missed, answered.unanswered_at, answered.unreminded_at) == (None, None, None)
