"""What the visitors' door sees of whoever comes, and what it tells of who asked meanwhile."""

from __future__ import annotations

from uuid import UUID

import pytest

from domain import streams
from domain.conversation.commands import Start
from domain.conversation.events import Body, Page
from domain.envelope import Actor
from domain.handling.sightings import Came, language_of
from domain.handling.sign_ins import Whence
from domain.handling.visitor_door import Asked, Host, VisitorRequest, VisitorSession
from domain.surroundings import NOWHERE, UNKNOWN, Device, Place
from domain.visitor.commands import Invite
from domain.visitor.events import DeviceSeen
from tests.doubles.tenancy import Tenancy, Tenant

MUNICH = "192.0.2.7"
FIREFOX = "Firefox"


class Atlas:
    """Knows one place."""

    async def find(self, address: str) -> Place:
        return Place("DE", "Bavaria", "Munich") if address == MUNICH else NOWHERE


class Browsers:
    """Knows one browser, and stumbles over another."""

    async def recognise(self, user_agent: str) -> Device:
        if user_agent == "broken":
            raise RuntimeError("a rule that does not hold")
        return Device(FIREFOX, "141.0", "Linux", None, "desktop") if user_agent else UNKNOWN


@pytest.fixture
async def demo() -> Tenant:
    """A tenant whose door sees."""
    tenant = await Tenancy(places=Atlas(), devices=Browsers()).tenant()
    await tenant.add_agent()
    return tenant


async def come(
    demo: Tenant, resume: str | None = None, whence: Whence | None = None, **fields: object
) -> VisitorSession:
    """Somebody comes, from Munich and with Firefox unless told otherwise."""
    came = Came(whence or Whence(MUNICH, FIREFOX), "de-DE,de;q=0.9,en;q=0.5")
    request = VisitorRequest(demo.site, resume, **fields)  # type: ignore[arg-type]  # as given
    return await demo.world.doors.open_visitor(request, came=came)


async def seen(demo: Tenant, visitor: str) -> list[object]:
    """What stands in a visitor's stream."""
    events = await demo.world.store.read_stream(demo.log, streams.visitor(visitor), 0, 100)
    return [event.data for event in events]


async def test_how_a_visitor_comes_is_noted_once(demo: Tenant) -> None:
    """And again only when something of it has changed; beside the page, not instead of it."""
    page = Page("https://shop.example/")
    session = await come(demo, page=page)
    munich = DeviceSeen(
        *(FIREFOX, "141.0", "Linux", None, "desktop", "de-DE", "DE", "Bavaria", "Munich", MUNICH)
    )
    noted = await seen(demo, session.visitor)
    assert sorted(type(each).__name__ for each in noted) == ["DeviceSeen", "PageViewed"]
    assert munich in noted
    again = await come(demo, session.resume)
    assert again.visitor == session.visitor
    assert len(await seen(demo, session.visitor)) == 2
    await come(demo, again.resume, Whence("127.0.0.1", FIREFOX), locale="zh-Hans")
    last = (await seen(demo, session.visitor))[-1]
    assert last == DeviceSeen(
        FIREFOX, "141.0", "Linux", device="desktop", language="zh-Hans", address="127.0.0.1"
    )


async def test_nobody_is_kept_out_unseen(demo: Tenant, caplog: pytest.LogCaptureFixture) -> None:
    """Where a rule stumbles the visitor comes in all the same, and its page is noted."""
    session = await come(demo, whence=Whence(MUNICH, "broken"), page=Page("https://shop.example/"))
    assert "could not be seen" in caplog.text
    assert MUNICH not in caplog.text
    assert [type(each).__name__ for each in await seen(demo, session.visitor)] == ["PageViewed"]


async def test_a_session_names_who_asked_meanwhile(demo: Tenant) -> None:
    """Until the visitor begins a conversation; then the session names that."""
    session = await come(demo)
    assert session.invitation is None
    world = demo.world
    agent = await demo.add_agent("alan@example.org")
    ask = Invite(world.ids.uuid(), UUID(session.visitor), Body("Can I help?"))
    await world.send(demo.log, ask, Actor("agent", agent, "Grace"))
    session = await come(demo, session.resume)
    assert session.invitation == Asked(str(ask.id), "Can I help?", Host(agent, "Grace"))
    accept = Start(world.ids.uuid(), Body("yes"), invitation=ask.id)
    ack = await world.send(demo.log, accept, Actor("visitor", session.visitor))
    session = await come(demo, session.resume)
    assert session.invitation is None
    assert session.conversation is not None
    assert session.conversation.id == ack.conversation


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ("de-DE,de;q=0.9,en;q=0.5", "de-DE"),
        ("*;q=0.5, zh-Hans-CN", "zh-Hans-CN"),
        ("en", "en"),
        ("", None),
        ("*", None),
        ("<script>", None),
        ("x" * 40, None),
        ("en-" + "a-" * 40, None),
    ],
)
def test_the_first_language_counts(said: str, language: str | None) -> None:
    """As browsers send them; what is no tag of a language is none."""
    assert language_of(said) == language
