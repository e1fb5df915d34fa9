"""argon2id: right, wrong, nobody; and beside the event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import VerifyMismatchError

from adapters.passwords.argon2id import Argon2idHasher, Argon2Settings
from domain.errors import Refused

CHEAP = Argon2Settings(time_cost=1, memory_kib=64)


@pytest.fixture
def hasher() -> Iterator[Argon2idHasher]:
    """Hashing at a price that a test can pay."""
    hasher = Argon2idHasher(CHEAP)
    yield hasher
    hasher.close()


async def test_a_password_is_known_again(hasher: Argon2idHasher) -> None:
    """The hash says argon2id, has a salt of its own, and takes its own password only."""
    kept = await hasher.hash("пароль 密码")
    assert kept.startswith("$argon2id$")
    assert kept != await hasher.hash("пароль 密码")
    assert await hasher.verify("пароль 密码", kept)
    assert not await hasher.verify("пароль", kept)


@pytest.mark.parametrize("kept", [None, "", "plain", "$argon2id$v=19$broken"])
async def test_without_a_hash_no_password_is_right(
    hasher: Argon2idHasher, kept: str | None
) -> None:
    """Nobody's, and one that is damaged; nor is it the dummy's own word."""
    assert not await hasher.verify("nobody", kept)


def test_nothing_is_hashed_before_somebody_asks() -> None:
    """A hasher at a price that no machine can pay is made, as each of our programs makes one."""
    Argon2idHasher(Argon2Settings(memory_kib=2**32 - 1)).close()


async def test_nobodys_password_costs_as_much(
    hasher: Argon2idHasher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same function does the same work on a hash of the same cost and the same lengths."""
    checked: list[str] = []
    matches = hasher._matches

    def counted(password: str, kept: str) -> bool:
        checked.append(kept)
        return matches(password, kept)

    monkeypatch.setattr(hasher, "_matches", counted)
    await hasher.verify("guess", None)
    await hasher.verify("guess", await hasher.hash("other"))
    nobodys, others = map(extract_parameters, checked)
    assert nobodys == others
    with pytest.raises(VerifyMismatchError):  # it was computed to its end, not refused unread
        PasswordHasher().verify(checked[0], "guess")


async def test_hashing_never_runs_on_the_loop(
    hasher: Argon2idHasher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a thread of its own, and never more at once than is set."""
    running, most, lock = 0, 0, threading.Lock()

    def slow(password: str, kept: str) -> bool:
        nonlocal running, most
        assert threading.current_thread() is not threading.main_thread()
        with lock:
            running += 1
            most = max(most, running)
        threading.Event().wait(0.005)
        with lock:
            running -= 1
        return True

    monkeypatch.setattr(hasher, "_matches", slow)
    await asyncio.gather(*(hasher.verify("x", "y") for _ in range(8)))
    assert most == CHEAP.at_once


async def test_the_queue_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond those that may wait one is told to come back; what was given up frees its place."""
    hasher = Argon2idHasher(Argon2Settings(time_cost=1, memory_kib=64, waiting=1))
    go_on = threading.Event()

    def slow(password: str, kept: str) -> bool:
        return go_on.wait(10)

    monkeypatch.setattr(hasher, "_matches", slow)
    waiting = [asyncio.create_task(hasher.verify("x", "y")) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(Refused) as refused:
        await hasher.verify("x", "y")
    assert (refused.value.code, refused.value.retry_after_ms) == ("busy", 1000)
    waiting[1].cancel()
    go_on.set()
    assert await waiting[0]
    assert await hasher.verify("x", "y")
    hasher.close()
