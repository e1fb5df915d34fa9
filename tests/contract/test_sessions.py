"""The contract of what the doors remember: renewal secrets in families, used nonces."""

from __future__ import annotations

from uuid import UUID

import pytest

from domain.ports import NewSecret, RenewalSecret, Sessions

LOG = UUID("018c0000-0000-7000-8000-000000000001")
OTHER_LOG = UUID("018c0000-0000-7000-8000-000000000002")
NOW = 4_000_000_000.0
"""In the far future, since a store clears away what is long expired by its own clock."""
GRACE_S = 60.0
ADA = RenewalSecret("visitor", "ada", NOW, NOW + 1000)
EVE = RenewalSecret("visitor", "eve", NOW, NOW + 1000)


def digest(letter: str) -> bytes:
    """The digest of a secret, by a letter."""
    return letter.encode() * 32


A, B, C, D = map(digest, "abcd")


async def use(sessions: Sessions, secret: bytes, now: float = NOW) -> RenewalSecret | None:
    """Whose secret it is, asked at this time."""
    return await sessions.use_secret(LOG, secret, now, GRACE_S)


@pytest.fixture
async def line(sessions: Sessions) -> Sessions:
    """A first secret of Ada, its successor, and the successor's."""
    await sessions.add_secret(LOG, A, ADA)
    await sessions.add_secret(LOG, B, ADA, successor_of=A)
    await sessions.add_secret(LOG, C, ADA, successor_of=B)
    return sessions


async def test_a_secret_is_whose_it_is(sessions: Sessions) -> None:
    """A secret that was added is its subject's, as often as it is used; another is nobody's."""
    await sessions.add_secret(LOG, A, ADA)
    assert [await use(sessions, A) for _ in range(3)] == [ADA] * 3
    assert await use(sessions, B) is None


async def test_a_secret_expires(sessions: Sessions) -> None:
    """It is good until its time, and not from then on."""
    await sessions.add_secret(LOG, A, ADA)
    assert await use(sessions, A, NOW + 999.9) == ADA
    assert await use(sessions, A, NOW + 1000) is None


async def test_a_secret_is_of_one_log(sessions: Sessions) -> None:
    """In another tenant the same secret opens nothing."""
    await sessions.add_secret(OTHER_LOG, A, ADA)
    assert await use(sessions, A) is None


async def test_an_unused_successor_retires_nothing(line: Sessions) -> None:
    """A secret stays good until its successor has been used: the answer may have been lost."""
    assert await use(line, A, NOW + 500) == ADA


async def test_a_used_successor_retires_after_the_grace(line: Sessions) -> None:
    """Other tabs may use the old one for a while, counted from the successor's first use."""
    assert await use(line, B, NOW) == ADA
    assert await use(line, B, NOW + 50) == ADA
    assert await use(line, A, NOW + 59) == ADA
    assert await use(line, A, NOW + 60) is None
    assert await use(line, B, NOW + 60) == ADA


async def test_a_successor_retires_all_before_it(line: Sessions) -> None:
    """The use of the third retires the second and the first, though the second was never used."""
    await use(line, C)
    assert await use(line, A, NOW + 61) is None
    assert await use(line, B, NOW + 61) is None
    assert await use(line, C, NOW + 61) == ADA


async def test_a_later_successor_gives_no_new_grace(line: Sessions) -> None:
    """What is on its way out stays so, whatever is used later."""
    await use(line, B, NOW)
    await use(line, C, NOW + 50)
    assert await use(line, A, NOW + 61) is None
    assert await use(line, B, NOW + 61) == ADA


@pytest.mark.parametrize("revoked", [A, B, C], ids=["the first", "the middle", "the last"])
async def test_a_revocation_is_of_the_whole_line(line: Sessions, revoked: bytes) -> None:
    """Signing out anywhere ends it everywhere along the line, and nowhere else."""
    await line.add_secret(LOG, D, ADA)
    await line.revoke_secret(LOG, revoked)
    assert [await use(line, secret) for secret in (A, B, C)] == [None] * 3
    assert await use(line, D) == ADA


async def test_no_successor_outlives_a_revocation(sessions: Sessions) -> None:
    """A successor that is added after the revocation of what it follows buys nothing."""
    await sessions.add_secret(LOG, A, ADA)
    await sessions.revoke_secret(LOG, A)
    await sessions.add_secret(LOG, B, ADA, successor_of=A)
    assert await use(sessions, B) is None


async def test_revoking_the_unknown_is_nothing(sessions: Sessions) -> None:
    """A secret that is not there can be revoked, as after a sign-out sent twice."""
    await sessions.revoke_secret(LOG, A)
    assert await use(sessions, A) is None


async def test_revoking_a_subject(sessions: Sessions) -> None:
    """All secrets of one subject go; another's, another role's and another log's stay."""
    agent_ada = RenewalSecret("agent", "ada", NOW, NOW + 1000)
    await sessions.add_secret(LOG, A, ADA)
    await sessions.add_secret(LOG, B, EVE)
    await sessions.add_secret(LOG, C, agent_ada)
    await sessions.add_secret(OTHER_LOG, A, ADA)
    await sessions.revoke_subject(LOG, "visitor", "ada")
    assert [await use(sessions, secret) for secret in (A, B, C)] == [None, EVE, agent_ada]
    assert await sessions.use_secret(OTHER_LOG, A, NOW, GRACE_S) == ADA


async def test_a_nonce_is_used_once(sessions: Sessions) -> None:
    """The second use is refused, on the same site of the same log."""
    uses = [(LOG, "shop", A), (LOG, "shop", A), (LOG, "blog", A), (OTHER_LOG, "shop", A)]
    taken = [await sessions.use_nonce(log, site, it, NOW + 300) for log, site, it in uses]
    assert taken == [True, False, True, True]


async def test_a_nonce_is_exchanged_for_a_secret(sessions: Sessions) -> None:
    """Nonce and secret go together: the first exchange gives both, the second neither."""
    assert not await sessions.nonce_used(LOG, "shop", A)
    assert await sessions.use_nonce(LOG, "shop", A, NOW + 300, NewSecret(B, ADA))
    assert await sessions.nonce_used(LOG, "shop", A)
    assert not await sessions.nonce_used(LOG, "blog", A)
    assert not await sessions.nonce_used(OTHER_LOG, "shop", A)
    assert await use(sessions, B) == ADA
    assert not await sessions.use_nonce(LOG, "shop", A, NOW + 300, NewSecret(C, EVE))
    assert await use(sessions, C) is None
    assert await sessions.use_nonce(LOG, "shop", B, NOW + 300, NewSecret(C, ADA, successor_of=B))
    await sessions.revoke_secret(LOG, B)
    assert await use(sessions, C) is None
