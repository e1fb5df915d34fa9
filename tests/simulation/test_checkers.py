"""The checkers refuse what they are for: a good history, damaged in one way, is a bad one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from math import inf
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from domain.envelope import Access, Actor, RecordedEvent
from tests.simulation import (
    checkers_of_commands,
    checkers_of_ends,
    checkers_of_logs,
    checkers_of_ranges,
    checkers_of_rest,
    checkers_of_sight,
)
from tests.simulation.faults import KINDS
from tests.simulation.hearing import HEARS_S, latest
from tests.simulation.history import (
    Answered,
    Committed,
    Erased,
    Frame,
    Held,
    History,
    Moment,
    Range,
    Subscription,
)
from tests.simulation.judgement import SOMETIMES, Wrong, judge, never_seen
from tests.simulation.scenario import Played, play
from tests.simulation.truth import Truth
from tests.simulation.verdicts import Verdict

Checker = Callable[[History], Verdict]


@pytest.fixture(scope="module")
def played() -> Played:
    """A scenario in which nothing was restored and no right changed: there is something of all."""
    for seed in range(100):
        found = play(seed)
        if is_plain(found.history):
            assert found.wrong is None, found.wrong
            return found
    raise AssertionError("in every scenario something ended for good")


def is_plain(history: History) -> bool:
    """Whether everybody and everything is at its end what it was in the beginning."""
    changed = {"agent.rights_changed", "agent.deactivated"}
    rights = any(each.event.type in changed for each in the_log(history))
    ended = rights or history.erased or history.over or history.brokerless
    return len(history.incarnations) == 1 and not ended


@pytest.fixture
def history(played: Played) -> History:
    """Its history, to be damaged."""
    return deepcopy(played.history)


# --- damages ----------------------------------------------------------------------------------


@dataclass
class At:
    """The place of an ``events`` frame."""

    subscription: Subscription
    place: int

    @property
    def range(self) -> Range:
        return self.subscription.ranges[self.place]

    def put(self, **changes: Any) -> None:
        """Let it have been another one."""
        self.subscription.ranges[self.place] = replace(self.range, **changes)


def a_range(history: History, fits: Callable[[Subscription, Range], bool]) -> At:
    """The first frame that fits."""
    return next(
        At(subscription, place)
        for subscription in history.subscriptions
        if subscription.epoch is not None
        for place, each in enumerate(subscription.ranges)
        if fits(subscription, each)
    )


def with_words(_: Subscription, each: Range) -> bool:
    """Whether a frame has a message."""
    return any(event["type"] == "message.posted" for event in each.events)


def an_ack(history: History) -> Answered:
    """The first ack of something that was written."""
    return next(
        each
        for each in history.answered
        if each.frame["op"] == "ack"
        and "unchanged" not in each.frame
        and "duplicate" not in each.frame
    )


def the_log(history: History) -> list[Committed]:
    """The log of the tenant where most happened."""
    return max(history.now.logs.values(), key=len)


def committed(history: History, event_type: str) -> int:
    """Where in that log the last event of a type is."""
    events = the_log(history)
    return max(place for place, each in enumerate(events) if each.event.type == event_type)


def change(history: History, place: int, **changes: Any) -> None:
    """Let an event of that log have been another one."""
    events = the_log(history)
    events[place] = replace(events[place], event=replace(events[place].event, **changes))


def lose_what_was_acked(history: History) -> None:
    """Its events are gone from the log."""
    command = an_ack(history).command
    for log, events in history.now.logs.items():
        kept = [each for each in events if str(each.event.metadata.command) != command]
        history.now.logs[log] = kept


def ack_too_early(history: History) -> None:
    """The ack came before the commit."""
    place = history.answered.index(an_ack(history))
    history.answered[place] = replace(history.answered[place], at=0.0)


def ack_another_place(history: History) -> None:
    """The ack names another version."""
    answer = an_ack(history)
    answer.frame["version"] += 1


def forget_an_answer(history: History) -> None:
    """A client still waits."""
    del history.answered[0]


def append_twice(history: History) -> None:
    """A command had its effect once more, at the end."""
    events = the_log(history)
    last = events[committed(history, "message.posted")]
    place = len(events) + 1
    events.append(replace(last, event=replace(last.event, position=place)))


def leave_a_hole(history: History) -> None:
    """A position was never given."""
    del the_log(history)[-2]


def write_in_another_order(history: History) -> None:
    """What is in the log was written the other way round."""
    history.sent.reverse()


def go_back_in_time(history: History) -> None:
    """An event was recorded before the one before it."""
    change(history, len(the_log(history)) - 1, recorded_at=0)


def open_a_second_one(history: History) -> None:
    """Something goes on in a conversation that is not open."""
    change(history, committed(history, "conversation.started"), type="conversation.reopened")


def write_into_anothers(history: History) -> None:
    """A visitor's words stand in a conversation of another visitor."""
    stranger = Actor("visitor", "somebody else")
    change(history, committed(history, "message.posted"), actor=stranger)


