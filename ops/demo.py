"""The demonstration: a tenant ``demo`` with a site, an API key, an administrator and two agents.

Made once, and completed by the next start when a crash cut it short. Every secret is drawn and on
the disk (``credentials.pending.json``) before anything is made of it, so it can always be told; the
file gets its final name when all is done. Each step looks first at what is there.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import os
from collections.abc import AsyncIterator
from enum import Enum
from pathlib import Path
from uuid import UUID

from msgspec.structs import replace

from domain import credentials as domain_credentials
from ops.core import Core
from ops.credentials import Account, Credentials, path_of, pending_path_of, read, write
from ops.files import make_directory
from ops.operator import NewAgent, Operator, SiteSecrets
from ops.sample.filling import Hashed, fill

TENANT = "demo"
SITE = "Halden & Rye"
ADMIN = ("admin@demo.example", "Alex Admin")
AGENTS = (("mia@demo.example", "Mia"), ("noah@demo.example", "Noah"))
LOOK_S = 0.1

SECRET_MODE = 0o600


class Demo(Enum):
    """Whether a program makes the demonstration, and with what. The value is its option."""

    NONE = ""
    BARE = "--demo"
    SAMPLE = "--sample"

    @classmethod
    def of(cls, *, demo: bool, sample: bool) -> Demo:
        """What the options ask for; the sample is a demonstration too."""
        if sample:
            return cls.SAMPLE
        return cls.BARE if demo else cls.NONE


_logger = logging.getLogger("parley.demo")


async def ensure(  # noqa: PLR0913  # what the three that ask for it differ in
    core: Core,
    operator: Operator,
    data: Path,
    url: str,
    *,
    serving: bool,
    sample: bool = False,
) -> Credentials:
    """Have the demonstration, and its ``credentials.json``.

    Its URLs are those of whoever serves; who does not leaves them as they are, once they are there.
    With ``sample`` a tenant that is made now has a week behind it; one that is there stays as it
    is. Raises CannotRun, Refused, StoreUnavailable.
    """
    async with _alone(data):
        document = read(path_of(data))
        if document is None or not await _is_there(core, document):
            document = await _complete(core, operator, data, document, sample=sample)
        current = document
        if serving or not document.url:
            current = replace(document, url=url, database_url=core.url)
        if read(path_of(data)) != current:
            write(path_of(data), current)
        path_of(data).chmod(SECRET_MODE)  # whoever opened it to others, it is closed again
        pending_path_of(data).unlink(missing_ok=True)
        return current


async def _is_there(core: Core, document: Credentials) -> bool:
    log = await core.database.store.find_log(TENANT)
    return log is not None and log == domain_credentials.site_log(document.site)


async def _complete(
    core: Core, operator: Operator, data: Path, known: Credentials | None, *, sample: bool
) -> Credentials:
    """Make what is missing. ``known`` is a document whose database is gone; it is made again."""
    pending = pending_path_of(data)
    document = known or read(pending)
    if document is None or not await _fits(core, document):
        document = await _draw(core, operator)
        write(pending, document)
    log = domain_credentials.site_log(document.site)
    assert log is not None
    if sample:
        await _fill(core, operator, log, document)
    log = await operator.ensure_tenant(TENANT, log)
    site = SiteSecrets(document.site, document.site_secret)
    site = await operator.ensure_site(log, SITE, site)
    await operator.ensure_api_key(log, document.api_key)
    for wanted in _people(document):
        await operator.ensure_agent(log, wanted)
    return replace(document, site=site.site, site_secret=site.secret)


async def _fill(core: Core, operator: Operator, log: UUID, document: Credentials) -> None:
    """Give the tenant its week, if nothing of it is there yet."""
    log = await operator.ensure_log(TENANT, log)
    people = [Hashed(each, await operator.hashed(each.password)) for each in _people(document)]
    events = await fill(core, log, document, SITE, people)
    if not events:
        _logger.warning("the tenant %s is there already: it gets no sample", TENANT)


async def _fits(core: Core, document: Credentials) -> bool:
    """Whether a document is of the tenant's log, if the tenant has one already."""
    log = await core.database.store.find_log(TENANT)
    return log is None or log == domain_credentials.site_log(document.site)


async def _draw(core: Core, operator: Operator) -> Credentials:
    """Fresh secrets, for the log that is there or a new one."""
    log = await core.database.store.find_log(TENANT) or core.ids.uuid()
    site = operator.new_site(log)
    accounts = [Account(email, operator.new_password()) for email, _ in (ADMIN, *AGENTS)]
    return Credentials(
        url="",
        tenant=TENANT,
        site=site.site,
        site_secret=site.secret,
        api_key=operator.new_api_key(log),
        database_url="",
        admin=accounts[0],
        agents=tuple(accounts[1:]),
    )


def _people(document: Credentials) -> list[NewAgent]:
    admin = NewAgent(document.admin.email, ADMIN[1], "admin", document.admin.password)
    agents = [
        NewAgent(account.email, name, "agent", account.password)
        for account, (_, name) in zip(document.agents, AGENTS, strict=True)
    ]
    return [admin, *agents]


@contextlib.asynccontextmanager
async def _alone(data: Path) -> AsyncIterator[None]:
    """Let several nodes on one directory make one demonstration."""
    descriptor = _open_lock(data)
    try:
        while not _locked(descriptor):  # noqa: ASYNC110 - a file lock sets no Event
            await asyncio.sleep(LOOK_S)
        yield
    finally:
        os.close(descriptor)


def _open_lock(data: Path) -> int:
    make_directory(data)
    return os.open(data / "demo.lock", os.O_RDWR | os.O_CREAT, 0o600)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
