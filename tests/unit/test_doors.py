"""The doors: who gets in, as whom, and what never opens anything."""

from __future__ import annotations

import asyncio
from typing import Any
from unittest.mock import AsyncMock
from uuid import UUID, uuid4

import pytest
from msgspec import structs

from domain import streams
from domain.agent.commands import FailSignIn, SignIn, SignOut
from domain.agent.events import AgentSignedIn, AgentSignedOut, AgentSignInFailed
from domain.append import ANY, Append, Part
from domain.conversation.commands import Post, Start
from domain.conversation.events import Body, Page
from domain.envelope import Actor, NewEvent
from domain.errors import Refused, StoreUnavailable
from domain.group_commit import GroupCommit
from domain.handling.commands import CommandHandler
from domain.handling.door_settings import DAY
from domain.handling.lanes import _actor_lane
from domain.handling.sender import Sender
from domain.handling.sign_ins import Whence
from domain.handling.visitor_door import Passed, VisitorRequest
from domain.tokens import Claims, Tokens
from domain.visitor.events import PageViewed, VisitorErased
from tests.doubles.telemetry import Kept
from tests.doubles.tenancy import TOKEN_KEYS, Tenancy, Tenant


@pytest.fixture
def world() -> Tenancy:
    """A fresh installation."""
    return Tenancy()


@pytest.fixture
async def demo(world: Tenancy) -> Tenant:
    """A tenant with a site and an agent."""
    tenant = await world.tenant()
    await tenant.add_agent()
    return tenant


async def refused(coroutine: Any) -> str:
    """The code with which this is refused."""
    with pytest.raises(Refused) as caught:
        await coroutine
    return caught.value.code


# --- callers -------------------------------------------------------------------------------------


async def test_a_visitors_token_is_the_visitor(world: Tenancy, demo: Tenant) -> None:
    """It names visitor, site and tenant; an anonymous visitor has no name and no rights."""
    session = await demo.visit()
    caller = await world.doors.authenticate(session.token)
    assert caller.actor == Actor("visitor", session.visitor)
    assert (caller.log, caller.tenant, caller.site) == (demo.log, "demo", demo.site)
    assert caller.rights is None
    assert caller.expires_at == session.expires_at.timestamp()


async def test_an_agents_rights_are_those_of_now(world: Tenancy, demo: Tenant) -> None:
    """A token that was given out before says what the agent may do since."""
    agent = await demo.add_agent("alan@example.org")
    token = await demo.agent_token("alan@example.org")
    before = await world.doors.authenticate(token)
    await demo.set_rights(agent, "limited", "sales")
    after = await world.doors.authenticate(token)
    assert before.rights is not None
    assert after.rights is not None
    assert (before.rights.role, after.rights.role) == ("agent", "limited")
    assert after.rights.departments == {"sales"}
    assert after.actor == Actor("agent", agent, "Grace")


async def test_an_agent_who_left_is_refused_at_once(world: Tenancy, demo: Tenant) -> None:
    """Token, cookie and password all stop working, on nodes that knew the agent too."""
    agent = await demo.add_agent("alan@example.org")
    session = await world.doors.open_agent(demo.credentials("alan@example.org"))
    await world.doors.authenticate(session.token)
    await demo.deactivate(agent)
    assert await refused(world.doors.authenticate(session.token)) == "unauthorized"
    assert await refused(world.doors.renew_agent(session.secret)) == "unauthorized"
    given = demo.credentials("alan@example.org")
    assert await refused(world.doors.open_agent(given)) == "bad_credentials"


async def test_a_new_password_ends_what_is_signed_in(world: Tenancy, demo: Tenant) -> None:
    """Token and cookie of the old password open nothing from that event on; the new one works."""
    agent = await demo.add_agent("alan@example.org")
    old = demo.credentials("alan@example.org")
    session = await world.doors.open_agent(old)
    fresh = world.doors_of(world.node())
    await demo.set_password(agent, "another")
    for doors in (world.doors, fresh):
        assert await refused(doors.authenticate(session.token)) == "unauthorized"
        assert await refused(doors.renew_agent(session.secret)) == "unauthorized"
    assert await refused(world.doors.open_agent(old)) == "bad_credentials"
    again = await world.doors.open_agent(structs.replace(old, password="another"))
    assert (await world.doors.authenticate(again.token)).actor.id == agent
    assert (await world.doors.renew_agent(again.secret)).agent == agent


