"""The contract of the rows of what is due: order within a line, one at a time, nothing lost."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

import pytest
from msgspec.structs import replace

from adapters.postgres.database import PostgresDatabase
from adapters.postgres.deliveries import PostgresDeliveries
from adapters.postgres.readmodels import PostgresTransaction
from domain.webhooks.ports import Claim, Deliveries, Delivery, Hook, Line, Sought, Wanted
from projections.projection import create_tables
from projections.webhooks.evolve import Due, Webhooks
from projections.webhooks.projection import Adding, WebhooksProjection
from tests.doubles.appends import uuid
from tests.doubles.clock import ManualClock
from tests.doubles.memory_deliveries import MemoryDeliveries
from tests.fixtures.postgres import Owner

LOG, OTHER_LOG = uuid(1), uuid(2)
NOW = 1000.0
FIRST, SECOND = Line(LOG, "a", "conversation-1"), Line(LOG, "a", "conversation-2")
OTHER, FOREIGN = Line(LOG, "b", "conversation-1"), Line(OTHER_LOG, "a", "conversation-9")


class Filled(Deliveries, Protocol):
    """Rows that a test can add to, as the follower does."""

    async def add(self, deliveries: Sequence[Delivery]) -> None:
        """Make these due."""


class FilledPostgres(PostgresDeliveries):
    """The rows on PostgreSQL, filled by the follower's own statements."""

    def __init__(self, database: PostgresDatabase) -> None:
        super().__init__(database._deliveries)
        self._models = database.read_models

    async def add(self, deliveries: Sequence[Delivery]) -> None:
        for each in deliveries:
            log, webhook = each.line.hook
            due = Due(webhook, each.position, each.line.stream, each.event, each.type)
            write = Adding(log, Webhooks(), Webhooks(due=(due,)), each.since)
            async with self._models.projecting(log) as transaction:
                await write(transaction)


@pytest.fixture
def memory() -> MemoryDeliveries:
    """Rows in memory."""
    return MemoryDeliveries()


@pytest.fixture
async def real(postgres: PostgresDatabase, owner: Owner) -> FilledPostgres:
    """Rows on PostgreSQL."""
    projection = WebhooksProjection(postgres.read_models, ManualClock())
    async with owner.transaction():
        await create_tables(PostgresTransaction(owner), [projection])
    return FilledPostgres(postgres)


@pytest.fixture(params=["memory", "real"])
def deliveries(request: pytest.FixtureRequest) -> Filled:
    """Fresh rows; each test runs once for every implementation."""
    found: Filled = request.getfixturevalue(request.param)
    return found


def a_delivery(line: Line, position: int, since: float = NOW) -> Delivery:
    """One that was never tried."""
    return Delivery(line, position, uuid(100 + position), "message.posted", since)


def wanted(
    now: float = NOW, lease: int = 7, lines: int = 10, each: int = 10, **busy: int
) -> Wanted:
    """So many lines for 30 seconds."""
    in_work: dict[Hook, int] = {(LOG, webhook): used for webhook, used in busy.items()}
    return Wanted(now, now + 30, uuid(lease), lines, each, in_work)


def delivered(claim: Claim, at: float = NOW) -> Delivery:
    """The same, delivered at the first attempt."""
    return replace(
        claim.delivery,
        state="delivered",
        attempts=1,
        first_at=at,
        last_at=at,
        status=204,
        settled_at=at,
    )


def failed(claim: Claim, at: float = NOW) -> Delivery:
    """The same, after an attempt that failed."""
    return replace(claim.delivery, attempts=1, first_at=at, last_at=at, error="timeout")


def positions(claims: Sequence[Claim]) -> list[int]:
    """Where the claimed deliveries are."""
    return sorted(claim.delivery.position for claim in claims)


