"""What is due, over random histories: what was wanted there, once, however it is folded."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from domain.envelope import Actor, RecordedEvent
from domain.tenant import commands as c
from domain.tenant import webhooks as tenant_webhooks
from domain.webhooks import signing
from domain.webhooks.catalogue import SENDABLE
from projections.webhooks.evolve import TYPES, Due, Webhooks, evolve
from tests.doubles.clock import ManualClock, SeededIds
from tests.doubles.memory_store import MemoryEventStore
from tests.unit.projections.histories import Action, History, actions

_T = TypeVar("_T")

OPERATOR = Actor("operator", "cli")
SECRET = signing.secret_of(bytes(32))
URL = "https://shop.example/hook"


class Configure(Struct, frozen=True):
    """Something is tried with one of three webhooks; ``number`` says with which wishes."""

    kind: str
    hook: int
    number: int = 0

    def command(self, history: History) -> Any:
        """What the operator asks for."""
        name, id_ = f"hook-{self.hook}", history.id()
        format_ = ("standard", "chatwoot")[self.number % 2]
        types = ((), ("message.posted",), ("conversation.closed", "note.added"))[self.number % 3]
        match self.kind:
            case "add":
                return c.AddWebhook(id_, name, URL, SECRET, format_, types)
            case "change":
                return c.ChangeWebhook(id_, name, f"{URL}/{self.number}", format_, types)
            case "disable":
                return c.DisableWebhook(id_, name, "gone")
            case "enable":
                return c.EnableWebhook(id_, name)
            case _:
                return c.RemoveWebhook(id_, name)


configurings = st.builds(
    Configure,
    kind=st.sampled_from(("add", "add", "add", "change", "disable", "enable", "remove")),
    hook=st.integers(0, 2),
    number=st.integers(0, 5),
)
lives = st.sampled_from([1, 15]).flatmap(  # short ones alone have hardly a webhook that wants
    lambda least: st.lists(
        st.one_of(actions, actions, actions, configurings), min_size=least, max_size=40
    )
)


def run(work: Coroutine[Any, Any, _T]) -> _T:
    """Hypothesis calls synchronous tests."""
    return asyncio.run(work)


async def lived(life: Sequence[Action | Configure]) -> list[RecordedEvent]:
    """The log of a life, as it reads at its end."""
    clock = ManualClock()
    ids = SeededIds(clock)
    history = await History.begin(MemoryEventStore(clock, ids), clock, ids)
    for step in life:
        if isinstance(step, Configure):
            await history.ask(OPERATOR, step.command(history))
        else:
            await history.play(step)
    return await history.events()


def fold(before: Webhooks, events: Sequence[RecordedEvent]) -> Webhooks:
    """A step as the engine does it: what is due is given away with each page."""
    page = [event for event in events if event.type in TYPES]
    return evolve(replace(before, due=()), page)


def wanted(events: Sequence[RecordedEvent]) -> list[Due]:
    """What every webhook wanted at each position, told by the tenant's own state there."""
    state: tenant_webhooks.Webhooks = {}
    due = []
    for event in events:
        state = tenant_webhooks.evolve(state, event.data)
        for hook in state.values():
            asked = not hook.types or event.type in hook.types
            if asked and not hook.disabled and event.type in SENDABLE[hook.format]:
                due.append(Due(hook.webhook, event.position, event.stream, event.id, event.type))
    return due


def told(due: Sequence[Due]) -> list[Due]:
    """In one order, to be compared."""
    return sorted(due, key=lambda each: (each.position, each.webhook))


@settings(max_examples=150, deadline=None)
@given(lives, st.data())
def test_due_is_what_was_wanted_there(life: list[Action | Configure], data: st.DataObject) -> None:
    """Nothing from before it was added, nor while disabled; and the pages may be cut anywhere."""
    events = run(lived(life))
    cuts = sorted(data.draw(st.sets(st.integers(0, len(events)), max_size=6)))
    webhooks, due = Webhooks(), list[Due]()
    for start, end in zip([0, *cuts], [*cuts, len(events)], strict=True):
        webhooks = fold(webhooks, events[start:end])
        due += webhooks.due
    assert told(due) == told(wanted(events))
    assert webhooks.hooks == fold(Webhooks(), events).hooks


@settings(max_examples=100, deadline=None)
@given(lives, st.data())
def test_a_rebuild_sends_nothing_again(life: list[Action | Configure], data: st.DataObject) -> None:
    """Folded from the first event, only what is beyond the lasting mark is due; then it goes on."""
    events = run(lived(life))
    at = data.draw(st.integers(0, len(events)))
    live = fold(Webhooks(), events[:at])
    rebuilt = fold(Webhooks(followed=live.followed), events[:at])
    assert rebuilt == replace(live, due=())
    assert told(fold(rebuilt, events[at:]).due) == told(fold(live, events[at:]).due)
    late = fold(Webhooks(followed=live.followed), events)
    assert told(late.due) == [due for due in told(wanted(events)) if due.position > live.followed]


@settings(max_examples=50, deadline=None)
@given(lives)
def test_nothing_in_it_is_personal(life: list[Action | Configure]) -> None:
    """What is due holds ids, numbers and types; neither addresses nor secrets are in the rows."""
    webhooks = fold(Webhooks(), run(lived(life)))
    text = repr(webhooks)
    assert URL not in text
    assert SECRET not in text
    assert "Zwiebelkuchen" not in text


def test_what_was_erased_is_due_all_the_same() -> None:
    """Receivers are told that it happened and of the erasure; what is sent is then read anew."""
    said: list[Action | Configure] = [
        Configure("add", 0),
        Action("start", number=1),
        Action("erase"),
    ]
    due = fold(Webhooks(), run(lived(said))).due
    assert [each.type for each in due] == [
        "conversation.started",
        "message.posted",
        "conversation.erased",
    ]
