"""Exports over PostgreSQL: everything as of one position, whatever happens meanwhile."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from random import Random
from typing import Any
from uuid import UUID

import msgspec
import pytest

from domain import streams
from domain.conversation.commands import Post, SetTags, Start
from domain.conversation.events import Body
from domain.envelope import Actor, RecordedEvent
from domain.errors import Refused
from projections.exports import source as reading
from projections.exports.formats import FORMATS
from projections.exports.pieces import Wanted
from projections.exports.records import Stand, Totals, counted
from projections.exports.source import ConversationSource
from projections.sessions.evolve import evolve
from projections.sessions.rows import Sessions
from tests.fixtures.postgres import Owner
from tests.integration.projections.conftest import Views
from tests.unit.exports.records import AWKWARD, json_lines, plain, sqlite_rows
from tests.unit.exports.tables import assert_tables
from tests.unit.projections.histories import KINDS, LOG, STAND_IN, VISITORS, Action, History

ALL = Wanted()

SIZES = {"usual": (1_000, 1_000, 1_048_576), "tiny": (2, 6, 600), "one by one": (1, 1, 1)}
"""Ids, events and bytes of a page: all at once, in some pages, each conversation in parts."""


@pytest.fixture
def source(views: Views) -> ConversationSource:
    """Conversations of a node."""
    database = views.database
    return ConversationSource(database.read_models, database.cipher, database.store)


async def play(history: History, random: Random, count: int, *, erase: bool = False) -> None:
    """Let some things happen."""
    kinds = [kind for kind in KINDS if kind != "erase"]
    for _ in range(count):
        await history.play(
            Action(
                random.choice(kinds), random.randrange(3), random.randrange(2), random.randrange(5)
            )
        )
    if erase:
        await history.erase(random.choice(VISITORS))


async def export(
    source: ConversationSource, stand: Stand, wanted: Wanted = ALL, form: str = "jsonl", **of: Any
) -> bytes:
    """What a form says, all its tables in one."""
    writer, totals = FORMATS[form].writer(stand), Totals()
    parts = [*writer.begin()]
    async for piece in source.pieces(LOG, stand.position, wanted, **of):
        parts += writer.write(piece.chunks)
        totals = counted(totals, piece.chunks, piece.unreadable)
    return b"".join([*parts, *writer.end(totals)])


def naive(events: list[RecordedEvent], position: int) -> dict[str, dict[str, Any]]:
    """What lines must say of a log as it can be read now: folded in one go, looked at plainly."""
    before = [event for event in events if event.position <= position]
    lines = {}
    for name, row in evolve(Sessions(), [e for e in before if shown(e)]).rows.items():
        own = [event for event in before if event.stream == streams.conversation(name)]
        said = [event for event in own if event.type in {"message.posted", "note.added"}]
        lines[name] = {
            "status": row.status,
            "visitor_name": row.label.visitor_name,
            "department": row.department,
            "tags": list(row.label.tags),
            "version": own[-1].version,
            "texts": [event.data and event.data.body.text for event in said],
            "notes": [event.version for event in said if event.type == "note.added"],
            "events": [(event.version, event.type) for event in own if event not in said],
            "erased": [event.version for event in own if event.data is None],
        }
    return lines


def shown(event: RecordedEvent) -> bool:
    """Whether session views fold it."""
    return event.stream.startswith("conversation-") or event.type == "visitor.identified"


def outlined(line: dict[str, Any]) -> dict[str, Any]:
    """A line as ``naive`` has it."""
    said, rest = line["messages"], line["events"]
    return {
        **{
            name: line[name] for name in ("status", "visitor_name", "department", "tags", "version")
        },
        "texts": [each["text"] for each in said],
        "notes": [each["version"] for each in said if each["kind"] == "note"],
        "events": [(each["version"], each["type"]) for each in rest],
        "erased": sorted(each["version"] for each in [*said, *rest] if each["erased"]),
    }


@pytest.mark.parametrize("sizes", SIZES)
async def test_everything_is_as_of_one_position(
    views: Views,
    history: History,
    source: ConversationSource,
    sizes: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The log goes on, somebody is erased: what was at the position, and that as erased."""
    for name, size in zip(("PAGE_IDS", "PAGE_EVENTS", "PAGE_BYTES"), SIZES[sizes], strict=True):
        monkeypatch.setattr(reading, name, size)
    random = Random(sizes)
    await play(history, random, 60)
    await views.follow()
    stand = await source.stand(LOG)
    await play(history, random, 30, erase=True)
    await views.follow()
    lines = json_lines(await export(source, stand))
    expected = naive(await history.events(), stand.position)
    assert {line["id"]: outlined(line) for line in lines} == expected
    assert [line["id"] for line in lines] == sorted(expected)
    assert {line["status"] for line in lines} >= {"erased"}
    assert all((line["as_of"], line["mark"]) == (stand.position, stand.mark) for line in lines)


async def test_filters_hold_as_of_the_position(
    views: Views, history: History, source: ConversationSource
) -> None:
    """What has another state, department or tag by now is chosen by the one that it had."""
    await play(history, Random(5), 80)
    await views.follow()
    stand = await source.stand(LOG)
    was = naive(await history.events(), stand.position)
    await play(history, Random(6), 60)
    await views.follow()
    assert naive(await history.events(), 2**53) != was
    tags = {tag for line in was.values() for tag in line["tags"]}
    assert tags
    for wanted in [
        *(Wanted(status=status) for status in ("open", "closed", "erased")),
        *(Wanted(department=name) for name in ("sales", "support")),
        *(Wanted(tag=tag) for tag in (*tags, "unheard of")),
    ]:
        found = {line["id"] for line in json_lines(await export(source, stand, wanted))}
        assert found == {name for name, line in was.items() if fits(line, wanted)}, wanted
        assert await source.count(LOG, stand.position, wanted) >= len(found)


