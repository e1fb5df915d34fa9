"""Catching up: feeds read pages from the store, at the pace at which their socket takes them."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from tenacity import AsyncRetrying, retry_if_exception_type, wait_random_exponential

from adapters.websocket import frames
from adapters.websocket.feed import Feed, State, Written
from domain.envelope import RecordedEvent
from domain.errors import ParleyError, Refused, StoreUnavailable

if TYPE_CHECKING:
    from adapters.websocket.connection import Connection, Node

_logger = logging.getLogger("parley.socket")


class CatchUp:
    """The catching up of one socket's feeds: a task that lives while one of them is behind."""

    __slots__ = ("_connection", "_node", "_review", "_task")

    def __init__(self, connection: Connection, node: Node) -> None:
        self._connection = connection
        self._node = node
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
        return [feed for feed in feeds if feed.begun and feed.state is State.CATCHING_UP]

    async def _advance(self, feed: Feed) -> None:
        """One page of one feed; the last one takes it live."""
        connection, settings = self._connection, self._node.settings
        await connection.sent()
        if feed.announced and feed.stream is None:
            await self._node.clock.sleep(settings.gap_wait_s)
        try:
            page = await self._read(feed)
        except ParleyError as error:
            self._fail(feed, error)
            return
        if feed.state is not State.CATCHING_UP or self._review:
            return
        written = [Written(event) for event in page]
        last = len(page) < settings.page_events
        for text in feed.page(written, settings.send_frame_bytes, last=last):
            connection.send(text)
        if last:
            self._join(feed)
        if not page and feed.state is State.CATCHING_UP:
            # What was pushed is beyond what the store has: asking again at once would not help.
            await self._node.clock.sleep(settings.gap_wait_s)

    def _fail(self, feed: Feed, error: ParleyError) -> None:
        """Say that a feed cannot be read, unless it is followed no longer."""
        _logger.error("a feed cannot be read", exc_info=error)
        if feed.state is not State.CLOSED:
            self._connection.unfollow(feed.name)
            self._connection.send(frames.write_error(Refused("internal"), feed=feed.name))

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

    async def _read(self, feed: Feed) -> list[RecordedEvent]:
        """A page, as soon as the store has one to give. Raises what more asking cannot mend."""
        node, log = self._node, self._connection.log
        retrying = AsyncRetrying(
            sleep=node.clock.sleep,
            wait=wait_random_exponential(multiplier=0.05, max=2.0),
            retry=retry_if_exception_type(StoreUnavailable),
        )
        limit = node.settings.page_events
        async for attempt in retrying:
            with attempt:
                async with node.reads:
                    if feed.stream is None:
                        return await node.store.read_log(log, feed.seen, limit)
                    return await node.store.read_stream(log, feed.stream, feed.seen, limit)
        raise AssertionError("tenacity tries for ever")

    async def _look_again(self) -> None:
        """Take away the conversations that this agent may no longer read."""
        connection = self._connection
        for feed in list(connection.feeds.values()):
            if feed.stream is None:
                continue
            try:
                async with self._node.reads:
                    entry = await self._node.handler.states.refresh(connection.log, feed.stream)
            except StoreUnavailable:
                self._review = True
                await self._node.clock.sleep(self._node.settings.coalesce_s)
                return
            except ParleyError as error:  # what cannot be judged is not shown
                self._fail(feed, error)
                continue
            if not connection.may_read(entry.state.visitor, entry.state.access):
                connection.take_away(feed)
