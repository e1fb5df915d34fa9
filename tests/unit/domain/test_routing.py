"""What the router decides, rule by rule, in offices of a few people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from domain.conversation.events import (
    ConversationAssigned,
    ConversationClosed,
    ConversationErased,
    ConversationStarted,
    ConversationTransferred,
)
from domain.envelope import Access, Actor, Metadata, RecordedEvent
from domain.event_types import REGISTRY
from domain.passing import Passing, Place, Queue
from domain.routing.decide import decide
from domain.routing.decisions import Miss, Release, Remind, Retire, Route
from domain.routing.office import Office
from domain.routing.people import Agent, Talk, micros
from domain.routing.policy import Policy
from domain.routing.settings import RouterSettings
from domain.routing.staffing import places
from domain.routing.telling import Telling
from domain.tenant.events import HoursChanged
from tests.doubles.appends import uuid

START = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)  # a Wednesday
NOW = START.timestamp()
CLOSED = HoursChanged("UTC", ((),) * 7)
LEAST = Policy("least_busy", capacity=2)
ROUND = replace(LEAST, strategy="round_robin")


def at(second: float) -> datetime:
    """So long after the start."""
    return START + timedelta(seconds=second)


def talk(name: str, second: float = 0, department: str | None = None, **fields: Any) -> Talk:
    """A conversation that waits since then, with a message that nobody has answered."""
    then = at(second)
    fields = {"skills": frozenset(), "version": 2, "unreminded_version": 2, **fields}
    if "assignee" in fields:
        fields["served_at"] = then
    else:
        fields["queued_at"] = then
    return Talk(name, department, unanswered_at=then, unreminded_at=then, **fields)


def agent(name: str, *departments: str, **fields: Any) -> Agent:
    """An agent that says that it is there."""
    fields = {"status": "online", "since": START, **fields}
    return Agent(name, departments=frozenset(departments), **fields)


def office(policy: Policy, *people: Agent | Talk, there: str | None = None) -> Office:
    """An office with these; ``there`` are the agents that are present, all by default."""
    agents = [each for each in people if isinstance(each, Agent)]
    made = Office(policy, agents, [each for each in people if isinstance(each, Talk)])
    present = [each.id for each in agents] if there is None else there.split()
    made.see(made.watched(), present, NOW, knows_all=True)
    return made


def happened(made: Office, name: str, second: float, data: Any, after: Access) -> None:
    """Let the office fold this event of a conversation."""
    before = made.talks.get(name)
    was = None if before is None else Access(before.department, before.assignee)
    metadata = Metadata(uuid(3), before=was, after=after)
    type_, moment = REGISTRY.of(data).name, micros(at(second))
    actor, stream = Actor("visitor", "v"), f"conversation-{name}"
    who, hash_ = uuid(5), b"h" * 32
    made.apply(
        RecordedEvent(
            uuid(1), 9, stream, 3, 3, type_, 1, uuid(2), actor, metadata, moment, who, hash_, data
        )
    )


def routes(of: Office, second: float = 0) -> dict[str, str]:
    """Which conversation goes to whom."""
    found = decide(of, NOW + second)
    return {each.conversation: each.agent for each in found if isinstance(each, Route)}


def test_the_least_busy_is_next_and_then_who_got_none_for_longest() -> None:
    """By load; among equals by time; as long as there is room."""
    busy = [talk("s1", assignee="ann"), talk("s2", assignee="ann")]
    ann, bob, cat = agent("ann"), agent("bob", given_at=at(-5)), agent("cat", given_at=at(-9))
    waiting = [talk(f"w{n}", n) for n in range(5)]
    found = routes(office(LEAST, ann, bob, cat, *busy, *waiting))
    assert found == {"w0": "cat", "w1": "bob", "w2": "cat", "w3": "bob"}
    route = decide(office(LEAST, bob, waiting[0]), NOW)[0]
    assert route == Route("w0", "bob", "least_busy", micros(at(0)))


def test_round_robin_goes_by_turns() -> None:
    """Who got none for longest, whatever it has; a department may have its own strategy."""
    ann, bob = agent("ann", given_at=at(-9)), agent("bob", given_at=at(-5))
    people = (ann, bob, talk("s", assignee="ann"), talk("w0", 1, "sales"), talk("w1", 2))
    assert routes(office(ROUND, *people)) == {"w0": "ann", "w1": "bob"}
    mixed = replace(ROUND, strategies={"sales": "least_busy"})
    assert routes(office(mixed, *people)) == {"w0": "bob", "w1": "ann"}
    assert routes(office(replace(ROUND, strategies={"sales": "manual"}), *people)) == {"w1": "ann"}
    assert routes(office(Policy(), *people)) == {}


@pytest.mark.parametrize(
    ("who", "what", "fits"),
    [
        (agent("ann"), {"department": "sales"}, True),
        (agent("ann", role="limited"), {"department": "sales"}, False),
        (agent("ann", role="limited"), {}, True),
        (agent("ann", "sales"), {"department": "sales"}, True),
        (agent("ann", "sales"), {"department": "support"}, False),
        (agent("ann", "sales"), {}, True),
        (agent("ann"), {"skills": frozenset({"zh"})}, False),
        (agent("ann", skills=frozenset({"zh", "tax"})), {"skills": frozenset({"zh"})}, True),
        (agent("ann"), {"skills": None}, False),
        (agent("ann", status="busy"), {}, False),
        (agent("ann", status="open-plan"), {}, True),
        (agent("ann", capacity=0), {}, False),
        (agent("bob"), {}, False),
    ],
)
def test_to_whom_it_may_go(who: Agent, what: dict[str, Any], *, fits: bool) -> None:
    """Department, skills, status, room, and that it is there (which bob is not)."""
    policy = replace(LEAST, available=frozenset({"online", "open-plan"}))
    away = agent("zoe", "sales", "support", role="limited")
    assert bool(routes(office(policy, who, away, talk("w", **what), there="ann"))) is fits


def test_one_whom_nobody_fits_holds_up_nobody() -> None:
    """And who lost its agent comes before those who came after it."""
    lost = replace(talk("lost", 0), queued_at=at(9))
    people = (agent("ann"), talk("odd", -5, skills=frozenset({"zh"})), talk("w", 3), lost)
    assert routes(office(replace(LEAST, capacity=1), *people)) == {"lost": "ann"}


def test_what_somebody_serves_who_works_here_no_more_waits_again() -> None:
    """At once, answered or not, whoever is present and whatever the tenant says of the vanished."""
    answered = replace(talk("a", assignee="bob"), unanswered_at=None, unreminded_at=None)
    quiet = replace(LEAST, release_after_s=0, remind_after_s=0, missed_after_s=0, strategy="manual")
    made = office(quiet, agent("ann"), talk("s", assignee="ann"), answered, there="ann bob")
    assert decide(made, NOW) == [Release("a", "bob", 2, micros(START), "agent_deactivated")]


def test_who_has_left_the_page_stands_behind_and_is_not_forgotten() -> None:
    """Whoever came up to ten minutes later and is there goes first; then its turn has come."""
    policy = replace(LEAST, capacity=1, left_behind_s=600.0)
    there = [talk("soon", 599), talk("late", 601)]
    made = office(policy, agent("ann"), talk("left", 0), *there)
    assert routes(made, 700) == {"left": "ann"}
    made.see_visitors(["left", "soon", "late"], ["soon", "late"], knows_all=True)
    assert routes(made, 700) == {"soon": "ann"}
    assert [each.conversation for each in places(made, NOW)] == ["soon", "left", "late"]
    assert [each.place for each in places(made, NOW)] == [1, 2, 3]
    made.see_visitors(["late"], ["late"], knows_all=True)  # the others were not asked for
    assert routes(made, 700) == {"soon": "ann"}
    changes = made.changes
    made.see_visitors(["left"], ["left"], knows_all=True)
    assert made.changes > changes, "it is told so"
    assert routes(made, 700) == {"left": "ann"}
    made.see_visitors(["left"], [], knows_all=True)
    made.see_visitors(["left"], [], knows_all=False)
    assert routes(made, 700) == {"left": "ann"}, "who knows not all says of nobody that he left"


def test_a_department_in_which_nobody_works_is_everybodys() -> None:
    """So nobody who waits in it is forgotten when it is removed; but limited agents have theirs."""
    people = agent("bob", "sales"), agent("cat", "support", role="limited", given_at=at(-9))
    waiting = talk("w", 0, "gone"), talk("x", 1, "sales")
    made = office(LEAST, *people, *waiting)
    assert routes(made) == {"w": "bob", "x": "bob"}
    assert [each.staffed for each in places(made, NOW)] == [True, True]
    made = office(LEAST, *people, *waiting, there="cat")
    assert routes(made) == {}
    assert [each.staffed for each in places(made, NOW)] == [False, False]
    made = office(LEAST, *people, agent("dan", "it"), talk("x", 1, "sales"), there="cat dan")
    assert routes(made) == {}, "somebody works there, who comes back"


def test_what_a_tenant_says_meanwhile_holds_at_once() -> None:
    """Fewer places than are taken take nothing away; opening hours hold for who waits already."""
    made = office(LEAST, agent("ann"), talk("s", assignee="ann"), talk("w"))
    made.govern(replace(LEAST, capacity=1))
    assert [each for each in decide(made, NOW) if isinstance(each, (Route, Release))] == []
    alone = office(replace(LEAST, missed_after_s=50), agent("ann"), talk("w"), there="")
    assert decide(alone, NOW) == []
    alone.govern(replace(LEAST, missed_after_s=50, hours=CLOSED))
    assert [each.reason for each in decide(alone, NOW) if isinstance(each, Miss)] == ["closed"]
    paris = HoursChanged("Europe/Paris", (((540, 1020),),) * 7)
    policy = replace(LEAST, hours=paris)
    begins = {6: "2026-03-29T06:59:59+00:00", 7: "2026-03-29T07:00:00+00:00"}
    opened = [policy.is_open(datetime.fromisoformat(each).timestamp()) for each in begins.values()]
    assert opened == [False, True], "the clocks were moved in the night"


def test_an_office_is_idle_when_nothing_can_be_due() -> None:
    """Nobody waits, is served, is there or is to be found gone, and nothing is on its way."""
    ann = agent("ann")
    assert office(LEAST, replace(ann, status="offline")).is_idle
    assert not office(LEAST, ann).is_idle
    assert not office(LEAST, ann, there="").is_idle
    assert office(replace(LEAST, release_after_s=0), ann, there="").is_idle
    assert not office(LEAST, talk("w")).is_idle
    assert not office(LEAST, talk("s", assignee="ann")).is_idle
    assert not Office(LEAST).is_idle, "nobody has looked"
    busy = office(LEAST)
    busy.begin(Route("w", "ann", "least_busy", 1), NOW)
    assert not busy.is_idle


def test_what_is_on_its_way_counts_and_is_not_decided_again() -> None:
    """Until its answer is there; then it is decided anew, if it is still so."""
    made = office(replace(LEAST, capacity=1), agent("ann"), talk("w0"), talk("w1", 1))
    (route,) = [each for each in decide(made, NOW) if isinstance(each, Route)]
    made.begin(route, NOW)
    assert routes(made) == {}
    made.govern(LEAST)
    assert routes(made) == {"w1": "ann"}
    made.end(route)
    assert routes(made) == {"w0": "ann", "w1": "ann"}
    own = office(LEAST, agent("ann", capacity=1), talk("w0"), talk("w1", 1))
    assert routes(own) == {"w0": "ann"}, "its own number goes before the tenant's"


def test_who_is_gone_loses_what_it_has_not_answered() -> None:
    """After the tenant's time, not before; what was answered stays, and it is offline."""
    answered = replace(talk("a", assignee="ann"), unanswered_at=None, unreminded_at=None)
    policy = Policy(release_after_s=30, remind_after_s=0, missed_after_s=0)
    made = office(policy, agent("ann"), talk("u", assignee="ann", version=7), answered, there="")
    assert decide(made, NOW + 29) == []
    gone = Release("u", "ann", 7, micros(START)), Retire("ann", micros(START))
    assert tuple(decide(made, NOW + 30)) == gone
    back = office(policy, agent("ann", since=at(25)), answered, there="")
    assert decide(back, NOW + 54) == []  # it has just said how it is, and was not seen yet
    assert decide(back, NOW + 55) == [Retire("ann", micros(at(25)))]
    made.see(made.watched(), [], NOW + 40, knows_all=False)
    assert decide(made, NOW + 90) == []
    assert decide(office(replace(policy, release_after_s=0), agent("ann"), there=""), 2 * NOW) == []


