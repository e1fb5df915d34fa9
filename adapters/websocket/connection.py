"""A connection: one socket's session, feeds, commands and queue, held together.

It decides nothing about the protocol (``session``), nothing about continuity (``feed``), and
nothing about commands (``domain.handling``): it carries effects out. What it must never do is
wait for one thing in a way that holds up another socket.
"""

from __future__ import annotations

import asyncio
import logging
from typing import cast
from uuid import UUID

from adapters.websocket import following, frames
from adapters.websocket.answers import Answers, count_refusal, refusal
from adapters.websocket.catch_up import CatchUp
from adapters.websocket.feed import Batch, Feed, State
from adapters.websocket.frames import Unanswerable
from adapters.websocket.node import Gone, Node, Transport
from adapters.websocket.outgoing import Outgoing
from adapters.websocket.session import (
    Follow,
    Greet,
    Pass,
    Send,
    Session,
    Submit,
    Unfollow,
)
from domain import figures, streams
from domain.access import Rights
from domain.agent.events import AgentRightsChanged
from domain.broker import End
from domain.conversation.commands import Start
from domain.credentials import is_api_key
from domain.envelope import Access, Actor, RecordedEvent
from domain.errors import ParleyError, Refused, StoreUnavailable
from domain.handling.doors import Caller
from domain.handling.sender import Sender
from domain.passing import Typing
from domain.permissions import OPS, may
from domain.presence import Person, Role

_logger = logging.getLogger("parley.socket")

NO_CHAT = "the site has no chat any more"
"""Why a socket ends whose site was removed."""


