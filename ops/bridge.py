"""The persistence module for applications of the library ``eventsourcing``, on a tenant's log.

Set ``PERSISTENCE_MODULE`` to ``ops.bridge`` and ``PARLEY_TENANT`` to the tenant; the log is found
by the product's own settings: ``PARLEY_DATA`` of a product that runs, or ``PARLEY_DATABASE_URL``
with ``PARLEY_MASTER_KEY``. The library reads the environment and hands it over; each variable may
have the application's name in front, as the library's own. This module must hold one factory only.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from functools import partial

from adapters.eventsourcing_bridge import factory
from adapters.eventsourcing_bridge.opened import OpenLog
from adapters.postgres.embedded import running_address
from adapters.postgres.embedded_directory import DataDirectory
from ops.asking import log_of
from ops.commands.log import data_of
from ops.core import existing
from ops.errors import CannotRun
from ops.settings import Settings
from ops.settings_entries import PREFIX
from ops.settings_source import load


class ParleyFactory(factory.BridgeFactory):
    """Recorders on the log of a tenant of this installation."""

    def _opener(self, tenant: str) -> Callable[[], AbstractAsyncContextManager[OpenLog]]:
        return partial(open_log, variables(self.env, self.env.name), tenant)


def variables(environment: Mapping[str, str], name: str) -> dict[str, str]:
    """The product's variables in the library's environment, an application's own before all."""
    own = f"{name.upper()}_" if name else ""
    found = {key: value for key, value in environment.items() if key.startswith(PREFIX)}
    if own:
        found |= {
            key.removeprefix(own): value
            for key, value in environment.items()
            if key.startswith(own + PREFIX)
        }
    found.pop(factory.TENANT, None)
    return found


@contextlib.asynccontextmanager
async def open_log(environment: Mapping[str, str], tenant: str) -> AsyncIterator[OpenLog]:
    """A tenant's log, where the product has made one. Raises CannotRun, StoreUnavailable."""
    settings, _ = load(environment)
    async with existing(settings, _url(settings)) as core:
        yield OpenLog(
            id=await log_of(core, tenant),
            store=core.database.store,
            read_models=core.database.read_models,
            cipher=core.database.cipher,
            clock=core.clock,
            ids=core.ids,
            form=data_of,
        )


def _url(settings: Settings) -> str:
    """PostgreSQL as it runs. None is started: who follows for days would keep the product out."""
    if settings.database_url is not None:
        return settings.database_url
    address = running_address(DataDirectory.at(settings.data))
    if address is None:
        raise CannotRun(
            f"Parley does not run on {settings.data}: start it, or name a PARLEY_DATABASE_URL."
        )
    return address.database_url