def fits(line: dict[str, Any], wanted: Wanted) -> bool:
    """Whether a line is wanted."""
    return (
        wanted.status in {None, line["status"]}
        and wanted.department in {None, line["department"]}
        and (wanted.tag is None or wanted.tag in line["tags"])
    )


async def test_a_time_is_of_the_beginning_and_its_end_is_not_in_it(
    views: Views, history: History, source: ConversationSource
) -> None:
    """``since`` the start of one conversation, ``until`` the start of a later one."""
    await play(history, Random(7), 80)
    await views.follow()
    stand = await source.stand(LOG)
    items = (await views.sessions.page(LOG, NoFilters(), 200, None, None)).items
    begun = sorted((item.started_at, item.id) for item in items)
    (since, first), (until, last) = begun[0], begun[-1]
    lines = json_lines(await export(source, stand, Wanted(since, until)))
    assert {line["id"] for line in lines} == {name for _, name in begun} - {last}
    lines = json_lines(await export(source, stand, Wanted(until=since)))
    assert lines == []
    lines = json_lines(await export(source, stand, after=first))
    assert {line["id"] for line in lines} == {name for _, name in begun if name > first}


class NoFilters:
    """Any conversation."""

    status = assignee = department = tag = visitor = q = waiting = missed = None


async def test_one_script_loads_into_postgresql_and_sqlite(
    views: Views, history: History, source: ConversationSource, owner: Owner
) -> None:
    """Both have afterwards what JSON Lines say, whatever was written."""
    await play(history, Random(8), 40, erase=True)
    visitor = Actor("visitor", str(history.id()), "\0 O'Hara")
    ack = await history.ask(visitor, Start(history.id()))
    conversation = UUID(ack.conversation)
    for text in filter(None, AWKWARD):
        await history.ask(STAND_IN, Post(history.id(), conversation, Body(text)))
        await history.ask(STAND_IN, SetTags(history.id(), conversation, [text]))
    await views.follow()
    stand = await source.stand(LOG)
    lines = json_lines(await export(source, stand))
    texts = {each["text"] for line in lines for each in line["messages"]}
    assert texts > {text for text in AWKWARD if text.strip()}
    script = await export(source, stand, form="sql")
    assert_tables(sqlite_rows(script), lines, stand)
    await owner.execute("CREATE SCHEMA loaded; SET search_path = loaded")
    await owner.execute(script.decode())
    assert_tables(await postgres_rows(owner), lines, stand)


async def postgres_rows(owner: Owner) -> dict[str, list[dict[str, Any]]]:
    """The rows of the tables that a script has made, with times as JSON has them."""
    found = {}
    for table in ("export", "conversations", "tags", "messages", "events"):
        rows = [plain(dict(row)) for row in await owner.fetch(f"SELECT * FROM {table}")]
        found[table] = [{name: as_json(value) for name, value in row.items()} for row in rows]
    return found


def as_json(value: Any) -> Any:
    """A time as JSON has it, and everything else as it is."""
    return msgspec.to_builtins(value) if isinstance(value, datetime) else value


async def test_views_that_fall_behind_end_an_export(
    views: Views, history: History, source: ConversationSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rebuild throws rows away that are still to come: no export is quietly short of them."""
    with pytest.raises(Refused, match="have not been made"):
        await source.stand(LOG)
    monkeypatch.setattr(reading, "PAGE_IDS", 1)
    await play(history, Random(9), 60)
    await views.follow()
    stand = await source.stand(LOG)
    pieces = source.pieces(LOG, stand.position, ALL)
    assert (await anext(pieces)).chunks
    await views.forget()
    with pytest.raises(Refused) as refused:
        await drained(pieces)
    assert refused.value.code == "not_caught_up"


async def drained(pieces: AsyncIterator[Any]) -> None:
    """Take all that is left."""
    async for _ in pieces:
        pass


async def test_a_damaged_event_is_said_to_be_damaged(
    views: Views, history: History, source: ConversationSource, owner: Owner
) -> None:
    """A message that cannot be read is shown so; a conversation without a beginning is counted."""
    await play(history, Random(10), 40)
    await views.follow()
    stand = await source.stand(LOG)
    events = [event for event in await history.events() if event.type == "message.posted"]
    harmed, broken = events[0], events[-1].stream
    assert harmed.stream != broken
    await owner.execute("ALTER TABLE es.event DISABLE TRIGGER USER")
    harm = "UPDATE es.event SET data = set_byte(data, 20, 255 - get_byte(data, 20)) WHERE "
    await owner.execute(harm + "position = $1", harmed.position)
    await owner.execute(harm + "stream = $1 AND version = 1", broken)
    pieces = [piece async for piece in source.pieces(LOG, stand.position, ALL)]
    assert sum(piece.unreadable for piece in pieces) == 1
    lines = {line["id"]: line for line in json_lines(await export(source, stand))}
    assert broken.removeprefix("conversation-") not in lines
    said = lines[harmed.stream.removeprefix("conversation-")]["messages"]
    (shown_as,) = [each for each in said if each["position"] == harmed.position]
    assert (shown_as["text"], shown_as["damaged"], shown_as["erased"]) == (None, True, False)