async def test_a_sign_in_on_its_way_does_not_outlive_the_password(
    world: Tenancy, demo: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The password was changed while it was being checked: what comes of it opens nothing."""
    agent = await demo.add_agent("alan@example.org")

    async def verify(password: str, kept: str | None) -> bool:
        await demo.set_password(agent, "another")
        return True

    monkeypatch.setattr(world.passwords, "verify", verify)
    session = await world.doors.open_agent(demo.credentials("alan@example.org"))
    assert await refused(world.doors.authenticate(session.token)) == "unauthorized"
    assert await refused(world.doors.renew_agent(session.secret)) == "unauthorized"


async def test_a_revoked_key_opens_nothing(world: Tenancy, demo: Tenant) -> None:
    """At once, also on a node that has let it in before; the other keys stay."""
    key, other = await demo.add_key(), await demo.add_key()
    elsewhere = world.doors_of(world.node())
    await elsewhere.authenticate(key)
    await demo.revoke_key(key)
    for doors in (world.doors, elsewhere):
        assert await refused(doors.authenticate(key)) == "unauthorized"
        assert (await doors.authenticate(other)).role == "server"


async def test_changed_origins_hold_at_once(world: Tenancy, demo: Tenant) -> None:
    """For new sessions and for tokens that are out, on a node that knew the site before."""
    elsewhere = world.doors_of(world.node())
    session = await demo.visit(elsewhere)
    await demo.set_origins("https://shop.example:443")
    caller = await elsewhere.authenticate(session.token)
    assert not elsewhere.origin_allowed(caller, "https://evil.example")
    assert elsewhere.origin_allowed(caller, "https://SHOP.example")
    opened = elsewhere.open_visitor(VisitorRequest(demo.site), "https://evil.example")
    assert await refused(opened) == "origin_not_allowed"


def test_the_states_are_the_handlers(world: Tenancy) -> None:
    """One set of folded states in a process, whoever asks."""
    assert world.doors.tenants._states is world.handler.states


async def test_an_api_key_is_the_tenants_server(world: Tenancy, demo: Tenant) -> None:
    """A key that was made after the node came up works; with another secret it does not."""
    await demo.visit()
    key = await demo.add_key("conversations:read")
    caller = await world.doors.authenticate(key)
    assert (caller.role, caller.log, caller.scopes) == (
        "server",
        demo.log,
        ("conversations:read",),
    )
    forged = key[:-1] + ("A" if key[-1] != "A" else "E")
    assert await refused(world.doors.authenticate(forged)) == "unauthorized"


async def test_a_log_that_is_not_here_opens_nothing(world: Tenancy, demo: Tenant) -> None:
    """Well-formed names of another installation are refused, not failed over."""
    elsewhere = Tenancy()
    elsewhere.ids.random(100)
    other = await elsewhere.tenant("elsewhere")
    await other.add_agent()
    key = await other.add_key()
    for token in (key, await other.agent_token(), (await other.visit()).token):
        assert await refused(world.doors.authenticate(token)) == "unauthorized"
    assert await refused(other.visit(world.doors)) == "not_found"


async def test_a_token_is_good_at_its_own_tenants_sites(world: Tenancy, demo: Tenant) -> None:
    """One that names another tenant's site says what never was, whoever signed it."""
    other = await world.tenant("other")
    visitor = (await demo.visit()).visitor
    until = int(world.clock.now()) + 60
    for site, good in ((demo.site, True), (other.site, False)):
        token = Tokens(TOKEN_KEYS).issue(Claims(demo.log, "visitor", visitor, until, site))
        if good:
            assert (await world.doors.authenticate(token)).site == demo.site
        else:
            assert await refused(world.doors.authenticate(token)) == "unauthorized"


async def test_origins_are_the_sites(world: Tenancy, demo: Tenant) -> None:
    """A site with origins takes them only; without it takes any; no origin is no browser."""
    session = await demo.visit()
    anywhere = await world.doors.authenticate(session.token)
    await demo.add_site(("https://shop.example",))
    there = await world.doors.authenticate((await demo.visit()).token)
    assert world.doors.origin_allowed(anywhere, "https://evil.example")
    assert not world.doors.origin_allowed(there, "https://evil.example")
    assert not world.doors.origin_allowed(there, "null")
    assert world.doors.origin_allowed(there, "https://Shop.example/")
    assert world.doors.origin_allowed(there, None)


# --- anonymous visitors --------------------------------------------------------------------------


async def test_a_resume_secret_brings_the_visitor_back(demo: Tenant) -> None:
    """The same visitor, and within a day the same secret."""
    first = await demo.visit()
    again = await demo.visit(resume=first.resume)
    assert (again.visitor, again.resume) == (first.visitor, first.resume)


@pytest.mark.parametrize("resume", ["", "rubbish", "rv_", "id", "other tenant", "agent"])
async def test_what_is_no_secret_here_opens_nothing(
    world: Tenancy, demo: Tenant, resume: str
) -> None:
    """A visitor's id, another tenant's secret, an agent's: each time a fresh visitor, no error."""
    first = await demo.visit()
    other = await (await world.tenant("other")).visit()
    agent = await world.doors.open_agent(demo.credentials())
    shown = {
        "id": first.visitor,
        "other tenant": other.resume,
        "agent": "rv_" + agent.secret[3:],
    }
    again = await demo.visit(resume=shown.get(resume, resume))
    assert again.visitor not in {first.visitor, other.visitor, agent.agent}


async def test_an_old_secret_gets_a_successor(world: Tenancy, demo: Tenant) -> None:
    """After a day the answer has a successor.

    Both are good until the successor was used and the grace period is over; then only it.
    """
    first = await demo.visit()
    await world.clock.advance(DAY + 1)
    second = await demo.visit(resume=first.resume)
    lost = await demo.visit(resume=first.resume)
    assert second.visitor == lost.visitor == first.visitor
    assert len({first.resume, second.resume, lost.resume}) == 3
    await world.clock.advance(3600)
    assert (await demo.visit(resume=first.resume)).visitor == first.visitor
    assert (await demo.visit(resume=second.resume)).visitor == first.visitor
    await world.clock.advance(world.settings.rotation_grace_s - 1)
    assert (await demo.visit(resume=first.resume)).visitor == first.visitor
    await world.clock.advance(2)
    assert (await demo.visit(resume=first.resume)).visitor != first.visitor
    assert (await demo.visit(resume=second.resume)).visitor == first.visitor


async def test_an_unused_secret_expires(world: Tenancy, demo: Tenant) -> None:
    """Half a year later nobody is recognised."""
    first = await demo.visit()
    await world.clock.advance(world.settings.visitor_secret_s + 1)
    assert (await demo.visit(resume=first.resume)).visitor != first.visitor


async def test_a_revoked_secret_opens_nothing(world: Tenancy, demo: Tenant) -> None:
    """Nor does its successor."""
    first = await demo.visit()
    await world.clock.advance(DAY + 1)
    second = await demo.visit(resume=first.resume)
    await world.doors.close_visitor(first.resume)
    assert (await demo.visit(resume=first.resume)).visitor != first.visitor
    assert (await demo.visit(resume=second.resume)).visitor != first.visitor


async def test_no_secret_is_stored(world: Tenancy, demo: Tenant) -> None:
    """What the store keeps of a secret does not contain it."""
    session = await demo.visit()
    kept = repr(vars(world.sessions))
    assert session.resume not in kept
    assert session.resume[3:20] not in kept


async def test_the_answer_names_the_conversation(world: Tenancy, demo: Tenant) -> None:
    """The open one with its version and mark; after it was closed still the last one."""
    session = await demo.visit()
    assert session.conversation is None
    actor = Actor("visitor", session.visitor)
    started = await world.send(demo.log, Start(world.ids.uuid(), Body("hello")), actor)
    place = (await demo.visit(resume=session.resume)).conversation
    assert place is not None
    assert (place.id, place.version) == (started.conversation, 2)
    events = await world.store.read_stream(demo.log, streams.conversation(place.id), 1, 9)
    assert place.version_mark == events[0].mark


async def test_the_page_is_an_event(world: Tenancy, demo: Tenant) -> None:
    """The visitor has viewed the page it comes with; a bad one is refused at once."""
    session = await demo.visit(page=Page("https://shop.example/"))
    events = await world.store.read_stream(demo.log, streams.visitor(session.visitor), 0, 9)
    assert [event.type for event in events] == ["page.viewed"]
    assert events[0].actor == Actor("visitor", session.visitor)
    assert await refused(demo.visit(page=Page(""))) == "bad_request"


async def test_pages_that_were_left_before_are_noted_first_and_once(
    world: Tenancy, demo: Tenant
) -> None:
    """In their order, though a lost answer has them told again; a false one keeps nobody out."""
    left = [Passed(uuid4(), Page(f"https://shop.example/{name}")) for name in "abc"]
    session = await demo.visit(page=Page("https://shop.example/d"), pages=tuple(left))
    again = (*left, Passed(left[0].id, Page("https://shop.example/other")))
    await demo.visit(resume=session.resume, pages=again)
    events = await world.store.read_stream(demo.log, streams.visitor(session.visitor), 0, 9)
    urls = [event.data.page.url for event in events if isinstance(event.data, PageViewed)]
    assert [url[-1] for url in urls] == ["a", "b", "c", "d"]
    bad = (Passed(uuid4(), Page("")),)
    assert await refused(demo.visit(pages=bad)) == "bad_request"


async def test_a_site_with_origins_asks_for_them(world: Tenancy, demo: Tenant) -> None:
    """A page elsewhere gets no session."""
    site = await demo.add_site(("https://shop.example",))
    request = VisitorRequest(site)
    opened = world.doors.open_visitor(request, "https://evil.example")
    assert await refused(opened) == "origin_not_allowed"
    assert (await world.doors.open_visitor(request, "https://shop.example")).token


# --- identified visitors -------------------------------------------------------------------------


async def test_the_same_user_is_the_same_visitor(world: Tenancy, demo: Tenant) -> None:
    """On another device, another node and another site of the tenant; others are others."""
    first = await demo.visit(identity=demo.identity("ada"))
    elsewhere = world.doors_of(world.node())
    again = await demo.visit(elsewhere, identity=demo.identity("ada"))
    await demo.add_site()
    third = await demo.visit(identity=demo.identity("ada"))
    other = await demo.visit(identity=demo.identity("bob"))
    assert first.visitor == again.visitor == third.visitor != other.visitor
    caller = await world.doors.authenticate(first.token)
    assert caller.actor.name == "ada"


async def test_a_new_user_becomes_the_visitor_at_hand(demo: Tenant) -> None:
    """What was written before signing in stays with the user, under the same secret."""
    anonymous = await demo.visit()
    user = await demo.visit(resume=anonymous.resume, identity=demo.identity("ada"))
    assert (user.visitor, user.resume) == (anonymous.visitor, anonymous.resume)


async def test_a_known_user_leaves_the_visitor_at_hand_apart(demo: Tenant) -> None:
    """The answer is the user's own visitor under a new secret; A can still be resumed as A."""
    user = await demo.visit(identity=demo.identity("ada"))
    a = await demo.visit()
    both = await demo.visit(resume=a.resume, identity=demo.identity("ada"))
    assert both.visitor == user.visitor
    assert both.resume not in {a.resume, user.resume}
    assert (await demo.visit(resume=a.resume)).visitor == a.visitor


async def test_a_visitor_never_becomes_a_second_user(demo: Tenant) -> None:
    """Bob on Ada's browser is a new visitor."""
    ada = await demo.visit(identity=demo.identity("ada"))
    bob = await demo.visit(resume=ada.resume, identity=demo.identity("bob"))
    assert bob.visitor != ada.visitor


async def test_two_nodes_meet_a_user_at_once(world: Tenancy, demo: Tenant) -> None:
    """Many first visits of one user, on two nodes, from many browsers: one visitor."""
    nodes = [world.doors, world.doors_of(world.node())]
    anonymous = [await demo.visit() for _ in range(6)]
    visits = [
        demo.visit(nodes[n % 2], identity=demo.identity("ada"), resume=anonymous[n].resume)
        for n in range(6)
    ]
    sessions = await asyncio.gather(*visits)
    assert len({session.visitor for session in sessions}) == 1
    assert len({session.resume for session in sessions}) == 6


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"signature": "0" * 64}, "bad_signature"),
        ({"signature": "é"}, "bad_signature"),
        ({"signature": ""}, "bad_signature"),
        ({"user": "bob"}, "bad_signature"),
        ({"nonce": "another"}, "bad_signature"),
        ({"timestamp": 1_700_000_001}, "bad_signature"),
        ({"user": "a\nb"}, "bad_request"),
        ({"nonce": "a\0b"}, "bad_request"),
        ({"user": "a\x85b"}, "bad_request"),
    ],
)
async def test_a_forged_identity_is_refused(
    demo: Tenant, change: dict[str, Any], code: str
) -> None:
    """Whatever was changed after signing; control characters could move the parts' borders."""
    forged = structs.replace(demo.identity("ada"), **change)
    assert await refused(demo.visit(identity=forged)) == code