def test_presence_that_is_not_complete_says_of_nobody_that_he_is_gone() -> None:
    """Who was there stays so, until somebody sees it go; who was not is not there."""
    made = office(LEAST, agent("ann"), agent("bob"), talk("w"), there="ann")
    made.see(made.watched(), [], NOW, knows_all=False)
    assert made.attendance.present == {"ann"}
    assert not made.attendance.absent
    assert routes(made) == {"w": "ann"}
    made.lose("ann")
    assert routes(made) == {}


def test_who_waits_too_long_is_told_of() -> None:
    """A reminder of a message, and once that it was missed; each after the tenant's time."""
    policy = Policy(remind_after_s=20, missed_after_s=50, release_after_s=0)
    made = office(policy, agent("ann"), talk("w", 0), talk("later", 10))
    assert decide(made, NOW + 19) == []
    assert decide(made, NOW + 20) == [Remind("w", 2, 2, 20, micros(START))]
    found = decide(made, NOW + 50)
    assert found[0] == Miss("w", 2, "unanswered", micros(START))
    never = replace(policy, remind_after_s=0, missed_after_s=0)
    assert decide(office(never, agent("ann"), talk("w")), NOW + 1e6) == []
    missed = office(policy, agent("ann"), talk("w", missed="closed"))
    assert decide(missed, NOW + 1e6) == []


