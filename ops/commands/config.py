"""``parley config``: a tenant's configuration as one file, and back in."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

import click

from domain.passwords import PasswordHasher
from ops.asking import log_of
from ops.commands.common import (
    Command,
    Group,
    Place,
    core_of,
    reading_core_of,
    run,
    say_columns,
    say_json,
    settings_of,
)
from ops.commands.options import json_option, tenant_option
from ops.configuration import toml_file
from ops.configuration.carry import Carrier, Secrets
from ops.configuration.document import Configuration
from ops.configuration.plan import planned
from ops.configuration.present import configuration, present
from ops.configuration.steps import Step
from ops.configuration.toml_file import Fault
from ops.core import Core
from ops.errors import CannotRun
from ops.files import replace_file
from ops.goal_operator import GoalOperator
from ops.operator import Operator, passwords_of
from ops.settings import Settings
from ops.webhook_operator import WebhookOperator

TOLD = {
    "add": ("added", "would be added"),
    "change": ("changed", "would be changed"),
    "remove": ("removed", "would be removed"),
    "leave": ("unchanged", "unchanged"),
    "keep": ("not in the file, stays", "not in the file, stays"),
}
"""What becomes of something, and what would."""


@click.group(cls=Group)
def config() -> None:
    """Write a tenant's configuration to a file, or bring one in."""


@config.command(name="export", cls=Command)
@tenant_option
@click.option("--to", "target", required=True, type=Place(path_type=Path, dir_okay=False))
@click.option("--overwrite", is_flag=True, help="Replace what is there.")
@click.pass_context
def write(context: click.Context, tenant: str, target: Path, *, overwrite: bool) -> None:
    """Write settings, goals, webhooks and agents to a TOML file; no secret, no API key."""
    if target.exists() and not overwrite:
        raise CannotRun(f"{target} is there already; --overwrite replaces it.")
    text = run(_text(settings_of(context), tenant))
    replace_file(target, text.encode())
    click.echo(f"{target} has the configuration of {tenant}; secrets and API keys are not in it.")


async def _text(settings: Settings, tenant: str) -> str:
    async with reading_core_of(settings) as core:
        return toml_file.write(configuration(await present(core, await log_of(core, tenant))))


@config.command(name="import", cls=Command)
@tenant_option
@click.argument("source", metavar="FILE", type=Place(path_type=Path, exists=True, dir_okay=False))
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.option("--prune", is_flag=True, help="Remove what the file does not name.")
@json_option
@click.pass_context
def bring_in(context: click.Context, /, *, as_json: bool, **chosen: Any) -> None:
    """Have a tenant as a file says, and print new passwords and secrets, this once.

    A file that is wrong changes nothing. Given again it changes nothing either.
    """
    source, dry_run = chosen["source"], chosen["dry_run"]
    text = toml_file.read(source)
    wanted = toml_file.parse(source, text)
    say = _Telling(as_json=as_json, done=not dry_run)
    work = _would if dry_run else _bring_in
    try:
        run(work(settings_of(context), say, wanted, chosen["tenant"], prune=chosen["prune"]))
    except Fault as fault:
        raise fault.told(source, text) from None


async def _would(
    settings: Settings, say: _Telling, wanted: Configuration, tenant: str, *, prune: bool
) -> None:
    async with reading_core_of(settings) as core:
        say.plan(await _planned(core, await log_of(core, tenant), wanted, prune=prune))


async def _bring_in(
    settings: Settings, say: _Telling, wanted: Configuration, tenant: str, *, prune: bool
) -> None:
    async with core_of(settings) as core:
        log = await log_of(core, tenant)
        steps = await _planned(core, log, wanted, prune=prune)
        say.plan(steps)
        with passwords_of(settings) as passwords:
            await _carrier(core, log, settings, passwords).carry(steps, say.taken)


async def _planned(core: Core, log: UUID, wanted: Configuration, *, prune: bool) -> list[Step]:
    now = await present(core, log, [each.email for each in wanted.agents])
    return planned(wanted, now, prune=prune)


def _carrier(core: Core, log: UUID, settings: Settings, passwords: PasswordHasher) -> Carrier:
    return Carrier(
        log,
        Operator(core, passwords),
        WebhookOperator(core, settings.webhooks),
        GoalOperator(core),
    )


class _Telling:
    """Tells of the steps, each as it is taken: what is told once must not wait for the end."""

    def __init__(self, *, as_json: bool, done: bool) -> None:
        self._as_json = as_json
        self._done = done

    def plan(self, steps: list[Step]) -> None:
        """What there is to do. Where it is done, what changes is told when it has changed."""
        shown = [step for step in steps if not self._done or step.action in {"leave", "keep"}]
        if self._as_json:
            for step in shown:
                say_json(told(step, {}))
        elif shown:
            say_columns([self._cells(step) for step in shown])

    def taken(self, step: Step, secrets: Secrets) -> None:
        """A step was taken."""
        if self._as_json:
            say_json(told(step, secrets))
            return
        cells = [*self._cells(step), *(f"{name} {text}" for name, text in secrets.items())]
        say_columns([[cell for cell in cells if cell]])

    def _cells(self, step: Step) -> list[str]:
        becomes = TOLD[step.action][0 if self._done else 1]
        return [step.kind, step.name, becomes, ", ".join(step.fields)]


def told(step: Step, secrets: Secrets) -> dict[str, Any]:
    """A step as JSON."""
    return {
        "kind": step.kind,
        "name": step.name,
        "action": step.action,
        "fields": list(step.fields),
        **secrets,
    }
