"""A conversation with everything in it, and its bodies in every format.

``python -m tests.unit.webhooks.bodies`` writes the golden file anew, for when a shape is meant to
change: receivers rely on it, so look at what differs.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from domain.conversation import commands as c
from domain.conversation.events import Body, Page
from domain.envelope import Actor, RecordedEvent
from domain.handling.sender import Sender
from domain.tenant import commands as tenant
from domain.tenant.state import Tenant
from domain.webhooks import chatwoot, standard
from domain.webhooks.catalogue import SENDABLE
from domain.webhooks.threads import Threads
from tests.unit.projections.histories import AGENTS, LOG, VISITORS
from tests.unit.webhooks.bench import Bench

FILE = Path(__file__).with_name("bodies.json")
VISITOR = Actor("visitor", VISITORS[0], "Ada")
AGENT = Actor("agent", AGENTS[0], "Grace")
ROUTER = Actor("system", "router")
SITE = "AYxWAbcdefABCDEF0123456789_-x"
PAGE = Page("https://shop.example/a?b=c", "The shop", "https://search.example/")

Bodies = dict[str, list[dict[str, Any]]]


async def told_bench() -> Bench:
    """A bench on which the conversation has happened."""
    bench = await Bench.begin()
    await bench.ask(tenant.AddSite(bench.history.id(), SITE, "The shop", "s3cret"))

    async def ask(actor: Actor, command: Any) -> Any:
        await bench.clock.advance(1.0)
        ack = await bench.history.ask(actor, command)
        assert ack is not None, command
        return ack

    new = bench.history.id
    start = c.Start(new(), Body("Grüße 🦜"), PAGE, "sales")
    await bench.clock.advance(1.0)
    begun = await bench.history.handler.submit(Sender(LOG, VISITOR, None, SITE), start)
    assert begun.conversation is not None
    conversation = UUID(begun.conversation)
    bench.history.conversations[VISITORS[0]].append(str(conversation))
    await ask(AGENT, c.Post(new(), conversation, Body("Hello, Ada")))
    await ask(AGENT, c.Post(new(), conversation, Body("wants a refund"), note=True))
    await ask(AGENT, c.SetTags(new(), conversation, ["urgent", "日本語"]))
    await ask(VISITOR, c.Read(new(), conversation, 3))
    await ask(AGENT, c.Assign(new(), conversation, UUID(AGENTS[1])))
    await ask(AGENT, c.Transfer(new(), conversation, department="support"))
    waiting = (await bench.history.events())[-1].version
    await ask(ROUTER, c.Remind(new(), conversation, waiting, 2, 120))
    await ask(ROUTER, c.Miss(new(), conversation, waiting + 1, "unanswered"))
    await ask(AGENT, c.Close(new(), conversation))
    await ask(VISITOR, c.Post(new(), conversation, Body("one more thing")))
    await ask(VISITOR, c.Rate(new(), conversation, 5, "thanks"))
    await ask(VISITOR, c.Delivered(new(), conversation, 4))
    return bench


async def bodies_of(bench: Bench) -> Bodies:
    """Every body of the conversation, as it reads now."""
    events = [e for e in await bench.history.events() if e.stream.startswith("conversation-")]
    state = (await bench.history.handler.states.refresh(LOG, "tenant")).state
    threads = Threads(bench.store)
    return {
        "standard": [_read(standard.body(event, state.name)) for event in events],
        "chatwoot": [
            await _chatwoot(threads, event, state)
            for event in events
            if event.type in SENDABLE["chatwoot"]
        ],
    }


async def _chatwoot(threads: Threads, event: RecordedEvent, state: Tenant) -> dict[str, Any]:
    return _read(chatwoot.body(event, await threads.before(event), state))


def _read(body: bytes) -> dict[str, Any]:
    form: dict[str, Any] = msgspec.json.decode(body)
    return form


async def made() -> Bodies:
    """What the golden file holds: the conversation's life, and what is read after its erasure."""
    bench = await told_bench()
    alive = await bodies_of(bench)
    await bench.history.erase(VISITORS[0])
    erased = await bodies_of(bench)
    return {
        **alive,
        **{f"{name}, erased": [forms[1], forms[-1]] for name, forms in erased.items()},
    }


if __name__ == "__main__":
    FILE.write_bytes(
        msgspec.json.format(msgspec.json.encode(asyncio.run(made())), indent=2) + b"\n"
    )
