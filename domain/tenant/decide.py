"""What may happen to a tenant."""

from __future__ import annotations

from msgspec import Struct

from domain.errors import Refused
from domain.tenant import commands as c
from domain.tenant import events as e
from domain.tenant import goals, hours, places, sections, sites, webhooks
from domain.tenant.goals import GoalCommand
from domain.tenant.sites import SiteCommand
from domain.tenant.state import Tenant
from domain.tenant.webhooks import WebhookCommand

TenantCommand = (
    c.CreateTenant
    | SiteCommand
    | c.CreateApiKey
    | c.RevokeApiKey
    | c.SetHours
    | GoalCommand
    | WebhookCommand
    | c.Define
    | c.Remove
)


def decide(command: TenantCommand, state: Tenant) -> list[Struct]:
    """The events that follow from a command to a tenant. Raises :class:`Refused`.

    What is so already is so, whatever it was thought to be.
    """
    happened = _decided(command, state)
    if happened:
        places.check(command, state)
    return happened


def _decided(command: TenantCommand, state: Tenant) -> list[Struct]:
    match command:
        case c.CreateTenant():
            if state.name:
                raise Refused("exists", "This tenant exists already.")
            return [e.TenantCreated(command.name, command.secret)]
        case c.AddSite() | c.ChangeSite() | c.RemoveSite() | c.RestoreSite() | c.RotateSiteSecret():
            return sites.decide(command, state)
        case c.CreateApiKey():
            return _create_key(command, state)
        case c.RevokeApiKey():
            return _revoke_key(command, state)
        case c.SetHours():
            return hours.decide(command, state.hours)
        case c.AddGoal() | c.ChangeGoal() | c.RemoveGoal():
            return goals.decide(command, state.goals)
        case c.Define() | c.Remove():
            return sections.decide(command, state)
        case _:
            return webhooks.decide(command, state.webhooks)


def _create_key(command: c.CreateApiKey, state: Tenant) -> list[Struct]:
    if command.key in state.api_keys or command.key in state.revoked:
        raise Refused("exists", "This key exists already.")
    return [e.ApiKeyCreated(command.key, command.digest, command.scopes)]


def _revoke_key(command: c.RevokeApiKey, state: Tenant) -> list[Struct]:
    if command.key in state.revoked:
        return []
    if command.key not in state.api_keys:
        raise Refused("not_found", "There is no such key.")
    return [e.ApiKeyRevoked(command.key)]
