"""``/v1/settings/{section}/{key}``: values are said anew or taken away, all sections alike."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from api import throttle
from api.conditions import held, match_of
from api.routing import DELETE, PUT, Call, Handler, Route
from api.settings import present
from api.settings_answers import Done
from domain.tenant.sections import SECTIONS, Section

PATHS = {"appearances": "/v1/settings/sites/{site}/appearance"}
"""The addresses of sections that do not follow from their names."""


def _path(section: Section) -> str:
    usual = f"/v1/settings/{section.name}" + (f"/{{{section.key}}}" if section.key else "")
    return PATHS.get(section.name, usual)


def _key(section: Section, call: Call) -> str:
    """The key in the address. What cannot be one is refused where it is decided."""
    return call.request.path_params[section.key] if section.key else ""


def _define(section: Section) -> Handler:
    async def define(call: Call) -> Done:
        """Say what a value is from now on."""
        await throttle.count_change(call.deps, call.caller)
        key, match = _key(section, call), match_of(call.request)
        change = call.deps.configured.define(call.caller, section.name, key, call.body, match)
        done = await held(change, partial(present, call, section.name, key))
        return Done(done.version, done.changed)

    return _named(define, "define", section)


def _remove(section: Section) -> Handler:
    async def remove(call: Call) -> Done:
        """Take a value away."""
        await throttle.count_change(call.deps, call.caller)
        key, match = _key(section, call), match_of(call.request)
        change = call.deps.configured.remove(call.caller, section.name, key, match)
        done = await held(change, partial(present, call, section.name, key))
        return Done(done.version, done.changed)

    return _named(remove, "remove", section)


def _named(handler: Handler, verb: str, section: Section) -> Handler:
    """By its name an operation is known in ``/openapi.json``."""
    handler.__name__ = f"{verb}_{section.name}"
    return handler


def _routes() -> Iterator[Route]:
    for section in SECTIONS.values():
        path = _path(section)
        yield Route(
            PUT,
            path,
            _define(section),
            f"Say what a {section.one} is: the whole value" if section.key
            else f"Set the {section.one}: the whole value",
            body=section.value,
            answer=Done,
            exact=True,
            conditional=True,
        )  # fmt: skip
        if section.removed is not None:
            summary = f"Take a {section.one} away"
            yield Route(DELETE, path, _remove(section), summary, answer=Done, conditional=True)


ROUTES = tuple(_routes())
