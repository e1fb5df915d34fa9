"""What may happen to a tenant."""

from __future__ import annotations

import pytest

from domain.tenant import commands as c
from domain.tenant import events as e
from domain.tenant.decide import TenantCommand, decide
from domain.tenant.state import INITIAL, Tenant, evolve
from tests.doubles.appends import uuid
from tests.unit.domain.scenario import Decider

ID = uuid(1)
CREATED = e.TenantCreated("demo", b"secret")
SITE = e.SiteAdded("shop", "The shop", "s3cret", ("https://shop.example",))
KEY = e.ApiKeyCreated("key-1", b"digest", ("read",))

tenant: Decider[Tenant, TenantCommand] = Decider(
    INITIAL, lambda s, event, _: evolve(s, event, 0), lambda command, s, _: decide(command, s)
)


def test_a_tenant_is_created_once() -> None:
    """Its name and secret are set by the first creation; a second is refused."""
    create = c.CreateTenant(ID, "demo", b"secret")
    state = tenant.given().when(create).then(CREATED).state
    assert (state.name, state.secret) == ("demo", b"secret")
    tenant.given(CREATED).when(create).then_refused("exists")


def test_sites() -> None:
    """Sites add up; an id is used once."""
    add = c.AddSite(ID, "shop", "The shop", "s3cret", ("https://shop.example",))
    assert tenant.given(CREATED).when(add).then(SITE).state.sites == {"shop": SITE}
    tenant.given(CREATED, SITE).when(add).then_refused("exists")
    second = c.AddSite(ID, "blog", "The blog", "other")
    assert set(tenant.given(CREATED, SITE).when(second).state.sites) == {"shop", "blog"}


def test_api_keys() -> None:
    """Keys add up; an id is used once."""
    create = c.CreateApiKey(ID, "key-1", b"digest", ("read",))
    assert tenant.given(CREATED).when(create).then(KEY).state.api_keys == {"key-1": KEY}
    tenant.given(CREATED, KEY).when(create).then_refused("exists")


def test_a_site_is_changed() -> None:
    """Name and origins are as they are said now; what says nothing new is nothing."""
    change = c.ChangeSite(ID, "shop", "The other shop", ("https://other.example",))
    changed = e.SiteChanged("shop", "The other shop", ("https://other.example",))
    state = tenant.given(CREATED, SITE).when(change).then(changed).state
    assert state.sites["shop"].origins == ("https://other.example",)
    assert (state.sites["shop"].name, state.sites["shop"].secret) == (changed.name, SITE.secret)
    tenant.given(CREATED, SITE, changed).when(change).then()
    tenant.given(CREATED).when(change).then_refused("not_found")


@pytest.mark.parametrize("origin", ["shop.example", "https://shop.example/cart", "*", "http://["])
def test_an_origin_is_one(origin: str) -> None:
    """What no browser would ever send lets nobody in, so it is refused where it is written."""
    add = c.AddSite(ID, "blog", "The blog", "other", (origin,))
    tenant.given(CREATED).when(add).then_refused("bad_request")
    change = c.ChangeSite(ID, "shop", "The shop", (origin,))
    tenant.given(CREATED, SITE).when(change).then_refused("bad_request")


def test_a_revoked_key_stays_revoked() -> None:
    """It is gone, can be revoked again without effect, and its id is never used anew."""
    revoked = e.ApiKeyRevoked("key-1")
    revoke = c.RevokeApiKey(ID, "key-1")
    state = tenant.given(CREATED, KEY).when(revoke).then(revoked).state
    assert not state.api_keys
    assert state.revoked == {"key-1"}
    tenant.given(CREATED, KEY, revoked).when(revoke).then()
    tenant.given(CREATED).when(revoke).then_refused("not_found")
    create = c.CreateApiKey(ID, "key-1", b"digest", ("read",))
    tenant.given(CREATED, KEY, revoked).when(create).then_refused("exists")
