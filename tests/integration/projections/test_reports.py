"""Every report against a plain count of the same events: cut every way, in zones with all tricks.

A life is played on the simulated store, where the test owns the time, and folded into the tables of
a real PostgreSQL, page by page, erasures on the way.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import cycle
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from adapters.postgres.database import PostgresDatabase
from adapters.postgres.readmodels import PostgresTransaction
from domain import streams
from projections.analytics.answers import Answer
from projections.analytics.asking import Filters, Question
from projections.analytics.metrics import REPORTS
from projections.analytics.periods import EVERY
from projections.analytics.projection import AnalyticsProjection
from projections.analytics.reader import AnalyticsReader
from projections.engine import Engine
from projections.projection import create_tables
from tests.fixtures.postgres import Owner
from tests.integration.projections.plain_reports import Plain, count, walk
from tests.unit.projections.busy_lives import Life, Step, drawn
from tests.unit.projections.histories import AGENTS, LOG, TAGS, Action

PAGE_EVENTS = 23
STEPS = 220
ROUGH = {"p50", "p90", "p95", "first_response_p50"}
"""Metrics that are read off buckets; the others are exact, to the millisecond of each time."""


def moment(text: str) -> float:
    """Seconds since 1970."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


BEGINNINGS = (
    # The zone, by its number in ``busy_lives.ZONES``, and a time before its clocks are changed.
    (0, moment("2023-10-20T12:00")),
    (2, moment("2024-04-01T03:00")),
    (3, moment("2024-03-05T00:00")),
)


class Place:
    """A life, and the tables that it is folded into."""

    def __init__(self, life: Life, database: PostgresDatabase) -> None:
        self.life = life
        self.database = database
        models, cipher = database.read_models, database.cipher
        projection = AnalyticsProjection(models, cipher)
        self.engine = Engine(life.store, models, projection, life.clock, page_events=PAGE_EVENTS)
        self.reader = AnalyticsReader(life.store, models, cipher, life.clock)

    async def live(self, steps: list[Step]) -> None:
        """Play, and fold now and then; what is erased is erased in both places."""
        for n, step in enumerate(steps):
            await self.life.step(step)
            for visitor in self.life.erased:
                await self.database.store.destroy_key(LOG, streams.visitor(visitor))
            if n % 40 == 0:
                await self.follow()
        await self.follow()

    async def follow(self) -> None:
        """Fold what is there."""
        await self.engine.follow(LOG, lambda _: None)

    async def rebuild(self) -> None:
        """Fold everything anew."""
        await self.engine.rebuild(LOG, (await self.engine.checkpoints())[LOG])
        await self.follow()


@pytest.fixture(params=BEGINNINGS, ids=["Berlin", "Lord Howe", "St Johns"])
async def place(request: Any, postgres: PostgresDatabase, owner: Owner) -> Place:
    """A long life in a zone, around the days when its clocks are changed."""
    zone, begins = request.param
    await postgres.store.create_log(LOG, "demo")
    found = Place(await Life.start(begins), postgres)
    async with owner.transaction():
        await create_tables(
            PostgresTransaction(owner), [AnalyticsProjection(postgres.read_models, postgres.cipher)]
        )
    hours = Step(Action("hours", number=zone))
    await found.live([hours, *drawn(zone, STEPS), hours])
    return found


def questions(today: date) -> list[Question]:
    """Every report cut by each of its dimensions, in all ways in turn, and each filter."""
    long, lengths = today - timedelta(days=200), cycle(EVERY)
    asked = []
    for name, report in REPORTS.items():
        for n, by in enumerate((None, *report.by)):
            every = next(lengths)
            start = today - timedelta(days=25) if every == "hour" else long
            asked.append(Question(name, start, today, every, by, business=n % 2 == 1))
    filters = [
        *(Filters(agent=agent) for agent in (*AGENTS, "none", "nobody")),
        *(Filters(department=department) for department in ("sales", "none")),
        Filters(site="site-1"),
        *(Filters(source=source) for source in ("google", "direct", "unheard of")),
        *(Filters(tag=tag) for tag in (TAGS[2], "no such tag")),
        Filters(agent=AGENTS[0], tag=TAGS[0], department="support"),
    ]
    names = cycle(("overview", "conversion", "first_response", "volume"))
    asked += [Question(next(names), long, today, "week", filters=each) for each in filters]
    return [*asked, Question("volume"), Question("visits", today - timedelta(9), today, "hour")]


def compare(question: Question, answer: Answer, plain: Plain, today: date) -> None:
    """The answer is what was counted; what nobody did is a line of nothing."""
    cells, total = count(plain, question, today)
    empty = {name for name, value in total.items() if type(value) is int}
    seen = set()
    for line in answer.lines:
        part = line.start if line.slot is None else (line.slot // 24 + 1, line.slot % 24)
        expected = cells.get((part, line.group))
        seen.add((part, line.group))
        for name, value in line.values.items():
            if expected is not None:
                equal(name, value, expected.get(name), (question, part, line.group))
            elif name in total:
                assert value == (0 if name in empty else None), (question, part, name)
    assert cells.keys() <= seen, question
    for name, value in answer.total.items():
        equal(name, value, total.get(name), (question, "total"))


def equal(name: str, value: float | None, expected: float | None, where: object) -> None:
    """Equal, or as near as the metric promises."""
    if value is None or expected is None:
        assert value == expected, (name, where)
    elif name in ROUGH:
        assert abs(value - expected) <= 0.026 * expected + 0.002, (name, value, expected, where)
    else:
        assert abs(value - expected) <= 0.0011, (name, value, expected, where)


async def test_reports_are_what_a_plain_count_gives(place: Place) -> None:
    """Each report, dimension, length of parts and filter; after a rebuild just the same."""
    today = datetime.fromtimestamp(place.life.clock.now(), UTC).date()
    plain = walk(await place.life.events())
    answers = []
    for question in questions(today):
        answers.append(await place.reader.report(LOG, question))
        local = datetime.fromtimestamp(place.life.clock.now(), UTC)
        compare(question, answers[-1], plain, local.astimezone(ZoneInfo(plain.zone)).date())
    assert sum(len(answer.lines) for answer in answers) > 1000
    await place.rebuild()
    for question, answer in zip(questions(today), answers, strict=True):
        again = await place.reader.report(LOG, question)
        assert (again.lines, again.total) == (answer.lines, answer.total)


async def test_reports_of_a_past_moment_are_what_was_counted_then(place: Place) -> None:
    """At any position: the plain count of the events up to it, as they can be read today."""
    events = await place.life.events()
    zone = walk(events).zone
    today = datetime.fromtimestamp(place.life.clock.now(), UTC).date()
    names = cycle(REPORTS)
    for at in range(11, len(events), len(events) // 14):
        for _ in range(3):
            report = REPORTS[next(names)]
            by = (None, *report.by)[at % (len(report.by) + 1)]
            question = Question(
                report.name, today - timedelta(200), today + timedelta(9), "week", by, at=at
            )
            answer = await place.reader.report(LOG, question)
            plain = walk(events[:at])
            plain.zone = zone
            compare(question, answer, plain, today)
