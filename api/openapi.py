"""``/openapi.json``: the contract, made of the same records as the routes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from http import HTTPStatus
from typing import Any

import msgspec
from msgspec import Struct
from starlette.responses import Response

from api import bodies, problems
from api.conditions import MATCH, NONE_MATCH
from api.problems import Problem
from api.routing import GET, Call, Route, json
from domain.errors import CODES
from domain.permissions import ROUTES as PERMISSIONS
from domain.permissions import SCOPES

REFERENCE = "#/components/schemas/{name}"
BEARER = "bearer"
CONDITIONS = [
    {
        "name": MATCH,
        "in": "header",
        "description": "Only while the value is at this version; else `changed` (412).",
        "schema": {"type": "string", "examples": ['"17"']},
    },
    {
        "name": NONE_MATCH,
        "in": "header",
        "description": "Only while there is no such value; else `changed` (412).",
        "schema": {"const": "*"},
    },
]
NO_CONTENT = {HTTPStatus.SWITCHING_PROTOCOLS, HTTPStatus.NO_CONTENT, HTTPStatus.SEE_OTHER}


def route(routes: Sequence[Route], version: str) -> Route:
    """The route that tells of these routes, and of itself."""

    @cache
    def document() -> bytes:
        """Made when first asked for: most programs and tests never are."""
        return msgspec.json.encode(describe((*routes, own), version))

    async def openapi(_: Call) -> Response:
        return json(document())

    own = Route(GET, "/openapi.json", openapi, "Describe this API")
    return own


def describe(routes: Sequence[Route], version: str) -> dict[str, Any]:
    """The OpenAPI 3.1 document of these routes."""
    schemas, components = _schemas(routes)
    paths: dict[str, dict[str, Any]] = {}
    for entry in routes:
        path = re.sub(r"{(\w+):\w+}", r"{\1}", entry.path)
        paths.setdefault(path, {})[entry.method.lower()] = _operation(entry, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Parley", "version": version},
        "paths": paths,
        "components": {
            "schemas": components,
            "responses": {"Problem": _problem()},
            "securitySchemes": {
                BEARER: {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A visitor's or an agent's token, or an API key.",
                }
            },
        },
    }


def _schemas(routes: Iterable[Route]) -> tuple[dict[Any, Any], dict[str, Any]]:
    """A reference for each type in use, and what it refers to."""
    forms: list[Any] = [Problem]
    for entry in routes:
        forms += [form for form in (entry.body, entry.query, *_answers(entry)) if form is not None]
    unique = list(dict.fromkeys(forms))
    found, components = msgspec.json.schema_components(unique, ref_template=REFERENCE)
    return dict(zip(unique, found, strict=True)), components


def _operation(entry: Route, schemas: dict[Any, Any]) -> dict[str, Any]:
    allowed = sorted(PERMISSIONS.get(entry.name, ()))
    operation: dict[str, Any] = {
        "summary": entry.summary,
        "operationId": _operation_id(entry),
        "x-callers": allowed,
        "x-scopes": sorted(name for name, opened in SCOPES.items() if entry.name in opened),
        "security": [] if entry.open_to_anyone else [{BEARER: []}],
        "responses": {
            **{str(status): _answer(entry, schemas) for status in _statuses(entry)},
            "default": {"$ref": "#/components/responses/Problem"},
        },
    }
    parameters = [
        *_path_parameters(entry.path),
        *_query_parameters(entry),
        *(CONDITIONS if entry.conditional else ()),
    ]
    if parameters:
        operation["parameters"] = parameters
    if entry.body is not None:
        content = {bodies.JSON: {"schema": schemas[entry.body]}}
        operation["requestBody"] = {"required": True, "content": content}
    if entry.raw:
        operation["requestBody"] = {"required": True, "content": {bodies.BYTES: {}}}
    return operation


def _operation_id(entry: Route) -> str:
    """A name for generated clients: the resource and what is done with it."""
    resource = entry.handler.__module__.rpartition(".")[2]
    return f"{resource}_{entry.handler.__name__}"


def _statuses(entry: Route) -> list[int]:
    return [entry.status] if entry.ill is None else [entry.status, entry.ill]


def _answer(entry: Route, schemas: dict[Any, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": entry.summary}
    if entry.status not in NO_CONTENT:
        found = [schemas[form] for form in _answers(entry)]
        shape = {"schema": found[0] if len(found) == 1 else {"anyOf": found}} if found else {}
        answer["content"] = {entry.media: shape}
    return answer


def _answers(entry: Route) -> list[type[Struct]]:
    """What it may answer: one form, or one for visitors and one for all others."""
    return [form for form in (entry.answer, entry.to_visitor) if form is not None]


def _path_parameters(path: str) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)", path)
    ]


def _query_parameters(entry: Route) -> list[dict[str, Any]]:
    if entry.query is None:
        return []
    _, components = msgspec.json.schema_components([entry.query], ref_template=REFERENCE)
    form = components[entry.query.__name__]
    return [
        {"name": name, "in": "query", "required": name in form["required"], "schema": schema}
        for name, schema in form["properties"].items()
    ]


def _problem() -> dict[str, Any]:
    codes = "; ".join(f"`{code}` ({status})" for code, (status, _) in CODES.items())
    schema = {"$ref": REFERENCE.format(name=Problem.__name__)}
    return {
        "description": f"What is wrong (RFC 9457). Codes: {codes}.",
        "content": {problems.MEDIA_TYPE: {"schema": schema}},
    }
