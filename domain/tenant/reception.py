"""Which reception rule a new conversation falls under, and what becomes of it there. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TypeVar

from msgspec import Struct

from domain.tenant.goals import reaches
from domain.tenant.values import Reception, ReceptionWhen, Welcome

Rule = TypeVar("Rule", Reception, Welcome)


class Arrival(Struct, frozen=True):
    """What is known of a conversation when it begins; None: not said.

    ``page`` is the address of the page, ``department`` the one that the visitor chose.
    """

    site: str | None = None
    page: str | None = None
    channel: str | None = None
    language: str | None = None
    department: str | None = None


class Received(Struct, frozen=True):
    """Where a conversation goes, and by which rule; without one, where its visitor wants it."""

    department: str | None = None
    skills: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    rule: str | None = None


def chosen_of(department: str | None, defined: Collection[str]) -> str | None:
    """The department that a visitor chose, if it is one.

    Where none is defined any word will do. Else another word is left out, and no message refused
    for it: the page may be older than the settings.
    """
    return department if not defined or department in defined else None


def receive(rules: Mapping[str, Reception], arrival: Arrival) -> Received:
    """What the first rule that fits says. A department that the visitor chose stays."""
    for key, rule in in_order(rules):
        if rule.enabled and _fits(rule.when, arrival):
            then = rule.then
            chosen = arrival.department
            department = then.department if chosen is None else chosen
            return Received(department, then.skills, then.tags, key)
    return Received(arrival.department)


def in_order(rules: Mapping[str, Rule]) -> list[tuple[str, Rule]]:
    """The rules as they are asked, with their keys."""
    return sorted(rules.items(), key=lambda entry: (entry[1].order, entry[0]))


def _fits(when: ReceptionWhen, arrival: Arrival) -> bool:
    return (
        when.site in {None, arrival.site}
        and when.channel in {None, arrival.channel}
        and when.department in {None, arrival.department}
        and (when.language is None or speaks(arrival.language, when.language))
        and (when.page is None or (arrival.page is not None and reaches(when.page, arrival.page)))
    )


def speaks(said: str | None, wanted: str) -> bool:
    """Whether a language is the wanted one, or a kind of it: ``zh-CN`` is ``zh``."""
    spoken, asked = (said or "").casefold(), wanted.casefold()
    return spoken == asked or spoken.startswith(f"{asked}-")
