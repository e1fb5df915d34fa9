"""What goes wrong: kinds of faults, drawn by the seed, each counted when it really happened.

A fault is a method of :class:`Faults` with its name in ``KINDS``. It does its harm, sees to the end
of it by :meth:`Faults.after`, and says ``struck`` once it has had an effect, not before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from random import Random
from typing import TYPE_CHECKING

from tests.simulation.broker import CALM, Disturbance
from tests.simulation.node import SimulatedNode
from tests.simulation.people import DEPARTMENTS
from tests.simulation.store import Fate

if TYPE_CHECKING:
    from tests.simulation.world import World

LONG_S = 1.5
"""The longest that a fault lasts."""

JUMP_S = 100.0
"""How far a clock jumps at most, forward or back."""

HURRIED, VISITORS_HURRIED, HURRY_S = 5, 1, 0.15
"""How many things an agent does whose rights are changed or end, and each visitor meanwhile, within
how many seconds."""

LOOKS_S = 0.3
"""Seconds in which an agent has opened a conversation, mostly."""

AGENTS_LEFT = 2
"""Agents who are not deactivated: somebody has to go on."""

BROKERLESS = 0.3
"""How often the broker does not come back, of the times at which it might not."""

AWAY_S = 0.8
"""How long a restore takes at least, with the store away: longer than any message is late."""


class Faults:
    """The faults of one scenario. ``happened`` counts those that had their effect.

    ``restoring``: a restore is on its way, and will end by itself.
    """

    def __init__(self, world: World, chance: Random) -> None:
        self.happened = 0
        self.restoring = False
        self._world = world
        self._chance = chance
        self._kinds = self._drawn()
        self._struck_messages: set[str] = set()

    def _drawn(self) -> list[str]:
        """The kinds that this scenario has: another choice in each, so that they meet otherwise."""
        kinds = [kind for kind in KINDS if self._chance.random() < 0.6]
        return kinds if len(kinds) > 3 else list(KINDS)

    def strike(self) -> None:
        """Let one thing go wrong."""
        kind = self._chance.choice(self._kinds)
        KINDS[kind](self)

    def struck(self, kind: str, who: str = "", more: object = None) -> None:
        """A fault has had its effect."""
        assert kind in KINDS, kind
        self.happened += 1
        history = self._world.history
        history.faults[kind] += 1
        history.note(self._world.loop.time(), who or "fault", f"FAULT {kind}", more)

    def after(self, do: Callable[[], None], *, least_s: float = 0.1) -> None:
        """End a fault after a while."""
        self._world.later(least_s + self._chance.random() * LONG_S, do)

    def _start_later(self, name: str, *, least_s: float = 0.1) -> None:
        self.after(lambda: self._world.start(name), least_s=least_s)

    def _node(self) -> SimulatedNode | None:
        """Some node that runs."""
        running = self._world.running
        return self._chance.choice(running) if running else None

    # --- nodes --------------------------------------------------------------------------------

    def _doom(self, fate: Fate) -> None:
        node = self._node()
        if node is not None and not node.link.fates:
            node.link.fates.append(fate)

    def crash_before(self) -> None:
        self._doom(Fate.CRASH_BEFORE)

    def crash_after(self) -> None:
        self._doom(Fate.CRASH_AFTER)

    def lose_request(self) -> None:
        self._doom(Fate.REQUEST_LOST)

    def lose_answer(self) -> None:
        self._doom(Fate.ANSWER_LOST)

    def met(self, node: SimulatedNode, fate: Fate) -> None:
        """A node's append has met its fate."""
        self.struck(fate.value, node.name)
        if node.link.dead:
            self._start_later(node.name)

    def kill(self) -> None:
        node = self._node()
        if node is not None:
            self.struck("node killed", node.name)
            node.kill()
            self._start_later(node.name)

    def stall(self) -> None:
        """Let a node stand still, and wake not knowing what others did meanwhile."""
        node = self._node()
        if node is None or node.machine.stalled_until > self._world.loop.time():
            return
        seconds = 0.05 + self._chance.random() * LONG_S
        self._world.loop.stall(node.machine, seconds)
        self._world.history.hinder(node.process, self._world.loop.time(), seconds)
        if self._chance.random() < 0.7:
            node.end_sessions(self._chance.random() * seconds)
        self.struck("node stalled", node.name, seconds)

    def drain(self) -> None:
        node = self._node()
        if node is not None and len(self._world.running) > 1:
            self.struck("node stopped in good order", node.name)
            self._world.stop(node)
            self._start_later(node.name, least_s=1.5)

    def jump(self) -> None:
        clocks = [self._world.store_clock, *(node.clock for node in self._world.running)]
        ahead = (self._chance.random() * 2 - 1) * JUMP_S
        self._chance.choice(clocks).ahead += ahead
        forward = ahead > 0
        self.struck("clock jumped forward" if forward else "clock jumped back", more=ahead)

    # --- the store ----------------------------------------------------------------------------

    def cut_store(self) -> None:
        node = self._node()
        if node is None or node.link.cut:
            return
        node.link.cut = True
        self.struck("node cut off from the store", node.name)
        if self._chance.random() < 0.5:
            node.end_sessions(self._chance.random() * 0.5)

        def mend() -> None:
            node.link.cut = False

        self.after(mend)

    def store_away(self) -> None:
        store = self._world.store
        if not store.away:
            store.away = True
            self.struck("store away")
            self.after(self._come_back)

    def _come_back(self) -> None:
        if not self.restoring:
            self._world.store.away = False

    def lose_locks(self) -> None:
        node = self._node()
        around = self._world.around
        if node is None:
            return
        mine = node.relay_shards is around.relays.holder
        if mine or node.projector_shards is around.projectors.holder:
            node.end_sessions(0.0)
            self.struck("lock lost unawares", node.name)

    def old_relay(self) -> None:
        around, backups = self._world.around, self._world.operators.backups
        old = self._chance.choice(backups).checkpoints if backups else {}
        if old != around.checkpoints:
            around.checkpoints.clear()
            around.checkpoints.update(old)
            self._restart_holder("relay begun anew at an old checkpoint")

    def old_projector(self) -> None:
        around, backups = self._world.around, self._world.operators.backups
        old = self._chance.choice(backups).tables if backups else None
        if old is not None and old.checkpoints != around.tables.checkpoints:
            around.tables.become(old)
            self._restart_holder("projector begun anew at an old checkpoint")

    def _restart_holder(self, kind: str) -> None:
        """Begin again, with what was stored, in a process that knows nothing of later."""
        self.struck(kind)
        relays, projectors = self._world.around.relays, self._world.around.projectors
        holder = relays.holder if kind.startswith("relay") else projectors.holder
        for node in list(self._world.running):
            if holder in {node.relay_shards, node.projector_shards}:
                node.kill()
                self._start_later(node.name)

    def restore(self) -> None:
        world, operators = self._world, self._world.operators
        if world.store.away or not operators.backups:
            return
        world.store.away = self.restoring = True
        self._cut_off_some()

        def back() -> None:
            self.restoring = False
            self._let_some_forget()
            operators.restore(self._chance.choice(operators.backups))
            self.struck("another epoch: the store was restored")

        world.later(AWAY_S * (1 + self._chance.random()), back)

    def _cut_off_some(self) -> None:
        """Whose sockets are gone with the store cannot come back before that."""
        for client in self._world.scene.clients:
            if client.wire is not None and self._chance.random() < 0.5:
                client.wire.cut(0.0, 0.0)

    def _let_some_forget(self) -> None:
        """Some of those who were away name no epoch when they come back.

        Not those whose rights may be others now: what they have seen tells nobody by which.
        """
        scene = self._world.scene
        for client in scene.clients:
            if client.reader.actor in scene.limited:
                continue
            if client.wire is None and self._chance.random() < 0.5:
                client.forget_epoch()

    async def restored(self) -> None:
        """Wait for a restore that is on its way."""
        while self.restoring:  # noqa: ASYNC110  # on virtual time a look costs nothing
            await asyncio.sleep(AWAY_S)

    # --- the broker ---------------------------------------------------------------------------

    def cut_broker(self) -> None:
        node = self._node()
        if node is not None and not node.broker.cut:
            self.struck("node cut off from the broker", node.name)
            node.fail_broker()
            self.after(lambda: self._mend_broker(node))

    def _mend_broker(self, node: SimulatedNode) -> None:
        if not node.machine.dead and not self._world.history.brokerless:
            node.mend_broker()

    def lose_broker(self) -> None:
        """Let the broker never come back: nothing depends on it. In some scenarios only."""
        world = self._world
        if world.history.brokerless or self._chance.random() > BROKERLESS:
            return
        world.history.brokerless = True
        self.struck("broker away for good")
        for node in world.running:
            node.fail_broker()

    def disturb(self) -> None:
        """Let messages be lost, doubled, late and overtaken for a while."""
        self._struck_messages.clear()
        throw = self._chance.random
        self._world.exchange.disturbance = Disturbance(
            throw() * 0.3, throw() * 0.3, throw() * 0.3, throw() * 0.3
        )

        def calm() -> None:
            self._world.exchange.disturbance = CALM

        self.after(calm, least_s=0.5)

    def struck_message(self, kind: str) -> None:
        """A message met something; each kind counts once while it lasts."""
        self._world.history.counts[kind] += 1
        if kind not in self._struck_messages:
            self._struck_messages.add(kind)
            self.struck(kind)

    # --- sockets ------------------------------------------------------------------------------

    def slow_socket(self) -> None:
        client = self._chance.choice(self._world.scene.clients)
        wire = client.wire
        if wire is None or not wire.reading:
            return
        wire.reading = False

        def read_on() -> None:
            if wire.waiting:
                self.struck("socket read slowly", client.reader.name, wire.waiting)
            wire.read_on()

        self.after(read_on, least_s=0.5)

    def cut_socket(self) -> None:
        client = self._chance.choice(self._world.scene.clients)
        if client.wire is not None:
            self.struck("socket cut", client.reader.name, client.wire.waiting)
            client.wire.cut(self._chance.random(), self._chance.random())

    # --- people -------------------------------------------------------------------------------

    def change_rights(self, *, in_haste: bool = True) -> None:
        """Let an agent open what it may read, and soon change what it may.

        Without haste it is no fault: nothing else goes on then.
        """
        agent = self._chance.choice(self._world.scene.limited)
        for person in self._world.scene.people:
            if person.client.reader.actor == agent:
                person.look_around()
        change = partial(self._change_rights, agent, in_haste=in_haste)
        self._world.later(self._chance.random() * LOOKS_S, change)

    def _change_rights(self, agent: str, *, in_haste: bool) -> None:
        world, log = self._world, self._world.scene.main.log
        if world.store.away:
            return
        departments = self._chance.choice(((), (), ("sales",), ("support",), DEPARTMENTS))
        role = self._chance.choice(("limited", "limited", "limited", "agent"))
        if world.operators.change_rights(log, agent, role, departments) and in_haste:
            self.struck("rights changed", more=(agent, role, departments))
            self._hurry(agent)

    def _hurry(self, agent: str) -> None:
        """Let much be done just now, while not every node knows of what happened to an agent.

        By itself, and by visitors in conversations that it follows.
        """
        for person in self._world.scene.people:
            reader = person.client.reader
            acts = HURRIED if reader.actor == agent else VISITORS_HURRIED
            for _ in range(acts if reader.actor == agent or reader.role == "visitor" else 0):
                self._world.later(self._chance.random() * HURRY_S, person.act)

    def deactivate(self) -> None:
        world, scene = self._world, self._world.scene
        if world.store.away:
            return
        truth = world.operators.truth(scene.main.log)
        active = [agent for agent in scene.agents if truth.rights(agent)[-1].active]
        if len(active) <= AGENTS_LEFT:
            return
        agent = self._chance.choice(active)
        world.operators.deactivate(scene.main.log, agent)
        self.struck("agent deactivated", more=agent)
        self._hurry(agent)

    def take_out_of_sight(self) -> None:
        """Transfer a conversation that a limited agent follows to where it may not read on."""
        world, scene = self._world, self._world.scene
        for client in scene.clients if not world.store.away else ():
            open_ = [name for name in client.feeds if name.startswith("conversation:")]
            if client.reader.actor in scene.limited and client.welcomed and open_:
                feed = self._chance.choice(open_)
                if world.operators.transfer_away(client, feed):
                    self.struck("conversation transferred while it was followed", more=feed)
                return

    def erase(self) -> None:
        world, log = self._world, self._world.scene.main.log
        if world.store.away:
            return
        actors = [each.event.actor for each in world.operators.truth(log).events]
        talking = {actor.id for actor in actors if actor.role == "visitor"}
        left = sorted(talking - {erased.visitor for erased in world.history.erased})
        if len(left) > 1:
            world.operators.erase(log, self._chance.choice(left))
            self.struck("visitor erased")


