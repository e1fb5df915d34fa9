"""``parley doctor``: is everything as it should be?"""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import click

from ops import logs
from ops.commands.common import Command, load_settings, run, say_json
from ops.doctor.findings import Finding, State
from ops.doctor.self_check import examine, running_port
from ops.errors import CannotRun
from ops.settings import Settings

WIDTH = 14
"""Characters of the longest part's name."""


@click.command(cls=Command)
@click.option(
    "--port", type=click.IntRange(0, 65535), help="Port of the product (its own, else 8080)."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_context
def doctor(context: click.Context, port: int | None, *, as_json: bool) -> None:
    """Check every part and change nothing; status 1 when one fails.

    Where the product is stopped, its PostgreSQL is started for the check and stopped again.
    """
    try:
        settings, warnings = load_settings(context, port=port)
        if port is None:
            settings = replace(settings, port=running_port(settings) or settings.port)
    except CannotRun as error:
        findings = [Finding("settings", State.FAIL, str(error))]
        _say(findings[0], as_json=as_json)
    else:
        logs.configure("critical", settings.log_format)
        findings = run(_examine(settings, warnings, as_json=as_json))
    failed = any(finding.state is State.FAIL for finding in findings)
    if as_json:
        say_json({"ok": not failed, "findings": [asdict(finding) for finding in findings]})
    context.exit(1 if failed else 0)


async def _examine(settings: Settings, warnings: list[str], *, as_json: bool) -> list[Finding]:
    findings: list[Any] = []
    async for finding in examine(settings, warnings):
        findings.append(finding)
        _say(finding, as_json=as_json)
    return findings


def _say(finding: Finding, *, as_json: bool) -> None:
    if not as_json:
        click.echo(f"{finding.state.ljust(4)}  {finding.part.ljust(WIDTH)}  {finding.detail}")