def begin_beyond(history: History) -> None:
    """A range begins behind where the one before ended."""
    found = a_range(history, lambda _, each: each.upto - each.after > 1)
    found.put(after=found.range.after + 1)


def repeat_a_range(history: History) -> None:
    """A range comes twice on one subscription."""
    found = a_range(history, with_words)
    found.subscription.ranges.insert(found.place, found.range)


def reach_out_of_the_range(history: History) -> None:
    """A range has an event that lies beyond it."""
    found = a_range(history, with_words)
    found.put(upto=found.range.upto - 1)


def go_on_under_another_epoch(history: History) -> None:
    """An offset of another history is taken for good."""
    asked = next(each for each in history.subscriptions if each.epoch is not None)
    history.subscriptions[:] = [replace(asked, after=5, ended=None, names_epoch=True)]


def call_live_too_early(history: History) -> None:
    """A feed was called live before it had what was there already."""
    late = max(
        (each for each in history.subscriptions if each.live is not None),
        key=lambda each: each.asked_at,
    )
    late.live = 0


def hide_an_event(history: History) -> None:
    """A range lacks an event that is its reader's."""
    a_range(history, with_words).range.events.pop()


def show_another_tenants(history: History) -> None:
    """A range has an event of another log."""
    found = a_range(history, with_words)
    log = history.readers[found.subscription.client].log
    other = a_range(
        history,
        lambda each, range_: history.readers[each.client].log != log and bool(range_.events),
    )
    found.range.events.append(other.range.events[0])


def show_a_note(history: History) -> None:
    """A visitor is shown what agents wrote for themselves."""
    visitors = {each.name for each in history.readers.values() if each.role == "visitor"}
    found = a_range(history, lambda each, range_: each.client in visitors and bool(range_.events))
    place = found.range.events[0]["version"] - 1
    stream = found.range.events[0]["stream"]
    events = [n for n, each in enumerate(the_log(history)) if each.event.stream == stream]
    if not events:
        for log, those in history.now.logs.items():
            history.now.logs[log] = [
                replace(each, event=replace(each.event, type="note.added")) for each in those
            ]
        return
    change(history, events[place], type="note.added")
    found.range.events[0]["type"] = "note.added"


def show_a_field(history: History) -> None:
    """A range has a field that nobody is shown."""
    found = a_range(history, with_words)
    message(found)["data"]["secret"] = "…"


def show_other_words(history: History) -> None:
    """A message says something else than the log."""
    message(a_range(history, with_words))["data"]["body"]["text"] = "something else"


def message(found: At) -> Frame:
    """The first message of a frame."""
    return next(each for each in found.range.events if each["type"] == "message.posted")


def name_another_history(history: History) -> None:
    """A mark is not the log's."""
    a_range(history, with_words).put(mark="00" * 8)


def show_the_limited_everything(history: History) -> None:
    """An agent is shown what was never in its department, and never its own."""
    for events in history.now.logs.values():
        for place, each in enumerate(events):
            if each.event.type == "agent.created":
                data = replace(each.event.data, role="limited", departments=("nowhere",))
                events[place] = replace(each, event=replace(each.event, data=data))


def end_an_agent(history: History, at: float) -> RecordedEvent:
    """The agent whose inbox was shown words was deactivated, by an event at the log's end."""
    found, events = inbox_with_words(history), the_log(history)
    stream = f"agent-{history.readers[found.subscription.client].actor}"
    event = replace(
        events[-1].event,
        id=UUID(int=1),
        type="agent.deactivated",
        stream=stream,
        version=1 + sum(each.event.stream == stream for each in events),
        position=len(events) + 1,
    )
    events.append(Committed(at, event))
    return event


def inbox_with_words(history: History) -> At:
    """The first frame of an inbox, of the tenant where most happened, that has a message."""
    log = the_log(history)[0].event.log
    return a_range(
        history,
        lambda each, range_: (
            each.feed == "inbox"
            and history.readers[each.client].log == log
            and with_words(each, range_)
        ),
    )


