"""What processes are to run: so many, of these roles, each under a name of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ops.errors import CannotRun
from ops.roles import SERVING, Role

NODE = "node"
"""The roles that serve people, together, as a plan writes them."""

MOST = 64
"""Processes of a plan: more is a mistake on one machine."""


@dataclass(frozen=True)
class Post:
    """A place for one process: how it is called, and what runs in it."""

    name: str
    roles: frozenset[Role]

    @property
    def serves(self) -> bool:
        """Whether its process takes connections from people."""
        return bool(self.roles & SERVING)


def parse(entries: Iterable[str]) -> tuple[Post, ...]:
    """The posts of ``node:2``, ``relay+projector:1`` and the like, in this order.

    ``node`` stands for the roles that serve people. Raises CannotRun.
    """
    posts = tuple(_posts(entries))
    if not posts:
        raise CannotRun("There is no process to run.")
    if len(posts) > MOST:
        raise CannotRun(f"These are {len(posts)} processes, and {MOST} are the most.")
    return posts


def _posts(entries: Iterable[str]) -> Iterator[Post]:
    numbers: Counter[str] = Counter()
    for entry in entries:
        words, _, count = entry.partition(":")
        names = sorted({each.strip() for each in words.split("+")})
        roles = frozenset(role for name in names for role in _roles(entry, name))
        kind = "+".join(names)
        for _ in range(_count(entry, count)):
            numbers[kind] += 1
            yield Post(f"{kind}-{numbers[kind]}", roles)


def _roles(entry: str, name: str) -> Iterable[Role]:
    if name == NODE:
        return SERVING
    try:
        return (Role(name),)
    except ValueError:
        known = ", ".join([NODE, *Role])
        raise CannotRun(
            f"There is no role {name!r}, as in {entry!r}; the roles are {known}."
        ) from None


def _count(entry: str, text: str) -> int:
    if not text:
        return 1
    if not text.strip().isdecimal():
        raise CannotRun(f"{entry!r} names no number of processes; node:2 would be two.")
    return min(int(text), MOST + 1)


def default_entries() -> tuple[str, ...]:
    """Two nodes, so that one serves while the other is away, and one process of each other role."""
    return (f"{NODE}:2", *(f"{role}:1" for role in Role if role not in SERVING))
