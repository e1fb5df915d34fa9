"""All sockets of a node: whom it takes, how it drains, and what an idle one costs."""

from __future__ import annotations

import asyncio
import gc
import json
import tracemalloc
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import pytest

from adapters.websocket.endpoint import SUBPROTOCOL, WIRE, Sockets
from tests.unit.websocket.chat import Chat, started


class Wire:
    """An ASGI socket, from the server's side of the world."""

    def __init__(
        self, sockets: Sockets, role: str, address: str = "192.0.2.1", **headers: str
    ) -> None:
        self.sent: list[dict[str, Any]] = []
        self.hear: Callable[[str], bool] | None = None
        self._incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._incoming.put_nowait({"type": "websocket.connect"})
        scope = {
            "type": "websocket",
            "path": f"/ws/{role}",
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            "subprotocols": [SUBPROTOCOL],
            "client": (address, 1),
            "extensions": {WIRE: self},
        }
        endpoint = sockets.visitor if role == "visitor" else sockets.agent
        self.task = asyncio.create_task(endpoint(scope, self._incoming.get, self._send))

    async def _send(self, message: Any) -> None:
        self.sent.append(message)
        if message["type"] == "websocket.close":
            self._incoming.put_nowait({"type": "websocket.disconnect", "code": message["code"]})

    def write(self, texts: Sequence[str]) -> bool:
        """Take frames; a :class:`~adapters.websocket.node.Wire`."""
        self.sent += [{"type": "websocket.send", "text": text} for text in texts]
        return True

    async def ready(self) -> None:
        """It always takes more."""

    async def receive(self) -> str | None:
        """What was said next."""
        message = await self._incoming.get()
        if message["type"] != "websocket.receive":
            raise ConnectionResetError
        text: str | None = message["text"]
        return text

    def say(self, text: str | None, data: bytes | None = None) -> None:
        """A frame, text or binary."""
        self._incoming.put_nowait({"type": "websocket.receive", "text": text, "bytes": data})

    def hang_up(self) -> None:
        """Go away."""
        self._incoming.put_nowait({"type": "websocket.disconnect", "code": 1006})

    @property
    def closed(self) -> int | None:
        """The close code, if it was closed."""
        codes = [each["code"] for each in self.sent if each["type"] == "websocket.close"]
        return codes[0] if codes else None


@pytest.fixture
async def wires(chat: Chat) -> AsyncIterator[list[Wire]]:
    """Sockets that are hung up in the end."""
    opened: list[Wire] = []
    yield opened
    for wire in opened:
        wire.hang_up()
    await chat.idle()
    assert all(wire.task.done() for wire in opened)


def hello(chat: Chat, visitor: str = "ada") -> str:
    """A visitor's hello."""
    return f'{{"op":"hello","token":"{chat.token("visitor", visitor)}"}}'


async def test_a_socket_is_accepted_with_the_subprotocol(chat: Chat, wires: list[Wire]) -> None:
    """And served until its client leaves; a binary frame closes it."""
    wire = Wire(Sockets(chat.node), "visitor")
    wires.append(wire)
    wire.say(hello(chat))
    await chat.idle()
    assert wire.sent[0] == {
        "type": "websocket.accept", "subprotocol": SUBPROTOCOL, "headers": [],
    }  # fmt: skip
    assert '"op":"welcome"' in wire.sent[1]["text"]
    wire.say(None, b"binary")
    await chat.idle()
    assert wire.closed == 4400


@pytest.mark.parametrize(
    ("origin", "code"),
    [(None, None), ("https://chat.example", None), ("https://evil.example", 4403), ("null", 4403)],
)
async def test_an_agents_page_is_this_sites_own(
    chat: Chat, wires: list[Wire], origin: str | None, code: int | None
) -> None:
    """Another site's page cannot open an agent's socket; a program without origin can."""
    headers = {"host": "chat.example", **({"origin": origin} if origin else {})}
    wire = Wire(Sockets(chat.node), "agent", **headers)
    wires.append(wire)
    await chat.idle()
    assert wire.closed == code


async def test_too_many_sockets_are_told() -> None:
    """From one address 4429, on one node 1013; whoever leaves makes room."""
    crowded = await Chat(connections=3, connections_per_address=2).open()
    sockets = Sockets(crowded.node)
    here = [Wire(sockets, "visitor", "192.0.2.1") for _ in range(3)]
    await crowded.idle()
    there = [Wire(sockets, "visitor", "192.0.2.2") for _ in range(2)]
    await crowded.idle()
    assert [wire.closed for wire in here] == [None, None, 4429]
    assert [wire.closed for wire in there] == [None, 1013]
    for wire in (*here, *there):
        wire.hang_up()
    await crowded.idle()
    again = Wire(sockets, "visitor", "192.0.2.1")
    await crowded.idle()
    assert again.closed is None
    again.hang_up()
    await crowded.idle()
    assert not sockets._open
    assert not sockets._addresses


async def test_draining_finishes_what_is_due(chat: Chat, wires: list[Wire]) -> None:
    """Clients are asked to come back, answers go out, and all sockets close with 1012.

    New ones are not taken meanwhile.
    """
    sockets = Sockets(chat.node)
    talk = await started(await chat.visitor())
    wires += [Wire(sockets, "visitor") for _ in range(3)]
    for wire in wires:
        wire.say(hello(chat))
    await chat.idle()
    chat.gate.shut()
    id_ = "0192aaaa-0000-7000-8000-000000000001"
    wires[0].say(f'{{"op":"post","id":"{id_}","conversation":"{talk}","body":{{"text":"last"}}}}')
    await chat.idle()
    draining = asyncio.create_task(sockets.drain("restarting", spread_s=2.0, deadline_s=5.0))
    await chat.clock.advance(1.0)
    late = Wire(sockets, "visitor")
    await chat.idle()
    assert late.closed == 1012
    assert [wire.closed for wire in wires] == [None] * 3
    chat.gate.open()
    await chat.clock.advance(1.0)
    await chat.idle()
    await chat.clock.advance(1.0)
    assert draining.done()
    assert [wire.closed for wire in wires] == [1012] * 3
    texts = [[each.get("text", "") for each in wire.sent] for wire in wires]
    assert all(any("goaway" in text for text in sent) for sent in texts)
    assert any('"ack"' in text and id_ in text for text in texts[0])


