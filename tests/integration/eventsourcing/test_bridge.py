"""The bridge as a whole: Parley's own events, following, tenants, and what an end looks like."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from queue import Queue
from uuid import UUID

import pytest
from eventsourcing.persistence import (
    DatabaseError,
    InfrastructureFactory,
    InfrastructureFactoryError,
    Mapper,
    OperationalError,
    ProgrammingError,
    StoredEvent,
    Tracking,
)
from eventsourcing.utils import Environment

from adapters.eventsourcing_bridge import recorders
from adapters.eventsourcing_bridge.factory import TENANT
from adapters.eventsourcing_bridge.log_events import LogEvent
from adapters.eventsourcing_bridge.subscription import Bell, ParleySubscription
from adapters.postgres.database import PostgresDatabase
from domain import streams
from domain.append import ANY, Append, Appended, Part
from domain.conversation.events import Body, MessagePosted
from domain.envelope import Actor, NewEvent
from domain.event_types import REGISTRY
from domain.tenant.events import SiteAdded
from ops.bridge import ParleyFactory, open_log
from ops.errors import CannotRun
from tests.fixtures.postgres import MASTERS, SystemClock, SystemIds, owner_of
from tests.integration.eventsourcing.conftest import MASTER_KEY, NewTenant

ADA = UUID("018c0000-0000-7000-8000-00000000000a")
CONVERSATION = streams.conversation(ADA)
EVENT = StoredEvent(ADA, 1, "shop:Happened", b"what nobody may read")
VISITOR = Actor("visitor", "v", "Ada")
OPERATOR = Actor("operator", "cli")

Env = dict[str, str]
SITE = NewEvent(SiteAdded("site", "Shop", "a secret"), streams.TENANT)


def said(text: str) -> NewEvent:
    """A message under the visitor's key."""
    return NewEvent(MessagePosted("m", Body(text)), streams.visitor("v"))


@pytest.fixture
def env(new_tenant: NewTenant) -> Env:
    """An empty log."""
    return new_tenant()


@contextmanager
def factory_of(env: Env, name: str = "Tests") -> Iterator[ParleyFactory]:
    """A factory, closed in the end."""
    factory = InfrastructureFactory.construct(Environment(name, env))
    assert isinstance(factory, ParleyFactory)
    try:
        yield factory
    finally:
        factory.close()


def happen(env: Env, stream: str, actor: Actor, *events: NewEvent) -> None:
    """Append Parley's own events as another node would."""

    async def work(node: PostgresDatabase, log: UUID) -> None:
        part = Part(stream, ANY, events)
        append = Append(SystemIds().uuid(), actor, b"content", (part,))
        (answer,) = await node.store.append_batch(log, [append])
        assert isinstance(answer, Appended)

    on_node(env, work)


def on_node(env: Env, work: Callable[[PostgresDatabase, UUID], Awaitable[None]]) -> None:
    """Do something on another node of the database."""

    async def run() -> None:
        node = PostgresDatabase(
            env["PARLEY_DATABASE_URL"],
            masters=MASTERS,
            registry=REGISTRY,
            clock=SystemClock(),
            ids=SystemIds(),
        )
        try:
            log = await node.store.find_log(env[TENANT])
            assert log is not None
            await work(node, log)
        finally:
            await node.close()

    asyncio.run(run())


def log_events(factory: ParleyFactory) -> list[LogEvent]:
    """The whole log through the factory's own mapper."""
    mapper: Mapper[str] = factory.mapper()
    told = factory.application_recorder().select_notifications(None, 100)
    return [event for event in map(mapper.to_domain_event, told) if isinstance(event, LogEvent)]


# --- Parley's own events ----------------------------------------------------------------------


def test_parleys_events_are_told(env: Env) -> None:
    """Topic, place, actor and data of each; secrets are hidden."""
    happen(env, streams.TENANT, OPERATOR, SITE)
    happen(env, CONVERSATION, VISITOR, said("hello"), said("again"))
    with factory_of(env) as factory:
        site, hello, again = log_events(factory)
    assert (site.topic, site.originator_id) == ("tenant.site_added", "tenant")
    assert site.data["secret"] == "(hidden)"
    assert (hello.topic, hello.originator_id) == ("message.posted", CONVERSATION)
    assert (hello.actor, hello.data["body"]) == (VISITOR, {"text": "hello"})
    assert (again.originator_version, again.data["body"]) == (2, {"text": "again"})
    assert again.at > hello.at


