"""The sections of the settings in a configuration: what a file wishes of them, and what there is.

A file names sites by the ids that they have where it was written; here those are put in whose turn
it is, so that rules fit another tenant's sites too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from msgspec import Struct
from msgspec.structs import asdict, replace

from domain.tenant import values as v
from domain.tenant.state import INITIAL, Tenant
from domain.tenant.values import Value
from ops.configuration import document as d
from ops.configuration.toml_file import Place

KEYED: dict[str, tuple[type[Any], type[Struct]]] = {
    "statuses": (d.Status, v.Status),
    "replies": (d.Reply, v.Reply),
    "welcomes": (d.Welcome, v.Welcome),
    "receptions": (d.Reception, v.Reception),
}
"""The sections that stand in a file as they are, with the type of an entry and that of a value."""

_T = TypeVar("_T")


class Wish(Struct, frozen=True):
    """A value that a file names, and where. ``name`` is what people know it by."""

    section: str
    key: str
    name: str
    place: Place
    value: Value


def wishes(wanted: d.Configuration, sites: Mapping[int, str], ids: Mapping[str, str]) -> list[Wish]:
    """All that a file names: ``sites`` are those of its sites by their number, ``ids`` by id."""
    return [
        *_departments(wanted.departments or ()),
        *_keyed(wanted, ids),
        *_appearances(wanted.sites, sites),
        *_single(wanted),
    ]


def _departments(given: tuple[str | d.Department, ...]) -> Iterator[Wish]:
    for n, each in enumerate(given):
        if isinstance(each, d.Department) and each.name is not None:
            value = v.Department(each.name, each.strategy, each.offered)
            yield Wish("departments", each.id, each.name, ("departments", n), value)


def _keyed(wanted: d.Configuration, ids: Mapping[str, str]) -> Iterator[Wish]:
    for section, (_, form) in KEYED.items():
        for n, each in enumerate(getattr(wanted, section)):
            value: Any = form(**{name: getattr(each, name) for name in form.__struct_fields__})
            name = getattr(each, "title", getattr(each, "name", ""))
            told = name if isinstance(name, str) else each.id
            yield Wish(section, each.id, told, (section, n), at_sites(value, ids))


def _appearances(given: tuple[d.Site, ...], sites: Mapping[int, str]) -> Iterator[Wish]:
    for n, each in enumerate(given):
        if each.appearance is not None:
            yield Wish("appearances", sites[n], each.name, ("sites", n), each.appearance)


def _single(wanted: d.Configuration) -> Iterator[Wish]:
    if wanted.routing is not None:
        yield Wish("routing", "", wanted.routing.strategy, ("routing",), wanted.routing)
    if wanted.tags is not None:
        yield Wish("tags", "", "", ("tags",), v.Tags(wanted.tags))


def at_sites(value: _T, ids: Mapping[str, str]) -> _T:
    """A value with other ids of sites in place of those that it names."""
    if isinstance(value, v.Welcome):
        return replace(value, sites=tuple(ids.get(site, site) for site in value.sites))
    if isinstance(value, v.Reception) and value.when.site is not None:
        site = ids.get(value.when.site, value.when.site)
        return replace(value, when=replace(value.when, site=site))
    return value


def departments(tenant: Tenant, used: tuple[str, ...]) -> tuple[d.Department, ...]:
    """Those that are defined, and those that somebody has."""
    there = tenant.departments
    return tuple(
        d.Department(each, **asdict(there[each])) if each in there else d.Department(each)
        for each in sorted({*there, *used})
    )


def present(tenant: Tenant) -> dict[str, Any]:
    """What there is of the other sections, as the fields of a document."""
    keyed = {
        section: tuple(
            entry(**asdict(each), id=key) for key, each in getattr(tenant, section).items()
        )
        for section, (entry, _) in KEYED.items()
    }
    routing = None if tenant.routing == INITIAL.routing else tenant.routing
    return {**keyed, "routing": routing, "tags": tenant.tags.tags or None}
