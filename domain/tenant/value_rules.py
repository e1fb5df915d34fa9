"""What may stand in each section of the settings. Each rule raises Refused and names the field."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import TYPE_CHECKING, get_args

from domain.agent.commands import STATUSES
from domain.conversation.commands import DEPARTMENT, Channel
from domain.errors import Refused
from domain.limits import (
    MAX_CAPACITY,
    MAX_NAME,
    MAX_ORDER,
    MAX_SHORT_TEXT,
    MAX_SKILLS,
    MAX_SUGGESTED_TAGS,
    MAX_TAG,
    MAX_TAGS,
    MAX_TEXT,
    MAX_WAIT_S,
    MAX_WELCOME,
)
from domain.tenant import checks
from domain.tenant import values as v

if TYPE_CHECKING:
    from domain.tenant.state import Tenant

STRATEGIES = ("round_robin", "least_busy", "manual")
CHANNELS = get_args(Channel)
SOURCES = ("direct", "search", "social", "campaign", "referral")
OPENINGS = ("open", "closed")
NO_STATUSES = (*STATUSES, "erased")
"""Words that a status of the tenant's own cannot have: reports give them a meaning."""

A_DEPARTMENT = (
    "a word of at most 32 characters: a letter, then letters, digits, hyphens or underscores"
)
_UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_PLACEHOLDER = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_PLACE = re.compile(r"\s*(visitor\.[^\s.{}]{1,64}|agent\.name|site\.name)\s*")


def department(_: str, value: v.Department, __: Tenant) -> None:
    """What a department may be."""
    checks.line(value.name, "name", MAX_NAME)
    checks.one_of(value.strategy, "strategy", STRATEGIES)


def reply(key: str, value: v.Reply, tenant: Tenant) -> None:
    """What a canned reply may be: its shortcut is its own within a department."""
    checks.word(value.shortcut, "shortcut")
    checks.line(value.title, "title", MAX_NAME)
    checks.prose(value.text, "text", MAX_TEXT)
    _department(value.department, "department")
    checks.matching(value.file, "file", _UUID, "the id of a file")
    for found in _PLACEHOLDER.findall(value.text):
        if not _PLACE.fullmatch(found):
            checks.refuse(
                "text",
                f"has an unknown placeholder {{{{{found[:40]}}}}}; there are visitor.name,"
                " agent.name, site.name and visitor. with an attribute's name",
            )
    short = (value.shortcut.casefold(), value.department)
    for other, each in tenant.replies.items():
        if other != key and (each.shortcut.casefold(), each.department) == short:
            raise Refused("exists", f"Another reply has the shortcut {value.shortcut!r} already.")


def welcome(_: str, value: v.Welcome, tenant: Tenant) -> None:
    """What a welcome rule may be."""
    _rule(value)
    checks.texts(value.text, "text", MAX_WELCOME)
    checks.few(value.sites, "sites", len(tenant.sites) + len(tenant.removed_sites))
    for site in value.sites:
        _site(site, "sites", tenant)
    when = value.when
    checks.page(when.page, "when.page")
    checks.one_of(when.source, "when.source", SOURCES)
    if when.campaign is not None:
        checks.line(when.campaign, "when.campaign", MAX_NAME)
    checks.number(when.after_s, "when.after_s", 0, MAX_WAIT_S)
    checks.one_of(when.opening, "when.opening", OPENINGS)


def reception(_: str, value: v.Reception, tenant: Tenant) -> None:
    """What a reception rule may be."""
    _rule(value)
    when, then = value.when, value.then
    if when.site is not None:
        _site(when.site, "when.site", tenant)
    checks.page(when.page, "when.page")
    checks.one_of(when.channel, "when.channel", CHANNELS)
    if when.language is not None:
        checks.language(when.language, "when.language")
    _department(when.department, "when.department")
    _department(then.department, "then.department")
    checks.few(then.skills, "then.skills", MAX_SKILLS)
    for skill in then.skills:
        checks.line(skill, "then.skills", MAX_TAG)
    _tags(then.tags, "then.tags", MAX_TAGS)


def status(_: str, value: v.Status, __: Tenant) -> None:
    """What a status of the tenant's own may be."""
    checks.texts(value.name, "name", MAX_SHORT_TEXT)


def routing(_: str, value: v.Routing, __: Tenant) -> None:
    """What routing may be."""
    checks.one_of(value.strategy, "strategy", STRATEGIES)
    checks.number(value.capacity, "capacity", 1, MAX_CAPACITY)
    for field in ("release_after_s", "remind_after_s", "missed_after_s", "away_after_s"):
        checks.number(getattr(value, field), field, 0, MAX_WAIT_S)


def tags(_: str, value: v.Tags, __: Tenant) -> None:
    """What the suggested tags may be."""
    _tags(value.tags, "tags", MAX_SUGGESTED_TAGS)


def _rule(value: v.Welcome | v.Reception) -> None:
    checks.line(value.name, "name", MAX_NAME)
    checks.number(value.order, "order", 0, MAX_ORDER)


def _site(site: str, field: str, tenant: Tenant) -> None:
    """A site that is here, or was removed and can be restored: its rules wait for it."""
    if site not in tenant.sites and site not in tenant.removed_sites:
        checks.refuse(field, f"names a site that is not here: {site[:64]!r}")


def _department(name: str | None, field: str) -> None:
    checks.matching(name, field, DEPARTMENT, A_DEPARTMENT)


def _tags(given: Collection[str], field: str, most: int) -> None:
    checks.few(given, field, most)
    for tag in given:
        checks.line(tag, field, MAX_TAG)
