"""What operators see of sockets: figures of every command, steps of every traced one."""

from __future__ import annotations

import asyncio
from uuid import uuid4

from msgspec.structs import replace

from adapters.websocket.endpoint import Sockets
from adapters.websocket.hub import Hub
from domain import figures
from domain.envelope import Slice
from tests.doubles.clock import ManualClock
from tests.doubles.telemetry import Kept
from tests.unit.websocket.chat import Chat, body, feed_of, started
from tests.unit.websocket.telling import tell
from tests.unit.websocket.test_hub import LOG, Listener, conversation_feed, event, inbox
from tests.unit.websocket.test_sockets import Wire

# --- commands -----------------------------------------------------------------------------------


async def test_commands_are_counted_by_what_became_of_them(chat: Chat) -> None:
    """By operation, a note apart, and outcome; what was refused by its code too."""
    ada = await chat.visitor()
    talk = await started(ada)
    again = str(uuid4())
    for _ in range(2):
        ada.say("post", id=again, conversation=talk, body=body("once"))
        await chat.idle()
    await ada.ask("read", conversation=talk, upto=2)
    await ada.ask("read", conversation=talk, upto=1)
    await ada.ask("post", conversation=str(uuid4()), body=body("into the blue"))
    agent = await chat.agent(await chat.add_agent())
    await agent.ask("post", conversation=talk, body=body("psst"), note=True)
    assert chat.kept.measures.counted(figures.COMMANDS) == {
        ("start", "committed"): 1,
        ("post", "committed"): 1,
        ("post", "duplicate"): 1,
        ("read", "committed"): 1,
        ("read", "unchanged"): 1,
        ("post", "refused"): 1,
        ("post note", "committed"): 1,
    }
    assert chat.kept.measures.counted(figures.REFUSALS) == {("socket", "not_found"): 1}


async def test_every_refusal_is_counted(chat: Chat) -> None:
    """Also those that never became commands: bad frames, what a role may not, feeds."""
    ada = await chat.visitor()
    await ada.ask("dance")
    await ada.ask("status", status="away")
    await ada.ask("subscribe", feed="inbox", after=0)
    ada.say("ping")
    await chat.idle()
    assert chat.kept.measures.counted(figures.REFUSALS) == {
        ("socket", "unknown_op"): 1,
        ("socket", "not_allowed"): 2,
    }


async def test_the_time_to_an_ack_is_measured(chat: Chat) -> None:
    """From the frame until the answer; a refusal is no ack."""
    ada = await chat.visitor()
    talk = await started(ada)
    chat.gate.shut()
    ada.say("post", conversation=talk, body=body("slow"))
    await chat.idle()
    await chat.clock.advance(0.5)
    chat.gate.open()
    await chat.idle()
    await ada.ask("post", conversation=str(uuid4()), body=body("refused"))
    assert chat.kept.measures.observed[figures.ACK_SECONDS.name] == [0.0, 0.5]


async def test_a_command_is_the_beginning_of_a_trace(chat: Chat) -> None:
    """From its frame, over the append, to the socket of another person, each step once."""
    ada = await chat.visitor()
    talk = await started(ada)
    desk = await chat.agent(await chat.add_agent(), feeds={feed_of(talk): 0, "inbox": 0})
    chat.kept.tracer.spans.clear()
    await ada.ask("post", conversation=talk, body=body("hello"))
    assert desk.texts(feed_of(talk))[-1] == "hello"
    command, append, deliver = chat.kept.tracer.spans
    assert (command.name, command.parent) == ("socket command", None)
    assert command.attributes == {"op": "post", "role": "visitor", "outcome": "committed"}
    assert (append.name, append.parent) == ("append", command.context)
    assert (deliver.name, deliver.parent) == ("deliver", append.context)
    assert deliver.attributes == {"sockets": 2}
    assert [span.ended for span in chat.kept.tracer.spans] == [1, 1, 1]


async def test_a_refused_command_says_why_in_its_trace(chat: Chat) -> None:
    """By its code, and never by what was written."""
    ada = await chat.visitor()
    await ada.ask("post", conversation=str(uuid4()), body=body("secret"))
    (span,) = chat.kept.tracer.spans
    assert (span.error, span.attributes["outcome"], span.ended) == ("not_found", "refused", 1)
    assert "secret" not in str(span)


async def test_a_client_cannot_say_what_is_recorded(chat: Chat) -> None:
    """A context that comes in a frame is no parent: who is traced is not a client's to say."""
    chat.kept.tracer.records = False
    ada = await chat.visitor()
    trace = f"00-{'1' * 32}-{'2' * 16}-01"
    await ada.ask("start", body=body("hello"), trace=trace, traceparent=trace)
    assert chat.kept.tracer.spans == []
    assert {each.metadata.trace for slice_ in chat.committed for each in slice_.events} == {None}