def test_why_it_was_missed() -> None:
    """Nobody was there, or it is closed: then at once, unless somebody is there all the same."""
    policy = Policy(remind_after_s=0, missed_after_s=50, release_after_s=0)
    (miss,) = decide(office(policy, agent("ann"), talk("w"), there=""), NOW + 50)
    assert isinstance(miss, Miss)
    assert miss.reason == "unstaffed"
    closed = replace(policy, hours=CLOSED)
    (miss,) = decide(office(closed, agent("ann"), talk("w"), there=""), NOW)
    assert isinstance(miss, Miss)
    assert miss.reason == "closed"
    assert decide(office(closed, agent("ann"), talk("w")), NOW) == []


def test_decisions_are_named_by_their_cause() -> None:
    """The same one twice asks for the same; another cause, kind or conversation does not."""
    name, other = str(uuid(7)), str(uuid(8))
    route = Route(name, other, "least_busy", 5)
    ids = {
        each.command(uuid(1)).id
        for each in (route, replace(route, cause=6), replace(route, conversation=other))
    }
    assert len(ids | {Miss(name, 3, "closed", 5).command(uuid(1)).id}) == 4
    assert route.command(uuid(1)) == replace(route).command(uuid(1))
    assert route.command(uuid(2)).id not in ids


def test_what_happens_while_somebody_waits_is_learnt() -> None:
    """Passed on it keeps its place in time; how long each place took tells how long it will be."""
    made = office(LEAST, agent("ann"))
    for name, second in (("w0", 0), ("w1", 10), ("w2", 15)):
        happened(made, name, second, ConversationStarted("v"), Access())
    happened(made, "w1", 20, ConversationTransferred(department="sales"), Access("sales"))
    assert made.talks["w1"].queued_at == at(10)
    assert made.talks["w1"].visitor == "v"
    happened(made, "w0", 30, ConversationAssigned("ann"), Access(None, "ann"))
    happened(made, "w1", 50, ConversationAssigned("ann"), Access("sales", "ann"))
    happened(made, "quick", 51, ConversationStarted("v"), Access())
    happened(made, "quick", 53, ConversationAssigned("ann"), Access(None, "ann"))
    assert list(made.paces) == [30.0, 20.0], "who found room tells nothing of a queue"
    assert [(each.place, each.wait_s) for each in places(made, NOW)] == [(1, 25)]
    happened(made, "w2", 60, ConversationErased(), Access())
    happened(made, "w1", 60, ConversationClosed(), Access("sales", "ann"))
    assert (set(made.talks), made.serving) == ({"w0", "quick"}, {"ann": {"w0", "quick"}})
    assert not made.queue
    begun = office(LEAST, agent("ann"), talk("w"))
    happened(begun, "w", 30, ConversationAssigned("ann"), Access(None, "ann"))
    assert not begun.paces, "nobody knows how many were before it"


def test_places_are_told_on_change_and_every_so_often() -> None:
    """By department; not more often than once a second; those far behind only now and then."""
    told: list[Passing] = []
    settings = RouterSettings(told=1)
    telling = Telling(uuid(1), settings, told.append)
    people = agent("ann", "sales"), agent("zoe", "support")
    talks = talk("a"), talk("b", 1), talk("c", 2, "support")
    made = office(LEAST, *people, *talks, there="ann")
    made.paces.extend([10.0, 21.0])
    everybody = (
        Place("a", 1, 2, staffed=True, open=True, wait_s=16),
        Place("b", 2, 2, staffed=True, open=True, wait_s=31),
        Place("c", 1, 1, staffed=False, open=True),
    )
    assert places(made, NOW) == list(everybody)
    telling.tell(made, NOW)
    telling.tell(made, NOW + 1)
    assert told == [Queue(uuid(1), everybody)]
    made.see(made.watched(), [], NOW, knows_all=True)
    telling.tell(made, NOW + 0.9)
    telling.tell(made, NOW + 2)
    assert told[1:] == [Queue(uuid(1), (replace(everybody[0], staffed=False, wait_s=None),))]
    telling.tell(made, NOW + 10)
    assert len(told[2:]) == 1
