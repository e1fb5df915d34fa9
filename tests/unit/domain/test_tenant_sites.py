"""What a tenant remembers of sites that were removed."""

from __future__ import annotations

from functools import reduce

from domain.limits import MAX_REMOVED_SITES
from domain.tenant import events as e
from domain.tenant import section_events as se
from domain.tenant import values as v
from domain.tenant.state import INITIAL, Tenant, evolve


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
