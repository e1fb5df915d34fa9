"""The laws of the agents' read model, with agents erased at random points too."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from domain import streams
from domain.agent.events import AgentStatusChanged
from domain.envelope import RecordedEvent
from projections.agents.rows import AgentRow, Agents, Interval, Label, Said, Work, quarter_of
from projections.sessions.rows import Sessions
from tests.unit.projections.histories import AGENTS, LOG, SENTINEL, Action
from tests.unit.projections.people import events_of, lived, lives, play
from tests.unit.projections.test_laws import begin, fold_agents, fold_sessions, run


def readable(agents: Agents, erased: set[str]) -> Agents:
    """Rows as a reader finds them: of whom was erased no label opens."""
    rows = {
        name: replace(row, label=None) if name in erased else row
        for name, row in agents.rows.items()
    }
    ended = tuple(
        replace(each, status=None) if each.agent in erased else each for each in agents.ended
    )
    return replace(agents, rows=rows, ended=ended)


def erased_in(events: list[RecordedEvent]) -> set[str]:
    """The agents of whom nothing can be read any more."""
    lost = (event.stream for event in events if event.data is None)
    return {stream.removeprefix(streams.agent("")) for stream in lost}


@settings(max_examples=80, deadline=None)
@given(lives, st.data())
def test_batches_may_be_cut_anywhere(actions: list[Action], data: st.DataObject) -> None:
    """One batch, or any number of them with only the rows that each needs: the same rows."""
    events = events_of(actions)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(events)), max_size=6)))
    parts = Agents()
    for start, end in zip([0, *cuts], [*cuts, len(events)], strict=True):
        parts = fold_agents(parts, events[start:end])
    assert parts == fold_agents(Agents(), events)


@settings(max_examples=80, deadline=None)
@given(lives)
def test_rebuilt_is_what_lived(actions: list[Action]) -> None:
    """Followed action by action, erasures on the way, or folded at the end: the same rows."""

    async def live() -> tuple[Agents, list[RecordedEvent]]:
        history = await begin()
        rows, position = Agents(), 0
        for action in actions:
            await play(history, action)
            events = await history.events(position)
            rows, position = fold_agents(rows, events), position + len(events)
        return rows, await history.events()

    rows, events = run(live())
    erased = erased_in(events)
    assert readable(rows, erased) == readable(fold_agents(Agents(), events), erased)


@settings(max_examples=60, deadline=None)
@given(lives)
def test_what_it_says_is_what_the_log_says(actions: list[Action]) -> None:
    """Who serves what, messages and conversations, and that statuses leave no gap."""
    events = events_of(actions)
    agents = fold_agents(Agents(), events)
    sessions = fold_sessions(Sessions(), events).rows
    assert agents.serving == {
        name: row.assignee or "" for name, row in sessions.items() if row.status == "open"
    }
    sent = Counter(
        (event.actor.id, quarter_of(event.at))
        for event in events
        if event.type == "message.posted" and event.actor.role == "agent"
    )
    taken = Counter(
        (event.metadata.after.assignee, quarter_of(event.at))
        for event in events
        if event.metadata.after is not None
        and event.stream.startswith("conversation-")
        and event.metadata.after.assignee is not None
        and event.metadata.after.assignee
        != (event.metadata.before or event.metadata.after).assignee
    )
    assert agents.work == {key: Work(sent[key], taken[key]) for key in {*sent, *taken}}
    for name, row in agents.rows.items():
        mine = [each for each in agents.ended if each.agent == name]
        borders = [moment for each in mine for moment in (each.from_at, each.to_at)]
        assert borders[1:-1:2] == borders[2::2]
        assert row.since is None or not mine or row.since == mine[-1].to_at


def test_why_is_known_until_the_next_word() -> None:
    """Of whoever was taken for gone; what is chosen after that has no reason."""
    events = events_of([Action("status", number=n) for n in (0, 1)])
    created, status, away = (each for each in events if each.stream == streams.agent(AGENTS[0]))
    gone = replace(status, data=AgentStatusChanged("offline", automatic=True, reason="gone"))
    rows = fold_agents(Agents(), [created, gone])
    labels = [rows.rows[AGENTS[0]].label, fold_agents(rows, [away]).rows[AGENTS[0]].label]
    assert [label and (label.status, label.reason) for label in labels] == [
        ("offline", "gone"),
        ("away", None),
    ]


def test_statuses_are_times() -> None:
    """From when on in which, until the next one; after the end there is none any more."""
    kinds = [Action("status", number=n) for n in (0, 1)]
    events = events_of([*kinds, Action("deactivate")])
    mine = [event for event in events if event.stream == streams.agent(AGENTS[0])]
    created, online, away, end = mine
    agents = fold_agents(Agents(), events)
    assert agents.rows[AGENTS[0]] == AgentRow(
        AGENTS[0],
        active=False,
        since=None,
        label=Label(
            f"Agent {SENTINEL} 0",
            "agent",
            "offline",
            email=f"0@{SENTINEL}",
            said=Said(end.version, end.at, "system", "system"),
        ),
    )
    assert agents.ended == (
        Interval(AGENTS[0], created.at, online.at, "offline"),
        Interval(AGENTS[0], online.at, away.at, "online"),
        Interval(AGENTS[0], away.at, end.at, "away"),
    )


def test_an_erased_agent_is_nobody() -> None:
    """Folded after its key is gone: when it was something stays, what it was does not."""

    async def life() -> list[RecordedEvent]:
        history = await lived([Action("status", number=0), Action("status", number=1)])
        await history.store.destroy_key(LOG, streams.agent(AGENTS[0]))
        return await history.events()

    agents = fold_agents(Agents(), run(life()))
    assert agents.rows[AGENTS[0]].label is None
    assert agents.rows[AGENTS[0]].active
    assert [each.status for each in agents.ended] == [None, None]
    assert agents.rows[AGENTS[1]].label is not None
