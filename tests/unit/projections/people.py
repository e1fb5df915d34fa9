"""Random histories with what people do beside talking: come, go, look around; and time passes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from hypothesis import strategies as st

from domain import streams
from domain.agent.commands import FailSignIn, SetPassword, SignIn, SignOut
from domain.conversation.commands import Post
from domain.conversation.events import Body, Page
from domain.envelope import Actor, RecordedEvent
from domain.tenant.commands import AddGoal, Define, SetHours
from domain.tenant.values import Status, Welcome
from domain.visitor.commands import Greet, Introduce, Invite, SeeDevice, ViewPage
from domain.visitor.events import DeviceSeen
from tests.doubles.appends import uuid
from tests.doubles.clock import ManualClock
from tests.unit.projections.histories import (
    AGENTS,
    KINDS,
    LATER_KINDS,
    LOG,
    SENTINEL,
    VISITORS,
    Action,
    History,
)
from tests.unit.projections.test_laws import begin, run

PASSWORD_HASH = f"$argon2id${SENTINEL}-hash"
BOT = Actor("bot", "bot", f"Bot {SENTINEL}")
WEB = f"{SENTINEL} browser"
ADDRESS = f"{SENTINEL} address"
MINUTES = 25
"""Between two actions, times a small number: some visits end, some go on."""

MORE_KINDS = (
    *("sign-in", "fail", "sign-out", "look", "look", "wait", "wait", "set-up", "erase agent"),
    *("bot", "introduce", "device", "greet", "invite"),
)

actions = st.builds(
    Action,
    kind=st.sampled_from((*KINDS, *LATER_KINDS, *MORE_KINDS)),
    visitor=st.integers(0, len(VISITORS) - 1),
    agent=st.integers(0, len(AGENTS) - 1),
    number=st.integers(0, 4),
)
lives = st.lists(actions, min_size=5, max_size=40).map(
    lambda more: [*(Action("start", visitor=n, number=n) for n in range(len(VISITORS))), *more]
)
"""Of lists drawn freely few have a conversation in which much happens: so all begin with them."""


async def play(history: History, action: Action) -> None:
    """Try one action."""
    agent, system = UUID(AGENTS[action.agent]), Actor("system", "system")
    me, here = Actor("agent", str(agent), f"Agent {SENTINEL}"), (ADDRESS, WEB)
    match action.kind:
        case "sign-in":
            await history.ask(me, SignIn(history.id(), agent, *here))
        case "sign-out":
            await history.ask(me, SignOut(history.id(), agent, *here))
        case "fail":
            await history.ask(system, FailSignIn(history.id(), agent, *here, "password"))
        case "look" | "bot":
            await _at_the_site(history, action)
        case "introduce" | "device" | "greet" | "invite":
            await _of_visitor(history, action, me)
        case "wait":
            await cast("ManualClock", history.clock).advance(MINUTES * 60 * (action.number + 1))
        case "set-up":
            for command in set_up(history, agent, action.number):
                await history.ask(system, command)
        case "erase agent":
            await history.store.destroy_key(LOG, streams.agent(agent))
            history.handler.states.forget(LOG, streams.agent(agent))
        case _:
            await history.play(action)


async def _at_the_site(history: History, action: Action) -> None:
    """A page is seen there, or a bot answers."""
    visitor = VISITORS[action.visitor]
    if action.kind == "look":
        await history.ask(Actor("visitor", visitor), ViewPage(history.id(), page(action)))
        return
    for conversation in history.conversations[visitor][-1:]:
        said = Body(f"{SENTINEL} bot")
        await history.ask(BOT, Post(history.id(), UUID(conversation), said))


async def _of_visitor(history: History, action: Action, agent: Actor) -> None:
    """Something is said of a visitor, or to it; what greets it is a rule's word."""
    if action.kind == "greet":
        rule = Welcome("Hello", {"en": f"{SENTINEL} {action.number}"})
        operator = Actor("system", "system")
        await history.ask(operator, Define(history.id(), "welcomes", rule, "hello"))
    who = agent if action.kind == "invite" else Actor("visitor", VISITORS[action.visitor])
    await history.ask(who, told(history.id(), action))


def told(id_: UUID, action: Action) -> Any:
    """What is said of a visitor, or to it."""
    number, visitor = action.number, UUID(VISITORS[action.visitor])
    match action.kind:
        case "introduce":
            name = f"{SENTINEL} name" if number % 2 else ""
            attributes = {f"{SENTINEL} {number}": f"{SENTINEL} value" if number else ""}
            return Introduce(id_, name=name, attributes=attributes)
        case "device":
            return SeeDevice(id_, DeviceSeen(f"{SENTINEL} {number}", city=SENTINEL))
        case "greet":
            return Greet(id_, "hello", f"{SENTINEL} {number}")
        case _:
            return Invite(id_, visitor, Body(f"{SENTINEL} {number}"))


def page(action: Action) -> Page:
    """A page, from somewhere."""
    number = action.number
    referrer = (None, f"https://{SENTINEL}.example/r", "https://www.google.com/")[number % 3]
    url = f"https://{SENTINEL}.example/{number}?utm_campaign={SENTINEL}"
    return Page(url if number % 2 else url.partition("?")[0], f"{SENTINEL} title", referrer)


def set_up(history: History, agent: UUID, number: int) -> list[Any]:
    """What an operator does."""
    return [
        SetPassword(history.id(), agent, PASSWORD_HASH),
        SetHours(history.id(), "Europe/Berlin", (((540, 600 + number),), *((),) * 6)),
        AddGoal(history.id(), str(uuid(900 + number)), f"{SENTINEL} goal", "/done"),
        Define(history.id(), "statuses", Status({"en": f"{SENTINEL} status {number}"}), "lunch"),
    ]


async def lived(some: Sequence[Action]) -> History:
    """The history that these actions come to."""
    history = await begin()
    for action in some:
        await play(history, action)
    return history


def events_of(some: Sequence[Action]) -> list[RecordedEvent]:
    """The log of a life, as it can be read at its end."""

    async def events() -> list[RecordedEvent]:
        return await (await lived(some)).events()

    return run(events())
