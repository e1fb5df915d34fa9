"""Rate limits of the API: by network address before anybody is known, then by caller.

What anybody can ask is counted before the store is asked. Who shows a token is known by its
signature; its rights are looked up first, and what it reads is counted then.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from math import ceil

from starlette.requests import Request

from api import clients
from api.deps import Deps
from domain.digests import normal_email
from domain.errors import Refused
from domain.file.settings import DAY_S
from domain.handling.doors import Caller
from domain.permissions import VISITOR
from domain.rate_limits import Rate

KIB = 1024
"""Bytes of a token, where bytes are counted."""

_Limit = tuple[Rate, str]


async def count_session(deps: Deps, request: Request, pages: int = 0) -> None:
    """Refuse an address that opens, renews or ends sessions too fast, or tells of too many pages.

    Each page is written down like a session's own, so it costs as much.
    """
    if deps.settings.limits_enabled:
        rate = deps.settings.sessions
        await _take(deps, rate, clients.address(request), min(1 + pages, rate.burst))


async def count_read(deps: Deps, caller: Caller) -> None:
    """Refuse a caller that reads lists and histories too fast."""
    if deps.settings.limits_enabled:
        key = f"{caller.log} {caller.role} {caller.actor.id}"
        await _take(deps, deps.settings.reads, key)


async def count_chunk(deps: Deps, caller: Caller) -> None:
    """Refuse a caller that sends files too fast."""
    if deps.settings.limits_enabled:
        key = f"{caller.log} {caller.role} {caller.actor.id}"
        await _take(deps, deps.settings.chunks, key)


@asynccontextmanager
async def file(deps: Deps, caller: Caller, request: Request, size: int) -> AsyncIterator[None]:
    """Around the beginning of a visitor's file: refuse an address from which too much has come.

    What was refused otherwise is given back.
    """
    settings = deps.files.settings
    if caller.role != VISITOR or not deps.settings.limits_enabled:
        yield
        return
    burst = settings.address_daily_bytes // KIB
    rate = Rate("file_bytes_of_address", burst / DAY_S, burst)
    key = clients.address(request)
    count = min(ceil(max(size, settings.chunk_bytes) / KIB), burst)
    if await deps.limits.take(rate, key, count) > 0:
        raise Refused("file_quota")
    try:
        yield
    except Refused:
        await deps.limits.give_back(rate, key, count)
        raise


async def count_change(deps: Deps, caller: Caller) -> None:
    """Refuse a caller that changes settings or agents too fast."""
    if deps.settings.limits_enabled:
        key = f"{caller.log} {caller.role} {caller.actor.id}"
        await _take(deps, deps.settings.changes, key)


async def count_site(deps: Deps, request: Request) -> None:
    """Refuse an address that looks at sites too fast."""
    if deps.settings.limits_enabled:
        await _take(deps, deps.settings.sites, clients.address(request))


@asynccontextmanager
async def api_key(deps: Deps, request: Request) -> AsyncIterator[None]:
    """Around the look at an API key: an address that shows many bad ones waits."""
    limits = [(deps.settings.bad_api_keys, clients.address(request))]
    async with _counting(deps, limits, "unauthorized"):
        yield


@asynccontextmanager
async def sign_in(deps: Deps, request: Request, tenant: str, email: str) -> AsyncIterator[None]:
    """Around a sign-in: refuse it after too many failures.

    Failures count strictly for one account from one address, so that who guesses locks out nobody
    but himself; loosely for an address, where an office may be, and for an account, which may be
    guessed at from many addresses.
    """
    settings, address = deps.settings, clients.address(request)
    account = f"{tenant} {normal_email(email)}"
    limits = [
        (settings.sign_in_failures, f"{address} {account}"),
        (settings.sign_in_failures_of_address, address),
        (settings.sign_in_failures_of_account, account),
    ]
    async with _counting(deps, limits, "bad_credentials"):
        yield


@asynccontextmanager
async def _counting(deps: Deps, limits: Sequence[_Limit], failure: str) -> AsyncIterator[None]:
    """Count what fails with this code.

    It is counted before it is tried, so that many at once are not more than many in a row; what
    did not fail is given back.
    """
    if not deps.settings.limits_enabled:
        yield
        return
    taken: list[_Limit] = []
    failed = False
    try:
        for rate, key in limits:
            await _take(deps, rate, key)
            taken.append((rate, key))
        yield
    except Refused as refused:
        failed = refused.code == failure
        raise
    finally:
        for rate, key in [] if failed else taken:
            await deps.limits.give_back(rate, key)


async def _take(deps: Deps, rate: Rate, key: str, count: int = 1) -> None:
    wait_s = await deps.limits.take(rate, key, count)
    if wait_s > 0:
        raise Refused("rate_limited", retry_after_ms=ceil(wait_s * 1000))
