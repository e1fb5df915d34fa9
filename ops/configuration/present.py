"""What a tenant's configuration is right now, asked of the log itself."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from msgspec import Struct

from domain import streams
from domain.agent.state import Agent
from domain.digests import email_key, normal_email
from domain.handling.states import Binding
from domain.tenant.state import Tenant
from ops.asking import Asking
from ops.configuration import document as d
from ops.configuration import sections
from ops.core import Core
from ops.hours_text import holiday_text, week_text
from projections.agents.projection import AgentViewsProjection
from projections.agents.reader import AgentReader
from projections.exports.source import ConversationSource
from projections.ports import NOTHING
from projections.projection import identified

PAGE_EVENTS = 500

CREATED = "agent.created"


class Present(Struct, frozen=True):
    """A tenant as it is; its agents by their address, those that were ended only if asked for.

    ``departments`` are those that agents or conversations have.
    """

    tenant: Tenant
    agents: dict[str, tuple[UUID, Agent]]
    departments: tuple[str, ...]


async def present(core: Core, log: UUID, emails: Iterable[str] = ()) -> Present:
    """What there is, and who has these addresses. Raises StoreError."""
    asking, database = Asking(core), core.database
    tenant = await asking.tenant(log)
    names = await _agents(core, log) | await _bound(core, log, tenant, emails)
    found = {name: await asking.agent(log, UUID(name)) for name in sorted(names)}
    agents = {normal_email(each.email): (UUID(name), each) for name, each in found.items()}
    source = ConversationSource(database.read_models, database.cipher, database.store)
    used = {name for _, each in agents.values() if each.active for name in each.departments}
    departments = sorted(used | set(await source.departments(log)))
    return Present(tenant, agents, tuple(departments))


async def _agents(core: Core, log: UUID) -> set[str]:
    """The ids of all who may sign in: those in the view, and who came since it was made."""
    database = core.database
    name = identified(AgentViewsProjection.name, AgentViewsProjection.version)
    at = await database.read_models.checkpoint(name, log)
    found: set[str] = set()
    if at != NOTHING:
        reader = AgentReader(database.read_models, database.cipher)
        found = {each.id for each in await reader.agents(log)}
    after = at.position
    while page := await database.store.read_log(log, after, PAGE_EVENTS):
        created = (event.stream for event in page if event.type == CREATED)
        found |= {stream.removeprefix(streams.agent("")) for stream in created}
        after = page[-1].position
    return found


async def _bound(core: Core, log: UUID, tenant: Tenant, emails: Iterable[str]) -> set[str]:
    """Whose these addresses are, of those who were ended too."""
    found: set[str] = set()
    for email in emails:
        stream = streams.email(email_key(tenant.secret, email))
        bound: Binding = (await core.handler.states.refresh(log, stream)).state
        found |= set() if bound.agent is None else {bound.agent}
    return found


def configuration(now: Present) -> d.Configuration:
    """What is there as a document."""
    tenant, hours = now.tenant, now.tenant.hours
    active = [each for _, each in now.agents.values() if each.active]
    return d.Configuration(
        format=d.FORMAT,
        tenant=tenant.name,
        departments=sections.departments(tenant, now.departments),
        hours=None
        if hours is None
        else d.Hours(hours.zone, week_text(hours.week), tuple(map(holiday_text, hours.holidays))),
        sites=tuple(
            d.Site(each.name, each.origins, each.site, tenant.appearances.get(each.site))
            for each in tenant.sites.values()
        ),
        agents=tuple(
            d.Agent(each.email, each.name, each.role, each.departments, each.skills, each.capacity)
            for each in sorted(active, key=lambda agent: normal_email(agent.email))
        ),
        webhooks=tuple(
            d.Webhook(each.url, each.format, each.types, not each.disabled, each.webhook)
            for each in tenant.webhooks.values()
        ),
        goals=tuple(d.Goal(each.name, each.url, each.goal) for each in tenant.goals.values()),
        **sections.present(tenant),
    )
