"""Web sites: what they may be, and what is remembered of those that were removed."""

from __future__ import annotations

from functools import reduce

import pytest

from domain.errors import Refused
from domain.limits import MAX_ORIGIN, MAX_ORIGINS, MAX_REMOVED_SITES
from domain.tenant import commands as c
from domain.tenant import events as e
from domain.tenant import section_events as se
from domain.tenant import values as v
from domain.tenant.sites import decide
from domain.tenant.state import INITIAL, Tenant, evolve
from tests.doubles.appends import uuid


@pytest.mark.parametrize(
    ("origins", "code"),
    [
        (tuple(f"https://s{n}.example" for n in range(MAX_ORIGINS)), None),
        (tuple(f"https://s{n}.example" for n in range(MAX_ORIGINS + 1)), "too_many"),
        (("https://" + "a" * MAX_ORIGIN,), "bad_request"),
        (("https://shop.example/path",), "bad_request"),
    ],
)
def test_origins_are_so_many_and_so_long(origins: tuple[str, ...], code: str | None) -> None:
    """When a site is added, and when it is changed."""
    there = evolve(INITIAL, e.SiteAdded("blog", "Blog", "secret"), 1)
    change = c.ChangeSite(uuid(1), "blog", "Blog", origins)
    for command in (c.AddSite(uuid(2), "shop", "Shop", "secret", origins), change):
        if code is None:
            assert decide(command, there)
            continue
        with pytest.raises(Refused) as refused:
            decide(command, there)
        assert refused.value.code == code
        assert len(refused.value.message) < MAX_ORIGIN + 100


def test_of_removed_sites_the_last_are_kept_and_nothing_of_the_others() -> None:
    """Neither look nor old secrets, nor when they were said: else every snapshot grows for ever."""

    def came_and_went(state: Tenant, n: int) -> Tenant:
        site = f"site-{n}"
        happened = (
            e.SiteAdded(site, "Shop", "secret"),
            e.SiteSecretRotated(site, "other", 9),
            se.AppearanceChanged(site, v.Appearance()),
            e.SiteRemoved(site),
        )
        return reduce(lambda before, event: evolve(before, event, n + 1), happened, state)

    state = reduce(came_and_went, range(MAX_REMOVED_SITES + 5), INITIAL)
    kept = [f"site-{n}" for n in range(5, MAX_REMOVED_SITES + 5)]
    assert list(state.removed_sites) == kept
    assert list(state.old_secrets) == kept
    assert list(state.appearances) == kept
    assert list(state.versions["secrets"]) == kept
    assert list(state.versions["appearances"]) == kept
    assert not state.versions["sites"]
