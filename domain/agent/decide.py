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

AgentCommand = (
    c.SetStatus
    | c.CreateAgent
    | c.SetRights
    | c.SetPassword
    | c.Deactivate
    | c.SignIn
    | c.FailSignIn
    | c.SignOut
)


def decide(command: AgentCommand, state: Agent) -> list[Struct]:
    """The events that follow from a command to an agent. Raises :class:`Refused`."""
    if isinstance(command, c.CreateAgent):
        return _create(command, state)
    attempted = isinstance(command, c.FailSignIn | c.SignOut)  # by one that was ended, too
    if not (state.role if attempted else state.active):
        raise Refused("not_found", "There is no such agent.")
    match command:
        case c.SetStatus():
            same = command.status == state.status
            return [] if same else [e.AgentStatusChanged(command.status)]
        case c.SetRights():
            _check_rights(command)
            same = (command.role, command.departments) == (state.role, state.departments)
            return [] if same else [e.AgentRightsChanged(command.role, command.departments)]
        case c.SetPassword():
            return [e.AgentPasswordChanged(command.password)]
        case c.Deactivate():
            return [e.AgentDeactivated()]
        case c.SignIn():
            return [e.AgentSignedIn(command.address, command.user_agent)]
        case c.FailSignIn():
            failed = e.AgentSignInFailed(command.address, command.user_agent, command.reason)
            return [failed]
        case c.SignOut():
            return [e.AgentSignedOut(command.address, command.user_agent)]


def _create(command: c.CreateAgent, state: Agent) -> list[Struct]:
    if state.role:
        raise Refused("exists", "This agent exists already.")
    _check_rights(command)
    created = e.AgentCreated(
        command.email, command.name, command.role, command.password, command.departments
    )
    return [created]


def _check_rights(command: c.CreateAgent | c.SetRights) -> None:
    if command.role not in AGENT_ROLES:
        raise Refused("bad_request", f"A role is one of {', '.join(AGENT_ROLES)}.")
    if not all(re.match(DEPARTMENT, department) for department in command.departments):
        raise Refused(
            "bad_request",
            "A department is one word of at most 32 characters: a letter, then letters, digits,"
            " hyphens or underscores.",
        )
