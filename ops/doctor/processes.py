"""The self-check of what `parley run` keeps, where one looks after the data directory."""

from __future__ import annotations

from collections.abc import AsyncIterator

from ops.doctor.findings import Finding, State
from ops.errors import CannotRun
from ops.settings import Settings
from ops.supervision import processes
from ops.supervision.processes import state_of
from ops.supervision.running import supervisor_of


async def examine_processes(settings: Settings) -> AsyncIterator[Finding]:
    """Whether all of them are ready; nothing where none are kept."""
    if supervisor_of(settings.data) is None:
        return
    try:
        listed = processes.read(settings.data)
    except CannotRun as error:
        yield Finding("processes", State.FAIL, str(error))
        return
    kept = () if listed is None else listed.processes
    ill = [f"{each.name} is {state}" for each in kept if (state := await state_of(each)) != "ready"]
    if ill:
        yield Finding("processes", State.FAIL, ", ".join(ill))
    else:
        yield Finding("processes", State.OK, f"{len(kept)} are kept and ready")
