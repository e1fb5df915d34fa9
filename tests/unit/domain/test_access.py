"""Who may read which conversation: the whole table."""

from __future__ import annotations

import pytest

from domain.access import AGENT_ROLES, Rights
from domain.envelope import Access

ME = "grace"
NOWHERE = None
UNPLACED = Access(None, None)
MINE = Access("support", ME)
MINE_UNPLACED = Access(None, ME)
ANOTHERS = Access("support", "linus")
SALES = Access("sales", None)
SALES_ANOTHERS = Access("sales", "linus")
SUPPORT = Access("support", None)

ADMIN = Rights("admin", ME)
AGENT = Rights("agent", ME)
LIMITED = Rights("limited", ME, frozenset({"sales"}))
LIMITED_BARE = Rights("limited", ME)
STRANGE = Rights("emperor", ME)

CAN_READ = {
    ADMIN: {UNPLACED, MINE, MINE_UNPLACED, ANOTHERS, SALES, SALES_ANOTHERS, SUPPORT},
    AGENT: {UNPLACED, MINE, MINE_UNPLACED, ANOTHERS, SALES, SALES_ANOTHERS, SUPPORT},
    LIMITED: {MINE, MINE_UNPLACED, SALES, SALES_ANOTHERS},
    LIMITED_BARE: {MINE, MINE_UNPLACED},
    STRANGE: {MINE, MINE_UNPLACED},
}
PLACES = [NOWHERE, UNPLACED, MINE, MINE_UNPLACED, ANOTHERS, SALES, SALES_ANOTHERS, SUPPORT]


@pytest.mark.parametrize("access", PLACES)
@pytest.mark.parametrize("rights", CAN_READ)
def test_may_read(rights: Rights, access: Access | None) -> None:
    """Every kind of agent with every kind of place; an unknown role is limited."""
    assert rights.may_read(access) == (access in CAN_READ[rights])


@pytest.mark.parametrize("after", PLACES)
@pytest.mark.parametrize("before", PLACES)
@pytest.mark.parametrize("rights", CAN_READ)
def test_sees(rights: Rights, before: Access | None, after: Access | None) -> None:
    """An event is shown to those who could read before it, and to those who can after it."""
    assert rights.sees(before, after) == bool({before, after} & CAN_READ[rights])


def test_every_role_is_in_the_table() -> None:
    """A new role has to be thought about here."""
    assert {rights.role for rights in CAN_READ} == {*AGENT_ROLES, "emperor"}
