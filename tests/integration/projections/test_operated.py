"""What operators ask of projections: lists, pauses, parked events, projections of their own."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any

import pytest

from adapters.postgres.readmodels import PostgresTransaction
from docs.examples import busy_hours
from domain.envelope import RecordedEvent
from domain.errors import EventDamaged
from ops.catalogue import projections_of
from ops.commands.projection_list import Line, lines_of
from ops.doctor.findings import State
from ops.doctor.read_models import examine_read_models
from ops.errors import BadSetting, CannotRun
from ops.settings import Settings
from projections.controls import Control, Trouble
from projections.projection import Given, create_tables
from projections.sessions import evolve
from projections.sessions.rows import Sessions
from tests.integration.projections.operated import Product
from tests.unit.projections.histories import LOG, Action, History

EXAMPLE = "docs.examples.busy_hours:make"


async def lines(product: Product) -> dict[str, Line]:
    """What is listed, by projection."""
    return {line.projection: line for line in lines_of(await product.operator.overview())}


async def test_the_list_says_how_everything_is(product: Product, busy: History) -> None:
    """Position and lag, what is parked, what is kept and built beside it, who is paused.

    The self-check warns of it.
    """
    await product.follow()
    head = (await product.rows())["as_of"]
    await product.rebuild("sessions").run()
    await product.follow()
    for action in (Action("post", number=1), Action("post", number=2)):
        await busy.play(action)
    await product.operator.pause("agents", paused=True)
    trouble = Trouble("stopped", "too old")
    await product.core.database.controls.tell(("webhooks.1", LOG), trouble)
    found = await lines(product)
    sessions, agents, webhooks = (found[name] for name in ("sessions", "agents", "webhooks"))
    assert (sessions.version, sessions.state, sessions.position) == (2, "following", head)
    assert sessions.lag_events == 2
    assert sessions.lag_s > 0
    assert sessions.bytes > 0
    assert sessions.older_bytes
    assert (agents.state, agents.older_bytes, agents.building) == ("paused", None, None)
    assert (webhooks.state, webhooks.reason) == ("stopped", "too old")
    finding = await examine_read_models(product.settings, product.owner)
    assert finding.state is State.WARN
    assert finding.detail.startswith("1 stopped (webhooks.1 of demo: too old); agents is paused.")
    assert await product.core.database.controls.controls() == {
        "sessions": Control(), "agents": Control(paused=True),
    }  # fmt: skip
    await product.operator.pause("agents", paused=False)
    assert (await lines(product))["agents"].state == "following"


async def test_a_build_that_was_cut_off_is_seen(product: Product, busy: History) -> None:
    """Its part of the log, and that nobody is at it."""
    await product.follow()
    product.choose(switch_s=0.0)
    await product.owner.execute(
        "INSERT INTO es.checkpoint VALUES ('sessions.2', gen_random_uuid(), 1, '')"
    )
    with pytest.raises(CannotRun):  # a log that only the live tables know cannot be caught up with
        await product.rebuild("sessions").run()
    line = (await lines(product))["sessions"]
    assert (line.building, line.per_second) == (1.0, None)
    assert await product.operator.drop("sessions") == ["dropped an unfinished build of sessions.2"]
    assert (await lines(product))["sessions"].building is None
    assert busy.erased


class _Poison:
    """An ``evolve`` that fails at a position, as a faulty release has it."""

    def __init__(self, position: int) -> None:
        self.position = position
        self.evolve = evolve.evolve

    def __call__(self, rows: Sessions, events: Sequence[RecordedEvent]) -> Sessions:
        if any(event.position == self.position for event in events):
            raise EventDamaged("what somebody wrote")
        return self.evolve(rows, events)


async def test_a_parked_event_is_replayed_once_the_fault_is_mended(
    product: Product, busy: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until then nothing is changed; then all is as if it had been folded in its place."""
    rated = next(e.position for e in await busy.events() if e.type == "conversation.rated")
    poison = _Poison(rated)
    monkeypatch.setattr(evolve, "evolve", poison)
    await product.follow()
    without = await product.rows()
    (parked,) = await product.operator.parked("sessions", "demo")
    finding = await examine_read_models(product.settings, product.owner)
    assert finding.detail.startswith("1 parked.")
    assert (parked.tenant, parked.position) == ("demo", rated)
    assert "somebody" not in parked.error
    with pytest.raises(CannotRun, match=f"Position {rated} cannot be folded by sessions.2 still"):
        await product.rebuild("sessions").run_for("demo", mended=rated)
    assert await product.rows() == without
    monkeypatch.setattr(evolve, "evolve", poison.evolve)
    await product.rebuild("sessions").run_for("demo", mended=rated)
    assert await product.operator.parked("sessions", None) == []
    assert (await examine_read_models(product.settings, product.owner)).state is State.OK
    assert (await lines(product))["sessions"].building is None
    mended = await product.rows()
    assert mended != without
    await busy.play(Action("post", number=1))
    await product.follow()  # with what the engine had kept of the rows before
    now = await product.rows()
    await product.rebuild("sessions").run()
    assert await product.rows() == now
    monkeypatch.setattr(evolve, "evolve", poison)
    await product.rebuild("sessions").run()
    assert len(await product.operator.parked("sessions", None)) == 1
    monkeypatch.setattr(evolve, "evolve", poison.evolve)
    await product.rebuild("sessions").undo()  # what is parked goes with its tables
    assert await product.operator.parked("sessions", None) == []
    with pytest.raises(CannotRun, match="is not parked by sessions"):
        await product.operator.demand_parked("sessions", "demo", rated)


