"""How a feed begins: may it be read, is its history the client's, how far behind is it?

The feed is bound to the hub first and the store is read after that, so nothing falls between.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from adapters.websocket import frames
from adapters.websocket.feed import Feed, State
from adapters.websocket.node import Follower
from domain import streams
from domain.envelope import mark as mark_of
from domain.errors import EventDamaged, Refused
from domain.ports import StreamHead


class Wanted(Struct, frozen=True):
    """A feed that a client asks for, from its own offset and, if it has it, its mark."""

    name: str
    after: int
    mark: str | None = None


async def greet(connection: Follower, hello: frames.Hello) -> None:
    """Answer ``hello``: welcome with heads, then for each feed what is due. Raises StoreError."""
    refusals: dict[str, Refused] = {}
    feeds: list[tuple[Feed, Wanted]] = []
    for name, after in hello.feeds.items():
        try:
            wanted = _wanted(name, after, (hello.marks or {}).get(name))
            feeds.append((await _bind(connection, wanted), wanted))
        except Refused as refused:
            refusals[name] = refused
        except EventDamaged:
            refusals[name] = Refused("damaged")
    node = connection.node
    epoch = await node.epoch()
    heads = await _heads(connection, feeds)
    connection.send(
        frames.write(
            "welcome",
            connection=str(connection.id),
            actor={"role": connection.actor.role, "id": connection.actor.id},
            feeds={feed.name: head.number for (feed, _), head in zip(feeds, heads, strict=True)},
            epoch=epoch,
            heartbeat_s=node.settings.heartbeat_s,
        )
    )
    for name, refusal in refusals.items():
        connection.send(frames.write_error(refusal, feed=name))
    other = hello.epoch is not None and hello.epoch != epoch
    for (feed, wanted), head in zip(feeds, heads, strict=True):
        reason = "history" if other else _reset(connection, wanted, head)
        _begin(connection, feed, head, reason)


async def subscribe(connection: Follower, command: str, frame: frames.Subscribe) -> None:
    """Answer ``subscribe``. Raises :class:`Refused` and StoreError."""
    wanted = _wanted(frame.feed, frame.after, frame.mark)
    feed = await _bind(connection, wanted)
    try:
        (head,) = await _heads(connection, [(feed, wanted)])
    except BaseException:
        connection.unfollow(feed.name)
        raise
    connection.send(frames.write("ack", id=command, feed=feed.name))
    _begin(connection, feed, head, _reset(connection, wanted, head))


def _wanted(name: str, after: Any, mark: Any) -> Wanted:
    if not isinstance(after, int) or isinstance(after, bool):
        raise Refused("bad_request", "An offset is an integer.")
    if not 0 <= after <= frames.OFFSET_MAX:
        raise Refused("bad_request", "An offset is 0 or more.")
    if mark is not None and not isinstance(mark, str):
        raise Refused("bad_request", "A mark is a text.")
    return Wanted(name, after, mark)


async def _bind(connection: Follower, wanted: Wanted) -> Feed:
    """Bind a feed to the hub, if this reader may follow it."""
    name, settings = wanted.name, connection.node.settings
    stream = None if name == streams.INBOX else streams.feed_stream(name)
    if stream is None and (name != streams.INBOX or connection.rights is None):
        raise Refused("not_allowed" if name == streams.INBOX else "not_found")
    if name not in connection.feeds and len(connection.feeds) >= settings.feeds:
        raise Refused("too_many", f"A socket follows at most {settings.feeds} feeds.")
    connection.unfollow(name)
    feed = Feed(name, stream, wanted.after, connection.rights, settings.buffer_bytes)
    connection.feeds[name] = feed
    connection.node.hub.follow(connection, feed)
    if stream is not None:
        try:
            visitor = await _visitor_of(connection, stream)
        except BaseException:
            connection.unfollow(name)
            raise
        if connection.rights is not None:
            feed.visitor = visitor
            connection.node.hub.attend(connection, feed)
    return feed


async def _visitor_of(connection: Follower, stream: str) -> str:
    """Whose conversation it is, if this reader may read it, as the store has it now."""
    async with connection.node.reads:
        entry = await connection.node.handler.states.refresh(connection.log, stream)
    state = entry.state
    if state.status == "none" or not connection.may_read(state.visitor, state.access):
        raise Refused("not_found", "There is no such conversation.")
    return str(state.visitor)


async def _heads(connection: Follower, feeds: list[tuple[Feed, Wanted]]) -> list[StreamHead]:
    if not feeds:
        return []
    async with connection.node.reads:
        return await connection.node.store.stream_heads(
            connection.log, [(feed.stream, wanted.after) for feed, wanted in feeds]
        )


def _reset(connection: Follower, wanted: Wanted, head: StreamHead) -> str | None:
    """Why this client must load its view anew; None: it can go on from where it is."""
    if wanted.after > head.number:
        return "ahead"
    if wanted.mark and wanted.after and head.asked and mark_of(head.asked) != wanted.mark:
        return "history"
    behind = head.number - wanted.after
    if wanted.name == streams.INBOX and behind > connection.node.settings.inbox_replay_events:
        return "behind"
    return None


def _begin(connection: Follower, feed: Feed, head: StreamHead, reason: str | None) -> None:
    feed.begun = True
    if feed.state is State.CLOSED:  # rights changed while the store was asked
        if feed.name != streams.INBOX:
            connection.say_gone(feed)
            return
        reason = "view"
    if reason is None:
        feed.begin(head.number, "" if head.asked is None else mark_of(head.asked))
        place = connection.node.hub.place(connection, feed)
        if place is not None:
            connection.send(frames.write_place(place))
        connection.wake()
        return
    connection.unfollow(feed.name)
    connection.send(frames.write("reset", feed=feed.name, head=head.number, reason=reason))