def test_erased_events_are_told_without_data(env: Env) -> None:
    """After an erasure followers still get every position, and nothing of what was said."""
    happen(env, CONVERSATION, VISITOR, said("hello"))
    on_node(env, lambda node, log: node.store.destroy_key(log, streams.visitor("v")))
    with factory_of(env) as factory:
        (hello,) = log_events(factory)
    assert (hello.data, hello.actor.name) == (None, None)


def test_parleys_topics_are_its_own(env: Env) -> None:
    """No application can record what followers would take for an event of Parley's."""
    with factory_of(env) as factory:
        recorder = factory.application_recorder()
        with pytest.raises(ProgrammingError):
            recorder.insert_events([StoredEvent(ADA, 1, "message.posted", b"{}")])
        happen(env, CONVERSATION, VISITOR, said("hello"))
        (hello,) = log_events(factory)
        mapper: Mapper[str] = factory.mapper()
        with pytest.raises(ProgrammingError):
            mapper.to_stored_event(hello)


def test_what_is_recorded_is_encrypted(env: Env) -> None:
    """An application's state stands in the database as Parley's own data does: encrypted."""
    with factory_of(env) as factory:
        factory.application_recorder().insert_events([EVENT])

    async def rows() -> str:
        async with owner_of(env["PARLEY_DATABASE_URL"]) as owner:
            return str(
                await owner.fetch(
                    "SELECT e FROM es.event AS e JOIN es.log AS l ON l.id = e.tenant"
                    " WHERE l.tenant = $1",
                    env[TENANT],
                )
            )

    text = asyncio.run(rows())
    assert "external.recorded" in text
    assert EVENT.state.hex() not in text
    assert EVENT.topic not in text


# --- tenants ----------------------------------------------------------------------------------


def test_tenants_do_not_see_each_other(env: Env, new_tenant: NewTenant) -> None:
    """The same originator in two tenants is two sequences; places are apart, too."""
    with factory_of(env) as one, factory_of(new_tenant()) as other:
        one.application_recorder().insert_events([EVENT])
        one.tracking_recorder().insert_tracking(Tracking("upstream", 7))
        assert other.application_recorder().max_notification_id() is None
        assert other.application_recorder().select_events(ADA) == []
        assert other.tracking_recorder().max_tracking_id("upstream") is None
        assert other.application_recorder().insert_events([EVENT]) == [1]


def test_an_applications_own_variables_come_first(env: Env, new_tenant: NewTenant) -> None:
    """A name in front of a variable makes it one application's, as with the library's own."""
    elsewhere = {f"TESTS_{name}": value for name, value in new_tenant().items()}
    broken = dict.fromkeys(env, "nonsense") | {"PARLEY_PORT": "8080"}
    with factory_of(broken | elsewhere) as factory:
        assert factory.application_recorder().insert_events([EVENT]) == [1]


@pytest.mark.parametrize("missing", [{}, {TENANT: ""}])
def test_a_tenant_must_be_named(env: Env, missing: Env) -> None:
    """Without a tenant there is no log; the variable is named."""
    env.pop(TENANT)
    with pytest.raises(InfrastructureFactoryError, match="TESTS_PARLEY_TENANT or PARLEY_TENANT"):
        InfrastructureFactory.construct(Environment("Tests", env | missing))


def test_a_wrong_tenant_is_told(env: Env, new_tenant: NewTenant) -> None:
    """What stands in the way of opening a log is one sentence; when it is gone, the log opens."""
    with factory_of(env | {TENANT: "late"}) as factory:
        recorder = factory.application_recorder()
        with pytest.raises(InfrastructureFactoryError, match="no tenant 'late'"):
            recorder.max_notification_id()
        new_tenant("late")
        assert recorder.max_notification_id() is None


