"""``/v1/agents``, as admins change it: who works here, as what, and with which password."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType
from starlette.responses import Response

from api import agents, throttle
from api.conditions import held, match_of, tag
from api.routing import DELETE, POST, PUT, Call, Route
from domain.handling.staff import Person
from domain.passwords import MAX_PASSWORD

Password = Annotated[str, Meta(max_length=MAX_PASSWORD)]


class NewAgent(Person, frozen=True, kw_only=True):
    """Somebody who is to answer; without a password one is drawn."""

    email: Annotated[str, Meta(max_length=320)]
    password: Password | None = None

    def __repr__(self) -> str:
        return "NewAgent(…)"


class Made(Struct, frozen=True):
    """An agent that was made; the password only if it was drawn, and told this once."""

    id: str
    password: str | UnsetType = UNSET

    def __repr__(self) -> str:
        return f"Made({self.id!r})"


class NewPassword(Struct, frozen=True):
    """An agent's password from now on."""

    password: Password

    def __repr__(self) -> str:
        return "NewPassword(…)"


class OwnPassword(Struct, frozen=True):
    """One's own password, and what it is to be."""

    old: Password
    new: Password

    def __repr__(self) -> str:
        return "OwnPassword(…)"


async def create(call: Call) -> Made:
    """Let somebody answer."""
    await throttle.count_change(call.deps, call.caller)
    given: NewAgent = call.body
    agent, password = await call.deps.staff.create(call.caller, given.email, given, given.password)
    return Made(agent, password if given.password is None else UNSET)


async def change(call: Call) -> Response:
    """Say anew what somebody is: name, role, departments, skills, capacity."""
    await throttle.count_change(call.deps, call.caller)
    agent, match = call.id(), match_of(call.request)
    change = call.deps.staff.change(call.caller, agent, call.body, match)
    version = await held(change, partial(agents.present_agent, call, agent))
    return Response(status_code=204, headers={"ETag": tag(version)})


async def set_password(call: Call) -> Response:
    """Give somebody a new password; what is open under the old one ends."""
    await throttle.count_change(call.deps, call.caller)
    given: NewPassword = call.body
    await call.deps.staff.set_password(call.caller, call.id(), given.password)
    return Response(status_code=204)


async def change_own_password(call: Call) -> Response:
    """Change one's own. Guesses at the old one count like failed sign-ins."""
    given: OwnPassword = call.body
    caller = call.caller
    email = (await call.deps.staff.agent(caller.log, caller.actor.id)).email
    async with throttle.sign_in(call.deps, call.request, caller.tenant, email):
        await call.deps.staff.change_own_password(caller, given.old, given.new)
    return Response(status_code=204)


async def deactivate(call: Call) -> Response:
    """Let somebody no longer sign in."""
    await throttle.count_change(call.deps, call.caller)
    agent = call.id()
    change = call.deps.staff.deactivate(call.caller, agent, match_of(call.request))
    await held(change, partial(agents.present_agent, call, agent))
    return Response(status_code=204)


OF_ONE = "/v1/agents/{id}"
ROUTES = (
    Route(
        POST,
        "/v1/agents",
        create,
        "Make an agent",
        body=NewAgent,
        answer=Made,
        status=201,
        exact=True,
    ),
    Route(
        PUT,
        "/v1/agents/me/password",  # before the one that takes any id
        change_own_password,
        "Change one's own password",
        body=OwnPassword,
        status=204,
    ),
    Route(
        PUT,
        OF_ONE,
        change,
        "Change an agent",
        body=Person,
        status=204,
        exact=True,
        conditional=True,
    ),
    Route(DELETE, OF_ONE, deactivate, "Deactivate an agent", status=204, conditional=True),
    Route(
        PUT,
        f"{OF_ONE}/password",
        set_password,
        "Give an agent a new password",
        body=NewPassword,
        status=204,
    ),
)