# --- sockets ------------------------------------------------------------------------------------


async def test_sockets_are_counted_by_role(chat: Chat) -> None:
    """Those that are open now; who has closed is counted no more, but how it was closed is."""
    sockets = Sockets(chat.node)
    seen = chat.kept.measures.seen
    assert seen(figures.CONNECTIONS) == {("visitor",): 0, ("agent",): 0}
    wires = [Wire(sockets, "visitor"), Wire(sockets, "visitor"), Wire(sockets, "agent")]
    await chat.idle()
    assert seen(figures.CONNECTIONS) == {("visitor",): 2, ("agent",): 1}
    wires[0].say("rubbish")
    wires[2].hang_up()
    await chat.idle()
    assert seen(figures.CONNECTIONS) == {("visitor",): 1, ("agent",): 0}
    sockets.draining = True
    wires.append(Wire(sockets, "visitor"))
    await chat.idle()
    assert chat.kept.measures.counted(figures.SOCKETS_CLOSED) == {
        ("4400",): 1,
        ("1012",): 1,
        ("1013",): 0,
        ("4429",): 0,
    }
    for wire in wires:
        wire.hang_up()
    await asyncio.gather(*(wire.task for wire in wires))


async def test_slow_sockets_and_their_reads_are_counted() -> None:
    """Going back to the store is counted once, and the pages read there by kind of feed."""
    chat = await Chat(queue_bytes=20_000, send_frame_bytes=10_000, page_events=10).open()
    ada = await chat.visitor()
    talk = await started(ada)
    slow = await chat.visitor("eve")
    desk = await chat.agent(await chat.add_agent(), feeds={"inbox": 0})
    desk.takes.clear()
    before = chat.kept.measures.counted(figures.CATCH_UP_READS)
    assert before[("inbox",)] == 1
    for number in range(30):
        await ada.ask("post", conversation=talk, body=body(f"{number} {'x' * 1000}"))
    assert chat.kept.measures.counted(figures.SLOW_SOCKETS) == {(): 1}
    desk.takes.set()
    await chat.clock.advance(1)
    assert chat.kept.measures.counted(figures.CATCH_UP_READS)[("inbox",)] > 1
    assert len(desk.texts("inbox")) == 31
    slow.hang_up()


# --- delivery -----------------------------------------------------------------------------------


class Told:
    """A hub at a moment of its own, and somebody who listens."""

    def __init__(self, now: float) -> None:
        self.kept = Kept(ManualClock(now))
        self.hub = Hub(self.kept.telemetry)

    @property
    def delays(self) -> list[float]:
        """The delays so far, in whole milliseconds."""
        return [
            round(1000 * each) for each in self.kept.measures.observed["parley_delivery_seconds"]
        ]


def at(position: int, trace: str | None = None) -> Slice:
    """A slice of one event, recorded so many microseconds after 1970."""
    talk = conversation_feed().stream
    assert talk is not None
    happened = event(position, talk, position)
    metadata = replace(happened.metadata, trace=trace)
    changed = replace(happened, metadata=metadata)
    return Slice(LOG, position - 1, position, (changed,))


async def test_the_delay_of_a_slice_is_measured_once() -> None:
    """From recording until all have it, however many there are; a slice unheard says nothing."""
    told = Told(now=0.25)
    tell(told.hub, at(1))
    assert told.delays == []
    for _ in range(3):
        told.hub.follow(Listener(), conversation_feed())
    told.hub.follow(Listener("agent", "grace"), inbox())
    told.hub.tell_streams(at(2))
    assert told.delays == []
    told.hub.tell_log(at(2))
    assert told.delays == [250]


async def test_clocks_that_disagree_make_no_delay_below_zero() -> None:
    """The database's clock may be ahead of this node's."""
    told = Told(now=0.0)
    told.hub.follow(Listener(), conversation_feed())
    tell(told.hub, at(5))
    assert told.delays == [0]


async def test_nobody_to_deliver_to_is_no_step() -> None:
    """A node where nobody listens does not show in the trace; feeds of both kinds do."""
    told = Told(now=1.0)
    told.hub.follow(Listener(), inbox())
    tell(told.hub, at(1, "heard"))
    (span,) = told.kept.tracer.spans
    assert (span.name, span.parent, span.attributes) == ("deliver", "heard", {"sockets": 1})
    deaf = Told(now=1.0)
    tell(deaf.hub, at(1, "unheard"))
    assert deaf.kept.tracer.spans == []