async def test_a_line_is_worked_off_in_order(deliveries: Filled) -> None:
    """The next is given out when the one before is settled, whichever way; then nothing is left."""
    await deliveries.add([a_delivery(FIRST, position) for position in (3, 1, 2)])
    claim = await deliveries.claim(FIRST, wanted())
    assert claim == Claim(a_delivery(FIRST, 1), uuid(7), NOW + 30)
    following = await deliveries.settle(claim, delivered(claim), NOW + 60)
    assert following == Claim(a_delivery(FIRST, 2), uuid(7), NOW + 60)
    dead = replace(failed(following), state="dead", settled_at=NOW)
    last = await deliveries.settle(following, dead, NOW + 60)
    assert last is not None
    assert last.delivery.position == 3
    assert await deliveries.settle(last, delivered(last), NOW + 60) is None
    assert await deliveries.claim(FIRST, wanted(NOW + 1000)) is None
    rows = await deliveries.find(LOG, Sought(), None, 10)
    assert rows == [delivered(last), dead, delivered(claim)]


async def test_what_is_leased_is_nobody_elses(deliveries: Filled) -> None:
    """Until the lease ends, whatever comes to the line meanwhile; then it is given out anew."""
    await deliveries.add([a_delivery(FIRST, 1)])
    claim = await deliveries.claim(FIRST, wanted())
    assert claim is not None
    await deliveries.add([a_delivery(FIRST, 2)])
    assert await deliveries.claim(FIRST, wanted(NOW + 29)) is None
    assert await deliveries.claim_due(wanted(NOW + 29)) == []
    again = await deliveries.claim(FIRST, wanted(NOW + 30, lease=8))
    assert again == Claim(a_delivery(FIRST, 1), uuid(8), NOW + 60)


async def test_who_lost_its_lease_notes_nothing(deliveries: Filled) -> None:
    """A process that stood still while another took over changes nothing behind its back."""
    await deliveries.add([a_delivery(FIRST, 1), a_delivery(FIRST, 2)])
    late = await deliveries.claim(FIRST, wanted(lease=7))
    fresh = await deliveries.claim(FIRST, wanted(NOW + 30, lease=8))
    assert late is not None
    assert fresh is not None
    assert await deliveries.settle(late, delivered(late), NOW + 90) is None
    await deliveries.postpone(late, failed(late), NOW)
    assert await deliveries.find(LOG, Sought(state="delivered"), None, 10) == []
    assert await deliveries.claim(FIRST, wanted(NOW + 31)) is None
    following = await deliveries.settle(fresh, delivered(fresh), NOW + 90)
    assert following is not None
    assert following.delivery.position == 2


async def test_a_postponed_line_waits_for_its_time(deliveries: Filled) -> None:
    """The attempt is noted; nothing of the line goes out before, not even what comes later."""
    await deliveries.add([a_delivery(FIRST, 1)])
    claim = await deliveries.claim(FIRST, wanted())
    assert claim is not None
    await deliveries.postpone(claim, failed(claim), NOW + 100)
    await deliveries.add([a_delivery(FIRST, 2)])
    assert await deliveries.claim(FIRST, wanted(NOW + 99)) is None
    assert await deliveries.claim_due(wanted(NOW + 99)) == []
    (again,) = await deliveries.claim_due(wanted(NOW + 100, lease=8))
    assert again == Claim(failed(claim), uuid(8), NOW + 130)


async def test_lines_know_nothing_of_each_other(deliveries: Filled) -> None:
    """Another conversation, another webhook, another tenant: each goes on by itself."""
    await deliveries.add([a_delivery(line, 5) for line in (FIRST, OTHER, FOREIGN)])
    await deliveries.add([a_delivery(SECOND, 6)])
    claims = await deliveries.claim_due(wanted())
    assert {claim.delivery.line for claim in claims} == {FIRST, SECOND, OTHER, FOREIGN}
    assert await deliveries.claim_due(wanted(lease=8)) == []


async def test_the_oldest_come_first_and_only_so_many(deliveries: Filled) -> None:
    """Of all that is due, what has been due for the longest time."""
    lines = [Line(LOG, "a", f"conversation-{n}") for n in range(6)]
    await deliveries.add([a_delivery(line, n, NOW - n) for n, line in enumerate(lines)])
    assert positions(await deliveries.claim_due(wanted(lines=2))) == [4, 5]
    assert positions(await deliveries.claim_due(wanted(each=3))) == [1, 2, 3]