@pytest.mark.parametrize(("off", "good"), [(300, True), (301, False), (-300, True), (-301, False)])
async def test_an_identity_is_good_for_five_minutes(
    world: Tenancy, demo: Tenant, off: int, good: bool
) -> None:
    """Either way of our clock."""
    identity = demo.identity("ada", signed_at=int(world.clock.now()) + off)
    if good:
        assert (await demo.visit(identity=identity)).token
    else:
        assert await refused(demo.visit(identity=identity)) == "expired"


async def test_a_nonce_is_used_once(world: Tenancy, demo: Tenant) -> None:
    """A replay fails on every node; at another site of the tenant the nonce is another."""
    identity = demo.identity("ada", nonce="once")
    await demo.visit(identity=identity)
    elsewhere = world.doors_of(world.node())
    assert await refused(demo.visit(elsewhere, identity=identity)) == "nonce_used"
    again = demo.identity("ada", nonce="once")
    assert await refused(demo.visit(identity=again)) == "nonce_used"
    await demo.add_site()
    assert (await demo.visit(identity=demo.identity("ada", nonce="once"))).token


@pytest.mark.parametrize("step", ["recognise", "page", "nonce"])
@pytest.mark.parametrize("known", [False, True])
async def test_a_failure_does_not_use_an_identity_up(
    world: Tenancy, demo: Tenant, monkeypatch: pytest.MonkeyPatch, step: str, known: bool
) -> None:
    """Whatever fails before the answer: the same identity is taken again, as the same visitor."""
    if known:
        await demo.visit(identity=demo.identity("ada"))
    identity, page = demo.identity("ada"), Page("https://shop.example/")
    broken: dict[str, Any] = {
        "recognise": (world.store, "read_stream"),
        "page": (world.store, "append_batch"),
        "nonce": (world.sessions, "use_nonce"),
    }

    async def away(*_: Any) -> Any:
        raise StoreUnavailable("away")

    with monkeypatch.context() as patch:
        target, name = broken[step]
        patch.setattr(target, name, away)
        with pytest.raises((StoreUnavailable, Refused)) as caught:
            await demo.visit(identity=identity, page=page)
        assert getattr(caught.value, "code", "unavailable") == "unavailable"
    session = await demo.visit(identity=identity, page=page)
    assert (await demo.visit(identity=demo.identity("ada"))).visitor == session.visitor
    assert (await demo.visit(resume=session.resume)).visitor == session.visitor
    assert await refused(demo.visit(identity=identity)) == "nonce_used"


