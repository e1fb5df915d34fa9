"""Every report against a plain count of the same events: cut every way, in zones with all tricks.

A life is played on the simulated store, where the test owns the time, and folded into the tables of
a real PostgreSQL, page by page, erasures on the way.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import cycle
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from adapters.postgres.database import PostgresDatabase
from adapters.postgres.readmodels import PostgresTransaction
from domain import streams
from domain.envelope import RecordedEvent
from domain.errors import Refused
from projections.analytics import parts, past, reader
from projections.analytics.answers import Answer
from projections.analytics.asking import Filters, Question
from projections.analytics.metrics import REPORTS
from projections.analytics.names import Names
from projections.analytics.periods import EVERY, WEEK_HOURS
from projections.analytics.projection import AnalyticsProjection
from projections.analytics.reader import AnalyticsReader
from projections.engine import Engine
from projections.projection import create_tables
from tests.doubles.appends import uuid
from tests.fixtures.postgres import Owner
from tests.integration.projections.plain_reports import Plain, count, walk
from tests.unit.projections.busy_lives import Life, Step, drawn
from tests.unit.projections.histories import AGENTS, LOG, SENTINEL, TAGS, VISITORS, Action

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


@pytest.fixture
async def busy(postgres: PostgresDatabase, owner: Owner) -> Place:
    """A short life, folded."""
    await postgres.store.create_log(LOG, "demo")
    found = Place(await Life.start(), postgres)
    async with owner.transaction():
        projection = AnalyticsProjection(postgres.read_models, postgres.cipher)
        await create_tables(PostgresTransaction(owner), [projection])
    said = ("page", "start", "tag", "post", "answer", "page", "close", "rate")
    numbers = {"tag": 3, "page": 2}
    people = [
        Step(Action(kind, visitor, number=numbers.get(kind, 1)), 5.0)
        for visitor in range(3)
        for kind in said
    ]
    await found.live(people)
    return found


async def ask(place: Place, name: str, by: str | None = None, **fields: Any) -> Answer:
    """A report of the days around the life."""
    return await place.reader.report(
        LOG, Question(name, date(2023, 11, 1), date(2023, 12, 1), "all", by, **fields)
    )


async def refusal(place: Place, name: str, by: str | None = None, **fields: Any) -> str:
    """As which code a question is refused."""
    with pytest.raises(Refused) as refused:
        await ask(place, name, by, **fields)
    return refused.value.code


async def test_nothing_personal_stands_in_clear(busy: Place, owner: Owner) -> None:
    """No row of the analytics holds a word, a tag, a source or an address of the life."""
    for table in AnalyticsProjection(busy.database.read_models, busy.database.cipher).owned:
        rows = await owner.fetch(f"SELECT t::text AS line, t.* FROM rm.{table} AS t")
        assert rows or table == "analytics_settings_2"
        for row in rows:
            raw = [bytes(value) for value in row.values() if isinstance(value, bytes)]
            text = row["line"].lower().encode() + b"".join(raw).lower()
            for word in (SENTINEL.lower(), "shop.example", "google", "straße"):
                assert word.encode() not in text


async def test_no_tenant_counts_another(busy: Place) -> None:
    """Asked for another log, the reader finds nothing at all."""
    other = await busy.reader.report(
        uuid(2), Question("volume", date(2023, 11, 1), date(2024, 1, 1))
    )
    assert (other.as_of, other.total["conversations"]) == (0, 0)
    async with busy.database.read_models.reading(uuid(2)) as transaction:
        assert await transaction.fetch("SELECT FROM fact_2") == []
        assert await transaction.fetch("SELECT FROM visit_2") == []


async def test_a_group_of_the_erased_has_no_name(busy: Place) -> None:
    """From the moment that the keys are gone, folded or not, no tag of theirs is told."""
    assert set((await ask(busy, "volume", "tag")).groups) == set(TAGS)
    for visitor in VISITORS:
        await busy.life.erase(visitor)
        await busy.database.store.destroy_key(LOG, streams.visitor(visitor))
    unfolded = await ask(busy, "volume", "tag")
    assert unfolded.groups == [None]
    await busy.follow()
    folded = await ask(busy, "volume", "tag")
    assert folded.groups == [None]
    assert folded.total["conversations"] == 3
    assert (await ask(busy, "conversion", "goal")).total["reached"] == 0


async def test_a_group_keeps_its_name_while_its_rows_change(
    busy: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the count and the names everything moves, and most of those asked are gone."""
    keys = Names.keys

    async def later(*arguments: Any) -> Any:
        await busy.live([Step(Action("reopen", visitor), 1.0) for visitor in range(3)])
        for visitor in VISITORS[1:]:
            await busy.database.store.destroy_key(LOG, streams.visitor(visitor))
        return await keys(*arguments)

    before = await ask(busy, "volume", "tag")
    monkeypatch.setattr(Names, "keys", later)
    named = await ask(busy, "volume", "tag")
    assert (named.groups, named.lines) == (before.groups, before.lines)
    assert (await ask(busy, "volume", "tag")).total["reopened"] == 3


