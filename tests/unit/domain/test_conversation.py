"""What may happen in a conversation."""

from __future__ import annotations

from functools import partial

import msgspec
import pytest

from domain.conversation import commands as c
from domain.conversation import events as e
from domain.conversation.decide import check_body, check_page, decide, start
from domain.conversation.state import INITIAL, evolve
from domain.envelope import Access, Actor
from domain.errors import Refused
from domain.limits import MAX_TEXT, MAX_TITLE, MAX_URL
from tests.doubles.appends import uuid
from tests.unit.domain.scenario import AGENT, VISITOR, Decider

ID = uuid(1)
HERE = uuid(2)
LINUS = uuid(3)
ROUTER = Actor("system", "router")
HELLO = e.Body("hello")
SAID = e.MessagePosted(str(ID), HELLO)
STARTED = e.ConversationStarted("ada", "sales")
MINE = e.ConversationAssigned(AGENT.id)
CLOSED = e.ConversationClosed()

conversation = Decider(INITIAL, evolve, decide)
beginning = Decider(INITIAL, evolve, partial(start, site="shop"))


def test_start_begins() -> None:
    """A start makes a conversation, with page, department and site, open and the visitor's."""
    page = e.Page("https://shop.example/")
    outcome = beginning.given().when(c.Start(ID, None, page, "sales"))
    outcome.then(e.ConversationStarted("ada", "sales", page, "shop"))
    assert outcome.state.status == "open"
    assert outcome.state.visitor == "ada"
    assert outcome.state.access == Access("sales", None)


def test_start_says_the_first_thing() -> None:
    """A body follows the start as the first message."""
    expected = e.ConversationStarted("ada", site="shop"), SAID
    beginning.given().when(c.Start(ID, HELLO)).then(*expected)


def test_start_with_one_open_posts_there() -> None:
    """Nothing is started anew; the body is a message in the open one."""
    beginning.given(STARTED).when(c.Start(ID, HELLO)).then(SAID)
    beginning.given(STARTED).when(c.Start(ID)).then()


def test_visitor_posts() -> None:
    """What a visitor writes is a message, and changes nothing else."""
    outcome = conversation.given(STARTED).when(c.Post(ID, HERE, HELLO))
    outcome.then(SAID)
    assert outcome.state == conversation.given(STARTED).state


def test_visitors_post_reopens() -> None:
    """A visitor who writes in a closed conversation opens it again first."""
    outcome = conversation.given(STARTED, CLOSED).when(c.Post(ID, HERE, HELLO))
    assert outcome.then(e.ConversationReopened(), SAID).state.status == "open"


def test_agents_post_takes_the_conversation() -> None:
    """An agent who answers an unassigned conversation serves it from then on."""
    outcome = conversation.given(STARTED).when(c.Post(ID, HERE, HELLO), AGENT)
    outcome.then(e.ConversationAssigned(AGENT.id, AGENT.name), SAID)
    assert outcome.state.access == Access("sales", AGENT.id)


def test_agents_post_takes_nothing_from_another() -> None:
    """An agent may write in a conversation that another serves."""
    taken = e.ConversationAssigned("another")
    conversation.given(STARTED, taken).when(c.Post(ID, HERE, HELLO), AGENT).then(SAID)


def test_agents_post_in_a_closed_conversation() -> None:
    """An agent reopens first."""
    closed = conversation.given(STARTED, CLOSED)
    closed.when(c.Post(ID, HERE, HELLO), AGENT).then_refused("conversation_closed")


@pytest.mark.parametrize("past", [(STARTED,), (STARTED, CLOSED)], ids=["open", "closed"])
def test_a_note_takes_nothing_and_reopens_nothing(past: tuple[msgspec.Struct, ...]) -> None:
    """A note is only a note, in a closed conversation too."""
    note = c.Post(ID, HERE, HELLO, note=True)
    conversation.given(*past).when(note, AGENT).then(e.NoteAdded(str(ID), HELLO))


