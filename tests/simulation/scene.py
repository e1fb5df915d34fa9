"""The scene: two tenants, their people, and a client for each; some have two."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from domain.ports import Ids
from domain.tokens import Claims, Tokens
from tests.doubles.clock import SeededIds
from tests.doubles.tenancy import TOKEN_KEYS, Tenancy, Tenant
from tests.simulation.client import Client, Nodes
from tests.simulation.clock import START, Dice, VirtualClock
from tests.simulation.history import History, Reader
from tests.simulation.people import DEPARTMENTS, Person
from tests.simulation.recording import RecordedStore

GOOD_FOR_S = 10**6
"""Seconds for which tokens hold: longer than any clock jumps."""

VISITORS, AGENTS = 3, 2
"""The people of the tenant where most happens, beside one or two agents with limited rights."""


class Scene:
    """Who there is. ``main`` is the tenant where most happens, with its ``agents``.

    ``limited`` are those of them who have limited rights.
    """

    def __init__(
        self,
        clock: VirtualClock,
        ids: Ids,
        store: RecordedStore,
        *,
        nodes: Nodes,
        history: History,
        dice: Dice,
    ) -> None:
        self.clients: list[Client] = []
        self.people: list[Person] = []
        self.agents: list[str] = []
        self.limited: list[str] = []
        self.main: Tenant
        self._clock = clock
        self._tenancy = Tenancy(clock=clock, ids=ids, store=store)
        self._ids = ids
        self._dice = dice
        self._nodes = nodes
        self._history = history
        self._tokens = Tokens(TOKEN_KEYS)

    async def set_up(self, chance: Random) -> None:
        """Begin the logs, and give everybody a client, not connected yet."""
        self.main = await self._tenancy.tenant("alpha")
        self.agents = [await self.main.add_agent(f"agent{n}@example.org") for n in range(AGENTS)]
        for department in DEPARTMENTS[: chance.choice((1, 2))]:
            email = f"{department}@example.org"
            self.limited.append(await self.main.add_agent(email, "limited", department))
        self.agents += self.limited
        other = await self._tenancy.tenant("beta")
        stranger = await other.add_agent("stranger@example.org")
        for place in range(VISITORS):
            claims = self._visitor(self.main)
            for tab in ("a", "b") if place == 0 else ("",):
                self._add(f"visitor {place}{tab}", claims)
        self._add("stranger", self._visitor(other))
        for place, agent in enumerate(self.agents):
            self._add(f"agent {place}", self._agent(self.main, agent), self.agents)
        self._add("other agent", self._agent(other, stranger), (stranger,))

    def _visitor(self, tenant: Tenant) -> Claims:
        name = str(self._ids.uuid())
        return Claims(tenant.log, "visitor", name, int(START) + GOOD_FOR_S, tenant.site)

    @staticmethod
    def _agent(tenant: Tenant, agent: str) -> Claims:
        return Claims(tenant.log, "agent", agent, int(START) + GOOD_FOR_S, password=1)

    def _add(self, name: str, claims: Claims, agents: Sequence[str] = ()) -> None:
        ids = SeededIds(self._clock, self._dice.number(f"ids of {name}"))
        client = Client(
            Reader(name, claims.role, claims.id, claims.log),
            self._tokens.issue(claims),
            self._nodes,
            self._history,
            chance=self._dice.of(f"client {name}"),
            fresh_id=lambda: str(ids.uuid()),
        )
        self.clients.append(client)
        self.people.append(Person(client, self._dice.of(f"person {name}"), agents, self._history))