async def test_a_replay_changes_nothing(world: Tenancy, demo: Tenant) -> None:
    """Used once, an identity brings nobody anything, and leaves no trace in the log."""
    identity = demo.identity("ada")
    ada = await demo.visit(identity=identity)
    await erase(world, demo, ada.visitor)
    thief = await demo.visit()
    before = len(await world.store.read_log(demo.log, 0, 1000))
    fresh = world.doors_of(world.node())
    replay = demo.visit(fresh, identity=identity, resume=thief.resume, page=Page("https://x.y/"))
    assert await refused(replay) == "nonce_used"
    assert len(await world.store.read_log(demo.log, 0, 1000)) == before


async def test_of_two_with_one_identity_one_gets_in(world: Tenancy, demo: Tenant) -> None:
    """At once, on two nodes."""
    identity = demo.identity("ada")
    nodes = (world.doors, world.doors_of(world.node()))
    visits = [demo.visit(doors, identity=identity) for doors in nodes]
    answers = await asyncio.gather(*visits, return_exceptions=True)
    codes = [answer.code for answer in answers if isinstance(answer, Refused)]
    assert codes == ["nonce_used"]


async def test_a_forger_uses_up_nobodys_nonce(demo: Tenant) -> None:
    """The signature is checked first: a forged request leaves the nonce to its owner."""
    identity = demo.identity("ada", nonce="mine")
    forged = structs.replace(identity, signature="0" * 64)
    assert await refused(demo.visit(identity=forged)) == "bad_signature"
    assert (await demo.visit(identity=identity)).token


