"""``parley agent``: those who answer."""

from __future__ import annotations

from typing import Any

import click

from domain.access import AGENT_ROLES
from ops.commands.common import Command, Group, operator_of, run, say_json, say_pairs, settings_of
from ops.commands.options import json_option, tenant_option
from ops.errors import CannotRun
from ops.operator import NewAgent, Operator
from ops.settings import Settings

ROLE = click.Choice(AGENT_ROLES)


@click.group(cls=Group)
def agent() -> None:
    """Make agents, and change what they may do."""


@agent.command(cls=Command)
@tenant_option
@click.option("--email", required=True, help="What the agent signs in with.")
@click.option("--name", help="What visitors see; by default the address up to its @.")
@click.option("--role", type=ROLE, default="agent", show_default=True)
@click.option("--department", "departments", multiple=True, help="May be given several times.")
@json_option
@click.pass_context
def create(context: click.Context, /, *, as_json: bool, **chosen: Any) -> None:
    """Make an agent and print the password, this once."""
    made = run(_create(settings_of(context), **chosen))
    say_json(made) if as_json else say_pairs(made.items())


async def _create(
    settings: Settings, *, tenant: str, email: str, departments: tuple[str, ...], **given: Any
) -> dict[str, str]:
    async with operator_of(settings) as operator:
        log = await operator.log_of(tenant)
        password = operator.new_password()
        name = given["name"] or email.strip().partition("@")[0]
        wanted = NewAgent(email, name, given["role"], password, departments)
        made = await operator.create_agent(log, wanted)
    return {
        "tenant": tenant,
        "agent": str(made),
        "email": email.strip(),
        "role": wanted.role,
        "password": password,
    }


@agent.command(name="set", cls=Command)
@tenant_option
@click.option("--email", required=True, help="What the agent signs in with.")
@click.option("--role", type=ROLE, help="A new role.")
@click.option("--department", "departments", multiple=True, help="The new departments, together.")
@click.option("--no-departments", is_flag=True, help="No department any more.")
@click.option("--password", is_flag=True, help="Print a new password; the old one ends.")
@click.option("--deactivate", is_flag=True, help="Let the agent no longer sign in.")
@json_option
@click.pass_context
def change(context: click.Context, /, *, as_json: bool, **chosen: Any) -> None:
    """Change an agent's role, departments or password, or end it."""
    if chosen["departments"] and chosen["no_departments"]:
        raise click.UsageError("Give --department or --no-departments, not both.")
    told = run(_change(settings_of(context), **chosen))
    say_json(told) if as_json else say_pairs(told.items())


async def _change(settings: Settings, *, tenant: str, email: str, **chosen: Any) -> dict[str, Any]:
    if not any(chosen.values()):
        raise CannotRun("Nothing to change was given.")
    async with operator_of(settings) as operator:
        log = await operator.log_of(tenant)
        agent_id = await operator.agent_of(log, email)
        if set(filter(chosen.get, chosen)) != {"deactivate"}:
            await operator.demand_active(log, agent_id, email)
        told: dict[str, Any] = {"tenant": tenant, "agent": str(agent_id)}
        if chosen["role"] or chosen["departments"] or chosen["no_departments"]:
            told |= await _change_rights(operator, log, agent_id, chosen)
        if chosen["password"]:
            told["password"] = operator.new_password()
            await operator.set_password(log, agent_id, told["password"])
        if chosen["deactivate"]:
            await operator.deactivate(log, agent_id)
            told["active"] = False
    return told


async def _change_rights(
    operator: Operator, log: Any, agent_id: Any, chosen: dict[str, Any]
) -> dict[str, Any]:
    now = await operator.agent(log, agent_id)
    role = chosen["role"] or now.role
    departments = () if chosen["no_departments"] else (chosen["departments"] or now.departments)
    await operator.set_rights(log, agent_id, role, departments)
    return {"role": role, "departments": list(departments)}