async def test_a_drain_ends_though_nobody_answers(chat: Chat, wires: list[Wire]) -> None:
    """The store does not come back: at the deadline the drain is over."""
    sockets = Sockets(chat.node)
    talk = await started(await chat.visitor())
    wires.append(Wire(sockets, "visitor"))
    wires[0].say(hello(chat))
    await chat.idle()
    chat.gate.shut()
    id_ = "0192aaaa-0000-7000-8000-000000000001"
    wires[0].say(f'{{"op":"post","id":"{id_}","conversation":"{talk}","body":{{"text":"last"}}}}')
    await chat.idle()
    draining = asyncio.create_task(sockets.drain("restarting", spread_s=2.0, deadline_s=5.0))
    await chat.clock.advance(6.0)
    assert draining.done()
    await chat.idle()
    assert wires[0].closed == 1012
    chat.gate.open()
    await chat.idle()


async def test_leaving_serves_each_client_until_its_moment(
    chat: Chat, wires: list[Wire], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Told when to be back, a client is answered until then and only then its socket is ended."""
    sockets = Sockets(chat.node)
    talk = await started(await chat.visitor())
    wires += [Wire(sockets, "visitor") for _ in range(3)]
    for wire in wires:
        wire.say(hello(chat))
    await chat.idle()
    shares = iter((0.2, 0.5, 0.9))
    monkeypatch.setattr(chat.ids, "uniform", lambda: next(shares))
    leaving = asyncio.create_task(sockets.leave("restarting", spread_s=2.0))
    await chat.clock.advance(0.7)
    after = {delay_of(wire): wire for wire in wires}
    assert sorted(after) == [400, 1000, 1800]
    assert [after[delay].closed for delay in sorted(after)] == [1012, None, None]
    id_ = "0192aaaa-0000-7000-8000-000000000001"
    after[1800].say(
        f'{{"op":"post","id":"{id_}","conversation":"{talk}","body":{{"text":"still here"}}}}'
    )
    await chat.idle()
    assert any('"ack"' in each.get("text", "") for each in after[1800].sent)
    late = Wire(sockets, "visitor")
    await chat.idle()
    assert late.closed == 1012
    await chat.clock.advance(1.5)
    assert leaving.done()
    await chat.idle()
    assert [wire.closed for wire in wires] == [1012] * 3


async def test_leaving_ends_when_all_have_left(
    chat: Chat, wires: list[Wire], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Clients that go by themselves are not waited for."""
    sockets = Sockets(chat.node)
    wires.append(Wire(sockets, "visitor"))
    wires[0].say(hello(chat))
    await chat.idle()
    monkeypatch.setattr(chat.ids, "uniform", lambda: 1.0)
    leaving = asyncio.create_task(sockets.leave("restarting", spread_s=3600.0))
    await chat.clock.advance(1.0)
    assert not leaving.done()
    wires[0].hang_up()
    await chat.idle()
    await chat.clock.advance(1.0)
    assert leaving.done()


async def test_leaving_cuts_no_answer_off(
    chat: Chat, wires: list[Wire], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A socket that waits for an answer at its moment gets it, and is asked to go but once."""
    sockets = Sockets(chat.node)
    talk = await started(await chat.visitor())
    wires.append(Wire(sockets, "visitor"))
    wires[0].say(hello(chat))
    await chat.idle()
    chat.gate.shut()
    id_ = "0192aaaa-0000-7000-8000-000000000001"
    wires[0].say(f'{{"op":"post","id":"{id_}","conversation":"{talk}","body":{{"text":"last"}}}}')
    await chat.idle()
    monkeypatch.setattr(chat.ids, "uniform", lambda: 0.1)
    leaving = asyncio.create_task(sockets.leave("restarting", spread_s=1.0))
    await chat.clock.advance(1.0)
    assert leaving.done()
    assert wires[0].closed is None
    draining = asyncio.create_task(sockets.drain("restarting", spread_s=1.0, deadline_s=5.0))
    chat.gate.open()
    await chat.clock.advance(1.0)
    await chat.idle()
    await chat.clock.advance(1.0)
    assert draining.done()
    sent = [each.get("text", "") for each in wires[0].sent]
    assert any('"ack"' in text and id_ in text for text in sent)
    assert sum("goaway" in text for text in sent) == 1
    assert wires[0].closed == 1012


def delay_of(wire: Wire) -> int:
    """After how many milliseconds a client was asked to be back."""
    (told,) = [each["text"] for each in wire.sent if "goaway" in each.get("text", "")]
    delay: int = json.loads(told)["reconnect_after_ms"]
    return delay


async def test_an_idle_connection_is_small(chat: Chat) -> None:
    """A visitor's socket that follows its conversation costs a few KB beside its transport."""
    talk = await started(await chat.visitor())
    feeds = {f"conversation:{talk}": 2}
    await chat.visitor(feeds=feeds)
    count = 200
    gc.collect()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    clients = [await chat.visitor(feeds=feeds) for _ in range(count)]
    for client in clients:
        client.frames.clear()
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (after - before) / count < 16 * 1024
    for client in clients:
        client.hang_up()
    await chat.idle()