async def test_no_webhook_takes_the_places_of_another(deliveries: Filled) -> None:
    """One with a long backlog gets as many as it may have less those in work, the others theirs."""
    many = [Line(LOG, "a", f"conversation-{n}") for n in range(20)]
    await deliveries.add([a_delivery(line, n + 1, NOW - 500) for n, line in enumerate(many)])
    await deliveries.add([a_delivery(OTHER, 100), a_delivery(FOREIGN, 100)])
    claims = await deliveries.claim_due(wanted(lines=12, each=4, a=3))
    webhooks = sorted((claim.delivery.line.log, claim.delivery.line.webhook) for claim in claims)
    assert webhooks == [(LOG, "a"), (LOG, "b"), (OTHER_LOG, "a")]
    assert await deliveries.claim_due(wanted(each=4, a=5, lines=12)) == []
    assert await deliveries.claim_due(wanted(lines=0)) == []


async def test_two_who_look_at_once_share(deliveries: Filled) -> None:
    """Nothing is given to both, and together they get everything."""
    lines = [Line(LOG, f"hook-{n % 5}", f"conversation-{n}") for n in range(40)]
    await deliveries.add([a_delivery(line, n + 1) for n, line in enumerate(lines)])
    taken: list[int] = []
    for lease in range(10, 20):
        first, second = await asyncio.gather(
            deliveries.claim_due(wanted(lease=lease, lines=5)),
            deliveries.claim_due(wanted(lease=100 + lease, lines=5)),
        )
        taken += positions([*first, *second])
    assert sorted(taken) == list(range(1, 41))


async def test_what_comes_while_the_last_is_settled_is_not_lost(deliveries: Filled) -> None:
    """However the two meet, what is added is due afterwards."""
    line_of = [Line(LOG, "a", f"conversation-{n}") for n in range(30)]
    for n, line in enumerate(line_of):
        await deliveries.add([a_delivery(line, 2 * n + 1)])
    claims = await deliveries.claim_due(wanted(lines=30, each=30))
    followed = dict(
        zip(
            (claim.delivery.line for claim in claims),
            await asyncio.gather(
                *(deliveries.settle(claim, delivered(claim), NOW + 30) for claim in claims),
                *(deliveries.add([a_delivery(line, 2 * n + 2)]) for n, line in enumerate(line_of)),
            ),
            strict=False,
        )
    )
    left = {claim.delivery.line for claim in await deliveries.claim_due(wanted(lines=30, each=30))}
    for line in line_of:
        assert (followed[line] is not None) is (line not in left)


async def test_settled_ones_are_sent_again(deliveries: Filled) -> None:
    """As if never tried, in their place before what waits; what waits is left as it is."""
    await deliveries.add([a_delivery(FIRST, position) for position in (1, 2, 3)])
    claim = await deliveries.claim(FIRST, wanted())
    assert claim is not None
    dead = replace(failed(claim), state="dead", settled_at=NOW)
    following = await deliveries.settle(claim, dead, NOW + 30)
    assert following is not None
    assert await deliveries.send_again(LOG, "a", [1, 2, 99], NOW + 5) == 1
    assert await deliveries.claim(FIRST, wanted(NOW + 6)) is None, "the lease still holds"
    first = await deliveries.settle(following, delivered(following), NOW + 60)
    assert first is not None
    assert first.delivery == a_delivery(FIRST, 1, NOW + 5)
    assert await deliveries.send_again(LOG, "b", [1], NOW) == 0
    assert await deliveries.send_again(OTHER_LOG, "a", [1], NOW) == 0


