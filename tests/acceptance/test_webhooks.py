"""Webhooks of the whole product, against servers that receive well, badly or not at all."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from tests.fixtures.certificates import Authority
from tests.fixtures.client import Client, agent_session
from tests.fixtures.product import running_copy
from tests.fixtures.receiver import Behaviour, Decide, Received, receiving
from tests.fixtures.server import Server
from tests.fixtures.telling import (
    LOOPBACK,
    Talk,
    add_hook,
    parley,
    run,
    told,
    until_told,
)


@pytest.fixture(scope="module")
def telling(demonstration: Path) -> Iterator[Server]:
    """A product that may ask receivers on this machine; shared, so tests remove their webhooks."""
    with running_copy(demonstration, **LOOPBACK) as server:
        yield server


def always(behaviour: Behaviour) -> Decide:
    """The same for every request."""
    return lambda _: behaviour


# --- what is sent -----------------------------------------------------------------------------


async def test_a_conversation_is_told_signed_and_in_order(telling: Server) -> None:
    """Everything that agents see, each event once, verified by the specification's library."""
    async with receiving() as receiver:
        hook = await add_hook(telling, receiver.url)
        talk = Talk(telling, "ada")
        await talk.say(20)
        account = telling.credentials["agents"][0]
        async with Client(await agent_session(telling.url, "demo", account)) as agent:
            await agent.ack("post", conversation=talk.conversation, body={"text": "hello"})
            note = {"body": {"text": "wants a refund"}, "note": True}
            await agent.ack("post", conversation=talk.conversation, **note)
            await agent.ack("close", conversation=talk.conversation)
        await receiver.until(
            lambda: any(done.form["type"] == "conversation.closed" for done in receiver.done)
        )
        await hook.parley("remove")
    versions = [received.form["data"]["version"] for received in receiver.received]
    assert versions == list(range(1, len(versions) + 1))
    assert told(receiver.received, talk)[:-1] == talk.texts
    assert len({received.id for received in receiver.received}) == len(versions)
    for received in receiver.received:
        form = Webhook(hook.secret).verify(received.body, received.headers)
        assert form["data"]["tenant"] == "demo"
        assert received.id == form["data"]["id"]
        assert received.headers["user-agent"].startswith("Parley/")
        assert received.headers["content-type"] == "application/json"


async def test_only_what_is_wanted_is_told(telling: Server) -> None:
    """Types that were asked for, and nothing from before the webhook was there."""
    talk = Talk(telling, "before")
    await talk.say(3)
    async with receiving() as receiver:
        hook = await add_hook(telling, receiver.url, "--type", "message.posted")
        await talk.say(2)
        await receiver.until(lambda: len(receiver.done) == 2)
        await asyncio.sleep(0.5)
        await hook.parley("remove")
    assert told(receiver.received, talk) == talk.texts[3:]


async def test_a_secret_is_rotated(telling: Server) -> None:
    """Both secrets sign until the old one's time is over, so no receiver misses anything."""
    async with receiving() as receiver:
        hook = await add_hook(telling, receiver.url, "--type", "message.posted")
        rotated = await hook.parley("rotate")
        talk = Talk(telling, "rotated")
        await talk.say(1)
        await until_told(receiver, talk)
        await hook.parley("remove")
    (received,) = receiver.received
    assert rotated["secret"] != hook.secret
    for secret in (hook.secret, rotated["secret"]):
        assert Webhook(secret).verify(received.body, received.headers)


async def test_a_secret_that_leaked_is_replaced_at_once(telling: Server) -> None:
    """Neither it nor one from before signs what is sent from then on."""
    async with receiving() as receiver:
        hook = await add_hook(telling, receiver.url, "--type", "message.posted")
        leaked = await hook.parley("rotate")
        replaced = await hook.parley("rotate", "--at-once")
        talk = Talk(telling, "leaked")
        await talk.say(1)
        await until_told(receiver, talk)
        await hook.parley("remove")
    (received,) = receiver.received
    assert Webhook(replaced["secret"]).verify(received.body, received.headers)
    for secret in (hook.secret, leaked["secret"]):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(received.body, received.headers)