async def test_one_tenants_rows_are_exchanged_beside_the_others(
    product: Product, busy: History
) -> None:
    """Rows of another tenant stay as they are."""
    await product.follow()
    before = await product.rows()
    await product.owner.execute(
        "INSERT INTO rm.session_user_2 VALUES (gen_random_uuid(), 'another', 'label');"
        f" DELETE FROM rm.session_2 WHERE tenant = '{LOG}'"
    )
    await product.rebuild("sessions").run_for("demo")
    after = await product.rows()
    assert len(after["session_user_2"]) == len(before["session_user_2"]) + 1
    assert after["session_2"] == before["session_2"]
    assert busy.erased


async def test_a_projection_of_ones_own(product: Product, busy: History) -> None:
    """The example of the documents: its tables, followed, rebuilt, undone, and dropped."""
    own = Settings(
        database_url=product.settings.database_url,
        master_key=product.settings.master_key,
        projections=(EXAMPLE,),
        build=product.settings.build,
    )
    found = Product(product.core, own, product.owner)
    async with product.owner.transaction():
        await create_tables(PostgresTransaction(product.owner), found.projections)
    await found.follow()
    posted = [e for e in await busy.events() if e.type == "message.posted"]
    count = "SELECT sum(messages) FROM rm.busy_hour_1"
    assert await product.owner.fetchval(count) == len(posted)
    await product.owner.execute("UPDATE rm.busy_hour_1 SET messages = 0")
    await found.rebuild("busy_hours").run()
    assert await product.owner.fetchval(count) == len(posted)
    await busy.play(Action("post", number=1))
    await found.follow()
    assert await product.owner.fetchval(count) == len(posted) + 1
    await found.rebuild("busy_hours").undo()
    assert await product.owner.fetchval(count) == 1
    await found.operator.drop("busy_hours")
    assert await product.operator.drop("busy_hours.1") == ["dropped busy_hours.1"]
    assert await product.owner.fetchval("SELECT to_regclass('rm.busy_hour_1')") is None


def _broken(name: str, **parts: Any) -> ModuleType:
    module = ModuleType(name)
    vars(module).update(parts)
    return module


class _Renamed(busy_hours.BusyHours):
    name = "sessions"


class _Unversioned(busy_hours.BusyHours):
    owned = ("busy_hour",)


def _failing(_: Given) -> busy_hours.BusyHours:
    raise ZeroDivisionError("division by zero")


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("busy_hours", "is not of the form package.module:factory"),
        ("no_such_thing:make", "there is no module 'no_such_thing'"),
        ("docs.examples.busy_hours:made", "there is no 'made' in docs.examples.busy_hours"),
        ("docs.examples.busy_hours:TABLES", "which cannot be called"),
        ("own_broken:empty", "whose projection has no name and no version"),
        ("own_broken:failing", "which fails: ZeroDivisionError: division by zero"),
        ("own_broken:renamed", "whose name 'sessions' another projection has"),
        ("own_broken:unversioned", "whose table 'busy_hour' does not end in its version, _1"),
    ],
)
def test_a_projection_that_does_not_fit_is_refused_in_a_sentence(
    path: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything of it runs."""
    module = _broken(
        "own_broken",
        empty=lambda _: object(),
        failing=_failing,
        renamed=lambda given: _Renamed(given.models),
        unversioned=lambda given: _Unversioned(given.models),
    )
    monkeypatch.setitem(sys.modules, "own_broken", module)
    nothing: Any = None
    with pytest.raises(BadSetting, match=r"^projections has '") as refused:
        projections_of(Settings(projections=(path,)), Given(nothing, nothing, nothing))
    assert sentence in str(refused.value)
