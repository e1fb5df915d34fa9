"""The self-check of PostgreSQL and of what is in it. It asks, and changes nothing."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from adapters.postgres.embedded_binaries import find_binaries
from adapters.postgres.embedded_directory import DATA, PROGRAMS, DataDirectory
from adapters.postgres.embedded_errors import DirectoryNotUsable
from adapters.postgres.masterkeys import MasterKeys
from adapters.postgres.migrations import owner
from ops import master_key
from ops.core import joined_database
from ops.doctor.findings import FAILURES, Finding, State, guarded
from ops.doctor.read_models import PART, examine_read_models
from ops.inspection import missing_keys, schema_of
from ops.settings import Settings

OLDEST_MAJOR = 15

CLOCK_S = 5.0
"""Seconds that the database's clock may be off ours."""


async def examine_database(settings: Settings) -> AsyncIterator[Finding]:
    """What is found of PostgreSQL, or why it cannot be asked."""
    if settings.embedded:
        yield await guarded("user", asyncio.to_thread(_user, settings))
        finding = await guarded("PostgreSQL", asyncio.to_thread(_binaries, settings))
        if finding.state is State.FAIL or not _has_data(settings):
            yield finding
            return
    try:
        async with contextlib.AsyncExitStack() as stack:
            url = await stack.enter_async_context(joined_database(settings))
            connection = await stack.enter_async_context(owner(url))
            for part, check in CHECKS.items():
                yield await guarded(part, check(settings, connection))
    except FAILURES as error:
        yield Finding("PostgreSQL", State.FAIL, str(error) or type(error).__name__)


def _binaries(settings: Settings) -> Finding:
    found = find_binaries(settings.postgres_bin)
    detail = f"{found.major} in {found.directory}; its data is made at the first start"
    return Finding("PostgreSQL", State.OK, detail)


def _has_data(settings: Settings) -> bool:
    """Whether there is anything to ask; what cannot be read is found when it is asked."""
    try:
        return DataDirectory.at(settings.data).major is not None
    except DirectoryNotUsable:
        return True


def _user(settings: Settings) -> Finding:
    """As whom the embedded server runs, and whether that user gets to what it needs."""
    directory = DataDirectory.at(settings.data)
    account = directory.account()
    account.demand_way_to(find_binaries(settings.postgres_bin).directory, PROGRAMS)
    account.demand_way_to(directory.home, DATA)
    return Finding("user", State.OK, f"PostgreSQL runs as {account.words} and gets where it must")


async def _server(_: Settings, connection: Any) -> Finding:
    """The version; that commits are durable was demanded when the connection was made."""
    number = int(await connection.fetchval("SHOW server_version_num"))
    version = await connection.fetchval("SHOW server_version")
    if number // 10_000 < OLDEST_MAJOR:
        return Finding("PostgreSQL", State.FAIL, f"{version} is older than {OLDEST_MAJOR}")
    return Finding("PostgreSQL", State.OK, f"{version}, commits are durable")


async def _schema(_: Settings, connection: Any) -> Finding:
    schema = await schema_of(connection)
    if schema.applied is None:
        return Finding("schema", State.OK, "is made at the first start")
    if schema.applied > schema.known:
        detail = f"{schema.applied} is newer than this program, which knows {schema.known}"
        return Finding("schema", State.FAIL, detail)
    if not schema.fits:
        return Finding("schema", State.WARN, f"{schema.applied} of {schema.known} applied")
    return Finding("schema", State.OK, f"{schema.known} migrations applied, none missing")


async def _key(settings: Settings, connection: Any) -> Finding:
    keys = master_key.read(settings)
    if keys is None:
        if await missing_keys(connection, ()):
            raise master_key.missing(settings)
        return Finding("master key", State.OK, "is made at the first start")
    masters = MasterKeys(keys)
    missing = await missing_keys(connection, masters.fingerprints)
    if missing:
        detail = f"the data needs {', '.join(missing)}, and that is not {masters.current}"
        return Finding("master key", State.FAIL, detail)
    return Finding("master key", State.OK, f"{masters.current} opens what is stored")


async def _epoch(_: Settings, connection: Any) -> Finding:
    if await connection.fetchval("SELECT to_regclass('es.installation')") is None:
        return Finding("epoch", State.OK, "is drawn at the first start")
    epoch = await connection.fetchval("SELECT epoch FROM es.installation")
    return Finding("epoch", State.OK, str(epoch))


async def _clock(_: Settings, connection: Any) -> Finding:
    theirs = await connection.fetchval("SELECT extract(epoch FROM clock_timestamp())::float8")
    off = round(theirs - time.time(), 1) + 0.0  # which leaves no -0.0
    state = State.OK if abs(off) < CLOCK_S else State.FAIL
    return Finding("clock", state, f"the database's clock is {off:+.1f} s off ours")


CHECKS: dict[str, Callable[[Settings, Any], Awaitable[Finding]]] = {
    "PostgreSQL": _server,
    "schema": _schema,
    "master key": _key,
    "epoch": _epoch,
    "clock": _clock,
    PART: examine_read_models,
}