async def test_receivers_that_were_built_for_chatwoot(telling: Server) -> None:
    """Its names and shapes, for messages of both sides and for what becomes of a conversation."""
    async with receiving() as receiver:
        hook = await add_hook(telling, receiver.url, "--format", "chatwoot")
        talk = Talk(telling, "chat")
        await talk.say(1)
        account = telling.credentials["agents"][0]
        async with Client(await agent_session(telling.url, "demo", account)) as agent:
            await agent.ack("post", conversation=talk.conversation, body={"text": "hello"})
            await agent.ack("close", conversation=talk.conversation)
        await receiver.until(lambda: len(receiver.done) == 5)
        await hook.parley("remove")
    forms = [received.form for received in receiver.received]
    assert [form["event"] for form in forms] == [
        "conversation_created",
        "message_created",
        "conversation_updated",
        "message_created",
        "conversation_status_changed",
    ]
    first, second = (form for form in forms if form["event"] == "message_created")
    assert (first["message_type"], first["content"]) == ("incoming", "chat 0")
    assert (second["message_type"], second["content"]) == ("outgoing", "hello")
    assert second["sender"]["type"] == "user"
    assert first["account"]["name"] == "demo"
    assert first["conversation"]["id"] == talk.conversation
    assert forms[-1]["status"] == "resolved"


# --- receivers that misbehave -----------------------------------------------------------------


FAULTS: tuple[Behaviour, ...] = (
    *(500, 429, "hang", "drip", "drip headers", "huge header"),
    *("close", "close mid-header", "close mid-answer", "reset", "rubbish", "redirect"),
)


async def test_receivers_recover_from_everything(telling: Server) -> None:
    """Each fault in a conversation of its own, twice in the middle and twice at its end.

    Nothing is lost, doubled beyond its own repeats, or reordered; one that is well goes on.
    """
    async with receiving() as private, receiving() as receiver:
        talks = {str(fault): Talk(telling, str(fault)) for fault in FAULTS}
        well = Talk(telling, "well")
        tried: Counter[str] = Counter()

        def decide(received: Received) -> Behaviour:
            text = received.form["data"]["data"]["body"]["text"]
            tried[text] += 1
            name, _, number = text.rpartition(" ")
            if name == "well" or number not in {"1", "3"} or tried[text] > 2:
                return 200
            fault = f"302 location: {private.url}" if name == "redirect" else name
            return int(fault) if fault.isdigit() else fault

        receiver.decide = decide
        hook = await add_hook(telling, receiver.url, "--type", "message.posted")
        for talk in (*talks.values(), well):
            await talk.say(4)
        await until_told(receiver, *talks.values(), well, timeout_s=120.0)
        rows = await hook.until_settled(4 * len(FAULTS) + 4)
        await hook.parley("remove")
    assert {row["state"] for row in rows} == {"delivered"}
    for name, talk in talks.items():
        assert told(receiver.done, talk) == talk.texts
        assert told(receiver.received, talk) == [
            *(f"{name} 0", f"{name} 1", f"{name} 1", f"{name} 1"),
            *(f"{name} 2", f"{name} 3", f"{name} 3", f"{name} 3"),
        ]
    assert told(receiver.received, well) == well.texts
    texts = {row["event"]: row["attempts"] for row in rows}
    assert sorted(texts.values()) == [1] * (2 * len(FAULTS) + 4) + [3] * (2 * len(FAULTS))
    assert len({received.id for received in receiver.received}) == len(rows)
    assert private.connections == 0


async def test_one_that_hangs_holds_up_no_other(telling: Server) -> None:
    """While one receiver takes every place that it may have, another hears at once."""
    async with receiving(lambda _: "hang") as hanging, receiving() as well:
        bad = await add_hook(telling, hanging.url, "--type", "message.posted")
        good = await add_hook(telling, well.url, "--type", "message.posted")
        talks = [Talk(telling, f"visitor {n}") for n in range(8)]
        for talk in talks:
            await talk.say(1)
        begun = time.monotonic()
        await until_told(well, *talks, timeout_s=5.0)
        for talk in talks[:3]:
            await talk.say(3)
        await until_told(well, *talks, timeout_s=5.0)
        assert time.monotonic() - begun < 5.0
        assert {row["state"] for row in await bad.deliveries()} == {"waiting"}
        await bad.parley("remove")
        await good.parley("remove")


