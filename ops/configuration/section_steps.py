"""What a file asks of the sections of the settings, as steps: the log's own rules judge each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from domain.tenant import commands as c
from domain.tenant.decide import TenantCommand
from domain.tenant.sections import SECTIONS
from domain.tenant.state import Tenant
from ops.configuration.sections import Wish
from ops.configuration.steps import NOBODY, Action, Step, differing
from ops.configuration.toml_file import Fault, Place

DEPARTMENTS = "departments"

Think = Callable[[Place, TenantCommand], None]
"""Judges a command, after those before it; raises Fault for what stands at this place."""


class SectionSteps:
    """Steps from ``now``. With ``prune`` what is not named goes: ``departments`` if any are."""

    def __init__(self, now: Tenant, think: Think, *, prune: bool, departments: bool) -> None:
        self._now = now
        self._think = think
        self._prune = prune
        self._departments = departments

    def of(self, wished: list[Wish]) -> list[Step]:
        """What goes, then what changes, then what is new: a shortcut is free before it is given."""
        named: set[tuple[str, str]] = set()
        for wish in wished:
            if (wish.section, wish.key) in named:
                raise Fault(wish.place, "It stands in the file twice.")
            named.add((wish.section, wish.key))
        steps = list(self._unnamed(named))
        wished = sorted(wished, key=lambda wish: self._there(wish) is None)
        return [*steps, *map(self._step, wished)]

    def _unnamed(self, named: set[tuple[str, str]]) -> Iterator[Step]:
        for section in SECTIONS.values():
            prunes = self._prune and (self._departments or section.name != DEPARTMENTS)
            there = getattr(self._now, section.name) if section.removed else ()
            for key in (each for each in there if (section.name, each) not in named):
                if prunes:
                    self._think((section.name,), c.Remove(NOBODY, section.name, key))
                action: Action = "remove" if prunes else "keep"
                yield Step(action, section.one, key, key=key, section=section.name)

    def _step(self, wish: Wish) -> Step:
        before, one = self._there(wish), SECTIONS[wish.section].one
        self._think(wish.place, c.Define(NOBODY, wish.section, wish.value, wish.key))
        fields = differing(wish.value.__struct_fields__, before, wish.value)
        action: Action = "add" if before is None else "change" if fields else "leave"
        return Step(action, one, wish.name, fields, wish.key, wish.value, wish.section)

    def _there(self, wish: Wish) -> Any:
        """What there is in the place of a wish; None where there is nothing."""
        there = getattr(self._now, wish.section)
        return there.get(wish.key) if SECTIONS[wish.section].key else there
