"""What a tenant has set up decides what begins, and which status there is: as it is by then."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from domain.agent.commands import CreateAgent, Deactivate, SetRights, SetStatus
from domain.conversation import commands as c
from domain.conversation.events import Body, Greeting, Page
from domain.envelope import Access, Actor
from domain.handling.commands import Ack
from domain.handling.sender import Sender
from domain.tenant import commands as t
from domain.tenant import values as v
from domain.visitor.commands import Greet
from tests.unit.handling.bench import LOG, Bench, outcome, visitor

OPERATOR = Sender(LOG, Actor("operator", "root"))
THEN = v.ReceptionThen("chinese", ("mandarin",), ("vip",))
RULE = v.Reception("Chinese", when=v.ReceptionWhen(language="zh"), then=THEN)


@pytest.fixture
async def bench() -> Bench:
    """Two nodes over a fresh store."""
    return await Bench(nodes=2).start()


async def say(bench: Bench, section: str, key: str, value: Any, node: int = 0) -> None:
    """Have a value of the tenant's settings."""
    assert isinstance(await bench.do(OPERATOR, t.Define(uuid4(), section, value, key), node), Ack)


async def begun(bench: Bench, node: int = 0, **fields: Any) -> list[Any]:
    """The conversation's events of a start."""
    start = c.Start(uuid4(), Body("hello"), **fields)
    ack = await bench.do(visitor(str(uuid4())), start, node)
    assert isinstance(ack, Ack)
    return [each for each in await bench.log() if each.stream == f"conversation-{ack.conversation}"]


async def test_without_a_rule_a_start_is_as_ever(bench: Bench) -> None:
    """It began, and something was said; nothing of skills, rules or tags."""
    events = await begun(bench, department="sales", language="zh")
    assert [each.type for each in events] == ["conversation.started", "message.posted"]
    started = events[0].data
    assert (started.department, started.skills, started.reception) == ("sales", (), None)


async def test_a_rule_says_where_a_conversation_goes(bench: Bench) -> None:
    """Department, skills and the rule stand in its first event, tags are one more; all is placed.

    What was said stays last, since a client knows its answer by it.
    """
    await say(bench, "receptions", "chinese", RULE)
    events = await begun(bench, language="zh-CN", page=Page("https://shop.example/"))
    assert [each.type.partition(".")[2] for each in events] == ["started", "tagged", "posted"]
    started, tagged, _ = (each.data for each in events)
    assert (started.department, started.skills) == ("chinese", ("mandarin",))
    assert (started.reception, tagged.tags) == ("chinese", ("vip",))
    assert {each.metadata.after for each in events} == {Access("chinese")}
    other = await begun(bench, language="en")
    assert [each.type for each in other] == ["conversation.started", "message.posted"]
    chosen = await begun(bench, language="zh", department="sales")
    assert (chosen[0].data.department, chosen[0].data.skills) == ("sales", ("mandarin",))


async def test_only_what_a_rule_has_said_greets(bench: Bench) -> None:
    """Also what it said before it was changed or removed; for the rest no word is refused."""
    hello = v.Welcome("Hello", {"en": "Hello!", "zh": "您好"})
    await say(bench, "welcomes", "hello", hello)
    await say(bench, "welcomes", "hello", v.Welcome("Hello", {"en": "Good day"}))
    assert isinstance(await bench.do(OPERATOR, t.Remove(uuid4(), "welcomes", "hello"), 0), Ack)
    for rule, text, true in (
        *(("hello", said, True) for said in ("Hello!", "您好", "Good day")),
        *(("hello", "Free for all", False), ("hi", "Hello!", False), ("invitation", "Hi", False)),
    ):
        events = await begun(bench, node=1, greeting=Greeting(rule, text))
        assert events[0].data.greeting == (Greeting(rule, text) if true else None)
        assert events[-1].data.body == Body("hello")
        greeted = await bench.do(visitor(str(uuid4())), Greet(uuid4(), rule, text), 1)
        assert isinstance(greeted, Ack)
        assert greeted.unchanged != true