async def test_an_erased_visitor_is_nobody(world: Tenancy, demo: Tenant) -> None:
    """After an erasure token and secret open nothing of it, and the user begins anew."""
    ada = await demo.visit(identity=demo.identity("ada"))
    await erase(world, demo, ada.visitor)
    fresh = world.doors_of(world.node())
    assert await refused(fresh.authenticate(ada.token)) == "unauthorized"
    resumed = await demo.visit(fresh, resume=ada.resume)
    assert resumed.visitor != ada.visitor
    again = await demo.visit(fresh, identity=demo.identity("ada"))
    once_more = await demo.visit(fresh, identity=demo.identity("ada"))
    assert again.visitor == once_more.visitor != ada.visitor


async def erase(world: Tenancy, tenant: Tenant, visitor: str) -> None:
    """Erase a visitor as the command line will: the key, then the event under the tenant's."""
    stream = streams.visitor(visitor)
    await world.store.destroy_key(tenant.log, stream)
    event = NewEvent(VisitorErased(), streams.TENANT)
    append = Append(world.ids.uuid(), Actor("system", "cli"), b"", (Part(stream, ANY, (event,)),))
    await world.store.append_batch(tenant.log, [append])


# --- agents --------------------------------------------------------------------------------------


async def test_an_agent_signs_in(world: Tenancy, demo: Tenant) -> None:
    """Case and spaces around the address do not matter; the answer is a good token."""
    session = await world.doors.open_agent(demo.credentials("  GRACE@example.org "))
    caller = await world.doors.authenticate(session.token)
    assert caller.actor == Actor("agent", session.agent, "Grace")
    assert (session.role, session.name) == ("agent", "Grace")