async def test_too_many_groups_are_refused_before_any_is_named(
    busy: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A group an order number: the store gives no more than it takes to know that."""
    run, fetched = AnalyticsReader._run, []

    async def counted(*arguments: Any) -> Any:
        fetched.append(await run(*arguments))
        return fetched[-1]

    monkeypatch.setattr(AnalyticsReader, "_run", counted)
    monkeypatch.setattr(Names, "keys", None)
    monkeypatch.setattr(reader, "POINTS", 1)
    assert await refusal(busy, "volume", "tag") == "bad_request"
    rows = [row for row in fetched[0] if row["part"] == "facts"]
    assert len(rows) == parts.rows_of("tag") * reader.POINTS + 1 < 2 * len(set(TAGS))
    monkeypatch.setattr(reader, "POINTS", WEEK_HOURS - 1)
    assert await refusal(busy, "heatmap", "agent") == "bad_request"


async def test_what_takes_too_long_is_said_so(busy: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """A statement at its limit of time; more in flight than is folded; more points than a chart."""
    monkeypatch.setattr(past, "ROWS", 1)
    assert await refusal(busy, "volume", at=12) == "report_too_large"
    monkeypatch.setattr(past, "ROWS", 100)
    monkeypatch.setattr(past, "EVENTS", 3)
    assert await refusal(busy, "volume", at=12) == "report_too_large"
    monkeypatch.setattr(past, "EVENTS", 100)
    monkeypatch.setattr(past, "TIMEOUT_S", -1.0)
    assert await refusal(busy, "volume", at=12) == "report_too_large"
    slow = "(SELECT f.* FROM fact_2 AS f, pg_sleep(1))"
    monkeypatch.setattr(reader, "TIMEOUT_MS", 20)
    facts = replace(parts.KINDS["facts"], table=slow)
    monkeypatch.setitem(parts.KINDS, "facts", facts)
    assert await refusal(busy, "volume") == "report_too_large"


async def test_the_past_is_read_to_its_end(busy: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """However short the pages of the store are: only an empty one is the end of a stream."""
    head = len(await busy.life.events())
    whole = [(await ask(busy, "volume", "tag", at=at)).lines for at in range(5, head)]
    read_stream = busy.life.store.read_stream

    async def one(log: UUID, stream: str, after: int, _: int) -> list[RecordedEvent]:
        return await read_stream(log, stream, after, 1)

    monkeypatch.setattr(busy.life.store, "read_stream", one)
    assert [(await ask(busy, "volume", "tag", at=at)).lines for at in range(5, head)] == whole


async def test_erasures_do_not_eat_up_the_past(
    busy: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who is erased after a moment is not in flight at it, and nobody's limit."""
    head = (await busy.life.events())[-1].position
    then = await ask(busy, "volume", at=head)
    for visitor in VISITORS:
        await busy.life.erase(visitor)
        await busy.database.store.destroy_key(LOG, streams.visitor(visitor))
    await busy.follow()
    assert (await ask(busy, "volume")).as_of > head
    monkeypatch.setattr(past, "ROWS", 0)
    assert (await ask(busy, "volume", at=head)).total == then.total


async def test_what_cannot_be_folded_is_no_fault_of_the_report(busy: Place) -> None:
    """A row whose beginning is damaged since is refused; one that was never folded is not there."""
    events, store = await busy.life.events(), busy.life.store
    first, *_ = [event for event in events if event.type == "conversation.started"]
    at = first.position + 1
    assert (await ask(busy, "volume", at=at)).total["conversations"] == 1
    store.damaged = frozenset({first.position})  # type: ignore[attr-defined]  # a double
    assert await refusal(busy, "volume", at=at) == "damaged"
    await busy.rebuild()
    assert (await ask(busy, "volume", at=at)).total["conversations"] == 0
    assert (await ask(busy, "visits", at=at)).total["visits"] == 1


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (None, date(1, 1, 5)),
        (None, date(9999, 12, 31)),
        (date(2023, 11, 2), date(2023, 11, 2)),
        (date(2023, 11, 2), date(2023, 11, 1)),
        (date(1, 1, 1), date(2023, 11, 1)),
        (date(2023, 11, 1), date(9999, 12, 31)),
        (date(2001, 1, 1), date(2023, 1, 1)),
    ],
)
async def test_days_that_nobody_means_are_refused(
    busy: Place, start: date | None, end: date
) -> None:
    """None, backwards, before there were web sites, after everything, and too many."""
    with pytest.raises(Refused) as refused:
        await busy.reader.report(LOG, Question("volume", start, end))
    assert refused.value.code == "bad_request"


async def test_questions_that_no_rows_answer_are_refused(busy: Place) -> None:
    """Visits of an agent; a dimension of another report; what was never a report."""
    assert await refusal(busy, "visits", filters=Filters(agent=AGENTS[0])) == "bad_request"
    assert await refusal(busy, "volume", "goal") == "bad_request"
    assert await refusal(busy, "profit") == "not_found"


async def test_the_future_is_waited_for(busy: Place) -> None:
    """A moment that the facts have not reached is no report yet."""
    head = (await busy.life.events())[-1].position
    assert (await ask(busy, "volume", at=head)).as_of == head
    assert await refusal(busy, "volume", at=head + 1) == "not_caught_up"