async def test_a_rule_holds_at_once_on_every_node(bench: Bench) -> None:
    """A node that has decided by older rules decides anew."""
    assert (await begun(bench, node=1, language="zh"))[0].data.reception is None
    await say(bench, "receptions", "chinese", RULE, node=0)
    assert (await begun(bench, node=1, language="zh"))[0].data.reception == "chinese"
    removed = await bench.do(OPERATOR, t.Remove(uuid4(), "receptions", "chinese"), 0)
    assert isinstance(removed, Ack)
    assert (await begun(bench, node=1, language="zh"))[0].data.reception is None


async def test_nothing_begins_at_a_site_that_was_removed(bench: Bench) -> None:
    """By a socket that came in while it was, at another node; restored it is as ever."""
    shop = Sender(LOG, Actor("visitor", str(uuid4())), site="shop")
    added = t.AddSite(uuid4(), "shop", "Shop", "secret", ())
    for command in (added, t.RemoveSite(uuid4(), "shop")):
        assert isinstance(await bench.do(OPERATOR, command), Ack)
    start = c.Start(uuid4(), Body("hello"))
    assert await bench.do(shop, start, 1) == "site_removed"
    assert isinstance(await bench.do(OPERATOR, t.RestoreSite(uuid4(), "shop")), Ack)
    assert isinstance(await bench.do(shop, c.Start(uuid4(), Body("hello")), 1), Ack)


async def test_a_department_is_the_tenants_where_it_has_some(bench: Bench) -> None:
    """Another word is left out, and the message is taken all the same."""
    await say(bench, "departments", "sales", v.Department("Sales"))
    assert (await begun(bench, department="sales"))[0].data.department == "sales"
    started, posted = await begun(bench, department="slaes")
    assert (started.data.department, started.metadata.after) == (None, Access())
    assert posted.type == "message.posted"


async def test_of_two_admins_who_end_each_other_one_stays(bench: Bench) -> None:
    """At two nodes at once, each of which knows both as admins: the second is decided anew."""
    ids = [uuid4(), uuid4()]
    for agent in ids:
        create = CreateAgent(uuid4(), agent, f"{agent}@x", "Ada", "admin", "hash", agent.hex)
        assert isinstance(await bench.do(OPERATOR, create), Ack)
    admins = [Sender(LOG, Actor("agent", str(agent), "Ada")) for agent in ids]
    for node, admin in enumerate(admins):  # each node has both at hand
        assert isinstance(await bench.do(admin, t.Define(uuid4(), "tags", v.Tags()), node), Ack)
        other = ids[1 - node]
        same = SetRights(uuid4(), other, "admin")
        assert isinstance(await bench.do(admin, same, node), Ack)
    ended = [
        bench.nodes[node].submit(admin, Deactivate(uuid4(), ids[1 - node]))
        for node, admin in enumerate(admins)
    ]
    await bench.idle()
    assert sorted(map(kind, ended)) == ["Ack", "not_allowed"]


def kind(future: Any) -> str:
    """What came of a command, in a word."""
    answer = outcome(future)
    return answer if isinstance(answer, str) else "Ack"


async def test_a_status_is_built_in_or_the_tenants(bench: Bench) -> None:
    """One that was taken away a moment ago, at another node, is none any more."""
    grace = await bench.add_agent()
    assert await bench.do(grace, SetStatus(uuid4(), "lunch")) == "bad_request"
    await say(bench, "statuses", "lunch", v.Status({"en": "Lunch"}))
    for status in ("lunch", "busy"):
        assert isinstance(await bench.do(grace, SetStatus(uuid4(), status), 1), Ack)
    assert isinstance(await bench.do(OPERATOR, t.Remove(uuid4(), "statuses", "lunch"), 0), Ack)
    assert await bench.do(grace, SetStatus(uuid4(), "lunch"), 1) == "bad_request"