@pytest.mark.parametrize(
    "other",
    [
        {"password": "wrong"},
        {"email": "nobody@example.org"},
        {"tenant": "nobody"},
        {"tenant": "de\0mo"},
    ],
)
async def test_bad_credentials_all_look_the_same(
    world: Tenancy, demo: Tenant, other: dict[str, str]
) -> None:
    """One answer and one password check, whatever was wrong."""
    given = structs.replace(demo.credentials(), **other)
    assert await refused(world.doors.open_agent(given)) == "bad_credentials"
    assert len(world.passwords.checked) == 1


async def test_a_cookie_buys_fresh_tokens(world: Tenancy, demo: Tenant) -> None:
    """Until it is revoked; a visitor's secret is no agent's."""
    session = await world.doors.open_agent(demo.credentials())
    renewed = await world.doors.renew_agent(session.secret)
    assert (renewed.agent, renewed.secret) == (session.agent, session.secret)
    await world.doors.close_agent(session.secret)
    assert await refused(world.doors.renew_agent(session.secret)) == "unauthorized"
    visitor = await demo.visit()
    assert await refused(world.doors.renew_agent("ra_" + visitor.resume[3:])) == "unauthorized"


async def comings(world: Tenancy, tenant: Tenant, agent: str) -> list[tuple[Any, Actor]]:
    """What the log says of an agent's comings and goings, once all is written."""
    for _ in range(100):  # turns of the loop, far more than a commit takes
        await asyncio.sleep(0)
    assert world.handler.idle
    events = await world.store.read_stream(tenant.log, streams.agent(agent), 0, 99)
    kinds = (AgentSignedIn, AgentSignInFailed, AgentSignedOut)
    return [(event.data, event.actor) for event in events if isinstance(event.data, kinds)]


