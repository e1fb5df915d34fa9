"""The laws of the visitors' read model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from domain.envelope import RecordedEvent
from domain.visitor.visits import VISIT_GAP, begins_anew
from projections.visitors import evolve as visitors
from projections.visitors.rows import (
    EMPTY,
    PageRow,
    VisitorRow,
    Visitors,
)
from tests.unit.projections.histories import SENTINEL, VISITORS, Action
from tests.unit.projections.people import events_of, lived, lives, play
from tests.unit.projections.test_laws import begin, run, wanted


class Known(Struct, frozen=True):
    """All rows: visitors, and pages by their position."""

    rows: dict[str, VisitorRow] = {}
    pages: dict[int, PageRow] = {}


def fold(before: Known, events: Sequence[RecordedEvent]) -> Known:
    """A step as the engine does it: only the rows that the events may touch are loaded."""
    page = wanted(events, visitors.TYPES)
    named = set(map(visitors.visitor_of, page))
    loaded = Visitors({name: row for name, row in before.rows.items() if name in named})
    after = visitors.evolve(loaded, page)
    pages = {**before.pages, **{each.position: each for each in after.added}}
    return Known(
        {**before.rows, **after.rows},
        {
            position: replace(each, view=None) if each.visitor in after.erased else each
            for position, each in pages.items()
        },
    )


@settings(max_examples=100, deadline=None)
@given(lives, st.data())
def test_batches_may_be_cut_anywhere(actions: list[Action], data: st.DataObject) -> None:
    """One batch, or any number of them with only the rows that each needs: the same rows."""
    events = events_of(actions)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(events)), max_size=6)))
    parts = Known()
    for start, end in zip([0, *cuts], [*cuts, len(events)], strict=True):
        parts = fold(parts, events[start:end])
    assert parts == fold(Known(), events)


@settings(max_examples=100, deadline=None)
@given(lives)
def test_rebuilt_is_what_lived(actions: list[Action]) -> None:
    """Followed action by action, erasures on the way, or folded at the end: the same rows."""

    async def live() -> tuple[Known, list[RecordedEvent], set[str]]:
        history = await begin()
        known, position = Known(), 0
        for action in actions:
            await play(history, action)
            events = await history.events(position)
            known, position = fold(known, events), position + len(events)
        return known, await history.events(), history.erased

    known, events, erased = run(live())
    assert fold(Known(), events) == known
    for name, row in known.rows.items():
        assert row.erased == (name in erased)
        assert not row.erased or row.label == EMPTY
    assert all(page.view is None for page in known.pages.values() if page.visitor in erased)


@settings(max_examples=60, deadline=None)
@given(lives)
def test_numbers_are_those_of_the_log(actions: list[Action]) -> None:
    """Counted over the whole log at once, by the envelopes alone."""
    events = events_of(actions)
    known = fold(Known(), events)
    counts = Counter((event.actor.id, event.type) for event in events)
    did = {visitors.PAGE, visitors.STARTED, visitors.MESSAGE}
    for name, row in known.rows.items():
        mine = [e.at for e in events if e.type in did and e.actor.id == name]
        saw = [e.at for e in events if e.type == visitors.PAGE and e.actor.id == name]
        gaps = [later - earlier >= VISIT_GAP for earlier, later in pairwise(saw)]
        assert row.visits == (1 + sum(gaps) if saw else 0)
        assert (row.pages, row.conversations) == (
            counts[name, visitors.PAGE],
            counts[name, visitors.STARTED],
        )
        assert not mine or row.last_at == mine[-1]
    assert len(known.pages) == sum(event.type == visitors.PAGE for event in events)
    assert {row.id for row in known.rows.values()} >= {
        page.visitor for page in known.pages.values()
    }


def test_how_somebody_came_is_kept() -> None:
    """Of the first page: its source, where it lay; later pages change nothing of that."""
    search, tagged = Action("look", number=2), Action("look", number=1)
    known = fold(Known(), events_of([search, tagged, Action("identify")]))
    label = known.rows[VISITORS[0]].label
    assert label.arrival is not None
    assert (label.arrival.source.medium, label.arrival.source.name) == ("search", "google")
    assert label.arrival.url == f"https://{SENTINEL}.example/2"
    assert label.user is not None
    campaign = fold(Known(), events_of([tagged])).rows[VISITORS[0]].label.arrival
    assert campaign is not None
    assert campaign.source.campaign == SENTINEL


def test_what_is_said_of_somebody_is_kept() -> None:
    """The later word counts, and an empty one takes away; an invitation ends with its answer."""
    said = [Action("introduce", number=1), Action("introduce", number=2), Action("device")]
    asked = [Action("look"), *said, Action("greet"), Action("invite", number=3)]
    label = fold(Known(), events_of(asked)).rows[VISITORS[0]].label
    assert label.known is not None
    assert label.known.name is None
    assert sorted(label.known.attributes) == [f"{SENTINEL} 1", f"{SENTINEL} 2"]
    assert (label.device and label.device.city) == SENTINEL
    assert (label.greeted and label.greeted.text) == f"{SENTINEL} 0"
    assert (label.invited and label.invited.name) == f"Agent {SENTINEL}"
    label = fold(Known(), events_of([*asked, Action("start")])).rows[VISITORS[0]].label
    assert label.invited is None


def test_a_visit_has_its_own_source() -> None:
    """The first one stays how somebody came; the last is how it came now."""
    search, tagged, wait = Action("look", number=2), Action("look", number=1), Action("wait")
    row = fold(Known(), events_of([search, tagged, wait, wait, tagged, search])).rows[VISITORS[0]]
    assert row.label.arrival is not None
    assert row.label.visit is not None
    assert row.label.arrival.source.name == "google"
    assert (row.label.visit.source.campaign, row.visits) == (SENTINEL, 2)
    assert row.visit_at is not None
    assert row.first_at < row.visit_at <= row.last_at


def test_half_an_hour_ends_a_visit() -> None:
    """Each page is of a visit, which is a run of pages, as in reports; what is said is no page."""
    look, said = Action("look"), Action("post")
    wait = Action("wait", number=0)
    assert timedelta(minutes=25) < VISIT_GAP < timedelta(minutes=50)
    apart = [look, wait, look, wait, wait, look]
    assert [page.visit for page in fold(Known(), events_of(apart)).pages.values()] == [1, 1, 2]
    talking = [Action("start"), look, wait, said, wait, look]
    assert [page.visit for page in fold(Known(), events_of(talking)).pages.values()] == [1, 2]
    last = datetime(2026, 11, 27, tzinfo=UTC)
    assert begins_anew(last, last + VISIT_GAP)
    assert not begins_anew(last, last + VISIT_GAP - timedelta.resolution)


def test_an_erased_visitor_leaves_only_that_somebody_was() -> None:
    """Numbers and times stay; who it was, how it came and what it saw do not."""

    async def life() -> tuple[list[RecordedEvent], list[RecordedEvent]]:
        history = await lived([Action("look", number=1), Action("identify"), Action("start")])
        before = await history.events()
        await history.erase(VISITORS[0])
        return before, await history.events(len(before))

    before, erasure = run(life())
    was = fold(Known(), before)
    now = fold(was, erasure)
    row = was.rows[VISITORS[0]]
    assert row.label != EMPTY
    assert now.rows[VISITORS[0]] == replace(row, erased=True, label=EMPTY)
    assert [page.view for page in now.pages.values()] == [None]
    assert now.pages.keys() == was.pages.keys()
