"""Commands: what was acked is kept, and nobody is left without an answer. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from tests.simulation.history import Answered, Committed, History, Incarnation, Sent
from tests.simulation.truth import Truth, Truths, sender_of
from tests.simulation.verdicts import Verdict, verdict

FELT_S = 2.5
"""Seconds for which an outage is felt: what came behind a command that was given up waits too."""

STATUSES = {
    "conversation.started": "open",
    "conversation.reopened": "open",
    "conversation.closed": "closed",
    "conversation.erased": "erased",
}
"""What a conversation is after an event; after any other, what it was."""


def nothing_acked_is_lost(history: History) -> Verdict:
    """What was acked was committed before the ack, and is in the log at the place that it named.

    But for what a restore lost: then it was committed before that, beyond what the backup had.
    """
    commands = Truths(history).commands()

    def look(answer: Answered) -> str | None:
        reader = history.readers[answer.client]
        found = commands.get(sender_of(reader, answer.command), ())
        if not found:
            return f"{answer.client}: {answer.command} was acked and is in no log"
        if not any(_agrees(answer, each) for _, each in found):
            places = [each.event.position for _, each in found]
            return f"{answer.client}: {answer.command} is at {places}, acked as {answer.frame}"
        now = any(incarnation is history.now for incarnation, _ in found)
        lost = any(_was_lost(incarnation, each) for incarnation, each in found)
        return None if now or lost else f"{answer.client}: {answer.command} is in the log no more"

    acks = (each for each in history.answered if each.frame["op"] == "ack")
    return verdict(look(each) for each in acks if "unchanged" not in each.frame)


def _agrees(answer: Answered, each: Committed) -> bool:
    """Whether an ack names the place of a command's last event, and came after its commit."""
    frame, event = answer.frame, each.event
    kind, _, name = event.stream.partition("-")
    return (
        each.at <= answer.at
        and frame["version"] == event.version
        and frame.get("conversation") == (name if kind == "conversation" else None)
        and frame.get("position", event.position) == event.position
    )


def _was_lost(incarnation: Incarnation, each: Committed) -> bool:
    """Whether a restore went back behind this event."""
    kept = incarnation.kept.get(each.event.log)
    return kept is not None and each.event.position > kept


def every_command_is_answered(history: History) -> Verdict:
    """Nobody is left without an answer, but those who were erased themselves."""
    answered = {(each.client, each.command) for each in history.answered}
    return verdict(
        None
        if (each.client, each.command) in answered or each.client in history.over
        else f"{each.client}: {each.op} {each.command} has no answer"
        for each in history.sent
    )


def what_was_refused_did_not_happen(history: History) -> Verdict:
    """A final refusal, and an ack of something that changes nothing, leave nothing in the log."""
    commands = Truths(history).commands()

    def look(answer: Answered) -> str | None:
        found = commands.get(sender_of(history.readers[answer.client], answer.command), ())
        wrong = any(incarnation is history.now for incarnation, _ in found)
        said = answer.frame.get("code", "unchanged")
        return (
            f"{answer.client}: {answer.command} is in the log, answered {said}" if wrong else None
        )

    nothing = (
        each
        for each in history.answered
        if each.frame["op"] == "error" or "unchanged" in each.frame
    )
    return verdict(look(each) for each in nothing)


def refusals_had_their_reason(history: History) -> Verdict:
    """What was refused because a conversation is closed, or needed no closing, was closed then.

    At some moment between the writing of the command and its answer, under some epoch.
    """
    truths = Truths(history)
    sent = {(each.client, each.command): each for each in history.sent}

    def look(answer: Answered) -> Iterator[str | None]:
        written = sent.get((answer.client, answer.command))
        wanted = None if written is None else _demanded(written, answer)
        if written is None or wanted is None or written.conversation is None:
            return
        log = history.readers[answer.client].log
        found = {
            status
            for incarnation in history.incarnations
            for status in _statuses(
                truths.of(incarnation.epoch, log), written.conversation, written.at, answer.at
            )
        }
        where = f"{answer.client}: {written.op} {answer.command}"
        yield None if wanted in found else f"{where} was answered {answer.frame} though {found}"

    return verdict(finding for each in history.answered for finding in look(each))


def outages_had_their_reason(history: History) -> Verdict:
    """Nobody is told that the store is away while every node reaches it."""

    def look(answer: Answered) -> str | None:
        since = bisect_left(history.outages, answer.at - FELT_S)
        if since < len(history.outages) and history.outages[since] <= answer.at:
            return None
        return f"{answer.client}: {answer.command} was put off at {answer.at:.3f} for no reason"

    return verdict(look(each) for each in history.put_off if each.frame["code"] == "unavailable")


def _demanded(written: Sent, answer: Answered) -> str | None:
    """In which status the conversation must have been for this answer."""
    if answer.frame.get("code") == "conversation_closed":
        return "closed"
    if "unchanged" not in answer.frame:
        return None
    return {"close": "closed", "reopen": "open"}.get(written.op)


def _statuses(truth: Truth, conversation: str, since: float, until: float) -> Iterator[str]:
    """The statuses of a conversation in a span of time."""
    status = "none"
    for each in truth.streams.get(f"conversation-{conversation}", ()):
        if each.at > until:
            break
        after = STATUSES.get(each.event.type, status)
        if each.at >= since and after != status:
            yield status
        status = after
    yield status
