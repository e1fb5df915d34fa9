"""``parley goal``: pages that visitors are hoped to reach, for the report of conversions."""

from __future__ import annotations

from typing import Any

import click

from domain.tenant.goals import Goal
from ops.commands.common import (
    Command,
    Group,
    core_of,
    reading_core_of,
    run,
    say_columns,
    say_json,
    say_pairs,
    settings_of,
)
from ops.commands.options import json_option, tenant_option
from ops.errors import CannotRun
from ops.goal_operator import GoalOperator
from ops.settings import Settings

goal_option = click.option("--goal", "goal_id", required=True, help="The goal's id.")
PAGE = "Its page's path: /checkout/done, or /orders/* for all that begins so."


@click.group(cls=Group)
def goal() -> None:
    """Say which pages visitors are hoped to reach."""


@goal.command(name="list", cls=Command)
@tenant_option
@json_option
@click.pass_context
def show(context: click.Context, tenant: str, *, as_json: bool) -> None:
    """Print the goals."""
    goals = run(_list(settings_of(context), tenant))
    if as_json:
        say_json([told(tenant, each) for each in goals])
    else:
        say_columns([["goal", "name", "url"], *([g.goal, g.name, g.url] for g in goals)])


async def _list(settings: Settings, tenant: str) -> list[Goal]:
    async with reading_core_of(settings) as core:
        operator = GoalOperator(core)
        return await operator.goals(await operator.log_of(tenant))


@goal.command(cls=Command)
@tenant_option
@click.option("--name", required=True, help="What reports call it.")
@click.option("--url", required=True, help=PAGE)
@json_option
@click.pass_context
def add(context: click.Context, /, *, as_json: bool, **chosen: str) -> None:
    """Add a goal: from now on it is counted who reaches it."""
    _say(run(_add(settings_of(context), **chosen)), as_json=as_json)


async def _add(settings: Settings, *, tenant: str, name: str, url: str) -> dict[str, Any]:
    async with core_of(settings) as core:
        operator = GoalOperator(core)
        return told(tenant, await operator.add(await operator.log_of(tenant), name, url))


@goal.command(cls=Command)
@tenant_option
@goal_option
@click.option("--name", help="Another name.")
@click.option("--url", help=f"Another page. {PAGE}")
@json_option
@click.pass_context
def change(context: click.Context, /, *, as_json: bool, **chosen: Any) -> None:
    """Give a goal another name, or another page from now on."""
    _say(run(_change(settings_of(context), **chosen)), as_json=as_json)


async def _change(
    settings: Settings, *, tenant: str, goal_id: str, name: str | None, url: str | None
) -> dict[str, Any]:
    if name is None and url is None:
        raise CannotRun("Nothing to change was given.")
    async with core_of(settings) as core:
        operator = GoalOperator(core)
        log = await operator.log_of(tenant)
        return told(tenant, await operator.change(log, goal_id, name, url))


@goal.command(cls=Command)
@tenant_option
@goal_option
@json_option
@click.pass_context
def remove(context: click.Context, /, *, as_json: bool, **chosen: str) -> None:
    """Count a goal no more."""
    run(_remove(settings_of(context), **chosen))
    _say({"tenant": chosen["tenant"], "goal": chosen["goal_id"]}, as_json=as_json)


async def _remove(settings: Settings, *, tenant: str, goal_id: str) -> None:
    async with core_of(settings) as core:
        operator = GoalOperator(core)
        await operator.remove(await operator.log_of(tenant), goal_id)


def told(tenant: str, each: Goal) -> dict[str, Any]:
    """A goal as it is printed."""
    return {"tenant": tenant, "goal": each.goal, "name": each.name, "url": each.url}


def _say(form: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        say_json(form)
    else:
        say_pairs(form.items())
