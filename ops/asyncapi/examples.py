"""An example of each message: of its type, and where it can be written by what writes real ones."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Raw, Struct
from msgspec.structs import replace

from adapters.postgres.written import metadata_encoder
from adapters.websocket import frames as f
from adapters.websocket import server_frames as s
from brokers.rabbitmq.topology import SliceHeaders
from domain import passing, streams
from domain.agent.commands import SetStatus
from domain.conversation import commands as c
from domain.conversation.events import Body, MessagePosted, Page
from domain.envelope import Access, Actor, Metadata, RecordedEvent, StoredEvent, StoredSlice
from domain.errors import CODES
from domain.visibility import Audience, encode
from domain.visitor.commands import Greet, Introduce, Invite, ViewPage
from ops.asyncapi.schemas import Json

LOG = UUID("01a203d0-0f8d-7b32-9f1e-449dc4b3e341")
CONVERSATION = UUID("01a203d1-a6d8-8661-b007-0ef74065e1cd")
VISITOR = UUID("01a203d1-a35b-7b90-a7a6-f2f7126dc4c7")
AGENT = UUID("01a203d0-8a10-7c55-8b1f-9d1f0b7a3c2e")
COMMAND = UUID("01a203d1-a6d8-77e9-af51-954e42299446")
EVENT = UUID("01a203d1-a6d8-880e-a24d-e7e3a038f016")
KEY = UUID("01a203d1-a35c-7d02-9a6b-5b0d9c1e7f44")
WEBHOOK = "01a203d2-0b1e-7e44-8a37-5c1de2b6f093"
EPOCH = "8d1f6a3e5c7b4f0299aa41d2c3e4b5f6"
HASH = bytes.fromhex("da64e061309fe20f" * 4)
MARK = HASH[:8].hex()
FEED = f"conversation:{CONVERSATION}"
MICROSECONDS = int(datetime(2026, 11, 22, 15, 13, 21, tzinfo=UTC).timestamp()) * 1_000_000

PAGE = Page("https://shop.example/boots", "Boots")

FOR_ALL: tuple[Struct, ...] = (
    f.Subscribe(COMMAND, FEED, 6, MARK),
    f.Unsubscribe(COMMAND, FEED),
    c.Post(COMMAND, CONVERSATION, Body("hello")),
    c.Read(COMMAND, CONVERSATION, 7),
    c.Delivered(COMMAND, CONVERSATION, 7),
    c.Close(COMMAND, CONVERSATION),
    f.Typing(CONVERSATION),
    f.Ping(Raw(b"1")),
    s.Live(FEED, 7),
    s.Error("busy", CODES["busy"][1], id=str(COMMAND), retry_after_ms=500),
    s.Error("not_found", CODES["not_found"][1], feed=FEED),
    s.GoAway("restarting", 1200),
    s.Pong(1),
)
"""What visitors and agents send and get alike."""

OF_VISITOR: tuple[Struct, ...] = (
    f.Hello("…", {FEED: 6}, EPOCH, {FEED: MARK}),
    c.Start(COMMAND, Body("hello"), PAGE),
    c.Rate(COMMAND, CONVERSATION, 5, "Thanks!"),
    ViewPage(COMMAND, PAGE),
    Introduce(COMMAND, name="Ada", email="ada@shop.example", attributes={"plan": "pro"}),
    Greet(COMMAND, "hello", "Hello! Can we help?"),
    s.Welcome(EVENT, s.Who("visitor", str(VISITOR)), {FEED: 7}, EPOCH, 25),
    s.VisitorReset(FEED, 7, "history"),
    s.VisitorAck(str(COMMAND), CONVERSATION, 7),
    s.TypingSignal("typing", CONVERSATION, Actor("agent", str(AGENT), "Mia"), on=True),
    s.OpenedSignal("opened", CONVERSATION),
    s.InvitedSignal("invited", COMMAND, "Can I help?", Actor("agent", str(AGENT), "Mia")),
    s.QueueSignal("queue", CONVERSATION, 2, 5, staffed=True, open=True, wait_s=40),
)
"""Of a visitor's socket alone."""