KINDS: dict[str, Callable[[Faults], None]] = {
    Fate.CRASH_BEFORE.value: Faults.crash_before,
    Fate.CRASH_AFTER.value: Faults.crash_after,
    Fate.REQUEST_LOST.value: Faults.lose_request,
    Fate.ANSWER_LOST.value: Faults.lose_answer,
    "node killed": Faults.kill,
    "node stalled": Faults.stall,
    "node stopped in good order": Faults.drain,
    "clock jumped forward": Faults.jump,
    "clock jumped back": Faults.jump,
    "node cut off from the store": Faults.cut_store,
    "store away": Faults.store_away,
    "lock lost unawares": Faults.lose_locks,
    "relay begun anew at an old checkpoint": Faults.old_relay,
    "projector begun anew at an old checkpoint": Faults.old_projector,
    "another epoch: the store was restored": Faults.restore,
    "node cut off from the broker": Faults.cut_broker,
    "broker away for good": Faults.lose_broker,
    "message lost": Faults.disturb,
    "message doubled": Faults.disturb,
    "message delayed": Faults.disturb,
    "message overtaken": Faults.disturb,
    "socket read slowly": Faults.slow_socket,
    "socket cut": Faults.cut_socket,
    "rights changed": Faults.change_rights,
    "agent deactivated": Faults.deactivate,
    "conversation transferred while it was followed": Faults.take_out_of_sight,
    "visitor erased": Faults.erase,
}
"""Every kind of fault, by the name under which it is counted."""