async def test_who_signs_in_and_out_is_noted(world: Tenancy, demo: Tenant) -> None:
    """Whence, and by the agent itself; a renewal is no sign-in, and nobody leaves twice."""
    home, cafe = Whence("192.0.2.7", "Firefox"), Whence("2001:db8::7", "Chrome")
    session = await world.doors.open_agent(demo.credentials(), home)
    await world.doors.renew_agent(session.secret)
    await world.doors.close_agent(session.secret, cafe)
    await world.doors.close_agent(session.secret, cafe)
    await world.doors.close_agent("ra_nothing", cafe)
    grace = Actor("agent", session.agent, "Grace")
    assert await comings(world, demo, session.agent) == [
        (AgentSignedIn("192.0.2.7", "Firefox"), grace),
        (AgentSignedOut("2001:db8::7", "Chrome"), grace),
    ]


async def test_a_sign_out_that_is_asked_again_is_noted_once(world: Tenancy, demo: Tenant) -> None:
    """Where the secret outlived it, by a kill in between: from elsewhere too."""
    session = await world.doors.open_agent(demo.credentials())
    revoke, world.sessions.revoke_secret = world.sessions.revoke_secret, AsyncMock()
    await world.doors.close_agent(session.secret, Whence("192.0.2.7", "Firefox"))
    world.sessions.revoke_secret = revoke
    await world.doors.close_agent(session.secret, Whence("192.0.2.8", "Firefox"))
    left = [data for data, _ in await comings(world, demo, session.agent)][1:]
    assert left == [AgentSignedOut("192.0.2.7", "Firefox")]


async def test_a_secret_from_before_a_new_password_signs_nobody_out(
    world: Tenancy, demo: Tenant
) -> None:
    """It opens nothing, and writes nothing into the log."""
    session = await world.doors.open_agent(demo.credentials())
    await demo.set_password(session.agent, "another password")
    await world.doors.close_agent(session.secret, Whence("192.0.2.7", "Firefox"))
    left = [data for data, _ in await comings(world, demo, session.agent)][1:]
    assert left == []


async def test_comings_and_goings_are_in_the_agents_own_lane(world: Tenancy, demo: Tenant) -> None:
    """Who guesses at one password keeps neither the tenant's settings nor other agents waiting."""
    agent = UUID(await demo.add_agent("alan@example.org"))
    sender = Sender(demo.log, Actor("system", "agent-door"))
    for command in (
        SignIn(agent, agent, "", ""),
        FailSignIn(agent, agent, "", "", "password"),
        SignOut(agent, agent),
    ):
        assert _actor_lane(sender, command) == streams.agent(agent)