async def test_sending_again_wakes_a_line(deliveries: Filled) -> None:
    """One that was at rest, or waits for its next attempt, is due at once."""
    await deliveries.add([a_delivery(FIRST, 1), a_delivery(SECOND, 2), a_delivery(SECOND, 3)])
    claims = {c.delivery.line: c for c in await deliveries.claim_due(wanted())}
    await deliveries.settle(claims[FIRST], delivered(claims[FIRST]), NOW + 30)
    following = await deliveries.settle(claims[SECOND], delivered(claims[SECOND]), NOW + 30)
    assert following is not None
    await deliveries.postpone(following, failed(following), NOW + 500)
    assert await deliveries.send_again(LOG, "a", [1, 2], NOW + 5) == 2
    again = await deliveries.claim_due(wanted(NOW + 5))
    assert positions(again) == [1, 2]


async def test_deliveries_are_found(deliveries: Filled) -> None:
    """By webhook, conversation, state and event, the newest first, a whole position at a time."""
    await deliveries.add([a_delivery(line, 1) for line in (FIRST, OTHER, FOREIGN)])
    await deliveries.add([a_delivery(SECOND, 2), a_delivery(FIRST, 3)])
    claim = await deliveries.claim(SECOND, wanted())
    assert claim is not None
    await deliveries.settle(claim, delivered(claim), NOW + 30)

    async def found(sought: Sought, before: int | None = None, limit: int = 10) -> list[int]:
        return [row.position for row in await deliveries.find(LOG, sought, before, limit)]

    assert await found(Sought()) == [3, 2, 1, 1]
    assert await found(Sought(webhook="a")) == [3, 2, 1]
    assert await found(Sought(stream="conversation-1")) == [3, 1, 1]
    assert await found(Sought(state="delivered")) == [2]
    assert await found(Sought(event=uuid(103))) == [3]
    assert await found(Sought(), before=3) == [2, 1, 1]
    assert await found(Sought(), limit=3) == [3, 2, 1, 1]


async def test_what_was_settled_long_ago_is_swept(deliveries: Filled) -> None:
    """Delivered and dead ones have their own times; what waits stays, however old."""
    lines = [Line(LOG, "a", f"conversation-{n}") for n in range(4)]
    await deliveries.add([a_delivery(line, n, NOW - 1000) for n, line in enumerate(lines)])
    claims = {claim.delivery.position: claim for claim in await deliveries.claim_due(wanted())}
    for position, at in ((0, NOW), (1, NOW + 10)):
        await deliveries.settle(claims[position], delivered(claims[position], at), NOW)
    dead = replace(failed(claims[2]), state="dead", settled_at=NOW)
    await deliveries.settle(claims[2], dead, NOW)
    assert await deliveries.sweep(NOW, NOW, 10) == 0
    assert await deliveries.sweep(NOW + 5, NOW, 10) == 1
    assert [r.position for r in await deliveries.find(LOG, Sought(), None, 10)] == [3, 2, 1]
    assert await deliveries.sweep(NOW + 100, NOW + 100, 1) == 1
    assert await deliveries.sweep(NOW + 100, NOW + 100, 10) == 1
    assert [r.position for r in await deliveries.find(LOG, Sought(), None, 10)] == [3]


async def test_how_much_is_due(deliveries: Filled) -> None:
    """Lines that wait for somebody; neither those in work nor those that wait for their time."""
    await deliveries.add([a_delivery(line, n) for n, line in enumerate((FIRST, SECOND, OTHER))])
    assert await deliveries.due(NOW - 1) == 0
    assert await deliveries.due(NOW) == 3
    claim = await deliveries.claim(FIRST, wanted())
    assert claim is not None
    assert await deliveries.due(NOW) == 2
    await deliveries.postpone(claim, failed(claim), NOW + 100)
    assert await deliveries.due(NOW) == 2
    assert await deliveries.due(NOW + 100) == 3


def test_a_lines_webhook() -> None:
    """Two tenants' webhooks are two, whatever they are called."""
    hooks: set[tuple[UUID, str]] = {line.hook for line in (FIRST, SECOND, OTHER, FOREIGN)}
    assert len(hooks) == 3
