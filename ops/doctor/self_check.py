"""The self-check: a finding for each part, made without changing anything.

What is not there yet because nothing was started is well; the first start makes it.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import stat
import urllib.request
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit

from adapters.postgres.embedded_directory import DATA, Account
from ops import credentials, master_key
from ops.doctor.broker import examine_broker
from ops.doctor.database import examine_database
from ops.doctor.file_store import examine_files
from ops.doctor.findings import Finding, State, guarded
from ops.doctor.processes import examine_processes
from ops.doctor.redis import examine_redis
from ops.errors import CannotRun
from ops.settings import Settings
from ops.web_files import not_built

LOW_BYTES = 2 * 1024**3
"""Bytes of free disk below which the operator is warned."""

FULL_BYTES = 256 * 1024**2
"""Bytes of free disk below which PostgreSQL may stop at any moment."""

PRIVATE = (master_key.NAME, credentials.NAME, "postgres.json")


async def examine(settings: Settings, warnings: Iterable[str]) -> AsyncIterator[Finding]:
    """A finding for each part, as they come."""
    yield _settings(list(warnings))
    for part, check in (
        ("data directory", _directory),
        ("disk", _disk),
        ("web files", _web),
        ("port", _port),
    ):
        yield await guarded(part, asyncio.to_thread(check, settings))
    for examined in (
        examine_database,
        examine_broker,
        examine_redis,
        examine_files,
        examine_processes,
    ):
        async for finding in examined(settings):
            yield finding


# --- this machine ---------------------------------------------------------------------------


def _settings(warnings: list[str]) -> Finding:
    if warnings:
        return Finding("settings", State.WARN, " ".join(warnings))
    return Finding("settings", State.OK, "every variable and key is known")


def _directory(settings: Settings) -> Finding:
    data = settings.data.resolve()
    Account(os.geteuid(), os.getegid()).demand_way_to(data, DATA)
    there = _nearest(data)
    if not os.access(there, os.R_OK | os.W_OK | os.X_OK):
        return Finding("data directory", State.FAIL, f"{there} cannot be read and written")
    if there != data:
        return Finding("data directory", State.OK, f"{data} is made at the first start")
    shared = [name for name in PRIVATE if _is_shared(data / name)]
    if shared:
        detail = f"others may read {', '.join(shared)} in {data}: chmod 600"
        return Finding("data directory", State.FAIL, detail)
    return Finding("data directory", State.OK, str(data))


def _nearest(place: Path) -> Path:
    """The place itself, or the nearest directory above that is there."""
    while not place.exists():
        place = place.parent
    return place


def _is_shared(path: Path) -> bool:
    try:
        return bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))
    except FileNotFoundError:
        return False


def _disk(settings: Settings) -> Finding:
    place = _nearest(settings.data.resolve())
    free = shutil.disk_usage(place).free
    state = State.FAIL if free < FULL_BYTES else State.WARN if free < LOW_BYTES else State.OK
    return Finding("disk", state, f"{free / 1024**3:.1f} GiB free at {place}")


def _web(settings: Settings) -> Finding:
    if lacking := not_built(settings.web):
        return Finding("web files", State.WARN, lacking)
    return Finding("web files", State.OK, str(settings.web))


def _port(settings: Settings) -> Finding:
    where = f"{settings.host}:{settings.port}"
    status = _health(where)
    if status is not None:
        state = State.OK if status == 200 else State.WARN  # noqa: PLR2004 - the HTTP status
        return Finding("port", state, f"Parley answers on {where}, healthz {status}")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            return Finding("port", State.FAIL, f"{where}: {error.strerror}")
    return Finding("port", State.OK, f"{where} is free")


def running_port(settings: Settings) -> int | None:
    """The port on this machine that the directory's product says it listens on, if it does."""
    try:
        shown = credentials.read(credentials.path_of(settings.data))
        port = None if shown is None else urlsplit(shown.url).port
    except (CannotRun, ValueError):
        return None
    if port is None or _health(f"{settings.host}:{port}") is None:
        return None
    return port


def _health(where: str) -> int | None:
    """The status of ``/api/healthz`` there, None where no Parley answers."""
    url = f"http://{where}/api/healthz"
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=3) as answer:
            return int(answer.status) if b'"websocket"' in answer.read(4096) else None
    except urllib.request.HTTPError as error:
        with error:
            return error.code if b'"websocket"' in error.read(4096) else None
    except (URLError, OSError, ValueError):
        return None
