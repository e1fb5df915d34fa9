"""Shards: shared out evenly, never two holders of one, free again when a holder dies."""

from __future__ import annotations

from contextlib import suppress

from adapters.postgres.database import PostgresDatabase
from adapters.postgres.shards import PostgresShards
from domain.errors import StoreUnavailable
from domain.shards import ALL_SHARDS, SHARDS, shard_of
from tests.doubles.appends import uuid
from tests.fixtures.postgres import OpenPostgres, Owner


async def settled(*members: PostgresShards) -> None:
    """Let every member look until nobody has anything to give up."""
    for _ in range(3):
        for member in members:
            await member.give_up(await member.share())


def disjoint(*members: PostgresShards) -> bool:
    """Whether no shard has two holders."""
    return sum(len(member.owned) for member in members) == len(
        frozenset().union(*(member.owned for member in members))
    )


async def test_a_log_s_shard_is_the_same_in_sql(owner: Owner) -> None:
    """Python and PostgreSQL agree, for every shard."""
    for n in range(300):
        log = uuid(n)
        assert await owner.fetchval("SELECT es.shard($1)", log) == shard_of(log)


async def test_members_share_evenly_and_exclusively(open_postgres: OpenPostgres) -> None:
    """One has all; a second gets half once the first has given it up; a third its part."""
    one, two, three = (open_postgres().relay_shards for _ in range(3))
    await settled(one)
    assert one.owned == ALL_SHARDS
    assert await two.share() == frozenset()
    assert two.owned == frozenset(), "what the first still holds is not taken from it"
    await settled(one, two)
    assert disjoint(one, two)
    assert {len(one.owned), len(two.owned)} == {SHARDS // 2}
    await settled(one, two, three)
    assert disjoint(one, two, three)
    assert one.owned | two.owned | three.owned == ALL_SHARDS
    assert max(len(member.owned) for member in (one, two, three)) <= SHARDS // 3 + 1


async def test_what_a_dead_member_held_goes_to_the_others(
    open_postgres: OpenPostgres, owner: Owner
) -> None:
    """Its session's end frees its shards; it owns nothing once it has noticed."""
    one, two = (open_postgres().relay_shards for _ in range(2))
    await settled(one, two)
    await owner.execute(
        """
        SELECT pg_terminate_backend(pid, 10000) FROM pg_locks
        WHERE locktype = 'advisory' AND objsubid = 2 AND objid = $1 AND classid = $2
        """,
        min(one.owned),
        0x5041_5202,
    )
    await settled(two)
    assert two.owned == ALL_SHARDS
    with suppress(StoreUnavailable):  # unless its connection has told it before
        await one.share()
    assert one.owned == frozenset()
    await settled(one, two)
    assert one.owned | two.owned == ALL_SHARDS
    assert disjoint(one, two)


async def test_kinds_of_work_do_not_share(postgres: PostgresDatabase) -> None:
    """A relay's shards are not taken by a projector's."""
    await settled(postgres.relay_shards, postgres.projector_shards)
    assert postgres.relay_shards.owned == ALL_SHARDS
    assert postgres.projector_shards.owned == ALL_SHARDS
