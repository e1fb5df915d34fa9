"""An agent's rights as they are in the log hold for its commands, whatever its node has heard."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from domain.agent.commands import Deactivate, SetRights
from domain.conversation.commands import Assign, Transfer
from domain.envelope import Actor
from domain.handling.commands import Ack
from domain.handling.sender import Sender
from tests.unit.handling.bench import LOG, Bench, post, visitor

OPERATOR = Sender(LOG, Actor("operator", "cli"))


@pytest.fixture
async def bench() -> Bench:
    """Two nodes."""
    return await Bench(nodes=2).start()


async def everywhere(bench: Bench) -> tuple[Sender, UUID]:
    """An agent that has posted on both nodes, so that both keep its state."""
    agent, talk = await bench.add_agent(), await bench.begin(visitor(), department="sales")
    for node in (0, 1):
        assert isinstance(await bench.do(agent, post(talk, f"from {node}"), node), Ack)
    return agent, talk


async def test_rights_that_were_taken_on_another_node_are_taken_here(bench: Bench) -> None:
    """The node still keeps the old rights; the append tells it better, and nothing is written."""
    agent, talk = await everywhere(bench)
    other = await bench.begin(visitor("bob"), department="support")
    limits = SetRights(uuid4(), UUID(agent.actor.id), "limited", ("sales",))
    assert isinstance(await bench.do(OPERATOR, limits, node=0), Ack)
    assert await bench.do(agent, post(other, "not mine"), node=1) == "not_found"
    assert await bench.texts(other) == ["hello"]
    assert isinstance(await bench.do(agent, post(talk, "mine"), node=1), Ack)


async def test_who_was_deactivated_on_another_node_writes_nothing_here(bench: Bench) -> None:
    """An open socket elsewhere is no way around it."""
    agent, talk = await everywhere(bench)
    gone = Deactivate(uuid4(), UUID(agent.actor.id))
    assert isinstance(await bench.do(OPERATOR, gone, node=0), Ack)
    assert await bench.do(agent, post(talk, "still here"), node=1) == "not_allowed"
    assert "still here" not in await bench.texts(talk)


async def test_rights_that_were_given_on_another_node_hold_here(bench: Bench) -> None:
    """A refusal is told only once the log agrees."""
    agent, _ = await everywhere(bench)
    who = UUID(agent.actor.id)
    assert isinstance(await bench.do(OPERATOR, SetRights(uuid4(), who, "limited")), Ack)
    talk = await bench.begin(visitor("bob"), department="support")
    assert await bench.do(agent, post(talk, "too early"), node=1) == "not_found"
    wider = SetRights(uuid4(), who, "limited", ("support",))
    assert isinstance(await bench.do(OPERATOR, wider, node=0), Ack)
    assert isinstance(await bench.do(agent, post(talk, "now"), node=1), Ack)


@pytest.mark.parametrize("command", [Assign, Transfer])
async def test_nothing_is_given_to_who_was_deactivated_on_another_node(
    bench: Bench, command: type[Assign | Transfer]
) -> None:
    """This node still knows them as they were; the append tells it better."""
    agent, talk = await everywhere(bench)
    boss = await bench.add_agent()
    who = UUID(agent.actor.id)
    away = Transfer(uuid4(), talk, department="sales")
    assert isinstance(await bench.do(boss, away, node=1), Ack)
    assert isinstance(await bench.do(OPERATOR, Deactivate(uuid4(), who), node=0), Ack)
    assert await bench.do(boss, command(uuid4(), talk, agent=who), node=1) == "not_found"
    assert (await bench.log())[-1].type == "agent.deactivated"