def show_the_deactivated(history: History) -> None:
    """An agent is shown words that were sent when its node had heard of its end."""
    found = inbox_with_words(history)
    sent, process = found.range.sent, found.subscription.socket.process
    event = end_an_agent(history, sent.at)
    history.heard[process, event.id] = Moment(sent.at, sent.number - 1)


def never_hear_of_an_end(history: History) -> None:
    """An agent is shown words though its node had all the time there is to hear of its end."""
    found = inbox_with_words(history)
    history.hindered.clear()
    found.put(sent=Moment(60.0, 10**9))
    end_an_agent(history, 60.0 - HEARS_S - 0.01)


def leave_the_deactivated_a_socket(history: History) -> None:
    """An agent's socket stays open, though its node has heard that it was deactivated."""
    found = inbox_with_words(history)
    socket = found.subscription.socket
    event = end_an_agent(history, socket.opened_at)
    end = replace(the_log(history)[-1], at=socket.opened_at + 0.001)
    the_log(history)[-1] = end
    history.heard[socket.process, event.id] = Moment(end.at, 0)
    socket.ended_at = inf
    history.over.add(socket.client)


def welcome_the_deactivated(history: History) -> None:
    """An agent is welcomed after it was deactivated."""
    found = inbox_with_words(history)
    end_an_agent(history, found.subscription.socket.opened_at - 0.001)


def never_tell_the_deactivated(history: History) -> None:
    """An agent was deactivated, and its client goes on trying."""
    end_an_agent(history, inf)


def take_away_for_nothing(history: History) -> None:
    """An agent who may read everything is told that a conversation is gone."""
    subscription = a_conversation_of_an_agent(history)
    subscription.ended, subscription.ended_at = "gone", subscription.asked_at + 0.1
    for place, each in enumerate(the_log(history)):
        if each.event.type == "agent.created":
            change(history, place, data=replace(each.event.data, role="agent"))


def shut_out_somebody(history: History) -> None:
    """A visitor who is still one is told not to come again."""
    history.over.add(next(each.name for each in history.readers.values() if each.role == "visitor"))


def show_the_erased(history: History) -> None:
    """A visitor was erased before anybody asked."""
    for reader in history.readers.values():
        if reader.role == "visitor":
            history.erased.append(Erased(-1.0, reader.log, reader.actor))


def lack_an_event(history: History) -> None:
    """In the end a reader lacks something."""
    place = next(n for n, each in enumerate(history.held) if each.ids)
    held = history.held[place]
    history.held[place] = replace(held, ids=held.ids[:-1])


def have_one_too_many(history: History) -> None:
    """In the end a reader has something twice."""
    place = next(n for n, each in enumerate(history.held) if each.ids)
    held: Held = history.held[place]
    history.held[place] = replace(held, ids=[*held.ids, held.ids[-1]])


def stay_behind(history: History) -> None:
    """In the end a feed is not at the head."""
    history.held[0] = replace(history.held[0], offset=history.held[0].offset - 1)


def fold_wrongly(history: History) -> None:
    """A view is not what the log says."""
    views = history.views[-1].views
    name, view = next(iter(views.items()))
    views[name] = replace(view, version=view.version + 1)


def publish_nothing(history: History) -> None:
    """The relay has passed what it never gave to the broker."""
    history.published.clear()


def refuse_what_happened(history: History) -> None:
    """A client was told no, and it is in the log."""
    frame = an_ack(history).frame
    frame.update(op="error", code="not_found")


def refuse_without_reason(history: History) -> None:
    """A client was told that a conversation is closed that never was."""
    posted = {
        each.command: each for each in history.sent if each.op == "post" and each.conversation
    }
    closed = {
        each.event.stream.partition("-")[2]
        for each in the_log(history)
        if each.event.type == "conversation.closed"
    }
    answer = next(
        each
        for each in history.answered
        if each.command in posted and posted[each.command].conversation not in closed
    )
    answer.frame.update(op="error", code="conversation_closed")


def put_off_without_reason(history: History) -> None:
    """A client was told that the store is away, and it was not."""
    answer = an_ack(history)
    answer.frame.update(op="error", code="unavailable")
    history.put_off.append(answer)
    history.outages.clear()


def lose_a_view(history: History) -> None:
    """A conversation has no view."""
    history.views[-1].views.popitem()


def grow_a_queue(history: History) -> None:
    """Something waited that was more than may."""
    history.peak("lane", 10**9, 4096)