async def test_a_failed_sign_in_is_noted(world: Tenancy, demo: Tenant) -> None:
    """Of an account that exists, and not as if the agent had done it; of others nothing is kept."""
    agent = await demo.add_agent("alan@example.org")
    here = Whence("192.0.2.7", "curl")
    wrong = demo.credentials("alan@example.org", password="wrong")
    assert await refused(world.doors.open_agent(wrong, here)) == "bad_credentials"
    await demo.deactivate(agent)
    right = demo.credentials("alan@example.org")
    assert await refused(world.doors.open_agent(right, here)) == "bad_credentials"
    noted = await comings(world, demo, agent)
    assert [data.reason for data, _ in noted] == ["password", "deactivated"]
    assert {actor for _, actor in noted} == {Actor("system", "agent-door")}
    head = (await world.store.heads([demo.log]))[0].position
    nobody = demo.credentials("nobody@example.org")
    assert await refused(world.doors.open_agent(nobody, here)) == "bad_credentials"
    assert (await world.store.heads([demo.log]))[0].position == head


async def test_a_failure_is_told_before_it_is_noted(world: Tenancy, demo: Tenant) -> None:
    """The answer does not wait for the log: how long it takes would tell which accounts exist."""
    agent = await demo.add_agent("alan@example.org")
    wrong = demo.credentials("alan@example.org", password="wrong")
    written = world.store.batches
    assert await refused(world.doors.open_agent(wrong)) == "bad_credentials"
    assert world.store.batches == written
    assert len(await comings(world, demo, agent)) == 1


async def test_no_session_without_a_record(world: Tenancy, demo: Tenant) -> None:
    """A sign-in that cannot be written is none; the client may try again."""
    world.store.lose_requests = 1
    assert await refused(world.doors.open_agent(demo.credentials())) == "unavailable"
    assert (await world.doors.open_agent(demo.credentials())).name == "Grace"


async def test_who_is_deactivated_while_signing_in_stays_out(
    world: Tenancy, demo: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The password was right and is worth nothing by the time it is noted."""
    agent = await demo.add_agent("alan@example.org")

    async def verify(password: str, kept: str | None) -> bool:
        assert password
        assert kept
        await demo.deactivate(agent)
        return True

    monkeypatch.setattr(world.passwords, "verify", verify)
    given = demo.credentials("alan@example.org")
    assert await refused(world.doors.open_agent(given)) == "bad_credentials"
    assert await comings(world, demo, agent) == []


async def test_credentials_do_not_show_in_a_log(demo: Tenant) -> None:
    """Neither address nor password is in what a log line would print."""
    assert "grace" not in repr(demo.credentials())
    assert "horse" not in repr(demo.credentials())


async def test_with_the_store_away_nobody_is_refused(world: Tenancy, demo: Tenant) -> None:
    """An absent store is told apart from a bad token: the client keeps its session."""
    session = await demo.visit()
    world.store.away = True
    with pytest.raises(StoreUnavailable):
        await world.doors.authenticate(session.token)
    with pytest.raises(StoreUnavailable):
        await world.doors.open_agent(demo.credentials())


async def test_a_visitors_name_is_written_into_what_it_says(world: Tenancy, demo: Tenant) -> None:
    """What an identified visitor posts carries the user's name."""
    session = await demo.visit(identity=demo.identity("ada"))
    caller = await world.doors.authenticate(session.token)
    started = await world.send(demo.log, Start(world.ids.uuid(), Body("hi")), caller.actor)
    assert started.conversation is not None
    await world.send(
        demo.log, Post(world.ids.uuid(), UUID(started.conversation), Body("there")), caller.actor
    )
    stream = streams.conversation(started.conversation)
    events = await world.store.read_stream(demo.log, stream, 0, 9)
    assert {event.actor.name for event in events} == {"ada"}


# --- traces --------------------------------------------------------------------------------------


async def test_what_an_arrival_appends_is_a_step_of_its_request(
    world: Tenancy, demo: Tenant
) -> None:
    """Who somebody is, and the page that was looked at, name the request as what came before."""
    kept = Kept(world.clock)
    commits = GroupCommit(world.store, lambda _: None, telemetry=kept.telemetry)
    doors = world.doors_of(CommandHandler(world.store, commits, world.clock, world.ids))
    request = VisitorRequest(demo.site, identity=demo.identity("ada"), page=Page("https://a.b/"))
    await doors.open_visitor(request, None, "http command")
    assert [span.parent for span in kept.tracer.named("append")] == ["http command"] * 2
