"""What of a tenant's past its decisions, and its doors, rest on."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from domain.tenant import events as e
from domain.tenant import goals, places, secrets, sections, sites, spoken, webhooks
from domain.tenant import values as v
from domain.tenant.goals import Goals
from domain.tenant.secrets import OldSecret
from domain.tenant.section_events import WelcomeDefined, WelcomeRemoved
from domain.tenant.spoken import Spoken
from domain.tenant.webhooks import Webhooks


class Tenant(Struct, frozen=True):
    """The state: sites, API keys, webhooks, goals by id. ``name`` is empty before there is one.

    ``revoked`` are the ids of the keys that open nothing any more, which are not in ``api_keys``.
    ``hours`` is None where none were said. From ``departments`` on these are the sections of the
    settings (``domain.tenant.sections``) by their keys; ``appearances`` by site. What a removed
    site was stays here too. ``versions``: at which version of the stream each value was said last.
    ``spoken`` is what welcome rules said before.
    """

    name: str = ""
    secret: bytes = b""
    sites: dict[str, e.SiteAdded] = {}
    removed_sites: dict[str, e.SiteAdded] = {}
    old_secrets: dict[str, tuple[OldSecret, ...]] = {}
    api_keys: dict[str, e.ApiKeyCreated] = {}
    revoked: frozenset[str] = frozenset()
    webhooks: Webhooks = {}
    goals: Goals = {}
    hours: e.HoursChanged | None = None
    departments: dict[str, v.Department] = {}
    replies: dict[str, v.Reply] = {}
    welcomes: dict[str, v.Welcome] = {}
    receptions: dict[str, v.Reception] = {}
    statuses: dict[str, v.Status] = {}
    appearances: dict[str, v.Appearance] = {}
    routing: v.Routing = v.Routing()
    tags: v.Tags = v.Tags()
    versions: places.Versions = {}
    spoken: Spoken = ()

    def site_secrets(self, site: str, now: float) -> tuple[str, ...]:
        """By which a site's identities are believed at this time, the present one first."""
        return secrets.good(self.sites[site].secret, self.old_secrets.get(site, ()), now)


INITIAL = Tenant()


def evolve(state: Tenant, event: object, version: int) -> Tenant:
    """The state after an event, which is at this version of the stream."""
    after = _evolved(state, event)
    versions = places.evolve(after.versions, event, version)
    return after if versions is after.versions else replace(after, versions=versions)


def _evolved(state: Tenant, event: object) -> Tenant:
    match event:
        case e.TenantCreated():
            return replace(state, name=event.name, secret=event.secret)
        case e.ApiKeyCreated():
            return replace(state, api_keys={**state.api_keys, event.key: event})
        case e.ApiKeyRevoked():
            keys = {name: key for name, key in state.api_keys.items() if name != event.key}
            return replace(state, api_keys=keys, revoked=state.revoked | {event.key})
        case e.HoursChanged():
            return replace(state, hours=event)
        case e.GoalAdded() | e.GoalChanged() | e.GoalRemoved():
            return replace(state, goals=goals.evolve(state.goals, event))
        case WelcomeDefined() | WelcomeRemoved():
            said = spoken.evolve(state.spoken, state.welcomes, event.rule)
            return sections.evolve(replace(state, spoken=said), event)
        case _:
            state = replace(state, webhooks=webhooks.evolve(state.webhooks, event))
            return sections.evolve(sites.evolve(state, event), event)
