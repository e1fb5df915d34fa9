"""What may happen to a visitor: one open conversation, one identity."""

from __future__ import annotations

from domain.conversation.events import Body, Page
from domain.limits import MAX_ATTRIBUTES
from domain.visitor import commands as c
from domain.visitor import decide
from domain.visitor import events as e
from domain.visitor.state import INITIAL, Visitor, evolve
from tests.doubles.appends import uuid
from tests.unit.domain.scenario import AGENT, Decider

opening: Decider[Visitor, str] = Decider(
    INITIAL, evolve, lambda c, s, _: decide.open_conversation(c, s)
)
ending: Decider[Visitor, str] = Decider(
    INITIAL, evolve, lambda c, s, _: decide.end_conversation(c, s)
)
identifying: Decider[Visitor, str] = Decider(INITIAL, evolve, lambda c, s, _: decide.identify(c, s))
introducing: Decider[Visitor, c.Introduce] = Decider(
    INITIAL, evolve, lambda command, s, _: decide.introduce(command, s)
)
inviting: Decider[Visitor, c.Invite] = Decider(
    INITIAL, evolve, lambda command, s, _: decide.invite(command, s)
)
seeing: Decider[Visitor, c.SeeDevice] = Decider(
    INITIAL, evolve, lambda command, s, _: decide.see(command, s)
)

ONE = e.ConversationOpened("one")


def test_the_first_conversation_opens() -> None:
    """It becomes the open one, and the last one had."""
    state = opening.given().when("one").then(ONE).state
    assert (state.open, state.last) == ("one", "one")


def test_only_one_is_open() -> None:
    """Another is refused while one is open; the same one changes nothing."""
    opening.given(ONE).when("two").then_refused("other_open")
    opening.given(ONE).when("one").then()


def test_after_the_end_another_may_open() -> None:
    """The end frees the place, and the last one is still known."""
    ended = opening.given(ONE, e.ConversationEnded("one"))
    assert (ended.state.open, ended.state.last) == (None, "one")
    ended.when("two").then(e.ConversationOpened("two"))


def test_only_the_open_one_ends() -> None:
    """Ending what is not open changes nothing."""
    ending.given(ONE).when("one").then(e.ConversationEnded("one"))
    ending.given(ONE).when("two").then()
    ending.given().when("one").then()


def test_a_visitor_is_identified_once() -> None:
    """The same user again changes nothing; another is refused."""
    ada = e.VisitorIdentified("ada@example")
    assert identifying.given().when("ada@example").then(ada).state.user == "ada@example"
    identifying.given(ada).when("ada@example").then()
    identifying.given(ada).when("eve@example").then_refused("not_allowed")


def test_what_no_decision_rests_on_changes_nothing() -> None:
    """A viewed page leaves the state as it is; an erasure is remembered."""
    from_page = opening.given(ONE, e.PageViewed(Page("https://shop.example/"))).state
    assert from_page == opening.given(ONE).state
    assert opening.given(e.VisitorErased()).state.erased


def test_what_is_said_of_a_visitor_adds_up() -> None:
    """The later word counts, what is left out stays, an empty text unsays; nothing new is none."""
    said = e.VisitorIntroduced("Ada", "ada@shop.example", attributes={"plan": "pro", "age": "36"})
    met = introducing.given(said)
    told = c.Introduce(uuid(1), email="", phone="123", attributes={"age": "", "plan": "free"})
    known = met.when(told).state.known
    assert known == e.VisitorIntroduced("Ada", None, "123", {"plan": "free"})
    met.when(c.Introduce(uuid(1), name="Ada", attributes={"plan": "pro"})).then()
    met.when(c.Introduce(uuid(1))).then()
    introducing.given().when(c.Introduce(uuid(1), name="")).then()


def test_attributes_are_bounded_together() -> None:
    """Not only those of one command."""
    full = e.VisitorIntroduced(attributes={str(n): "x" for n in range(MAX_ATTRIBUTES)})
    introducing.given(full).when(c.Introduce(uuid(1), attributes={"0": "y"})).then(
        e.VisitorIntroduced(attributes={"0": "y"})
    )
    introducing.given(full).when(c.Introduce(uuid(1), attributes={"y": "y"})).then_refused(
        "too_many"
    )


def test_who_talks_to_nobody_is_invited() -> None:
    """The last invitation counts until a conversation begins; who talks is not asked."""
    asked = e.VisitorInvited(str(uuid(1)), "Can I help?")
    invite = c.Invite(uuid(1), uuid(2), Body("Can I help?"))
    state = inviting.given().when(invite, AGENT).then(asked).state
    assert state.invitation is not None
    assert (state.invitation.id, state.invitation.agent) == (str(uuid(1)), AGENT.id)
    inviting.given(ONE).when(invite, AGENT).then_refused("other_open")
    assert inviting.given((AGENT, asked), ONE).state.invitation is None
    inviting.given().when(c.Invite(uuid(1), uuid(2), Body(" ")), AGENT).then_refused("bad_request")


def test_a_device_is_noted_once() -> None:
    """The same again is nothing new."""
    device = e.DeviceSeen("Firefox", country="AT")
    seeing.given().when(c.SeeDevice(uuid(1), device)).then(device)
    seeing.given(device).when(c.SeeDevice(uuid(1), device)).then()
