"""The sections of a tenant's settings in one table: keys, values, events, and how many of them.

A section either has many values, each under a key, or is one value. Whoever adds one adds a line
here, its rule in ``domain.tenant.value_rules`` and a field of its name in the tenant's state.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from domain.conversation.commands import DEPARTMENT
from domain.errors import Refused
from domain.limits import MAX_DEPARTMENTS, MAX_REPLIES, MAX_RULES, MAX_SITES, MAX_STATUSES
from domain.tenant import appearances
from domain.tenant import commands as c
from domain.tenant import section_events as e
from domain.tenant import value_rules as rules
from domain.tenant import values as v

if TYPE_CHECKING:
    from domain.tenant.state import Tenant

_State = TypeVar("_State", bound=Struct)

A_RULE_KEY = "a word of at most 32 small letters, digits and hyphens that begins with a letter"
A_STATUS_KEY = (
    "a word of at most 32 small letters, digits, hyphens and underscores that begins with a letter,"
    " and none that is built in"
)
_UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_STATUS = rf"(?!({'|'.join(rules.NO_STATUSES)})$)[a-z][a-z0-9_-]{{0,31}}"
_RULE = "[a-z][a-z0-9-]{0,31}"


class Section(Struct, frozen=True):
    """A section. ``name`` is its field in the state and its word in addresses.

    ``key`` is the field of its events that has a value's key (empty: the section is one value),
    ``form`` the pattern of keys and ``what`` that in words. ``one`` names a thing of it.
    """

    name: str
    one: str
    value: type[Struct]
    check: Callable[[str, Any, Tenant], None]
    defined: type[Struct]
    removed: type[Struct] | None = None
    key: str = ""
    form: str = ""
    what: str = ""
    most: int = 1


_TABLE = (
    Section(
        "departments", "department", v.Department, rules.department,
        e.DepartmentDefined, e.DepartmentRemoved,
        "department", DEPARTMENT, rules.A_DEPARTMENT, MAX_DEPARTMENTS,
    ),
    Section(
        "replies", "reply", v.Reply, rules.reply,
        e.ReplyDefined, e.ReplyRemoved,
        "reply", _UUID, "a UUID in small letters", MAX_REPLIES,
    ),
    Section(
        "welcomes", "welcome rule", v.Welcome, rules.welcome,
        e.WelcomeDefined, e.WelcomeRemoved,
        "rule", _RULE, A_RULE_KEY, MAX_RULES,
    ),
    Section(
        "receptions", "reception rule", v.Reception, rules.reception,
        e.ReceptionDefined, e.ReceptionRemoved,
        "rule", _RULE, A_RULE_KEY, MAX_RULES,
    ),
    Section(
        "statuses", "status", v.Status, rules.status,
        e.StatusDefined, e.StatusRemoved,
        "status", _STATUS, A_STATUS_KEY, MAX_STATUSES,
    ),
    Section(
        "appearances", "appearance", v.Appearance, appearances.check,
        e.AppearanceChanged, key="site", form=r"[A-Za-z0-9_-]{1,64}", what="a site's id",
        most=MAX_SITES,
    ),
    Section("routing", "routing", v.Routing, rules.routing, e.RoutingChanged),
    Section("tags", "tags", v.Tags, rules.tags, e.TagsChanged),
)  # fmt: skip

SECTIONS = {section.name: section for section in _TABLE}
"""Every section, by its name."""

_DEFINED = {section.defined: section for section in _TABLE}
_REMOVED = {section.removed: section for section in _TABLE if section.removed is not None}


def decide(command: c.Define | c.Remove, state: Tenant) -> list[Struct]:
    """The events that follow from a command about a section. Raises :class:`Refused`."""
    section = SECTIONS[command.section]
    if isinstance(command, c.Remove):
        assert section.removed is not None
        if command.key not in getattr(state, section.name):
            raise Refused("not_found", f"There is no such {section.one}.")
        return [section.removed(command.key)]
    assert isinstance(command.value, section.value)
    if not section.key:
        section.check("", command.value, state)
        same = command.value == getattr(state, section.name)
        return [] if same else [section.defined(command.value)]
    return _define(section, command.key, command.value, state)


def _define(section: Section, key: str, value: Any, state: Tenant) -> list[Struct]:
    there = getattr(state, section.name)
    if not re.fullmatch(section.form, key):
        raise Refused("bad_request", f"The key of a {section.one} is {section.what}.")
    section.check(key, value, state)
    if key not in there and len(there) >= section.most:
        raise Refused("too_many", f"There may be {section.most} of these: {section.name}.")
    return [] if there.get(key) == value else [section.defined(key, value)]


def evolve(state: _State, event: Any) -> _State:
    """The state after an event; what is no section's leaves it as it is."""
    section = _DEFINED.get(type(event))
    if section is not None and not section.key:
        return replace(state, **{section.name: event.value})
    if section is not None:
        there = {**getattr(state, section.name), getattr(event, section.key): event.value}
        return replace(state, **{section.name: there})
    section = _REMOVED.get(type(event))
    if section is None:
        return state
    gone = getattr(event, section.key)
    there = {key: each for key, each in getattr(state, section.name).items() if key != gone}
    return replace(state, **{section.name: there})


def place_of(event: Any) -> tuple[str, str] | None:
    """Section and key of the value that an event says; None for one that says none."""
    section = _DEFINED.get(type(event))
    if section is None:
        return None
    return section.name, getattr(event, section.key) if section.key else ""


def removed_by(event: Any) -> tuple[str, str] | None:
    """Section and key of the value that an event takes away; None for one that takes none."""
    section = _REMOVED.get(type(event))
    return None if section is None else (section.name, getattr(event, section.key))
