"""The broker's contract: fan-out in order, and nobody's failure is another's.

Consumers go by position, so losing and repeating are allowed; what is asked here is only what the
hub, the relay and the projectors rely on while all is well.
"""

from __future__ import annotations

from uuid import UUID

import pytest

from brokers.in_process import InProcessBroker
from domain.envelope import Slice
from domain.ports import Broker
from tests.doubles.appends import uuid
from tests.doubles.clock import settle

LOG, OTHER = uuid(1), uuid(2)


def a_slice(upto: int, log: UUID = LOG) -> Slice:
    """A slice of one position; what is in it does not matter to a broker."""
    return Slice(log, upto - 1, upto, ())


@pytest.fixture
def in_process() -> InProcessBroker:
    """The broker of a single process."""
    return InProcessBroker()


@pytest.fixture(params=["in_process"])
def broker(request: pytest.FixtureRequest) -> Broker:
    """A broker; each test runs once for every implementation."""
    found: Broker = request.getfixturevalue(request.param)
    return found


async def test_slices_of_a_log_come_in_order(broker: Broker) -> None:
    """Every handler gets every slice, each log's in the order published."""
    first: list[Slice] = []
    second: list[Slice] = []
    broker.on_slice(first.append)
    broker.on_slice(second.append)
    sent = [a_slice(upto, log) for upto in range(1, 21) for log in (LOG, OTHER)]
    for each in sent:
        await broker.publish(each)
    await settle()
    for received in (first, second):
        assert len(received) == len(sent)
        for log in (LOG, OTHER):
            assert [s.upto for s in received if s.log == log] == list(range(1, 21))


async def test_a_failing_handler_hurts_no_other(
    broker: Broker, caplog: pytest.LogCaptureFixture
) -> None:
    """Handlers before and behind one that raises get their slice and signal; it is logged."""
    received: list[Slice | int] = []

    def failing(*_: object) -> None:
        raise RuntimeError("this handler is broken")

    broker.on_slice(received.append)
    broker.on_slice(failing)
    broker.on_slice(received.append)
    broker.on_signal(failing)
    broker.on_signal(lambda log, head: received.append(head))
    await broker.publish(a_slice(1))
    broker.signal(LOG, 7)
    await settle()
    assert received == [a_slice(1), a_slice(1), 7]
    assert sum("handler" in record.message for record in caplog.records) == 2


async def test_unsubscribing_ends_it(broker: Broker) -> None:
    """After unsubscribing nothing comes, and doing it twice is harmless; others go on."""
    gone: list[object] = []
    kept: list[object] = []
    ends = [
        broker.on_slice(gone.append),
        broker.on_signal(lambda log, head: gone.append(head)),
    ]
    broker.on_slice(kept.append)
    for end in (*ends, *ends):
        end()
    await broker.publish(a_slice(1))
    broker.signal(LOG, 1)
    await settle()
    assert (gone, kept) == ([], [a_slice(1)])


async def test_a_handler_may_unsubscribe_while_it_is_called(broker: Broker) -> None:
    """A feed that closes on a slice takes nothing from those behind it."""
    once: list[Slice] = []
    always: list[Slice] = []

    def first(committed: Slice) -> None:
        once.append(committed)
        end()

    end = broker.on_slice(first)
    broker.on_slice(always.append)
    await broker.publish(a_slice(1))
    await broker.publish(a_slice(2))
    await settle()
    assert (once, always) == ([a_slice(1)], [a_slice(1), a_slice(2)])


async def test_signals_name_log_and_head(broker: Broker) -> None:
    """A signal reaches every handler with the log and its head."""
    received: list[tuple[UUID, int]] = []
    broker.on_signal(lambda log, head: received.append((log, head)))
    broker.signal(LOG, 3)
    broker.signal(OTHER, 5)
    await settle()
    assert received == [(LOG, 3), (OTHER, 5)]
