"""One step from what there is to what a file asks for, and what all kinds of steps need."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeVar
from uuid import UUID

from msgspec import Struct

from domain.errors import Refused
from domain.tenant.events import HoursChanged
from domain.tenant.values import Value
from ops.configuration import document as d
from ops.configuration.toml_file import Fault, Place
from ops.errors import CannotRun

Action = Literal["add", "change", "remove", "leave", "keep"]
Item = d.Site | d.Agent | d.Webhook | d.Goal | HoursChanged | Value
_T = TypeVar("_T")

NOBODY = UUID(int=0)
"""The id of commands that are only thought of."""


class Step(Struct, frozen=True):
    """One thing and what becomes of it.

    ``leave``: it is so already; ``keep``: the file does not name it. ``fields`` are those that
    change, ``key`` is the id of what is there, ``item`` what the file wants. ``section`` is that of
    the settings, if it is of one; ``thought`` what a new site is called until it has its id.
    """

    action: Action
    kind: str
    name: str
    fields: tuple[str, ...] = ()
    key: str = ""
    item: Item | None = None
    section: str = ""
    thought: str = ""


def differing(names: Sequence[str], before: Any, after: Any) -> tuple[str, ...]:
    """Which of these are otherwise; none where there was nothing before."""
    if before is None:
        return ()
    return tuple(name for name in names if getattr(before, name) != getattr(after, name))


def told(place: Place, work: Callable[[], _T]) -> _T:
    """What something comes to; a refusal is a fault of what stands at this place."""
    try:
        return work()
    except (CannotRun, Refused) as error:
        raise Fault(place, str(error)) from None
