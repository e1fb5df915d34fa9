"""Rate limits of the API: sessions by network address, failed sign-ins by address and e-mail."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from math import ceil

from api import clients
from api.routing import Call
from domain.digests import normal_email
from domain.errors import Refused
from domain.rate_limits import Rate


async def count_session(call: Call) -> None:
    """Refuse an address that opens sessions too fast."""
    settings = call.deps.settings
    if settings.limits_enabled:
        await _take(call, settings.sessions, clients.address(call.request, settings))


@asynccontextmanager
async def sign_in(call: Call, tenant: str, email: str) -> AsyncIterator[None]:
    """Around a sign-in: refuse it after too many failures; count it only if it is one.

    It is counted before it is tried, so that many at once are not more than many in a row.
    """
    settings = call.deps.settings
    if not settings.limits_enabled:
        yield
        return
    keys = (
        f"address {clients.address(call.request, settings)}",
        f"agent {tenant} {normal_email(email)}",
    )
    taken: list[str] = []
    failed = False
    try:
        for key in keys:
            await _take(call, settings.sign_in_failures, key)
            taken.append(key)
        yield
    except Refused as refused:
        failed = refused.code == "bad_credentials"
        raise
    finally:
        for key in [] if failed else taken:
            await call.deps.limits.give_back(settings.sign_in_failures, key)


async def _take(call: Call, rate: Rate, key: str) -> None:
    wait_s = await call.deps.limits.take(rate, key)
    if wait_s > 0:
        raise Refused("rate_limited", retry_after_ms=ceil(wait_s * 1000))
