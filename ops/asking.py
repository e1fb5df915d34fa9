"""How an operator's command reaches the log: like any other, and once, however often it is sent."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from domain import streams
from domain.agent.state import Agent
from domain.envelope import Actor
from domain.errors import Refused
from domain.handling.plan import Command
from domain.handling.sender import RETRY_AFTER_MS, Sender
from domain.moments import between
from domain.tenant.calendar import ALWAYS, calendar_of
from domain.tenant.state import Tenant
from ops.core import Core
from ops.errors import CannotRun

ACTOR = Actor("operator", "cli")

ATTEMPTS = 4
"""How often a command is sent before the operator is told that it did not work."""

PASSING = frozenset({"busy", "unavailable"})
"""Refusals that the same command may not meet a moment later."""


class Asking:
    """Commands and states on a core."""

    def __init__(self, core: Core) -> None:
        self._core = core

    @property
    def url(self) -> str:
        """The database's URL, with the owner's rights."""
        return self._core.url

    async def log_of(self, tenant: str) -> UUID:
        """The log of a tenant; see :func:`log_of`."""
        return await log_of(self._core, tenant)

    async def tenant(self, log: UUID) -> Tenant:
        """The tenant's state now."""
        state: Tenant = (await self._core.handler.states.refresh(log, streams.TENANT)).state
        return state

    async def bounds(
        self, log: UUID, since: str | None, until: str | None
    ) -> tuple[datetime | None, datetime | None]:
        """The moments that a date or time names to this tenant. Raises Refused."""
        zone = calendar_of((await self.tenant(log)).hours or ALWAYS).zone
        return between(since, until, zone)

    async def agent(self, log: UUID, agent: UUID) -> Agent:
        """The agent's state now."""
        state: Agent = (await self._core.handler.states.refresh(log, streams.agent(agent))).state
        return state

    async def _ask(self, log: UUID, command: Command) -> None:
        """Let a command have its effect once.

        What may pass is waited for, and the very same command sent again: if it had its effect the
        first time, that is the answer. Raises Refused.
        """
        sender = Sender(log, ACTOR)
        for _ in range(ATTEMPTS - 1):
            try:
                await self._core.handler.submit(sender, command)
                return
            except Refused as refused:
                if refused.code not in PASSING:
                    raise
                await self._core.clock.sleep((refused.retry_after_ms or RETRY_AFTER_MS) / 1000)
        await self._core.handler.submit(sender, command)

    def _id(self) -> UUID:
        return self._core.ids.uuid()


async def log_of(core: Core, tenant: str) -> UUID:
    """The log of a tenant. Raises :class:`CannotRun` where there is none."""
    log = None if "\0" in tenant else await core.database.store.find_log(tenant)
    if log is None:
        raise no_tenant(tenant)
    return log


def no_tenant(tenant: str) -> CannotRun:
    """What is said where there is no tenant of a name."""
    return CannotRun(f"There is no tenant {tenant!r}.")
