"""The form of each event as an audience is shown it: types made of visibility and registry.

They are for documents and for whoever checks what came. What is sent is written by
``domain.visibility`` alone and never goes through here.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import NODEFAULT, Meta, Struct, defstruct
from msgspec.structs import FieldInfo
from msgspec.structs import fields as fields_of

from domain.envelope import Actor
from domain.event_types import REGISTRY
from domain.registry import EventType
from domain.visibility import VISIBLE, Audience

Number = Annotated[int, Meta(ge=1)]


class ShownToVisitor(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """An event as a visitor is shown it; ``version`` counts the events of its stream.

    ``data`` is null in one that was erased or is damaged, and it is said which.
    """

    id: UUID
    stream: str
    version: Number
    at: Annotated[datetime, Meta(tz=True)]
    actor: Actor
    erased: bool = False
    damaged: bool = False


class ShownToAgent(ShownToVisitor, frozen=True, omit_defaults=True, kw_only=True):
    """An event as an agent is shown it; ``position`` counts the events of the tenant's log."""

    position: Number


_BASES = {Audience.VISITOR: ShownToVisitor, Audience.AGENT: ShownToAgent}


def fields_shown(name: str, audience: Audience) -> tuple[str, ...] | None:
    """Which fields of a type's data an audience is shown; None: not even that it happened."""
    shown = VISIBLE[name]
    return shown.visitor if audience is Audience.VISITOR else shown.agent


def event_forms(audience: Audience) -> tuple[type[Struct], ...]:
    """A form for each type of event that the audience is shown, told apart by ``type``."""
    shown = ((each, fields_shown(each.name, audience)) for each in REGISTRY)
    return tuple(_form(each, fields, audience) for each, fields in shown if fields is not None)


def _form(event_type: EventType, shown: tuple[str, ...], audience: Audience) -> type[Struct]:
    cls = event_type.cls
    data = defstruct(
        f"{cls.__name__}Data",
        [_field(each) for each in fields_of(cls) if each.name in shown],
        namespace={"__doc__": f"What is shown of ``{event_type.name}``."},
        frozen=True,
        omit_defaults=True,
    )
    return defstruct(
        cls.__name__,
        [("data", data | None)],
        bases=(_BASES[audience],),
        namespace={"__doc__": cls.__doc__},
        frozen=True,
        kw_only=True,
        tag_field="type",
        tag=event_type.name,
    )


def _field(field: FieldInfo) -> Any:
    """A field as ``defstruct`` takes it; one that may be missing is left out where it is."""
    if field.required:
        return (field.name, field.type)
    default = field.default if field.default is not NODEFAULT else field.default_factory()
    return (field.name, field.type, default)