DAMAGES: list[tuple[Checker, Callable[[History], None]]] = [
    (checkers_of_commands.nothing_acked_is_lost, lose_what_was_acked),
    (checkers_of_commands.nothing_acked_is_lost, ack_too_early),
    (checkers_of_commands.nothing_acked_is_lost, ack_another_place),
    (checkers_of_commands.every_command_is_answered, forget_an_answer),
    (checkers_of_commands.what_was_refused_did_not_happen, refuse_what_happened),
    (checkers_of_commands.refusals_had_their_reason, refuse_without_reason),
    (checkers_of_commands.outages_had_their_reason, put_off_without_reason),
    (checkers_of_rest.everything_was_published, publish_nothing),
    (checkers_of_logs.nothing_is_doubled, append_twice),
    (checkers_of_logs.nothing_is_doubled, leave_a_hole),
    (checkers_of_logs.there_is_one_order, write_in_another_order),
    (checkers_of_logs.there_is_one_order, go_back_in_time),
    (checkers_of_logs.decisions_agree, open_a_second_one),
    (checkers_of_logs.people_act_within_their_rights, show_the_limited_everything),
    (checkers_of_logs.people_act_within_their_rights, write_into_anothers),
    (checkers_of_ranges.ranges_continue, begin_beyond),
    (checkers_of_ranges.ranges_continue, repeat_a_range),
    (checkers_of_ranges.ranges_continue, reach_out_of_the_range),
    (checkers_of_ranges.live_means_caught_up, call_live_too_early),
    (checkers_of_ranges.another_history_resets, go_on_under_another_epoch),
    (checkers_of_sight.readers_see_exactly_theirs, hide_an_event),
    (checkers_of_sight.readers_see_exactly_theirs, show_another_tenants),
    (checkers_of_sight.readers_see_exactly_theirs, show_a_note),
    (checkers_of_sight.readers_see_exactly_theirs, show_a_field),
    (checkers_of_sight.readers_see_exactly_theirs, show_other_words),
    (checkers_of_sight.readers_see_exactly_theirs, name_another_history),
    (checkers_of_sight.readers_see_exactly_theirs, show_the_limited_everything),
    (checkers_of_sight.readers_see_exactly_theirs, show_the_deactivated),
    (checkers_of_sight.readers_see_exactly_theirs, never_hear_of_an_end),
    (checkers_of_sight.the_erased_are_gone, show_the_erased),
    (checkers_of_ends.the_deactivated_are_shut_out, leave_the_deactivated_a_socket),
    (checkers_of_ends.the_deactivated_are_shut_out, welcome_the_deactivated),
    (checkers_of_ends.the_deactivated_are_shut_out, never_tell_the_deactivated),
    (checkers_of_ends.only_who_is_gone_is_shut_out, shut_out_somebody),
    (checkers_of_ends.conversations_end_for_a_reason, take_away_for_nothing),
    (checkers_of_rest.everybody_has_everything, lack_an_event),
    (checkers_of_rest.everybody_has_everything, have_one_too_many),
    (checkers_of_rest.everybody_has_everything, stay_behind),
    (checkers_of_rest.views_are_folds, fold_wrongly),
    (checkers_of_rest.views_are_folds, lose_a_view),
    (checkers_of_rest.queues_keep_their_limits, grow_a_queue),
]


@pytest.mark.parametrize(
    ("checker", "damage"),
    [pytest.param(*each, id=f"{each[0].__name__}, {each[1].__name__}") for each in DAMAGES],
)
def test_a_damaged_history_is_refused(
    history: History, checker: Checker, damage: Callable[[History], None]
) -> None:
    """By the checker that it is for, which had nothing against it before; and so by the judge."""
    assert checker(history).wrong == []
    damage(history)
    assert checker(history).wrong
    with pytest.raises(Wrong, match=checker.__name__):
        judge(history)


def test_the_judge_has_a_damage_for_every_checker() -> None:
    """A checker that was never seen to refuse anything may refuse nothing."""
    looked = set(judge(play(0).history))
    assert {checker.__name__ for checker, _ in DAMAGES} == looked


# --- by which rights --------------------------------------------------------------------------


def test_until_it_was_told_a_node_may_go_by_what_was(history: History) -> None:
    """That is the whole slack, and without it nothing of the damages above would be one."""
    found = inbox_with_words(history)
    end_an_agent(history, found.range.sent.at)
    where = f"{found.subscription.client} inbox at {found.range.at:.3f}"
    wrong = checkers_of_sight.readers_see_exactly_theirs(history).wrong
    assert not any(each.startswith(where) for each in wrong)


