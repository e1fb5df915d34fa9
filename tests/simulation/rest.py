"""Whether everything has come to rest, and what everybody has when it has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID

from msgspec.structs import replace

from domain.checkpoints import NOTHING
from domain.envelope import MARK_BYTES
from projections.sessions import evolve
from projections.sessions.among import CHECKPOINT
from projections.sessions.projection import label_codec, read_rows
from projections.sessions.rows import Sessions
from tests.doubles.connected_store import done
from tests.simulation.client import Client
from tests.simulation.history import Held, History, Views
from tests.simulation.read_models import ClearLabels
from tests.simulation.surroundings import Surroundings
from tests.simulation.truth import Truth


def unsettled(
    history: History, around: Surroundings, clients: Sequence[Client], now: float
) -> Iterator[str]:
    """What is not at rest yet, in words."""
    if now < history.now.noticed:
        yield "not every node knows of the restore"
    truths = {log: Truth(history.now, log) for log in history.now.logs}
    for client in clients:
        if not client.over:
            yield from _restless(client, truths[client.reader.log])
    for log, events in history.now.logs.items():
        folded = around.tables.checkpoints.get((CHECKPOINT, log))
        relayed = around.checkpoints.get(log)
        for what, checkpoint in (("views", folded), ("relay", relayed)):
            if what == "relay" and history.brokerless:
                continue
            if checkpoint is None or checkpoint.position != len(events):
                yield f"the {what} of {log} are at {checkpoint} of {len(events)}"


def _restless(client: Client, truth: Truth) -> Iterator[str]:
    name = client.reader.name
    if client.reader.role == "agent" and not truth.rights(client.reader.actor)[-1].active:
        yield f"{name} has not been told that it was deactivated"
    if not client.welcomed:
        yield f"{name} is not connected"
    if client.outbox:
        yield f"{name} has {len(client.outbox)} commands without an answer"
    for feed, followed in client.feeds.items():
        head = len(truth.feed(feed))
        if not followed.live or followed.offset != head:
            yield f"{name} has {feed} to {followed.offset} of {head}, live: {followed.live}"


def take_stock(
    history: History, around: Surroundings, clients: Sequence[Client], now: float
) -> None:
    """Note what everybody has in the end, and what the views are and should be."""
    for client in clients:
        for name, feed in client.feeds.items():
            if not client.over:
                ids = [feed.events[number] for number in sorted(feed.events)]
                history.held.append(Held(client.reader.name, name, feed.offset, ids))
    history.published |= around.exchange.published
    history.failures += around.tables.broken
    look_at_views(history, around, now)


def look_at_views(history: History, around: Surroundings, now: float) -> None:
    """Note the views of every log, beside what the log says up to the same checkpoint."""
    for log, events in history.now.logs.items():
        checkpoint = around.tables.checkpoints.get((CHECKPOINT, log), NOTHING)
        upto = checkpoint.position
        if 0 < upto <= len(events) and events[upto - 1].event.hash[:MARK_BYTES] == checkpoint.mark:
            history.views.append(done(_views(around, log, upto, now)))


async def _views(around: Surroundings, log: UUID, upto: int, now: float) -> Views:
    cipher = ClearLabels(lambda log, who: (log, who) in around.erased)
    stored = [row for (owner, _), row in around.tables.sessions.items() if owner == log]
    views = {
        row.id: evolve.erased(row) if label is None else replace(row, label=label)
        for row, label in await read_rows(label_codec(cipher), log, stored)
    }
    events = around.store.peek(log, upto)
    folded = evolve.evolve(Sessions(), (each for each in events if each.type in evolve.TYPES))
    return Views(now, views, folded.rows)
