"""What may happen to a visitor: one open conversation, one identity."""

from __future__ import annotations

from domain.conversation.events import Page
from domain.visitor import decide
from domain.visitor import events as e
from domain.visitor.state import INITIAL, Visitor, evolve
from tests.unit.domain.scenario import Decider

opening: Decider[Visitor, str] = Decider(
    INITIAL, lambda s, event, _: evolve(s, event), lambda c, s, _: decide.open_conversation(c, s)
)
ending: Decider[Visitor, str] = Decider(
    INITIAL, lambda s, event, _: evolve(s, event), lambda c, s, _: decide.end_conversation(c, s)
)
identifying: Decider[Visitor, str] = Decider(
    INITIAL, lambda s, event, _: evolve(s, event), lambda c, s, _: decide.identify(c, s)
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
