"""The laws of the analytics' facts, over lives in which time passes and people are erased."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.envelope import RecordedEvent
from projections.analytics import evolve
from projections.analytics.projection import merged, named_in, part
from projections.analytics.rows import Analytics, VisitLabel
from tests.unit.projections.busy_lives import GAPS, GOALS, Life, Step, drawn, lived, lives
from tests.unit.projections.histories import SENTINEL, VISITORS, Action


def fold(before: Analytics, events: Sequence[RecordedEvent]) -> Analytics:
    """A step as the engine does it: only the rows that the events may touch are loaded."""
    page = [event for event in events if event.type in evolve.TYPES]
    loaded = part(before, named_in(page))
    after = evolve.evolve(loaded, page)
    gone = loaded.goals.keys() - after.goals.keys()
    rows = merged(before, after)
    kept = {key: goal for key, goal in rows.goals.items() if key not in gone}
    return Analytics(rows.settings, rows.facts, rows.visits, kept)


@settings(max_examples=120, deadline=None)
@given(lives, st.data())
def test_batches_may_be_cut_anywhere(life: list[Step], data: st.DataObject) -> None:
    """One batch, or any number of them with only the rows that each needs: the same facts."""
    events = asyncio.run(lived(life))
    cuts = sorted(data.draw(st.sets(st.integers(0, len(events)), max_size=6)))
    rows = Analytics()
    for start, end in zip([0, *cuts], [*cuts, len(events)], strict=True):
        rows = fold(rows, events[start:end])
    assert rows == fold(Analytics(), events)


@settings(max_examples=120, deadline=None)
@given(lives)
def test_rebuilt_is_what_lived(life: list[Step]) -> None:
    """Followed step by step, erasures on the way, or folded at the end: the same facts."""

    async def live() -> tuple[Analytics, list[RecordedEvent], set[str]]:
        one, rows, position = await Life.start(), Analytics(), 0
        for step in life:
            await one.step(step)
            events = await one.events(position)
            rows, position = fold(rows, events), position + len(events)
        return rows, await one.events(), one.erased

    rows, events, erased = asyncio.run(live())
    assert fold(Analytics(), events) == rows
    assert not {goal.visitor for goal in rows.goals.values()} & erased
    labels = [(row.label, row.visitor) for row in rows.facts.values()]
    for label, visitor in [*labels, *((row.label, row.visitor) for row in rows.visits.values())]:
        assert (label is None) == (visitor in erased)


def test_a_long_life_has_everything() -> None:
    """The lives that the laws are drawn from do reach goals, are rated, transferred and missed."""
    rows = [fold(Analytics(), asyncio.run(lived(drawn(seed, 300)))) for seed in range(4)]
    facts = [fact for each in rows for fact in each.facts.values()]
    shown: dict[str, bool] = {
        "a goal is credited": any(fact.goals for fact in facts),
        "a bot alone answers": any(f.bot_messages and not f.agent_messages for f in facts),
        "somebody rates": any(fact.rating for fact in facts),
        "two serve": any(fact.transfers for fact in facts),
        "nobody answers": any(f.status == "closed" and f.answered_at is None for f in facts),
        "one is reopened": any(fact.reopenings for fact in facts),
        "tags": any(fact.label and fact.label.tags for fact in facts),
        "sources": len({fact.label.source for fact in facts if fact.label}) > 2,
        "nights": any(f.handling and f.handling.business_ms < f.handling.ms for f in facts),
        "visits of several pages": any(v.pages > 1 for each in rows for v in each.visits.values()),
        "erased ones": any(fact.erased for fact in facts),
    }
    assert [what for what, holds in shown.items() if not holds] == []


def acted(*kinds: tuple[str, float] | tuple[str, float, int]) -> Analytics:
    """The facts of one visitor's life: kinds of actions, after how many seconds, with a number."""
    steps = [
        Step(Action(kind, number=number[0] if number else 1), gap) for kind, gap, *number in kinds
    ]
    rows = Analytics()
    for event in asyncio.run(lived(steps)):
        rows = fold(rows, [event])  # one by one, so that nothing is at hand but what is loaded
    return rows


