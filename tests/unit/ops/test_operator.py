"""The operator's commands over the simulated store: given again, they are done once."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from domain.permissions import SCOPES
from ops.commands.serve import behind
from ops.errors import CannotRun
from ops.operator import Operator
from ops.roles import Role
from ops.settings import Settings
from tests.doubles.tenancy import Tenancy, Tenant


@pytest.fixture
def world() -> Tenancy:
    """A fresh installation."""
    return Tenancy()


@pytest.fixture
async def demo(world: Tenancy) -> Tenant:
    """A tenant with a site."""
    return await world.tenant()


def operator_on(world: Tenancy) -> Operator:
    """The operator of this installation."""
    core: Any = SimpleNamespace(
        ids=world.ids,
        clock=world.clock,
        database=SimpleNamespace(store=world.store),
        handler=world.node(),
    )
    return Operator(core, world.passwords)


async def test_an_end_can_be_made_twice(world: Tenancy, demo: Tenant) -> None:
    """An agent that was ended is ended: no second event, and no refusal."""
    agent = UUID(await demo.add_agent())
    for _ in range(2):
        await operator_on(world).deactivate(demo.log, agent)
    events = await world.store.read_stream(demo.log, f"agent-{agent}", 0, 10)
    assert [event.type for event in events] == ["agent.created", "agent.deactivated"]


async def test_a_tenant_without_keys_is_still_complete(world: Tenancy, demo: Tenant) -> None:
    """That its keys were revoked does not make it one whose making was cut short."""
    operator = operator_on(world)
    key = operator.new_api_key(demo.log)
    await operator.add_api_key(demo.log, key, tuple(SCOPES))
    await operator.revoke_api_key(demo.log, key)
    with pytest.raises(Exception, match="already"):
        await operator.begin_tenant("demo")


async def test_a_key_of_another_tenant_is_not_revoked(world: Tenancy, demo: Tenant) -> None:
    """Shown whole it says whose it is."""
    other = await world.tenant("other")
    key = await other.add_key()
    with pytest.raises(CannotRun, match="another tenant"):
        await operator_on(world).revoke_api_key(demo.log, key)
    assert (await world.doors.authenticate(key)).log == other.log


def test_a_relay_alone_is_said_to_feed_nobody() -> None:
    """In the embedded size the operator is told so; of a projector alone nothing is said."""
    relay = Settings(roles=frozenset({Role.RELAY}))
    projector = Settings(roles=frozenset({Role.PROJECTOR}))
    assert "nobody to feed" in behind(relay, "http://x")
    assert "nobody to feed" not in behind(projector, "http://x")