def test_read_marks_only_go_forward() -> None:
    """Each reader has its own mark; one at or below it changes nothing."""
    read = conversation.given(STARTED, (VISITOR, e.MessageRead(5)))
    read.when(c.Read(ID, HERE, 5)).then()
    read.when(c.Read(ID, HERE, 4)).then()
    read.when(c.Read(ID, HERE, 6)).then(e.MessageRead(6))
    read.when(c.Read(ID, HERE, 4), AGENT).then(e.MessageRead(4))


def test_read_marks_are_of_a_role_and_an_id() -> None:
    """An agent with a visitor's id is another reader."""
    read = conversation.given(STARTED, (VISITOR, e.MessageRead(5)))
    read.when(c.Read(ID, HERE, 5), Actor("agent", VISITOR.id)).then(e.MessageRead(5))


def test_what_was_delivered_only_goes_forward() -> None:
    """A device that has less than another of the same person tells nothing new."""
    got = conversation.given(STARTED, (VISITOR, e.MessageDelivered(5)))
    got.when(c.Delivered(ID, HERE, 5)).then()
    got.when(c.Delivered(ID, HERE, 6)).then(e.MessageDelivered(6))
    got.when(c.Read(ID, HERE, 5)).then(e.MessageRead(5))


def test_to_agents_it_is_delivered_with_who_serves() -> None:
    """What others have on their desks is no news to the visitor, and none in the log."""
    conversation.given(STARTED).when(c.Delivered(ID, HERE, 2), AGENT).then()
    served = conversation.given(STARTED, MINE)
    served.when(c.Delivered(ID, HERE, 2), AGENT).then(e.MessageDelivered(2))


def test_assign() -> None:
    """Without a name an agent takes the conversation itself; twice changes nothing."""
    unassigned = conversation.given(STARTED)
    unassigned.when(c.Assign(ID, HERE), AGENT).then(MINE)
    unassigned.when(c.Assign(ID, HERE, LINUS), AGENT).then(e.ConversationAssigned(str(LINUS)))
    conversation.given(STARTED, MINE).when(c.Assign(ID, HERE), AGENT).then()


def test_of_two_who_take_what_is_free_one_gets_it() -> None:
    """The other is refused, unless it takes over what it knows that somebody serves."""
    taken = conversation.given(STARTED, e.ConversationAssigned(str(LINUS)))
    taken.when(c.Assign(ID, HERE, free=True), AGENT).then_refused("taken")
    taken.when(c.Assign(ID, HERE), AGENT).then(MINE)
    conversation.given(STARTED).when(c.Assign(ID, HERE, free=True), AGENT).then(MINE)
    conversation.given(STARTED, MINE).when(c.Assign(ID, HERE, free=True), AGENT).then()


def test_transfer_to_an_agent_keeps_the_department() -> None:
    """The conversation stays where it is, with another agent."""
    outcome = conversation.given(STARTED, MINE).when(c.Transfer(ID, HERE, agent=LINUS), AGENT)
    outcome.then(e.ConversationTransferred(agent=str(LINUS)))
    assert outcome.state.access == Access("sales", str(LINUS))


def test_transfer_to_a_department_leaves_it_unassigned() -> None:
    """Nobody serves it there yet; once it waits there, again changes nothing."""
    moved = e.ConversationTransferred(department="support")
    to_support = c.Transfer(ID, HERE, department="support")
    outcome = conversation.given(STARTED, MINE).when(to_support, AGENT)
    assert outcome.then(moved).state.access == Access("support", None)
    conversation.given(STARTED, MINE, moved).when(to_support, AGENT).then()


def test_transfer_to_the_own_department_gives_it_back() -> None:
    """A served conversation can be given back to the department that it is in."""
    back = c.Transfer(ID, HERE, department="sales")
    outcome = conversation.given(STARTED, MINE).when(back, AGENT)
    assert outcome.then(e.ConversationTransferred(department="sales")).state.access == Access(
        "sales", None
    )


