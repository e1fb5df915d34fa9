"""What may happen to a tenant."""

from __future__ import annotations

from msgspec import Struct

from domain.errors import Refused
from domain.tenant import commands as c
from domain.tenant import events as e
from domain.tenant.state import Tenant

TenantCommand = c.CreateTenant | c.AddSite | c.CreateApiKey


def decide(command: TenantCommand, state: Tenant) -> list[Struct]:
    """The events that follow from a command to a tenant. Raises :class:`Refused`."""
    match command:
        case c.CreateTenant():
            if state.name:
                raise Refused("exists", "This tenant exists already.")
            return [e.TenantCreated(command.name, command.secret)]
        case c.AddSite():
            if command.site in state.sites:
                raise Refused("exists", "This site exists already.")
            return [e.SiteAdded(command.site, command.name, command.secret, command.origins)]
        case c.CreateApiKey():
            if command.key in state.api_keys:
                raise Refused("exists", "This key exists already.")
            return [e.ApiKeyCreated(command.key, command.digest, command.scopes)]
