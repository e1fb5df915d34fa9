"""What may happen to an agent."""

from __future__ import annotations

import pytest

from domain.access import Rights
from domain.agent import commands as c
from domain.agent import events as e
from domain.agent.decide import AgentCommand, decide
from domain.agent.state import INITIAL, Agent, evolve
from tests.doubles.appends import uuid
from tests.unit.domain.scenario import Decider

ID = uuid(1)
GRACE = uuid(2)
CREATED = e.AgentCreated("grace@example", "Grace", "limited", "hash", ("sales",))
GONE = e.AgentDeactivated()
CREATE = c.CreateAgent(ID, GRACE, "grace@example", "Grace", "limited", "hash", "key", ("sales",))

agent: Decider[Agent, AgentCommand] = Decider(
    INITIAL, lambda s, event, _: evolve(s, event, 0), lambda command, s, _: decide(command, s)
)


def test_create() -> None:
    """A new agent is active, offline, and has the rights given."""
    state = agent.given().when(CREATE).then(CREATED).state
    assert (state.active, state.status, state.name) == (True, "offline", "Grace")
    assert state.rights("grace") == Rights("limited", "grace", frozenset({"sales"}))


@pytest.mark.parametrize("past", [(CREATED,), (CREATED, GONE)], ids=["active", "deactivated"])
def test_an_agent_is_created_once(past: tuple[e.AgentCreated | e.AgentDeactivated, ...]) -> None:
    """A second creation is refused, after a deactivation too."""
    agent.given(*past).when(CREATE).then_refused("exists")


def test_roles_are_a_short_list() -> None:
    """A role that is none is refused at creation and later."""
    bad = c.CreateAgent(ID, GRACE, "e", "n", "emperor", "hash", "key")
    agent.given().when(bad).then_refused("bad_request")
    agent.given(CREATED).when(c.SetRights(ID, GRACE, "emperor")).then_refused("bad_request")


def test_status() -> None:
    """Another status is noted, the same one changes nothing; who has vanished is offline, once."""
    online = e.AgentStatusChanged("online")
    assert (
        agent.given(CREATED).when(c.SetStatus(ID, "online")).then(online).state.status == "online"
    )
    agent.given(CREATED, online).when(c.SetStatus(ID, "online")).then()
    gone = e.AgentStatusChanged("offline", automatic=True, reason="gone")
    agent.given(CREATED, online).when(c.Retire(ID, GRACE)).then(gone)
    agent.given(CREATED, online, gone).when(c.Retire(ID, GRACE)).then()


def test_rights() -> None:
    """Rights are replaced as a whole; the same ones change nothing."""
    outcome = agent.given(CREATED).when(c.SetRights(ID, GRACE, "admin"))
    state = outcome.then(e.AgentRightsChanged("admin")).state
    assert (state.role, state.departments) == ("admin", ())
    agent.given(CREATED).when(c.SetRights(ID, GRACE, "limited", ("sales",))).then()


def test_password() -> None:
    """A new hash replaces the old one."""
    changed = e.AgentPasswordChanged("other")
    outcome = agent.given(CREATED).when(c.SetPassword(ID, GRACE, "other"))
    assert outcome.then(changed).state.password == "other"


def test_deactivate() -> None:
    """A deactivated agent is not active any more."""
    assert not agent.given(CREATED).when(c.Deactivate(ID, GRACE)).then(GONE).state.active


@pytest.mark.parametrize("past", [(), (CREATED, GONE)], ids=["never created", "deactivated"])
@pytest.mark.parametrize(
    "command",
    [
        c.SetStatus(ID, "online"),
        c.SetRights(ID, GRACE, "admin"),
        c.SetPassword(ID, GRACE, "hash"),
        c.Deactivate(ID, GRACE),
        c.SignIn(ID, GRACE, "192.0.2.7", "Firefox"),
    ],
    ids=["status", "rights", "password", "deactivate", "sign-in"],
)
def test_who_is_not_there_can_do_nothing(
    past: tuple[e.AgentCreated | e.AgentDeactivated, ...], command: AgentCommand
) -> None:
    """Every command but the creation needs an active agent."""
    agent.given(*past).when(command).then_refused("not_found")


def test_comings_and_goings_are_noted() -> None:
    """As often as they happen, and they change nothing that is decided on."""
    here = ("192.0.2.7", "Firefox")
    for command, event in (
        (c.SignIn(ID, GRACE, *here), e.AgentSignedIn(*here)),
        (c.FailSignIn(ID, GRACE, *here, "password"), e.AgentSignInFailed(*here, "password")),
        (c.SignOut(ID, GRACE, *here), e.AgentSignedOut(*here)),
    ):
        before = agent.given(CREATED, event)
        assert before.when(command).then(event).state == agent.given(CREATED).state


def test_who_was_ended_may_try_and_go() -> None:
    """Both are worth knowing of; of nobody at all there is nothing to know."""
    for command in (c.FailSignIn(ID, GRACE, "", "", "deactivated"), c.SignOut(ID, GRACE)):
        assert agent.given(CREATED, GONE).when(command).state == agent.given(CREATED, GONE).state
        agent.given().when(command).then_refused("not_found")


@pytest.mark.parametrize("department", ["", "1st", " a", "a,b", "a" * 33, "sales\n", "büro"])
def test_a_department_is_a_label(department: str) -> None:
    """An agent's departments have the form that a conversation's have, and no other."""
    rights = c.SetRights(ID, GRACE, "limited", ("sales", department))
    agent.given(CREATED).when(rights).then_refused("bad_request")
    create = c.CreateAgent(ID, GRACE, "a@b.example", "A", "agent", "h", "k", (department,))
    agent.given().when(create).then_refused("bad_request")


def test_passwords_are_counted() -> None:
    """What was given out under an earlier password can be told by its number."""
    first = agent.given(CREATED).when(c.SetStatus(ID, "online")).state
    second = agent.given(CREATED).when(c.SetPassword(ID, GRACE, "other")).state
    assert (first.passwords, second.passwords) == (1, 2)
