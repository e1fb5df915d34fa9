"""What the log is told of agents' comings and goings: who came in from where, who tried, who left.

Only of accounts that exist; what was tried for others is nobody's and stands nowhere.
"""

from __future__ import annotations

import asyncio
import logging
from hashlib import sha256
from uuid import UUID

from msgspec import Struct

from domain.agent.commands import FailSignIn, SignIn, SignOut
from domain.agent.state import Agent
from domain.envelope import Actor
from domain.errors import Refused
from domain.handling.commands import Ack, CommandHandler
from domain.handling.sender import Sender
from domain.permissions import AGENT
from domain.ports import Ids

_logger = logging.getLogger("parley.doors")

DOOR = Actor("system", "agent-door")
"""Who notes an attempt: whoever made it has not shown to be anybody."""


class Whence(Struct, frozen=True):
    """Where somebody is who comes to a door: its network address, and what its browser says."""

    address: str = ""
    user_agent: str = ""


NOWHERE = Whence()


class SignIns:
    """Appends them, as commands like any other."""

    def __init__(self, handler: CommandHandler, ids: Ids) -> None:
        self._handler = handler
        self._ids = ids

    async def came(self, log: UUID, name: str, agent: Agent, whence: Whence) -> None:
        """An agent signed in. Returns when that is committed. Raises Refused."""
        command = SignIn(self._ids.uuid(), UUID(name), whence.address, whence.user_agent)
        await self._handler.submit(Sender(log, Actor(AGENT, name, agent.name)), command)

    def failed(self, log: UUID, name: str, whence: Whence, reason: str) -> None:
        """Somebody could not sign in as this agent.

        Not waited for, since it takes time for accounts that exist and none for others, and who
        guesses at addresses has a clock. What is on its way when the process is killed is lost.
        """
        command = FailSignIn(
            self._ids.uuid(), UUID(name), whence.address, whence.user_agent, reason
        )
        self._handler.submit(Sender(log, DOOR), command).add_done_callback(_noted)

    async def left(self, log: UUID, name: str, agent: Agent, whence: Whence, secret: str) -> None:
        """An agent signed out of what ``secret`` renewed. Returns when that is committed.

        It is noted once for a secret, whoever asks again after a lost answer. Raises Refused.
        """
        once = UUID(bytes=sha256(b"parley.sign-out.1" + secret.encode()).digest()[:16])
        command = SignOut(once, UUID(name), whence.address, whence.user_agent)
        try:
            await self._handler.submit(Sender(log, Actor(AGENT, name, agent.name)), command)
        except Refused as refused:
            if refused.code != "id_reused":  # then it was noted, as it came from elsewhere
                raise


def _noted(done: asyncio.Future[Ack]) -> None:
    """Nobody waits for it; an operator may want to know that it is missing."""
    if not done.cancelled() and done.exception() is not None:
        _logger.warning("a failed sign-in could not be noted: %s", done.exception())