OF_AGENT: tuple[Struct, ...] = (
    f.Hello("…", {"inbox": 4711, FEED: 6}, EPOCH, {"inbox": MARK}),
    c.Post(COMMAND, CONVERSATION, Body("A regular customer."), note=True),
    c.Assign(COMMAND, CONVERSATION),
    c.Transfer(COMMAND, CONVERSATION, department="sales"),
    c.Leave(COMMAND, CONVERSATION),
    c.SetTags(COMMAND, CONVERSATION, ["vip"]),
    Introduce(COMMAND, VISITOR, phone="+49 30 1234"),
    Invite(COMMAND, VISITOR, Body("Can I help?")),
    c.Reopen(COMMAND, CONVERSATION),
    SetStatus(COMMAND, "online"),
    s.Welcome(EVENT, s.Who("agent", str(AGENT)), {"inbox": 4713, FEED: 7}, EPOCH, 25),
    s.AgentReset("inbox", 4713, "view"),
    s.Gone(FEED, "not_allowed"),
    s.AgentAck(str(COMMAND), CONVERSATION, 7, position=4713),
    s.TypingSignal("typing", CONVERSATION, Actor("visitor", str(VISITOR)), on=True),
    s.PresenceSignal("presence", s.Who("visitor", str(VISITOR)), online=True),
)
"""Of an agent's socket alone."""

RECORDED = RecordedEvent(
    log=LOG,
    position=4713,
    stream=streams.conversation(CONVERSATION),
    version=7,
    decided=1,
    type="message.posted",
    schema_version=1,
    id=EVENT,
    actor=Actor("visitor", str(VISITOR)),
    metadata=Metadata(COMMAND, after=Access()),
    recorded_at=MICROSECONDS,
    key_id=KEY,
    hash=HASH,
    data=MessagePosted(str(COMMAND), Body("hello")),
)

SLICE = StoredSlice(
    LOG,
    "demo",
    4712,
    4713,
    (
        StoredEvent(
            RECORDED.position,
            RECORDED.stream,
            RECORDED.version,
            RECORDED.decided,
            RECORDED.type,
            RECORDED.schema_version,
            RECORDED.id,
            RECORDED.actor.role,
            RECORDED.actor.id,
            RECORDED.key_id,
            metadata_encoder.encode(RECORDED.metadata),
            RECORDED.recorded_at,
            b"\x01\x00 encrypted",
            RECORDED.hash,
        ),
    ),
)
SLICE_HEADERS = SliceHeaders(SLICE.tenant, SLICE.after, SLICE.upto)
HEADS = [(LOG, 4713)]
TYPING = passing.Typing(LOG, "agent", str(AGENT), str(CONVERSATION), on=True, name="Mia")
PRESENCE = passing.Presence(LOG, "visitor", str(VISITOR), online=True)
PLACE = passing.Place(str(CONVERSATION), 2, 5, staffed=True, open=True, wait_s=40)
PLACES = passing.Queue(LOG, (PLACE,))


def of_socket(audience: Audience) -> list[Json]:
    """Frames of both directions on the socket of visitors, or that of agents."""
    own = OF_VISITOR if audience is Audience.VISITOR else OF_AGENT
    return [_as_sent(each) for each in (*FOR_ALL, *own)] + [
        _events(audience, RECORDED),
        _events(audience, replace(RECORDED, data=None)),
        json.loads(f.write_events(f.events_head(FEED), 7, 8, MARK, [])),
    ]


def _as_sent(frame: Struct) -> Any:
    return json.loads(msgspec.json.encode(frame))


def _events(audience: Audience, event: RecordedEvent) -> Any:
    written = [encode(event, audience)]
    return json.loads(f.write_events(f.events_head(FEED), 6, event.version, MARK, written))
