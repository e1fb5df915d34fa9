"""``parley audit``: prove that nobody changed a log."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import click

from adapters.postgres.verification import Verdict
from ops.commands.common import Command, Group, core_of, run, say_json, settings_of, wants_progress
from ops.core import Core
from ops.operator import log_of
from ops.settings import Settings


@click.group(cls=Group)
def audit() -> None:
    """Prove that a log is as it was written."""


@audit.command(cls=Command)
@click.option("--tenant", required=True, help="Whose log.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.option("--progress", is_flag=True, help="Show progress, on stderr, without a terminal too.")
@click.pass_context
def verify(context: click.Context, tenant: str, *, as_json: bool, progress: bool) -> None:
    """Compute the whole hash chain anew; status 1 and the first bad position if it is broken."""
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
    async with core_of(settings) as core:
        log = await log_of(core, tenant)
        (head,) = await core.database.store.heads([log])
        return await verified(core, log, head.position, progress=progress)


async def verified(core: Core, log: UUID, length: int, *, progress: bool) -> Verdict:
    """Verify a log of about this length, with a bar where somebody watches."""
    with _bar(length, shown=progress) as advance:
        return await core.database.verifier.verify_chain(log, progress=advance)


@contextlib.contextmanager
def _bar(length: int, *, shown: bool) -> Iterator[Callable[[int], None] | None]:
    """Something to call with each position that is proven; None where nobody watches."""
    if not shown:
        yield None
    elif not sys.stderr.isatty():
        yield lambda position: click.echo(f"verified {position} of {length}", err=True)
    else:
        with click.progressbar(range(length), label="verifying", file=sys.stderr) as bar:
            yield lambda position: bar.update(position - bar.pos)