@pytest.mark.parametrize(
    "command", [c.Transfer(ID, HERE), c.Transfer(ID, HERE, LINUS, "support")], ids=["none", "both"]
)
def test_a_transfer_has_one_aim(command: c.Transfer) -> None:
    """Neither agent nor department, or both, is no transfer: nobody can tell what was meant."""
    conversation.given(STARTED).when(command, AGENT).then_refused("bad_request")


@pytest.mark.parametrize(
    "command", [c.Assign(ID, HERE), c.Transfer(ID, HERE, department="support")]
)
def test_a_closed_conversation_is_not_handed_over(command: c.Assign | c.Transfer) -> None:
    """It has to be reopened first."""
    conversation.given(STARTED, CLOSED).when(command, AGENT).then_refused("conversation_closed")


def test_tags_are_a_whole_set() -> None:
    """Tags replace those before; a repeated one counts once; the same set changes nothing."""
    outcome = conversation.given(STARTED).when(c.SetTags(ID, HERE, ["a", "b", "a"]), AGENT)
    assert outcome.then(e.ConversationTagged(("a", "b"))).state.tags == ("a", "b")
    tagged = conversation.given(STARTED, e.ConversationTagged(("a", "b")))
    tagged.when(c.SetTags(ID, HERE, ["a", "b"]), AGENT).then()
    tagged.when(c.SetTags(ID, HERE, []), AGENT).then(e.ConversationTagged(()))


def test_close_and_reopen() -> None:
    """Each turns the status, and changes nothing when it is so already."""
    opened, closed = conversation.given(STARTED), conversation.given(STARTED, CLOSED)
    assert opened.when(c.Close(ID, HERE)).then(CLOSED).state.status == "closed"
    closed.when(c.Close(ID, HERE)).then()
    assert closed.when(c.Reopen(ID, HERE)).then(e.ConversationReopened()).state.status == "open"
    opened.when(c.Reopen(ID, HERE)).then()


def test_rating() -> None:
    """A visitor may think again; the same judgement twice changes nothing."""
    rated = e.ConversationRated(5, "thanks")
    conversation.given(STARTED).when(c.Rate(ID, HERE, 5, "thanks")).then(rated)
    again = conversation.given(STARTED, rated)
    again.when(c.Rate(ID, HERE, 5, "thanks")).then()
    again.when(c.Rate(ID, HERE, 1)).then(e.ConversationRated(1))


def test_erased_is_a_state_of_its_own() -> None:
    """After the erasure a conversation is neither open nor closed."""
    assert conversation.given(STARTED, e.ConversationErased()).state.status == "erased"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (e.Body(), "bad_request"),
        (e.Body("text", "file"), "bad_request"),
        (e.Body(file="file"), "not_found"),
        (e.Body(""), "bad_request"),
        (e.Body(" \n\t"), "bad_request"),
        (e.Body("x" * (MAX_TEXT + 1)), "too_large"),
    ],
    ids=["neither", "both", "no such file", "empty", "blank", "too long"],
)
def test_a_body_that_is_none(body: e.Body, code: str) -> None:
    """A body has exactly one text that says something, and is not too long."""
    with pytest.raises(Refused) as refused:
        check_body(body)
    assert refused.value.code == code


@pytest.mark.parametrize("text", ["x", "x" * MAX_TEXT, "🦜" * MAX_TEXT], ids=["1", "max", "emoji"])
def test_a_body_that_is_one(text: str) -> None:
    """Lengths count characters, not bytes."""
    check_body(e.Body(text))


@pytest.mark.parametrize(
    "page",
    [
        e.Page(""),
        e.Page("u" * (MAX_URL + 1)),
        e.Page("u", referrer="r" * (MAX_URL + 1)),
        e.Page("u", title="t" * (MAX_TITLE + 1)),
    ],
    ids=["no url", "url", "referrer", "title"],
)
def test_a_page_longer_than_any(page: e.Page) -> None:
    """Each of a page's fields has its limit."""
    with pytest.raises(Refused):
        check_page(page)


