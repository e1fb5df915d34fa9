"""Answers that flow: made while they are read, no faster, and no longer than somebody reads.

The end is told by the connection: one that breaks off before its length, or its last chunk, is not
all of it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing

from starlette.requests import ClientDisconnect
from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from domain.errors import described

_logger = logging.getLogger("parley.api.flowing")


class Flowing(StreamingResponse):
    """An answer of pieces. It ends when its client takes nothing for ``stall_s``."""

    def __init__(
        self,
        body: AsyncGenerator[bytes, None],
        headers: Mapping[str, str],
        media: str,
        stall_s: float,
    ) -> None:
        super().__init__(body, headers=headers, media_type=media)
        self._body = body
        self._stall_s = stall_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def in_time(message: Message) -> None:
            async with asyncio.timeout(self._stall_s):
                await send(message)

        try:
            async with aclosing(self._body):
                await super().__call__(scope, receive, in_time)
        except ClientDisconnect:
            pass
        except Exception as error:  # noqa: BLE001  # the answer has begun: all that is left is to cut it
            # The client knows by its end, or its length, that it has not got all of it.
            _logger.warning("an answer to %s broke off: %s", scope["path"], described(error))
