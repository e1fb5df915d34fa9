"""Ids in a query: one that can be nobody's is a mistake to be told, and not found nowhere."""

from __future__ import annotations

from uuid import UUID

from domain.errors import Refused


def visitor(asked: str | None) -> str | None:
    """The id of a visitor. Raises :class:`Refused` ``bad_request``."""
    return None if asked is None else _id(asked, "visitor is a visitor's id, a UUID.")


def agent(asked: str | None, field: str, *, me: str | None = None) -> str | None:
    """The id of an agent, or ``none``; for ``me`` the caller's own. Raises as ``visitor``."""
    if asked is None or asked == "none":
        return asked
    if me is not None and asked == "me":
        return me
    words = "me or none" if me is not None else "or none"
    return _id(asked, f"{field} is an agent's id (a UUID), {words}.")


def _id(asked: str, what: str) -> str:
    try:
        return str(UUID(asked))
    except ValueError:
        raise Refused("bad_request", what) from None