def test_a_server_that_is_away_is_told(env: Env) -> None:
    """A database that does not answer is the library's OperationalError."""
    away = {"PARLEY_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
    with factory_of(env | away) as factory, pytest.raises(OperationalError):
        factory.application_recorder().max_notification_id()


# --- following --------------------------------------------------------------------------------


@contextmanager
def followed(following: ParleySubscription) -> Iterator[Queue[int]]:
    """The positions that a follower on a thread of its own gets; in the end it is stopped."""
    got: Queue[int] = Queue()

    def follow() -> None:
        for each in following:
            got.put(each.id)

    thread = threading.Thread(target=follow, daemon=True)
    with following:
        thread.start()
        yield got
    thread.join(30)
    assert not thread.is_alive(), "it does not end"


def test_a_follower_hears_of_other_nodes(env: Env) -> None:
    """A subscription that waits at the end gets what another node commits, in order."""
    with factory_of(env) as factory, followed(factory.application_recorder().subscribe()) as got:
        happen(env, CONVERSATION, VISITOR, said("one"), said("two"))
        assert [got.get(timeout=30), got.get(timeout=30)] == [1, 2]
        happen(env, CONVERSATION, VISITOR, said("three"))
        assert got.get(timeout=30) == 3


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Set when a follower waits, which it then does for an hour unless it is woken."""
    waits = threading.Event()

    class PatientBell(Bell):
        def wait(self, rung: int, timeout_s: float) -> None:
            waits.set()
            super().wait(rung, 3600.0)

    monkeypatch.setattr(recorders, "Bell", PatientBell)
    return waits


def test_a_follower_is_woken_by_its_own_process(env: Env, waiting: threading.Event) -> None:
    """What the same recorder records needs no poll to be seen, past what is filtered out."""
    with factory_of(env) as factory:
        recorder = factory.application_recorder()
        with followed(recorder.subscribe(topics=[EVENT.topic])) as got:
            assert waiting.wait(30)
            recorder.insert_events([StoredEvent(ADA, 1, "shop:Else", b"")])
            recorder.insert_events([StoredEvent(ADA, 2, EVENT.topic, b"")])
            assert got.get(timeout=30) == 2


def test_a_follower_that_waits_can_be_stopped(env: Env, waiting: threading.Event) -> None:
    """A subscription that is stopped ends at once, though nothing happens."""
    with factory_of(env) as factory, followed(factory.application_recorder().subscribe()):
        assert waiting.wait(30)


def test_a_process_records_its_place_with_its_events(env: Env) -> None:
    """Place and events are one insertion: one transaction, adjacent, and the place is not told."""
    with factory_of(env) as factory:
        recorder = factory.process_recorder()
        assert recorder.insert_events([EVENT], tracking=Tracking("upstream", 7)) == [2]
        assert recorder.max_tracking_id("upstream") == 7
        assert [each.id for each in recorder.select_notifications(None, 10)] == [2]


def test_read_models_of_other_names_have_other_places(env: Env) -> None:
    """Two followers of one application do not move each other's place."""
    with factory_of(env, "One") as one, factory_of(env, "Other") as other:
        one.tracking_recorder().insert_tracking(Tracking("upstream", 7))
        assert other.tracking_recorder().max_tracking_id("upstream") is None
        with pytest.raises(DatabaseError):
            other.tracking_recorder().insert_tracking(Tracking("upstream", 0))


# --- the end ----------------------------------------------------------------------------------


def bridge_threads() -> list[threading.Thread]:
    """The bridges that run in this process."""
    return [each for each in threading.enumerate() if each.name == "parley bridge"]


def test_a_closed_bridge_answers_no_more(env: Env) -> None:
    """Closing ends the thread; calls fail at once, and closing again is nothing."""
    before = len(bridge_threads())
    with factory_of(env) as factory:
        recorder = factory.application_recorder()
        assert recorder.max_notification_id() is None
        assert len(bridge_threads()) == before + 1
        factory.close()
        assert len(bridge_threads()) == before
        with pytest.raises(OperationalError):
            recorder.max_notification_id()


def test_a_bridge_that_nobody_uses_ends(env: Env) -> None:
    """The library closes no view's factory, so the thread ends with the last recorder."""
    gc.collect()
    before = len(bridge_threads())
    recorder = InfrastructureFactory.construct(Environment("Tests", env)).tracking_recorder()
    assert recorder.max_tracking_id("upstream") is None
    assert len(bridge_threads()) == before + 1
    del recorder
    gc.collect()
    assert len(bridge_threads()) == before


async def test_a_follower_makes_and_migrates_nothing(empty_postgres_url: str) -> None:
    """Where the product has made nothing yet, a follower is refused, and leaves it so."""
    environment = {"PARLEY_DATABASE_URL": empty_postgres_url, "PARLEY_MASTER_KEY": MASTER_KEY}
    with pytest.raises(CannotRun):
        async with open_log(environment, "demo"):
            pass
    async with owner_of(empty_postgres_url) as owner:
        assert await owner.fetchval("SELECT to_regnamespace('es')") is None
