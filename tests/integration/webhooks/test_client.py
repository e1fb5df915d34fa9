"""Asking receivers that misbehave: every request ends, in time, with a word for what happened."""

from __future__ import annotations

import asyncio
import socket
import threading
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from adapters.webhooks.client import ClientSettings, WebhookClient
from adapters.webhooks.names import Names
from domain.webhooks.ports import Answer, NoAnswer
from tests.fixtures.certificates import Authority
from tests.fixtures.postgres import SystemClock
from tests.fixtures.receiver import HUGE_BYTES, Behaviour, receiving

LOOPBACK = ClientSettings(networks=("127.0.0.0/8",), answer_bytes=1000)
HEADERS = {"webhook-id": "018c", "webhook-timestamp": "1", "webhook-signature": "v1,x"}
WITHIN_S = 0.6


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """Somebody who signs certificates."""
    return Authority(tmp_path)


@pytest.fixture
def client(authority: Authority) -> WebhookClient:
    """A client that may ask this machine."""
    return WebhookClient(LOOPBACK, SystemClock(), "Parley/1.2.3", trusted=authority.trusting)


async def ask(client: WebhookClient, url: str, within_s: float = WITHIN_S) -> Answer:
    """One request; it is never let run for much longer than it may."""
    async with asyncio.timeout(within_s + 1.0):
        return await client(url, HEADERS, b'{"a":1}', within_s)


async def refused(client: WebhookClient, url: str, within_s: float = WITHIN_S) -> str:
    """A request that must get no answer; the word for why."""
    with pytest.raises(NoAnswer) as raised:
        await ask(client, url, within_s)
    return raised.value.code


async def test_an_answer(client: WebhookClient) -> None:
    """The body goes out as it is, with its headers and ours; status and beginning come back."""
    async with receiving(lambda _: 202) as receiver:
        port = receiver.port
        answer = await ask(client, f"{receiver.url}?a=b")
    assert (answer.status, answer.body, answer.retry_after_s) == (202, b"{}", None)
    assert 0 < answer.took_s < WITHIN_S
    (received,) = receiver.received
    assert (received.path, received.body) == ("/hook?a=b", b'{"a":1}')
    assert received.headers == HEADERS | {
        "host": f"127.0.0.1:{port}",
        "user-agent": "Parley/1.2.3",
        "content-type": "application/json",
        "connection": "close",
        "content-length": "7",
    }


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [
        ("hang", "timeout"),
        ("drip headers", "timeout"),
        ("drip", "timeout"),
        ("close", "broken"),
        ("close mid-header", "broken"),
        ("close mid-answer", "broken"),
        ("reset", "broken"),
        ("rubbish", "broken"),
        ("huge header", "broken"),
    ],
)
async def test_no_whole_answer_is_none(
    client: WebhookClient, behaviour: Behaviour, code: str
) -> None:
    """However it is withheld, it ends in time; 2xx in a header alone is not taken for an answer."""
    async with receiving(lambda _: behaviour) as receiver:
        assert await refused(client, receiver.url) == code
    assert len(receiver.received) == 1


async def test_a_huge_answer_is_read_no_further(client: WebhookClient) -> None:
    """Its status counts, its beginning is kept; the rest is neither awaited nor held."""
    async with receiving(lambda _: "huge") as receiver:
        tracemalloc.start()
        answer = await ask(client, receiver.url)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert (answer.status, answer.body) == (200, b"x" * 1000)
    assert peak < HUGE_BYTES // 16


@pytest.mark.parametrize("status", [204, 301, 404, 410, 429, 500])
async def test_every_status_is_an_answer(client: WebhookClient, status: int) -> None:
    """What it means is for others to say."""
    async with receiving(lambda _: status) as receiver:
        assert (await ask(client, receiver.url)).status == status


async def test_redirects_are_not_followed(client: WebhookClient) -> None:
    """Not even to a place that may be asked."""
    async with receiving() as target, receiving() as receiver:
        receiver.decide = lambda _: f"302 location: {target.url}"
        assert (await ask(client, receiver.url)).status == 302
        await asyncio.sleep(0.05)
        assert target.connections == 0


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("retry-after: 17", 17.0), ("Retry-After: soon", None), ("retry-after: 99999999999", 604800)],
)
async def test_a_wish_to_be_left_alone_is_heard(
    client: WebhookClient, header: str, seconds: float | None
) -> None:
    """In seconds, bounded; another form is passed over."""
    async with receiving(lambda _: f"503 {header}") as receiver:
        assert (await ask(client, receiver.url)).retry_after_s == seconds


async def test_nobody_is_there(client: WebhookClient) -> None:
    """A port where nobody listens, and a name that leads nowhere."""
    async with receiving() as receiver:
        url = receiver.url
    assert await refused(client, url) == "no_connection"
    assert await refused(client, "https://nowhere.invalid/hook", 5.0) == "no_address"


# --- TLS --------------------------------------------------------------------------------------


async def test_tls_is_checked(client: WebhookClient, authority: Authority) -> None:
    """A certificate that is the host's, in its time and signed by somebody trusted is enough."""
    async with receiving(tls=authority.server("127.0.0.1")) as receiver:
        assert (await ask(client, receiver.url)).status == 200


@pytest.mark.parametrize("fault", ["other host", "expired", "untrusted"])
async def test_bad_tls_is_refused(
    client: WebhookClient, authority: Authority, tmp_path: Path, fault: str
) -> None:
    """Otherwise nothing is sent."""
    (tmp_path / "other").mkdir()
    tls = {
        "other host": lambda: authority.server("shop.example"),
        "expired": lambda: authority.server("127.0.0.1", expired=True),
        "untrusted": lambda: Authority(tmp_path / "other").server("127.0.0.1"),
    }[fault]()
    async with receiving(tls=tls) as receiver:
        assert await refused(client, f"https://127.0.0.1:{receiver.port}/hook") == "bad_tls"
        assert receiver.received == []