async def test_gone_is_gone(telling: Server) -> None:
    """410 disables the webhook; enabled again, what was given up meanwhile can be sent."""
    async with receiving(lambda _: 410) as receiver:
        hook = await add_hook(telling, receiver.url, "--type", "message.posted")
        talk = Talk(telling, "gone")
        await talk.say(3)
        rows = await hook.until_settled(3)
        assert {row["state"] for row in rows} == {"dead"}
        (listed,) = [w for w in await parley(telling, "list") if w["webhook"] == hook.id]
        assert listed["disabled"] == "gone"
        asked = len(receiver.received)
        await talk.say(1)
        refused = await asyncio.to_thread(
            *(telling.parley, "webhook", "redeliver", "--tenant", "demo"),
            *("--webhook", hook.id, "--dead"),
        )
        assert refused.returncode == 1
        assert "disabled (gone)" in refused.stderr
        assert len(receiver.received) == asked
        receiver.decide = lambda _: 200
        await hook.parley("set", "--enable")
        again = await hook.parley("redeliver", "--dead")
        assert again["redelivered"] == 3
        await receiver.until(lambda: len(receiver.done) == 3)
        await talk.say(1)
        await receiver.until(lambda: len(receiver.done) == 4)
        await hook.parley("remove")
    assert told(receiver.done, talk) == [*talk.texts[:3], talk.texts[4]]


async def test_one_delivery_is_sent_again(telling: Server) -> None:
    """Under its own id; one that waits, or is not there, is refused with a sentence."""
    async with receiving() as receiver:
        hook = await add_hook(telling, receiver.url, "--type", "message.posted")
        talk = Talk(telling, "again")
        await talk.say(2)
        await until_told(receiver, talk)
        event = receiver.received[0].id
        await hook.until_settled(2)
        assert (await hook.parley("redeliver", "--event", event))["redelivered"] == 1
        await receiver.until(lambda: len(receiver.done) == 3)
        unknown = await asyncio.to_thread(
            *(telling.parley, "webhook", "redeliver", "--tenant", "demo", "--webhook", hook.id),
            *("--event", "00000000-0000-0000-0000-000000000000"),
        )
        assert unknown.returncode == 1
        assert "No delivery of the event" in unknown.stderr
        await hook.parley("remove")
    assert receiver.received[2].id == event
    assert receiver.received[2].body == receiver.received[0].body


async def test_a_ping(telling: Server) -> None:
    """Signed, unlike anything that happens, and what came back is told; a failure is status 1."""
    async with receiving() as receiver:
        hook = await add_hook(telling, receiver.url)
        came = await hook.parley("test")
        assert (came["ok"], came["status"], came["body"]) == (True, 200, "{}")
        form = Webhook(hook.secret).verify(receiver.received[0].body, receiver.received[0].headers)
        assert form["type"] == "webhook.ping"
        for behaviour, expected in (("500", {"status": 500}), ("hang", {"error": "timeout"})):
            receiver.decide = always(behaviour)
            failed = await asyncio.to_thread(
                *(telling.parley, "webhook", "test", "--tenant", "demo", "--json"),
                *("--webhook", hook.id),
            )
            assert failed.returncode == 1
            answer: dict[str, Any] = json.loads(failed.stdout)
            assert answer["ok"] is False
            assert expected.items() <= answer.items()
        await hook.parley("remove")


async def test_bad_tls_gets_nothing(telling: Server, tmp_path: Path) -> None:
    """A certificate that nobody trusts: not a byte of a conversation goes there."""
    async with receiving(tls=Authority(tmp_path).server("127.0.0.1")) as receiver:
        hook = await add_hook(telling, receiver.url, "--type", "message.posted")
        await Talk(telling, "secret").say(1)
        await hook.until_failed("bad_tls")
        assert receiver.received == []
        await hook.parley("remove")


# --- where to ---------------------------------------------------------------------------------