class Connection:
    """One socket from its ``hello`` to its end."""

    def __init__(self, node: Node, transport: Transport, role: str) -> None:
        self.node = node
        self.id = node.ids.uuid()
        self.log: UUID = UUID(int=0)
        self.actor = Actor(role, "")
        self.site: str | None = None
        self.feeds: dict[str, Feed] = {}
        self._transport = transport
        self._session = Session(node.settings.frame_bytes)
        self._outgoing = Outgoing(transport.wire, self._lost)
        self._catch_up = CatchUp(self)
        self._sender: Sender | None = None
        self._rights_version = 0
        self._expires_at = 0.0
        self._leave_log: End | None = None
        self._answers: Answers | None = None
        self._closing: asyncio.Task[None] | None = None
        self._welcomed = False
        self._listening = False
        self._started: UUID | None = None

    # --- the life of a socket -----------------------------------------------------------------

    async def run(self) -> None:
        """Serve the socket until it ends. Raises nothing."""
        try:
            await self._greet_in_time()
            self._transport.wire.hear = self._hear
            while self._closing is None:
                await self._step()
            await self._closing
        except Unanswerable as error:
            await self._shut(error.code, error.reason)
        except Gone:
            pass
        finally:
            self._transport.wire.hear = None
            self._catch_up.stop()
            self.node.hub.leave(self, list(self.feeds.values()))
            if self._leave_log is not None:
                self._leave_log()
            self.node.attendance.leave(self.id)
            self._outgoing.stop()

    async def _greet_in_time(self) -> None:
        try:
            async with asyncio.timeout(self.node.settings.hello_timeout_s):
                effect = self._session.receive(await self._receive())
        except TimeoutError:
            raise Unanswerable(4408, "no hello in time") from None
        assert isinstance(effect, Greet)
        await self._greet(effect.hello)

    async def _receive(self) -> str | None:
        try:
            return await self._transport.wire.receive()
        except ConnectionError:
            raise Gone from None

    def _hear(self, text: str) -> bool:
        """Take a command at once, while this socket waits for nothing else; raises nothing.

        Nearly all that comes is one, and so none of them costs a turn of the event loop.
        """
        if not self._listening or self._closing is not None:
            return False
        if self._outgoing.size > self.node.settings.queue_bytes:
            return False
        assert self._answers is not None
        try:
            effect = self._session.receive(text)
            if not isinstance(effect, Submit) or not self._answers.take_turn():
                return False
            self._submit(effect, len(text))
        except Unanswerable:
            return False
        except Exception:
            _logger.exception("a socket failed")
            self.close(1013, "something went wrong here")
        return True

    async def _step(self) -> None:
        self._listening = True
        text = await self._receive()
        self._listening = False
        if self._closing is not None:
            return
        effect = self._session.receive(text)
        match effect:
            case Submit():
                assert self._answers is not None
                assert text is not None
                await self._answers.room()
                self._submit(effect, len(text))
            case Send():
                self.send(effect.text)
                self._count_refusal(effect.code)
            case Follow():
                await self._follow(effect)
            case Unfollow():
                self.unfollow(effect.feed)
                self.send(frames.write("ack", id=effect.id, feed=effect.feed))
            case Pass():
                await self._pass(effect)
            case _:
                pass
        await self._make_room()

    def _submit(self, effect: Submit, size: int) -> None:
        assert self._answers is not None
        if isinstance(effect.command, Start):
            self._started = effect.command.id
        self._answers.submit(effect, size)

    async def _make_room(self) -> None:
        """Read on only while what waits for this socket is within its limit."""
        if self._outgoing.size > self.node.settings.queue_bytes:
            await self._outgoing.drained()

    def _count_refusal(self, code: str | None) -> None:
        if code is not None:
            count_refusal(self.node.telemetry.measures, code)

    async def _shut(self, code: int, reason: str) -> None:
        """Send what waits, for a moment at most, and close."""
        self.node.telemetry.measures.count(figures.SOCKETS_CLOSED, str(code))
        try:
            async with asyncio.timeout(1.0):
                await self._outgoing.drained()
        except TimeoutError:
            pass
        self._outgoing.stop()
        try:
            await self._transport.close(code, reason)
        except Exception:  # noqa: BLE001  # it is gone already
            return

    def close(self, code: int, reason: str) -> None:
        """End the connection from outside: what waits is sent, then the close code."""
        if self._closing is None:
            self._closing = asyncio.get_running_loop().create_task(self._shut(code, reason))

    def _lost(self) -> None:
        """The socket is gone: nothing more is written out for it."""
        for feed in self.feeds.values():
            self.node.hub.unfollow(self, feed)

    # --- hello --------------------------------------------------------------------------------

    async def _greet(self, hello: frames.Hello) -> None:
        if is_api_key(hello.token):  # those are for servers, and cost a look-up
            raise Unanswerable(4401, "the token is for another kind of caller")
        try:
            async with self.node.reads:  # of thousands at once most would wait there in vain
                caller = await self.node.doors.authenticate(hello.token)
        except Refused as refused:
            if refused.code == "site_removed":
                raise Unanswerable(4403, NO_CHAT) from None
            raise Unanswerable(4401, "the token is bad or expired") from None
        except ParleyError as error:
            raise _later(error) from None
        self._check_caller(caller)
        self._sender = Sender(caller.log, caller.actor, caller.rights, caller.site)
        self._answers = Answers(self.node, self._sender, self.send)
        self._expires_at = caller.expires_at
        self.log, self.actor, self.site = caller.log, caller.actor, caller.site
        self._session.welcome(self.actor.role)
        try:
            self._leave_log = await self.node.logs.follow(self.log)
            self.node.hub.join(self)
            await self._read_rights()
            await following.greet(self, hello)
        except ParleyError as error:
            _logger.warning("hello failed: %s", type(error).__name__)
            raise _later(error) from None
        self._welcomed = True
        person = Person(self.log, cast("Role", self.actor.role), self.actor.id)
        self.node.attendance.arrive(person, self.id)

    async def _read_rights(self) -> None:
        """An agent's rights as they are once the hub tells of changes: none falls between."""
        if self.actor.role != "agent":
            return
        stream = streams.agent(self.actor.id)
        async with self.node.reads:
            entry = await self.node.handler.states.refresh(self.log, stream)
        if entry.version <= self._rights_version:
            return
        if not entry.state.active:
            raise Unanswerable(4401, "the agent was deactivated")
        assert self._sender is not None
        self._sender.rights = entry.state.rights(self.actor.id)
        self._rights_version = entry.version

    def _check_caller(self, caller: Caller) -> None:
        if caller.role != self.actor.role or not may(caller.role, OPS["hello"]):
            raise Unanswerable(4401, "the token is for another kind of socket")
        if not self.node.doors.origin_allowed(caller, self._transport.origin):
            raise Unanswerable(4403, "this page may not use the site's chat")

    @property
    def rights(self) -> Rights | None:
        """What this agent may see; None for a visitor."""
        assert self._sender is not None
        return self._sender.rights

    def may_read(self, visitor: str, access: Access) -> bool:
        """Whether a conversation may be read."""
        assert self._sender is not None
        return self._sender.may_read(visitor, access)

    # --- feeds --------------------------------------------------------------------------------

    async def _follow(self, effect: Follow) -> None:
        frame = effect.frame
        try:
            await following.subscribe(self, effect.id, frame)
        except ParleyError as error:
            refused = refusal(error)
            self.send(frames.write_error(refused, effect.id, frame.feed))
            self._count_refusal(refused.code)

    def unfollow(self, name: str) -> None:
        """Follow a feed no longer, if it was followed."""
        feed = self.feeds.pop(name, None)
        if feed is not None:
            self.node.hub.unfollow(self, feed)

    def wake(self) -> None:
        """A feed is to catch up."""
        self._catch_up.wake()

    def deliver(self, feed: Feed, batch: Batch) -> None:
        """Take what was just committed, unless the socket is too slow for it."""
        if self._outgoing.size > self.node.settings.queue_bytes:
            if feed.state is State.LIVE:
                self.node.telemetry.measures.count(figures.SLOW_SOCKETS)
            feed.fall_behind()
        for text in feed.push(batch, self.node.settings.send_frame_bytes):
            self.send(text)
        if feed.ended:
            self.take_away(feed)
        elif feed.state is State.CATCHING_UP:
            self._catch_up.wake()

    def take_away(self, feed: Feed) -> None:
        """The right to read a conversation has ended."""
        if self.feeds.get(feed.name) is not feed:
            return
        self.unfollow(feed.name)
        if feed.begun:
            self.say_gone(feed)

    def say_gone(self, feed: Feed) -> None:
        """Tell the client that it may read a conversation no longer."""
        self.send(frames.write("gone", feed=feed.name, reason="not_allowed"))

    def rights_changed(self, event: RecordedEvent) -> None:
        """This agent sees something else from now on: its views are to be loaded anew.

        Events come more than once, and late; an old one must not give old rights back.
        """
        if event.version <= self._rights_version:
            return
        self._rights_version = event.version
        if not isinstance(event.data, AgentRightsChanged):
            self.close(4401, "this sign-in is worth nothing any more")
            return
        assert self._sender is not None
        rights = Rights(event.data.role, self.actor.id, frozenset(event.data.departments))
        self._sender.rights = rights
        for feed in list(self.feeds.values()):
            feed.rights = rights
            if feed.stream is None:
                self.unfollow(feed.name)
                if feed.begun:
                    self._reset_view(feed, event.position)
            elif feed.ended:  # what is left to be sent of it was cut by the old rights
                self.take_away(feed)
        self._catch_up.review()

    def site_removed(self) -> None:
        """This visitor's site has no chat any more."""
        self.close(4403, NO_CHAT)

    def _reset_view(self, feed: Feed, head: int) -> None:
        self.send(frames.write("reset", feed=feed.name, head=head, reason="view"))

    # --- passing things -----------------------------------------------------------------------

    async def _pass(self, effect: Pass) -> None:
        """Tell the others who follow the conversation that somebody types there."""
        if not self._may_signal(effect.conversation):
            return
        if not await self.node.rates.may_type(self.log, self.actor):
            return
        who, where = self.actor, str(effect.conversation)
        self.node.pass_on(Typing(self.log, who.role, who.id, where, effect.on, who.name))

    def _may_signal(self, conversation: UUID) -> bool:
        if f"conversation:{conversation}" in self.feeds:
            return True
        entry = self.node.handler.states.peek(self.log, streams.conversation(conversation))
        return entry is not None and self.may_read(entry.state.visitor, entry.state.access)

    def signal(self, text: str) -> None:
        """Take something passing, unless the socket is slow, or not even welcomed."""
        if self._welcomed and self._outgoing.size < self.node.settings.queue_bytes:
            self.send(text)

    def opened(self, conversation: str, command: UUID) -> None:
        """Tell of the visitor's open conversation, unless this socket began it or follows it."""
        if command != self._started and f"conversation:{conversation}" not in self.feeds:
            self.signal(frames.write_opened(conversation))

    def tick(self) -> None:
        """Cover the ranges of what this reader may not see; end what has expired."""
        for feed in list(self.feeds.values()):
            if feed.state is State.CATCHING_UP:  # whatever stopped it, it goes on now
                self._catch_up.wake()
            elif feed.state is State.LIVE:
                for text in feed.flush():
                    self.send(text)
        if self._sender is not None and self._sender.overfull:
            self.close(1013, "too much was given up; come back and send it again")
        if self.node.clock.now() > self._expires_at:
            self.close(4401, "the token has expired")

    def go_away(self, reason: str, reconnect_after_ms: int) -> None:
        """Ask the client to finish and to come back, unless it has not even been welcomed."""
        if self._welcomed:
            self.send(frames.write("goaway", reason=reason, reconnect_after_ms=reconnect_after_ms))

    @property
    def busy(self) -> bool:
        """Whether answers are still due."""
        return self._answers is not None and self._answers.due

    @property
    def is_slow(self) -> bool:
        """Whether more waits than a catch-up should add to."""
        return self._outgoing.size > self.node.settings.send_frame_bytes

    async def sent(self) -> None:
        """Wait until the socket can take more, so that a catch-up goes at its pace."""
        if self.is_slow:
            await self._outgoing.drained()

    def send(self, text: str) -> None:
        """Queue a frame."""
        if self._closing is None:
            self._outgoing.put(text)


def _later(error: ParleyError) -> Unanswerable:
    """Why nobody can be welcomed now: the store is away, or what it has of them is damaged."""
    away = isinstance(error, StoreUnavailable)
    return Unanswerable(1013, "the store is away" if away else "what is stored is damaged")
