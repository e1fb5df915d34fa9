"""What may happen to an agent."""

from __future__ import annotations

import re

from msgspec import Struct

from domain.access import AGENT_ROLES
from domain.agent import commands as c
from domain.agent import events as e
from domain.agent.state import Agent
from domain.conversation.commands import DEPARTMENT
from domain.errors import Refused
from domain.limits import MAX_CAPACITY, MAX_NAME, MAX_SKILLS, MAX_TAG

OFFLINE = "offline"
AWAY = "away"

AgentCommand = (
    c.SetStatus
    | c.Retire
    | c.ChangeProfile
    | c.ChangeAgent
    | c.CreateAgent
    | c.SetRights
    | c.SetPassword
    | c.Deactivate
    | c.SignIn
    | c.FailSignIn
    | c.SignOut
)


def decide(command: AgentCommand, state: Agent) -> list[Struct]:
    """The events that follow from a command to an agent. Raises :class:`Refused`.

    What is so already is so, whatever it was thought to be.
    """
    happened = _decided(command, state)
    if happened and isinstance(command, c.MATCHED) and command.match is not None:
        command.match.check(state.version)
    return happened


def _decided(command: AgentCommand, state: Agent) -> list[Struct]:
    if isinstance(command, c.CreateAgent):
        return _create(command, state)
    attempted = isinstance(command, c.FailSignIn | c.SignOut)  # by one that was ended, too
    if not (state.role if attempted else state.active):
        raise Refused("not_found", "There is no such agent.")
    match command:
        case c.SetStatus():
            return _set_status(command, state)
        case c.Retire():
            gone = e.AgentStatusChanged(OFFLINE, automatic=True, reason="gone")
            return [] if state.status == OFFLINE else [gone]
        case c.ChangeProfile() | c.SetRights() | c.ChangeAgent():
            return _manage(command, state)
        case c.SetPassword():
            return [e.AgentPasswordChanged(command.password)]
        case c.Deactivate():
            return [e.AgentDeactivated()]
        case c.SignIn() | c.FailSignIn() | c.SignOut():
            return [_signing(command)]


def _signing(command: c.SignIn | c.FailSignIn | c.SignOut) -> Struct:
    match command:
        case c.SignIn():
            return e.AgentSignedIn(command.address, command.user_agent)
        case c.FailSignIn():
            return e.AgentSignInFailed(command.address, command.user_agent, command.reason)
        case c.SignOut():
            return e.AgentSignedOut(command.address, command.user_agent)


def _set_status(command: c.SetStatus, state: Agent) -> list[Struct]:
    if command.status == state.status:
        return []
    if not command.automatic:
        return [e.AgentStatusChanged(command.status)]
    reason = "idle" if command.status == AWAY else "back"
    return [e.AgentStatusChanged(command.status, automatic=True, reason=reason)]


def _manage(command: c.ChangeProfile | c.SetRights | c.ChangeAgent, state: Agent) -> list[Struct]:
    rights = [] if isinstance(command, c.ChangeProfile) else _set_rights(command, state)
    return rights + ([] if isinstance(command, c.SetRights) else _change_profile(command, state))


def _set_rights(command: c.SetRights | c.ChangeAgent, state: Agent) -> list[Struct]:
    _check_rights(command)
    same = (command.role, command.departments) == (state.role, state.departments)
    return [] if same else [e.AgentRightsChanged(command.role, command.departments)]


def _change_profile(command: c.ChangeProfile | c.ChangeAgent, state: Agent) -> list[Struct]:
    _check_profile(command)
    same = _profile(command) == _profile(state)
    return [] if same else [e.AgentProfileChanged(*_profile(command))]


def _profile(
    of: c.ChangeProfile | c.ChangeAgent | Agent,
) -> tuple[str, int | None, tuple[str, ...]]:
    return of.name, of.capacity, of.skills


def _check_profile(command: c.ChangeProfile | c.ChangeAgent) -> None:
    if not command.name.strip() or len(command.name) > MAX_NAME:
        raise Refused("bad_request", f"A name has 1 to {MAX_NAME} characters.")
    if command.capacity is not None and not 0 <= command.capacity <= MAX_CAPACITY:
        raise Refused("bad_request", f"A capacity is 0 to {MAX_CAPACITY} conversations.")
    if len(command.skills) > MAX_SKILLS:
        raise Refused("too_many", f"An agent has {MAX_SKILLS} skills at most.")
    if not all(0 < len(skill.strip()) <= MAX_TAG for skill in command.skills):
        raise Refused("bad_request", f"A skill has 1 to {MAX_TAG} characters.")


def _create(command: c.CreateAgent, state: Agent) -> list[Struct]:
    if state.role:
        raise Refused("exists", "This agent exists already.")
    _check_rights(command)
    created = e.AgentCreated(
        command.email, command.name, command.role, command.password, command.departments
    )
    return [created]


def _check_rights(command: c.CreateAgent | c.SetRights | c.ChangeAgent) -> None:
    if command.role not in AGENT_ROLES:
        raise Refused("bad_request", f"A role is one of {', '.join(AGENT_ROLES)}.")
    if not all(re.match(DEPARTMENT, department) for department in command.departments):
        raise Refused(
            "bad_request",
            "A department is one word of at most 32 characters: a letter, then letters, digits,"
            " hyphens or underscores.",
        )
