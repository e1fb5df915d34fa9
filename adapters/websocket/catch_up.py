"""Catching up: feeds read pages from the store, at the pace at which their socket takes them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type

from adapters.websocket import frames
from adapters.websocket.answers import refusal
from adapters.websocket.feed import Feed, State, Written
from adapters.websocket.node import Follower
from domain import figures
from domain.envelope import RecordedEvent
from domain.errors import ParleyError, StoreUnavailable

_logger = logging.getLogger("parley.socket")

Answer = TypeVar("Answer")

FIRST_PAUSE_S = 0.05
LONGEST_PAUSE_S = 2.0
"""Pauses between two questions to a store that is away: it is asked by many."""


class CatchUp:
    """The catching up of one socket's feeds: a task that lives while one of them is behind."""

    __slots__ = ("_connection", "_node", "_review", "_task")

    def __init__(self, connection: Follower) -> None:
        self._connection = connection
        self._node = connection.node
        self._task: asyncio.Task[None] | None = None
        self._review = False

    def wake(self) -> None:
        """A feed is behind."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run())

    def review(self) -> None:
        """Rights have changed: look again which conversations may be read."""
        self._review = True
        self.wake()

    def stop(self) -> None:
        """The socket is gone."""
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        """Read for one feed after the other; no await between the last look and being done."""
        try:
            while self._review or (behind := self._behind()):
                if self._review:
                    self._review = False
                    await self._look_again()
                    continue
                for feed in behind:
                    if not self._review:
                        await self._advance(feed)
        finally:
            self._task = None

    def _behind(self) -> list[Feed]:
        feeds = self._connection.feeds.values()
        behind = [feed for feed in feeds if feed.begun and feed.state is State.CATCHING_UP]
        return sorted(behind, key=lambda feed: feed.stream is None)  # no other waits for an inbox

    async def _advance(self, feed: Feed) -> None:
        """One page of one feed; the last one takes it live.

        Nothing is read for a socket that takes nothing, and nothing of a page is kept for it.
        """
        settings = self._node.settings
        if feed.announced and feed.stream is None:
            await self._node.clock.sleep(settings.gap_wait_s)
        await self._connection.sent()
        if self._is_over(feed):
            return
        try:
            page = [Written(event) for event in await self._read(feed)]
            last = not page or feed.reaches(page[-1]) or await self._ends_with(feed, page[-1])
        except ParleyError as error:
            self._fail(feed, error)
            return
        if self._is_over(feed):
            return
        if await self._send(feed, feed.fresh(page, last=last)) and last:
            self._join(feed)
        if not page and feed.state is State.CATCHING_UP:
            # What was pushed is beyond what the store has: asking again at once would not help.
            await self._node.clock.sleep(settings.gap_wait_s)

    def _is_over(self, feed: Feed) -> bool:
        """Whether something else is to be done first, or nothing at all, after a wait."""
        return feed.state is not State.CATCHING_UP or self._review

    async def _send(self, feed: Feed, events: Sequence[Written]) -> bool:
        """Send events, frame by frame; what the socket does not take now is read again later.

        False: something is left, or the feed is followed no longer. Only what ends a feed is sent
        to its end: it could not be read again.
        """
        rest = events
        while rest:
            if self._connection.is_slow:
                if not feed.ended:
                    return False
                await self._connection.sent()
            if self._connection.feeds.get(feed.name) is not feed:
                return False
            text, rest = feed.portion(rest, self._node.settings.send_frame_bytes)
            if text is not None:
                self._connection.send(text)
        return True

    async def _ends_with(self, feed: Feed, written: Written) -> bool:
        """Whether the reader's right ended with a page from the middle of a conversation.

        If it did not, the conversation was elsewhere for a while and came back.
        """
        if feed.stream is None or not feed.lost(written.event):
            return False
        return not await self._may_be_read(feed.stream)

    def _fail(self, feed: Feed, error: ParleyError) -> None:
        """Say that a feed cannot be read, unless it is followed no longer."""
        _logger.error("a feed cannot be read", exc_info=error)
        if feed.state is not State.CLOSED:
            self._connection.unfollow(feed.name)
            self._connection.send(frames.write_error(refusal(error), feed=feed.name))

    def _join(self, feed: Feed) -> None:
        connection = self._connection
        if not feed.ended:
            for text in feed.join(self._node.settings.send_frame_bytes):
                connection.send(text)
        if feed.ended:
            connection.take_away(feed)
        if feed.state is State.LIVE and not feed.announced:
            feed.announced = True
            for text in feed.flush():
                connection.send(text)
            connection.send(frames.write("live", feed=feed.name, at=feed.sent))
            self._node.attendance.ask(connection, feed)

    async def _read(self, feed: Feed) -> list[RecordedEvent]:
        """A page beyond what the feed has seen; empty where nothing more is known to be."""
        if feed.caught_up:
            return []
        store, log = self._node.store, self._connection.log
        kind = "inbox" if feed.stream is None else "conversation"
        self._node.telemetry.measures.count(figures.CATCH_UP_READS, kind)
        limit = self._node.settings.page_events
        if feed.stream is None:
            return await self._patiently(lambda: store.read_log(log, feed.seen, limit))
        stream = feed.stream
        return await self._patiently(lambda: store.read_stream(log, stream, feed.seen, limit))

    async def _may_be_read(self, stream: str) -> bool:
        """Whether this reader may read a conversation as the store has it now."""
        connection, states = self._connection, self._node.handler.states
        entry = await self._patiently(lambda: states.refresh(connection.log, stream))
        return connection.may_read(entry.state.visitor, entry.state.access)

    async def _patiently(self, ask: Callable[[], Awaitable[Answer]]) -> Answer:
        """Ask the store until it answers. Raises what more asking cannot mend."""
        retrying = AsyncRetrying(
            sleep=self._node.clock.sleep,
            wait=self._pause,
            retry=retry_if_exception_type(StoreUnavailable),
        )
        async for attempt in retrying:
            with attempt:
                async with self._node.reads:
                    return await ask()
        raise AssertionError("tenacity tries for ever")

    def _pause(self, retry: RetryCallState) -> float:
        """A random part of a span that doubles with each attempt, up to ``LONGEST_PAUSE_S``."""
        span: float = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** min(retry.attempt_number, 10))
        return span * self._node.ids.uniform()

    async def _look_again(self) -> None:
        """Take away the conversations that this agent may no longer read."""
        for feed in list(self._connection.feeds.values()):
            if feed.stream is None:
                continue
            try:
                readable = await self._may_be_read(feed.stream)
            except ParleyError as error:  # what cannot be judged is not shown
                self._fail(feed, error)
                continue
            if not readable:
                self._connection.take_away(feed)