async def test_what_is_no_tls_after_a_handshake_is_no_answer(
    client: WebhookClient, authority: Authority
) -> None:
    """A receiver that begins with TLS and goes on in clear is broken like any other."""
    async with receiving(lambda _: "plain", authority.server("127.0.0.1")) as receiver:
        assert await refused(client, receiver.url) == "broken"
        assert len(receiver.received) == 1


async def test_tls_names_the_host_and_not_its_address(authority: Authority) -> None:
    """The certificate of a name is checked, though the connection went to a number."""

    async def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    async with receiving(tls=authority.server("shop.example")) as receiver:
        client = WebhookClient(
            LOOPBACK, SystemClock(), "x", resolve=resolve, trusted=authority.trusting
        )
        assert (await ask(client, f"https://shop.example:{receiver.port}/hook")).status == 200
        assert receiver.received[0].headers["host"] == f"shop.example:{receiver.port}"


# --- where to ---------------------------------------------------------------------------------


@pytest.mark.parametrize("networks", [(), ("10.0.0.0/8", "::1/128")])
@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "[::ffff:127.0.0.1]", "[::1]"],
)
async def test_our_own_machine_is_not_asked(networks: tuple[str, ...], host: str) -> None:
    """However its address is written; not a byte is sent there."""
    client = WebhookClient(ClientSettings(networks=networks), SystemClock(), "x")
    async with receiving() as receiver:
        for scheme in ("http", "https"):
            url = f"{scheme}://{host}:{receiver.port}/hook"
            expected = {"forbidden_address"}
            if host == "[::1]" and networks:
                expected = {"no_connection"}  # it is named, and nobody listens there
            assert await refused(client, url, 5.0) in expected
        assert receiver.connections == 0


async def test_an_address_is_checked_where_it_is_used() -> None:
    """A name that leads elsewhere the second time gains nothing: it is looked up once."""
    asked: list[str] = []

    async def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.9"] if len(asked) == 1 else ["127.0.0.1"]

    named = ClientSettings(networks=("127.0.0.9/32",))
    client = WebhookClient(named, SystemClock(), "x", resolve=resolve)
    async with receiving() as receiver:
        # The system's own answer for this name is the receiver's address too.
        assert await refused(client, f"http://localhost:{receiver.port}/hook") == "no_connection"
        assert asked == ["localhost"]
        assert receiver.connections == 0


async def test_of_several_addresses_those_that_may_be_are_tried() -> None:
    """The private one is passed over, the one where nobody listens too."""

    async def resolve(host: str, port: int) -> list[str]:
        return ["10.0.0.1", "127.0.0.9", "127.0.0.1"]

    client = WebhookClient(LOOPBACK, SystemClock(), "x", resolve=resolve)
    async with receiving() as receiver:
        assert (await ask(client, f"http://shop.example:{receiver.port}/hook")).status == 200


async def test_without_tls_only_named_networks_are_asked() -> None:
    """What is sent to the Internet is never sent in clear."""

    async def resolve(host: str, port: int) -> list[str]:
        return ["93.184.215.14"]

    client = WebhookClient(LOOPBACK, SystemClock(), "x", resolve=resolve)
    assert await refused(client, "http://shop.example/hook") == "forbidden_address"


async def test_the_environment_sets_no_proxy(
    client: WebhookClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy that the process was started with would see everything; it is not asked."""
    async with receiving() as proxy, receiving() as receiver:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert (await ask(client, receiver.url)).status == 200
        assert (proxy.connections, receiver.connections) == (0, 1)


async def test_names_that_nobody_answers_hold_up_no_other(
    client: WebhookClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lookup that hangs ends in time, those beside it go on, and no end waits for its thread."""
    answered, asked = threading.Event(), socket.getaddrinfo

    def slow(host: str, *rest: Any, **more: Any) -> Any:
        if host == "slow.example":
            answered.wait(20.0)
            raise OSError("nobody knows")
        return asked(host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    async with receiving() as receiver:
        hanging = [
            asyncio.create_task(refused(client, f"http://slow.example:{receiver.port}/"))
            for _ in range(20)
        ]
        await asyncio.sleep(0.1)
        assert (await ask(client, receiver.url)).status == 200
        assert set(await asyncio.gather(*hanging)) == {"timeout"}
    left = [thread for thread in threading.enumerate() if "slow.example" in thread.name]
    assert left
    assert all(thread.daemon for thread in left)
    answered.set()


async def test_only_so_many_names_are_looked_up_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One more waits for a lookup to end, and has its turn then."""
    answered = threading.Event()
    asked: list[str] = []

    def slow(host: str, *rest: Any, **more: Any) -> Any:
        asked.append(host)
        answered.wait(20.0)
        raise OSError("nobody knows")

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    names = Names(lookups=2)
    looking = [asyncio.create_task(names(f"{n}.example", 443)) for n in range(4)]
    await asyncio.sleep(0.2)
    assert len(asked) == 2
    looking[0].cancel()
    answered.set()
    ended = await asyncio.gather(*looking, return_exceptions=True)
    assert len(asked) == 4
    assert all(isinstance(each, OSError) for each in ended[1:])


async def test_a_thread_that_cannot_be_begun_takes_no_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where the system gives no thread, a lookup fails, and later ones have its place."""

    def none(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    names = Names(lookups=1)
    with monkeypatch.context() as short:
        short.setattr(threading.Thread, "start", none)
        with pytest.raises(RuntimeError):
            await names("127.0.0.1", 443)
    async with asyncio.timeout(5.0):
        assert await names("127.0.0.1", 443) == ["127.0.0.1"]
