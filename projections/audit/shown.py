"""What of an event the audit shows: one table, type by type and field by field.

What is not in it is not shown, so that a secret can get there only by being written here. Neither
passwords nor digests nor secrets stand in it; a test holds every registered type to that.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from domain.envelope import RecordedEvent

Kind = Literal["change", "login"]

CHANGES: dict[str, tuple[str, ...]] = {
    "tenant.created": ("name",),
    "tenant.site_added": ("site", "name", "origins"),
    "tenant.site_changed": ("site", "name", "origins"),
    "tenant.site_removed": ("site",),
    "tenant.site_restored": ("site",),
    "tenant.site_secret_rotated": ("site", "old_until"),
    "tenant.api_key_created": ("key", "scopes"),
    "tenant.api_key_revoked": ("key",),
    "tenant.webhook_added": ("webhook", "url", "format", "types"),
    "tenant.webhook_changed": ("webhook", "url", "format", "types"),
    "tenant.webhook_secret_rotated": ("webhook", "old_until"),
    "tenant.webhook_disabled": ("webhook", "reason"),
    "tenant.webhook_enabled": ("webhook",),
    "tenant.webhook_removed": ("webhook",),
    "tenant.hours_changed": ("zone", "week", "holidays"),
    "tenant.goal_added": ("goal", "name", "url"),
    "tenant.goal_changed": ("goal", "name", "url"),
    "tenant.goal_removed": ("goal",),
    "tenant.department_defined": ("department", "value"),
    "tenant.department_removed": ("department",),
    "tenant.reply_defined": ("reply", "value"),
    "tenant.reply_removed": ("reply",),
    "tenant.welcome_defined": ("rule", "value"),
    "tenant.welcome_removed": ("rule",),
    "tenant.reception_defined": ("rule", "value"),
    "tenant.reception_removed": ("rule",),
    "tenant.status_defined": ("status", "value"),
    "tenant.status_removed": ("status",),
    "tenant.routing_changed": ("value",),
    "tenant.tags_changed": ("value",),
    "tenant.appearance_changed": ("site", "value"),
    "agent.created": ("email", "name", "role", "departments"),
    "agent.rights_changed": ("role", "departments"),
    "agent.profile_changed": ("name", "capacity", "skills"),
    "agent.password_changed": (),
    "agent.deactivated": (),
    "visitor.erased": (),
    "conversation.erased": (),
}
"""Who may do what, how the tenant is set up, and what was erased."""

LOGINS: dict[str, tuple[str, ...]] = {
    "agent.signed_in": ("address", "user_agent"),
    "agent.sign_in_failed": ("address", "user_agent", "reason"),
    "agent.signed_out": ("address", "user_agent"),
}
"""Who came in, tried to, and went."""

SHOWN = {**CHANGES, **LOGINS}


def kind_of(type_: str) -> Kind:
    """Of which kind an event of the table is."""
    return "login" if type_ in LOGINS else "change"


def fields_of(event: RecordedEvent) -> dict[str, Any]:
    """What is shown of an event's data, in the form in which it is stored and read again.

    Nothing where it is erased.
    """
    form = {} if event.data is None else msgspec.to_builtins(event.data)
    told = {name: form[name] for name in SHOWN[event.type] if name in form}
    return msgspec.msgpack.decode(msgspec.msgpack.encode(told), type=dict[str, Any])
