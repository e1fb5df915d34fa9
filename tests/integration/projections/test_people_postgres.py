"""Agents, visitors and the audit on PostgreSQL: what pure folds give, over encryption and SQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from msgspec.structs import replace

from domain import streams
from domain.envelope import RecordedEvent
from projections.agents.rows import Agents
from projections.agents.times import Piece, Stretch
from projections.audit.evolve import Lines
from projections.audit.reader import Sought
from projections.visitors.rows import EMPTY
from tests.integration.projections.conftest import Views
from tests.integration.projections.test_sessions_postgres import deaths
from tests.unit.projections import test_audit_laws as of_audit
from tests.unit.projections import test_visitor_laws as of_visitors
from tests.unit.projections.histories import (
    AGENTS,
    KINDS,
    LATER_KINDS,
    LOG,
    VISITORS,
    Action,
    History,
)
from tests.unit.projections.people import MORE_KINDS, play
from tests.unit.projections.test_agent_laws import readable
from tests.unit.projections.test_laws import fold_agents

NO_TIME = ("wait", "erase", "erase agent")
"""What a random history leaves out here: the clock is real, and whom to erase the test says."""

EVER = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2120, 1, 1, tzinfo=UTC))


def random_actions(seed: int, count: int = 70) -> list[Action]:
    """A life by its seed, with one visitor and one agent erased late."""
    random = Random(seed)
    kinds = [kind for kind in (*KINDS, *LATER_KINDS, *MORE_KINDS) if kind not in NO_TIME]
    drawn = [
        Action(random.choice(kinds), random.randrange(3), random.randrange(2), random.randrange(5))
        for _ in range(count)
    ]
    at = count * 3 // 4
    return [*drawn[:at], Action("erase"), Action("erase agent", agent=1), *drawn[at:]]


async def check(views: Views, events: list[RecordedEvent]) -> None:
    """What the readers tell is what the pure folds say."""
    await check_agents(views, readable(fold_agents(Agents(), events), {AGENTS[1]}))
    await check_visitors(views, of_visitors.fold(of_visitors.Known(), events))
    lines = of_audit.readable(of_audit.fold({}, events), {streams.agent(AGENTS[1])})
    await check_audit(views, lines)


async def check_agents(views: Views, agents: Agents) -> None:
    """Who there is, how many conversations each serves, and every agent's time."""
    loads = list(agents.serving.values())
    expected = [
        (row.id, row.label.name, row.label.status, row.since, loads.count(row.id))
        for row in agents.rows.values()
        if row.active and row.label is not None
    ]
    found = await views.agents.agents(LOG)
    assert [(a.id, a.name, a.status, a.status_since, a.load) for a in found] == sorted(expected)
    for agent in AGENTS:
        row = agents.rows[agent]
        times = await views.agents.times(LOG, agent, *EVER)
        stretches = [
            Stretch(each.from_at, each.to_at, each.status)
            for each in agents.ended
            if each.agent == agent
        ]
        if row.since is not None:
            status = None if row.label is None else row.label.status
            stretches.append(Stretch(row.since, None, status))
        assert times.stretches == stretches
        assert times.pieces == [
            Piece(quarter, done.messages, done.conversations)
            for (who, quarter), done in sorted(agents.work.items())
            if who == agent
        ]


async def check_visitors(views: Views, known: of_visitors.Known) -> None:
    """Every profile, and the whole path of each, page by page."""
    assert known.rows
    for visitor, row in known.rows.items():
        profile = await views.visitors.one(LOG, visitor)
        assert profile is not None
        assert profile.row == row
        seen = sorted(
            (page for page in known.pages.values() if page.visitor == visitor),
            key=lambda page: -page.position,
        )
        assert profile.last == (seen[0] if seen else None)
        found, before, more = [], None, True
        while more:
            path = await views.visitors.path(LOG, visitor, 2, before)
            found += path.items
            before, more = path.next, path.next is not None
        assert found == seen