async def test_our_own_machine_is_never_asked(demonstration: Path) -> None:
    """Without a setting that names it: by name or by a trick, whoever asks."""
    settings = {name: value for name, value in LOOPBACK.items() if "NETWORKS" not in name}
    with running_copy(demonstration, **settings) as server:
        async with receiving() as receiver:
            hosts = ("localhost", "[::ffff:7f00:1]")
            hooks = [
                await add_hook(server, f"https://{host}:{receiver.port}/hook") for host in hosts
            ]
            await Talk(server, "secret").say(1)
            for hook in hooks:
                await hook.until_failed("forbidden_address")
                tested = await asyncio.to_thread(
                    server.parley, "webhook", "test", "--tenant", "demo", "--webhook", hook.id
                )
                assert tested.returncode == 1
                assert "forbidden_address" in tested.stdout
            assert receiver.connections == 0


# --- the command line -------------------------------------------------------------------------


async def test_webhooks_are_listed_without_their_secrets(telling: Server) -> None:
    """The secret is printed once, where it is made; in the log it is hidden."""
    hook = await add_hook(telling, "https://shop.example/hook", "--type", "message.posted")
    listed = await run(telling, "list")
    assert hook.id in listed
    assert hook.secret not in listed
    await hook.parley("set", "--disable", "--url", "https://new.example/", "--all-types")
    (changed,) = [w for w in await parley(telling, "list") if w["webhook"] == hook.id]
    assert changed == {
        "tenant": "demo",
        "webhook": hook.id,
        "url": "https://new.example/",
        "format": "standard",
        "types": [],
        "disabled": "operator",
    }
    read = ("log", "read", "--tenant", "demo", "--stream", "tenant")
    log = await asyncio.to_thread(telling.parley, *read)
    assert hook.secret not in log.stdout
    await hook.parley("remove")
    assert hook.id not in await run(telling, "list")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["add", "--url", "shop.example"], "no web address"),
        (["add", "--url", "https://a@shop.example/"], "a user or a password"),
        (["add", "--url", "https://shop.example/", "--type", "page.viewed"], "is not sent"),
        (["remove", "--webhook", "nothing"], "There is no webhook 'nothing'"),
        (["rotate", "--webhook", "nothing"], "There is no webhook 'nothing'"),
        (["test", "--webhook", "nothing"], "There is no webhook 'nothing'"),
        (["set", "--webhook", "nothing"], "Nothing to change was given"),
        (["set", "--webhook", "nothing", "--enable"], "There is no webhook 'nothing'"),
        (["redeliver", "--webhook", "nothing", "--dead"], "There is no webhook 'nothing'"),
    ],
)
async def test_what_cannot_be_done_is_refused_with_a_sentence(
    telling: Server, arguments: list[str], sentence: str
) -> None:
    """Status 1 and what is wrong; nothing has changed."""
    before = await run(telling, "list")
    command, *rest = arguments
    done = await asyncio.to_thread(telling.parley, "webhook", command, "--tenant", "demo", *rest)
    assert done.returncode == 1
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1
    assert await run(telling, "list") == before


async def test_wrong_usage_is_told_apart(telling: Server) -> None:
    """Contradictions are status 2."""
    for arguments in (
        ["set", "--webhook", "x", "--enable", "--disable"],
        ["set", "--webhook", "x", "--type", "message.posted", "--all-types"],
        ["redeliver", "--webhook", "x"],
        ["add", "--url", "https://shop.example/", "--format", "slack"],
        ["deliveries", "--state", "lost"],
    ):
        done = await asyncio.to_thread(telling.parley, "webhook", *arguments, "--tenant", "demo")
        assert done.returncode == 2, arguments


async def test_plain_http_without_a_named_network_is_warned_of(demonstration: Path) -> None:
    """It could never be sent, as far as this command can know."""
    with running_copy(demonstration) as server:
        done = await asyncio.to_thread(
            *(server.parley, "webhook", "add", "--tenant", "demo"),
            *("--url", "http://shop.example/hook"),
        )
    assert done.returncode == 0
    assert "PARLEY_WEBHOOKS_NETWORKS" in done.stderr