def only(rows: dict[Any, Any]) -> Any:
    """The one row that there is."""
    (row,) = rows.values()
    return row


def test_the_clocks_run_as_they_are_defined() -> None:
    """From the first message to assignment and answer; served until closed; started to closed."""
    fact = only(
        acted(
            ("start", 0.0, 0), ("post", 10.0), ("bot", 1.0), ("post", 20.0), ("assign", 30.0),
            ("answer", 40.0), ("answer", 50.0), ("close", 60.0),
        ).facts
    )  # fmt: skip
    seconds = {name: getattr(fact, name).ms // 1000 for name in ("wait", "handling", "resolution")}
    assert seconds == {"wait": 51, "handling": 150, "resolution": 211}
    assert fact.first_response.ms // 1000 == 91
    assert (fact.visitor_messages, fact.agent_messages, fact.bot_messages) == (2, 2, 1)


def test_handling_ends_with_a_department_and_goes_on_when_reopened() -> None:
    """Time without an agent is not handled; that of a reopened one is, by whom it had."""
    fact = only(
        acted(
            ("start", 0.0), ("assign", 5.0), ("transfer", 10.0, 1), ("assign", 100.0),
            ("close", 20.0), ("reopen", 1000.0), ("close", 30.0),
        ).facts
    )  # fmt: skip
    assert fact.handling.ms // 1000 == 10 + 20 + 30
    assert (fact.transfers, fact.reopenings, fact.status) == (1, 1, "closed")
    lasted = fact.closed_at - fact.started_at
    assert abs(lasted - timedelta(milliseconds=fact.resolution.ms)) < timedelta(milliseconds=1)


def test_a_visit_ends_with_half_an_hour_of_nothing() -> None:
    """Just under the gap it goes on, at the gap another begins; its source stays the first's."""
    rows = acted(("page", 0.0, 1), ("page", 1_799.0, 2), ("page", 1_801.0, 2))
    first, second = sorted(rows.visits.values(), key=lambda visit: visit.begun)
    assert (first.pages, second.pages) == (2, 1)
    assert first.label == VisitLabel("google", f"shop.example/{SENTINEL}/a", (GOALS[0],))
    assert second.label == VisitLabel("google", "shop.example/done", (GOALS[0],))


def test_a_goal_is_credited_to_a_conversation_of_the_last_seven_days() -> None:
    """Once a visit; a conversation that began longer ago has no part in it."""
    near = acted(("start", 0.0), ("page", 60.0, 2), ("page", 1.0, 2))
    assert (only(near.facts).goals, only(near.visits).goals) == (1, 1)
    assert only(near.goals).conversation == only(near.facts).conversation
    late = acted(("start", 0.0), ("page", GAPS[-1], 2))
    assert (only(late.facts).goals, only(late.goals).conversation) == (0, None)


def test_an_erasure_leaves_times_and_numbers() -> None:
    """Source, tags, site, rating and goals go; who served it, when and how long, stay."""
    said = (
        *("page", "start", "answer"), ("tag", 1.0, 2), ("page", 5.0, 2), "close", "rate",
    )  # fmt: skip

    async def life() -> tuple[list[RecordedEvent], list[RecordedEvent]]:
        one = await Life.start()
        for kind in said:
            name, gap, number = kind if isinstance(kind, tuple) else (kind, 3.0, 1)
            await one.step(Step(Action(name, number=number), gap))
        before = await one.events()
        await one.erase(VISITORS[0])
        return before, await one.events(len(before))

    before, erasure = asyncio.run(life())
    was = fold(Analytics(), before)
    now = fold(was, erasure)
    told, left = only(was.facts), only(now.facts)
    assert (told.rating, told.goals, told.label.tags != ()) == (2, 1, True)
    assert (left.rating, left.goals, left.site, left.label) == (None, 0, None, None)
    assert (left.agent, left.first_response, left.status) == (
        told.agent, told.first_response, "closed",
    )  # fmt: skip
    assert (len(was.goals), now.goals) == (1, {})
    assert (only(now.visits).pages, only(now.visits).label) == (2, None)