@pytest.mark.parametrize(("kind", "more_s"), [("stood still", 0.0), ("saw no store", HEARS_S)])
def test_who_was_hindered_has_more_time(kind: str, more_s: float) -> None:
    """It counts from the end of the hindrance, if that came before it was done."""
    history = History()
    history.hinder("node a 1", 5.0, 2.0)
    assert latest(history, "node a 1", 4.5, 1.0, 1.0 + more_s) == 8.0 + more_s, kind
    assert latest(history, "node a 1", 3.5, 1.0, 1.0 + more_s) == 4.5, kind
    assert latest(history, "node b 2", 4.5, 1.0, 1.0 + more_s) == 5.5, kind


def a_conversation_of_an_agent(history: History) -> Subscription:
    """A conversation that an agent asked for when there was something of it, and was shown."""
    log = the_log(history)[0].event.log
    truth = Truth(history.now, log)
    return next(
        each
        for each in history.subscriptions
        if history.readers[each.client].role == "agent"
        and history.readers[each.client].log == log
        and each.feed != "inbox"
        and each.ranges
        and truth.feed(each.feed)[0].at <= each.asked_at
    )


def limit_everybody(history: History, department: str) -> None:
    """All agents were ever only allowed to read this department's conversations."""
    for place, each in enumerate(the_log(history)):
        if each.event.type in {"agent.created", "agent.rights_changed"}:
            data = replace(each.event.data, role="limited", departments=(department,))
            change(history, place, data=data)


def test_who_could_not_read_it_on_asking_is_shown_nothing(history: History) -> None:
    """Though it could once: what was then is not a right to come back."""
    subscription = a_conversation_of_an_agent(history)
    limit_everybody(history, "elsewhere")
    stream, there = subscription.feed.replace(":", "-"), Access("elsewhere")
    places = [n for n, each in enumerate(the_log(history)) if each.event.stream == stream]
    asked = max(n for n in places if the_log(history)[n].at <= subscription.asked_at)
    for place in places:
        gone = Access("nowhere") if place >= asked else there
        before = there if place <= asked else gone
        data = replace(the_log(history)[place].event.metadata, before=before, after=gone)
        change(history, place, metadata=data)
    wrong = checkers_of_sight.readers_see_exactly_theirs(history).wrong
    what = f"{subscription.client} {subscription.feed} at {subscription.ranges[0].at:.3f}"
    assert any(each.startswith(what) and "not this reader's" in each for each in wrong)


def test_what_is_followed_in_the_end_may_be_read(history: History) -> None:
    """A conversation out of sight that was never taken away is one that somebody still hears."""
    limit_everybody(history, "nowhere")
    for place, each in enumerate(the_log(history)):
        if each.event.stream.startswith("conversation-"):
            data = replace(each.event.metadata, after=Access("elsewhere"))
            change(history, place, metadata=data)
    wrong = checkers_of_rest.everybody_has_everything(history).wrong
    log = the_log(history)[0].event.log
    agents = {
        each.name for each in history.readers.values() if (each.role, each.log) == ("agent", log)
    }
    held = [each.feed for each in history.held if each.client in agents and each.feed != "inbox"]
    assert held
    assert sum("may not read it" in each for each in wrong) == len(held)


# --- the harness fails loudly -----------------------------------------------------------------


def test_a_checker_that_saw_nothing_is_an_error() -> None:
    """An empty history breaks no promise, and shows nothing."""
    empty = History()
    empty.incarnations.extend(deepcopy(play(0).history.incarnations[:1]))
    empty.now.logs.clear()
    with pytest.raises(Wrong, match="ranges_continue: has seen nothing"):
        judge(empty)


def test_too_little_is_an_error(history: History) -> None:
    """So is a scenario with too few commands, too few faults, or a failure that was logged only."""
    history.faults = Counter({"socket cut": 4})
    with pytest.raises(Wrong, match="only 4 faults"):
        judge(history)
    history.faults = Counter({"socket cut": 5})
    judge(history)
    history.failures.append("the hub raised")
    with pytest.raises(Wrong, match="the hub raised"):
        judge(history)
    history.failures.clear()
    del history.sent[50:]
    with pytest.raises(Wrong, match="only 50 commands"):
        judge(history)


def test_a_fault_that_never_happens_is_told() -> None:
    """And a checker that only sometimes has something to look at, and never had."""
    faults = Counter(dict.fromkeys(KINDS, 1))
    looked = Counter({checker.__name__: 1 for checker in SOMETIMES})
    assert never_seen(frozenset(KINDS), faults, looked) == []
    del faults["socket cut"]
    looked["the_erased_are_gone"] = 0
    assert never_seen(frozenset(KINDS), faults, looked) == [
        "no seed had this fault: socket cut",
        "the_erased_are_gone has seen nothing in any seed",
    ]
