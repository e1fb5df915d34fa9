"""What receivers get, to the letter: golden bodies in both formats, and Chatwoot's own shapes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest

from domain.conversation import commands as c
from domain.conversation.events import Body
from domain.envelope import RecordedEvent
from domain.visibility import Audience, encode
from domain.webhooks import chatwoot, standard
from domain.webhooks.catalogue import SENDABLE
from domain.webhooks.outline import Outline, evolve
from domain.webhooks.threads import Thread, Threads
from tests.unit.projections.histories import LOG, VISITORS
from tests.unit.webhooks.bench import Bench
from tests.unit.webhooks.bodies import AGENT, FILE, bodies_of, made, told_bench

Form = dict[str, Any]

CHATWOOT_MESSAGE = {
    *("id", "content", "created_at", "message_type", "content_type", "private"),
    *("content_attributes", "source_id", "sender", "inbox", "conversation", "account", "event"),
}
CHATWOOT_CONVERSATION = {
    *("additional_attributes", "can_reply", "channel", "id", "inbox_id", "contact_inbox"),
    *("messages", "meta", "status", "unread_count", "agent_last_seen_at", "labels"),
    *("contact_last_seen_at", "timestamp", "custom_attributes", "snoozed_until", "priority"),
    *("first_reply_created_at", "waiting_since", "last_activity_at", "created_at", "updated_at"),
}
"""The fields that Chatwoot documents (chatwoot/docs, webhook-events) and its presenter writes."""


async def test_bodies_are_the_golden_ones() -> None:
    """Every event of a conversation, in both formats, alive and after an erasure."""
    golden = msgspec.json.decode(FILE.read_bytes())
    told = await made()
    assert set(told) == set(golden)
    for name, forms in told.items():
        assert forms == golden[name], name


async def test_the_golden_conversation_has_every_event() -> None:
    """Nothing that may be sent is without an example of its body."""
    forms = await made()
    types = {form["type"] for form in forms["standard"] + forms["standard, erased"]}
    assert types == SENDABLE["standard"]
    events = {form["event"] for form in forms["chatwoot"]}
    assert events == {
        "conversation_created",
        "message_created",
        "conversation_updated",
        "conversation_status_changed",
    }


async def test_the_standard_body_is_what_an_agent_sees() -> None:
    """The event exactly as an agent's socket has it, with tenant and conversation beside it."""
    bench = await told_bench()
    for event in await bench.history.events():
        if event.type not in SENDABLE["standard"]:
            continue
        form = msgspec.json.decode(standard.body(event, "demo"))
        data = form["data"]
        assert (form["type"], data.pop("tenant")) == (event.type, "demo")
        assert f"conversation-{data.pop('conversation')}" == event.stream
        assert data == msgspec.json.decode(encode(event, Audience.AGENT))
        assert datetime.fromisoformat(form["timestamp"]) == event.at


async def test_messages_have_chatwoots_shape() -> None:
    """A receiver that was built for Chatwoot finds every field, and the two sides told apart."""
    forms = (await made())["chatwoot"]
    messages = [form for form in forms if form["event"] == "message_created"]
    for form in messages:
        assert set(form) >= CHATWOOT_MESSAGE
        assert set(form["conversation"]) >= CHATWOOT_CONVERSATION
        assert set(form["sender"]) >= {"id", "name", "type"}
        assert set(form["account"]) == set(form["inbox"]) == {"id", "name"}
        assert form["conversation"]["messages"][0]["message_type"] in {0, 1}
    said = [(f["message_type"], f["private"], f["sender"]["type"], f["content"]) for f in messages]
    assert said == [
        ("incoming", False, "contact", "Grüße 🦜"),
        ("outgoing", False, "user", "Hello, Ada"),
        ("outgoing", True, "user", "wants a refund"),
        ("incoming", False, "contact", "one more thing"),
    ]
    assert {form["inbox"]["name"] for form in messages} == {"The shop"}


async def test_changes_have_chatwoots_shape() -> None:
    """Each event says what it changed, as previous and current value."""
    forms = [form for form in (await made())["chatwoot"] if form["event"] != "message_created"]
    for form in forms:
        assert set(form) >= CHATWOOT_CONVERSATION | {"event", "account", "inbox"}
    changed = [next(iter(each)) for form in forms for each in form.get("changed_attributes", ())]
    assert changed == [
        *("assignee_id", "label_list", "assignee_id", "assignee_id", "team_id"),
        *("status", "status", "custom_attributes"),
    ]
    closed = next(form for form in forms if form["status"] == "resolved")
    assert closed["changed_attributes"] == [
        {"status": {"previous_value": "open", "current_value": "resolved"}}
    ]


async def test_nothing_of_somebody_erased_is_told() -> None:
    """In no format: neither words nor names nor pages nor tags."""
    bench = await told_bench()
    await bench.history.erase(VISITORS[0])
    text = str(await bodies_of(bench))
    for personal in ("Grüße", "Hello", "refund", "one more", "Ada", "shop.example", "urgent"):
        assert personal not in text, personal
    assert "thanks" not in text


async def test_a_thread_is_folded_from_wherever_it_is_kept() -> None:
    """From the beginning, from what is kept, or back: the same, however few are kept."""
    bench = await told_bench()
    await bench.say(1, "somebody else")
    events = [e for e in await bench.history.events() if e.stream.startswith("conversation-")]
    fresh = [await Threads(bench.store).before(event) for event in events]
    kept = Threads(bench.store, kept=1)
    both = list(zip(events, fresh, strict=True))
    for event, expected in [*both, *reversed(both)]:
        assert await kept.before(event) == expected
    assert expected_thread(events[0]) == fresh[0]


def expected_thread(event: RecordedEvent) -> Thread:
    """Before its first event a conversation is nothing yet."""
    return Thread(Outline(event.stream.removeprefix("conversation-")))


async def test_threads_count_what_nobody_has_read() -> None:
    """Messages since an agent was last there, and since when somebody waits for an answer."""
    bench = await Bench.begin()
    for text in ("one", "two", "three"):
        await bench.clock.advance(10.0)
        await bench.say(0, text)
    (conversation,) = bench.history.conversations[VISITORS[0]]

    async def outline() -> Outline:
        stream = f"conversation-{conversation}"
        state = Outline(conversation)
        for event in await bench.store.read_stream(LOG, stream, 0, 1000):
            state = evolve(state, event)
        return state

    before = await outline()
    assert (before.unread, before.first_reply_at) == (3, 0)
    assert before.waiting_since == before.started_at + 1
    post = c.Post(bench.history.id(), UUID(conversation), Body("yes?"))
    assert await bench.history.ask(AGENT, post) is not None
    after = await outline()
    assert (after.unread, after.waiting_since) == (0, 0)
    assert after.first_reply_at == after.last_at


@pytest.mark.parametrize("format_", ["standard", "chatwoot"])
def test_a_ping_says_whose_it_is(format_: str) -> None:
    """What the operator sends by hand cannot be taken for something that happened."""
    at = datetime(2026, 11, 22, tzinfo=UTC)
    if format_ == "standard":
        form = msgspec.json.decode(standard.ping("demo", "hook", at))
        assert form == {
            "type": "webhook.ping",
            "timestamp": "2026-11-22T00:00:00Z",
            "data": {"tenant": "demo", "webhook": "hook"},
        }
    else:
        form = msgspec.json.decode(chatwoot.ping(LOG, "demo", at))
        assert form["event"] == "ping"
        assert form["account"] == {"id": str(LOG), "name": "demo"}