async def check_audit(views: Views, lines: Lines) -> None:
    """All lines, and those of each filter, page by page."""
    newest = [lines[position] for position in sorted(lines, reverse=True)]
    middle = newest[len(newest) // 2].at
    filters = {
        Sought(): newest,
        Sought(kind="login"): [line for line in newest if line.kind == "login"],
        Sought(actor=AGENTS[0]): [
            line
            for line in newest
            if line.actor == AGENTS[0] or line.stream == streams.agent(AGENTS[0])
        ],
        Sought(since=middle): [line for line in newest if line.at >= middle],
        Sought(until=middle): [line for line in newest if line.at < middle],
        Sought(actor="nobody"): [],
    }
    for sought, expected in filters.items():
        found, before, more = [], None, True
        while more:
            page = await views.audit.page(LOG, sought, 3, before)
            found += page.items
            before, more = page.next, page.next is not None
        assert found == expected, sought


@pytest.mark.parametrize("seed", range(3))
async def test_the_tables_say_what_the_folds_say(views: Views, history: History, seed: int) -> None:
    """Followed live in pages, a visitor and an agent erased on the way, and rebuilt."""
    for action in random_actions(seed):
        await play(history, action)
        if action.number == 0:
            await views.follow()
    await views.follow()
    events = await history.events()
    await check(views, events)
    (head,) = await history.store.heads([LOG])
    profile = await views.visitors.one(LOG, VISITORS[0])
    path = await views.visitors.path(LOG, VISITORS[0], 1)
    times = await views.agents.times(LOG, AGENTS[0], *EVER)
    page = await views.audit.page(LOG, Sought(), 1)
    assert profile is not None
    for view in (profile, path, times, page):
        assert (view.as_of, view.mark) == (head.position, head.hash[:8].hex())
    await views.rebuild()
    await check(views, events)


async def test_before_the_first_fold_there_is_nothing(views: Views, history: History) -> None:
    """Empty answers of position 0, not errors."""
    assert await views.visitors.one(LOG, VISITORS[0]) is None
    path = await views.visitors.path(LOG, VISITORS[0], 10)
    page = await views.audit.page(LOG, Sought(), 10)
    times = await views.agents.times(LOG, AGENTS[0], *EVER)
    assert (path.as_of, path.items, path.next) == (0, [], None)
    assert (page.as_of, page.items, page.next) == (0, [], None)
    assert (times.as_of, times.stretches, times.pieces) == (0, [], [])


async def test_times_are_those_between(views: Views, history: History) -> None:
    """What ended before or began after is not asked for; what lies across the border is."""
    for number in (0, 1, 2):
        await play(history, Action("status", number=number))
    await views.follow()
    whole = (await views.agents.times(LOG, AGENTS[0], *EVER)).stretches
    assert [stretch.status for stretch in whole] == ["offline", "online", "away", "busy"]
    _, online, away, _ = whole
    assert online.to_at is not None
    inside = online.to_at - timedelta(microseconds=1)
    found = await views.agents.times(LOG, AGENTS[0], inside, away.from_at)
    assert found.stretches == [online]


async def test_an_erasure_takes_the_labels_with_it(views: Views, history: History) -> None:
    """In the tables themselves, at once: nothing of a visitor is left that a key could open."""
    await play(history, Action("look", number=1))
    await play(history, Action("identify"))
    await views.follow()
    profile = await views.visitors.one(LOG, VISITORS[0])
    assert profile is not None
    assert profile.row.label.user is not None
    await play(history, Action("erase"))
    await views.follow()
    async with views.database.read_models.reading(LOG) as transaction:
        labels = await transaction.fetch("SELECT label FROM visitor_label_2")
        pages = await transaction.fetch("SELECT label FROM visitor_page_2")
    assert labels == []
    assert [row["label"] for row in pages] == [None]
    gone = await views.visitors.one(LOG, VISITORS[0])
    assert gone is not None
    assert gone.row == replace(profile.row, erased=True, label=EMPTY, last_at=gone.row.last_at)


async def test_killed_at_any_step_no_work_counts_twice(views: Views, history: History) -> None:
    """Messages and conversations are added up: a page that is folded again adds nothing."""
    for action in random_actions(23, 16):
        if action.kind != "erase agent":
            await play(history, action)
    expected = fold_agents(Agents(), await history.events())
    assert expected.work

    async def check() -> None:
        await check_agents(views, expected)

    assert await deaths(views, "agents", check) > 20


async def test_killed_at_any_step_no_page_counts_twice(views: Views, history: History) -> None:
    """Pages, visits and conversations are added up too."""
    for action in random_actions(6, 20):
        await play(history, action)
    expected = of_visitors.fold(of_visitors.Known(), await history.events())

    async def check() -> None:
        await check_visitors(views, expected)

    assert await deaths(views, "visitors", check) > 20