def test_a_page_at_its_limits() -> None:
    """The longest page that there may be is taken."""
    check_page(e.Page("u" * MAX_URL, "t" * MAX_TITLE, "r" * MAX_URL))


@pytest.mark.parametrize(
    ("command", "fields"),
    [
        (c.Rate, {"rating": 0}),
        (c.Rate, {"rating": 6}),
        (c.Rate, {"rating": 3, "comment": "x" * 2001}),
        (c.Read, {"upto": 0}),
        (c.SetTags, {"tags": [""]}),
        (c.SetTags, {"tags": ["x" * 65]}),
        (c.SetTags, {"tags": ["x"] * 33}),
        (c.Transfer, {"department": "4 sales"}),
        (c.Transfer, {"department": "x\n"}),
    ],
)
def test_commands_hold_their_limits(
    command: type[msgspec.Struct], fields: dict[str, object]
) -> None:
    """What is beyond a limit does not even become a command."""
    frame = {"op": command.__struct_config__.tag, "id": str(ID), "conversation": str(HERE)}
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({**frame, **fields}, command)


def test_who_leaves_leaves_it_to_others() -> None:
    """It stays in its department, with nobody; only who serves it can leave."""
    left = e.ConversationTransferred(department="sales", reason="left")
    outcome = conversation.given(STARTED, MINE).when(c.Leave(ID, HERE), AGENT).then(left)
    assert outcome.state.access == Access("sales", None)
    conversation.given(STARTED).when(c.Leave(ID, HERE), AGENT).then_refused("not_allowed")
    theirs = conversation.given(STARTED, e.ConversationAssigned(str(LINUS)))
    theirs.when(c.Leave(ID, HERE), AGENT).then_refused("not_allowed")
    closed = conversation.given(STARTED, MINE, CLOSED)
    closed.when(c.Leave(ID, HERE), AGENT).then_refused("conversation_closed")


def test_leaving_where_there_is_no_department() -> None:
    """Then it waits for anybody."""
    served = conversation.given(e.ConversationStarted("ada"), MINE)
    outcome = served.when(c.Leave(ID, HERE), AGENT)
    assert outcome.then(e.ConversationTransferred(reason="left")).state.access == Access()


def test_only_what_nobody_serves_is_routed() -> None:
    """Whoever was faster keeps it, and what is over stays so."""
    route = c.Route(ID, HERE, LINUS, "least_busy")
    assigned = e.ConversationAssigned(str(LINUS), reason="least_busy")
    conversation.given(STARTED).when(route, ROUTER).then(assigned)
    conversation.given(STARTED, MINE).when(route, ROUTER).then()
    conversation.given(STARTED, CLOSED).when(route, ROUTER).then()


def test_only_from_who_serves_it_it_is_taken() -> None:
    """A conversation that another has by now stays there."""
    release = c.Release(ID, HERE, LINUS, 2, "agent_gone")
    theirs = conversation.given(STARTED, e.ConversationAssigned(str(LINUS)))
    theirs.when(release, ROUTER).then(
        e.ConversationTransferred(department="sales", reason="agent_gone")
    )
    conversation.given(STARTED, MINE).when(release, ROUTER).then()


def test_what_was_missed_is_noted_of_open_ones() -> None:
    """Of a closed one nobody waits."""
    miss, remind = c.Miss(ID, HERE, 2, "unanswered"), c.Remind(ID, HERE, 2, 2, 120)
    conversation.given(STARTED, SAID).when(miss, ROUTER).then(e.ConversationMissed("unanswered"))
    conversation.given(STARTED, SAID).when(remind, ROUTER).then(e.ConversationUnanswered(2, 120))
    conversation.given(STARTED, SAID, CLOSED).when(miss, ROUTER).then()
    conversation.given(STARTED, SAID, CLOSED).when(remind, ROUTER).then()
