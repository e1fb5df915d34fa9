"""``parley audit``: prove that nobody changed a log, and see who did what."""

from __future__ import annotations

import contextlib
from typing import Any

import click

from adapters.postgres.migrations import owner
from adapters.postgres.verification import Verdict, open_verifier
from domain.event_types import REGISTRY
from ops.asking import no_tenant
from ops.commands.audit_list import lines
from ops.commands.common import (
    Command,
    Group,
    progress_bar,
    reading_database,
    run,
    say_json,
    settings_of,
    wants_progress,
)
from ops.commands.options import json_option, tenant_option
from ops.inspection import demand_schema
from ops.settings import Settings


@click.group(cls=Group)
def audit() -> None:
    """Prove that a log is as it was written, and see who did what."""


audit.add_command(lines)


@audit.command(cls=Command)
@tenant_option
@json_option
@click.option("--progress", is_flag=True, help="Show progress, on stderr, without a terminal too.")
@click.pass_context
def verify(context: click.Context, tenant: str, *, as_json: bool, progress: bool) -> None:
    """Compute the whole hash chain anew; status 1 and the first bad position if it is broken.

    It needs no master key and changes nothing.
    """
    shown = wants_progress(asked=progress)
    verdict = run(_verify(settings_of(context), tenant, progress=shown))
    if as_json:
        say_json({"tenant": tenant, **told(verdict)})
    elif verdict.ok:
        click.echo(f"{tenant}: {verdict.head} events, chain whole, hash {verdict.hash.hex()}")
    else:
        click.echo(f"{tenant}: broken at position {verdict.broken_at}: {verdict.reason}")
    context.exit(0 if verdict.ok else 1)


def told(verdict: Verdict) -> dict[str, Any]:
    """A verdict as JSON."""
    return {
        "ok": verdict.ok,
        "position": verdict.head,
        "hash": verdict.hash.hex(),
        "broken_at": verdict.broken_at,
        "reason": verdict.reason or None,
    }


async def _verify(settings: Settings, tenant: str, *, progress: bool) -> Verdict:
    async with contextlib.AsyncExitStack() as stack:
        url = await stack.enter_async_context(reading_database(settings))
        async with owner(url) as connection:
            await demand_schema(connection)
        verifier = await stack.enter_async_context(open_verifier(url, REGISTRY, settings.postgres))
        head = None if "\0" in tenant else await verifier.head(tenant)
        if head is None:
            raise no_tenant(tenant)
        with progress_bar(head.position, "verified", shown=progress) as advance:
            return await verifier.verify_chain(head.log, progress=advance)
