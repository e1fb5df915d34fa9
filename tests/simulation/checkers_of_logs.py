"""Logs: nothing doubled, one order for all, decisions that agree with each other. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise
from uuid import UUID

from domain.envelope import RecordedEvent
from tests.simulation.history import History
from tests.simulation.truth import Truth, Truths
from tests.simulation.verdicts import Verdict, verdict


def nothing_is_doubled(history: History) -> Verdict:
    """Each command is in the log once, in one piece, and so is each event and each text."""

    def look(truth: Truth) -> Iterator[str | None]:
        texts, ids, commands = Counter[str](), Counter[UUID](), Counter[tuple[str, str, UUID]]()
        before = None
        for place, each in enumerate(truth.events, 1):
            event = each.event
            ids[event.id] += 1
            command = (event.actor.role, event.actor.id, event.metadata.command)
            if command != before:
                commands[command] += 1
            before = command
            body = getattr(event.data, "body", None)
            if body is not None:
                texts[body.text] += 1
            yield None if event.position == place else f"position {event.position} is the {place}."
        for what, count in (*texts.items(), *ids.items(), *commands.items()):
            if count > 1:
                yield f"+{what} is in the log {count} times"

    return verdict(finding for truth in Truths(history).finals() for finding in look(truth))


def there_is_one_order(history: History) -> Verdict:
    """A client's words stand in each conversation in the order in which they were written.

    And numbers and times of the log only grow.
    """
    truths = Truths(history)
    written = {each.text: n for n, each in enumerate(history.sent) if each.text is not None}
    by = {each.text: each.client for each in history.sent}

    def look(truth: Truth) -> Iterator[str | None]:
        for stream, events in truth.streams.items():
            last: dict[str, int] = defaultdict(lambda: -1)
            for version, each in enumerate(events, 1):
                event, body = each.event, getattr(each.event.data, "body", None)
                if event.version != version:
                    yield f"+version {event.version} is the {version}. of {stream}"
                if body is None:
                    continue
                if body.text not in by:
                    yield f"{body.text!r} in {stream} was written by nobody"
                    continue
                client, place = by[body.text], written[body.text]
                yield None if place > last[client] else f"{body.text!r} came late in {stream}"
                last[client] = place
        for one, two in pairwise(truth.events):
            if two.event.recorded_at <= one.event.recorded_at:
                yield f"+position {two.event.position} was recorded before the one before it"

    return verdict(finding for truth in truths.finals() for finding in look(truth))


def decisions_agree(history: History) -> Verdict:
    """Whoever decided, and wherever, decided on what was.

    A visitor has one open conversation at most; what is closed is opened before it goes on, and
    only what is open is closed.
    """

    def look(truth: Truth) -> Iterator[str | None]:
        status: dict[str, str] = {}
        owner: dict[str, str] = {}
        for each in truth.events:
            event, was = each.event, status.get(each.event.stream, "none")
            kind = event.type.removeprefix("conversation.")
            if not event.stream.startswith("conversation-"):
                continue
            if kind == "started":
                owner[event.stream] = event.actor.id
                status[event.stream] = "open"
            elif kind in {"closed", "reopened", "erased"}:
                status[event.stream] = {"reopened": "open"}.get(kind, kind)
            rule = {"started": "none", "closed": "open", "reopened": "closed"}.get(kind)
            rule = "open" if event.type == "message.posted" else rule
            fits = was not in {"none", "erased"} if rule is None else was == rule
            yield None if fits else f"{event.type} at {event.position}, but {event.stream} is {was}"
            if status.get(event.stream) != was:
                many = Counter(
                    owner.get(name, name) for name, now in status.items() if now == "open"
                )
                crowd = [who for who, count in many.items() if count > 1]
                if crowd:
                    yield f"+{crowd} have two open at position {event.position}"

    return verdict(finding for truth in Truths(history).finals() for finding in look(truth))


def people_act_within_their_rights(history: History) -> Verdict:
    """What somebody did in a conversation, they could read just before.

    A visitor its own, an agent by the rights that it had; one that was deactivated does nothing.
    """

    def look(truth: Truth) -> Iterator[str | None]:
        for each in truth.events:
            event = each.event
            if event.actor.role == "agent" or (
                event.actor.role == "visitor" and event.stream.startswith("conversation-")
            ):
                fits = _is_theirs(truth, event)
                what = f"{event.type} at {event.position}"
                yield None if fits else f"{what} was not {event.actor.role} {event.actor.id}'s"

    return verdict(finding for truth in Truths(history).finals() for finding in look(truth))


def _is_theirs(truth: Truth, event: RecordedEvent) -> bool:
    if event.actor.role == "visitor":
        return truth.streams[event.stream][0].event.actor.id == event.actor.id
    had = [right for right in truth.rights(event.actor.id) if right.position < event.position]
    if not event.stream.startswith("conversation-"):
        return bool(had) and had[-1].active
    return bool(had) and had[-1].reads(event.metadata.before)
