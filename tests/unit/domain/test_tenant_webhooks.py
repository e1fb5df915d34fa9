"""What may happen to a tenant's webhooks."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from domain.limits import MAX_URL, MAX_WEBHOOKS
from domain.tenant import commands as c
from domain.tenant import events as e
from domain.tenant.decide import TenantCommand, decide
from domain.tenant.state import INITIAL, Tenant, evolve
from domain.webhooks import signing
from tests.doubles.appends import uuid
from tests.unit.domain.scenario import Decider

ID = uuid(1)
URL = "https://shop.example/hook"
SECRET, SECOND, THIRD, FOURTH = (signing.secret_of(bytes([n]) * 32) for n in range(4))
ADD = c.AddWebhook(ID, "hook-1", URL, SECRET, "standard", ("message.posted",))
ADDED = e.WebhookAdded("hook-1", URL, SECRET, "standard", ("message.posted",))
DISABLED = e.WebhookDisabled("hook-1", "gone")

tenant: Decider[Tenant, TenantCommand] = Decider(
    INITIAL, lambda s, event, _: evolve(s, event, 0), lambda command, s, _: decide(command, s)
)


def test_webhooks_add_up() -> None:
    """Each is there with what it was given; an id is used once."""
    state = tenant.given().when(ADD).then(ADDED).state
    hook = state.webhooks["hook-1"]
    assert (hook.url, hook.secret, hook.format, hook.types, hook.disabled) == (
        URL,
        SECRET,
        "standard",
        ("message.posted",),
        "",
    )
    tenant.given(ADDED).when(ADD).then_refused("exists")
    second = tenant.given(ADDED).when(replace(ADD, webhook="hook-2")).state
    assert set(second.webhooks) == {"hook-1", "hook-2"}


def test_there_are_only_so_many() -> None:
    """Each costs rows and requests, so a tenant has a bounded number of them."""
    full = [replace(ADDED, webhook=f"hook-{n}") for n in range(MAX_WEBHOOKS)]
    tenant.given(*full).when(replace(ADD, webhook="one more")).then_refused("too_many")
    removed = e.WebhookRemoved("hook-3")
    tenant.given(*full, removed).when(ADD).then_refused("exists")
    tenant.given(*full, removed).when(replace(ADD, webhook="one more")).then(
        replace(ADDED, webhook="one more")
    )


def test_a_webhook_is_changed() -> None:
    """Address, format and wishes are as they are said now; what says nothing new is nothing."""
    change = c.ChangeWebhook(ID, "hook-1", f"{URL}/2", "chatwoot")
    changed = e.WebhookChanged("hook-1", f"{URL}/2", "chatwoot")
    hook = tenant.given(ADDED).when(change).then(changed).state.webhooks["hook-1"]
    assert (hook.url, hook.format, hook.types, hook.secret) == (
        f"{URL}/2",
        "chatwoot",
        (),
        SECRET,
    )
    tenant.given(ADDED, changed).when(change).then()


def test_a_replaced_secret_signs_until_its_time_is_over() -> None:
    """The newest signs first, those before beside it until then, and never more than two."""
    rotate = c.RotateWebhookSecret(ID, "hook-1", SECOND, 1000)
    rotated = e.WebhookSecretRotated("hook-1", SECOND, 1000)
    hook = tenant.given(ADDED).when(rotate).then(rotated).state.webhooks["hook-1"]
    assert hook.secrets(999.9) == (SECOND, SECRET)
    assert hook.secrets(1000.0) == (SECOND,)
    more = [e.WebhookSecretRotated("hook-1", s, 1000) for s in (SECOND, THIRD, FOURTH)]
    kept = tenant.given(ADDED, *more).state.webhooks["hook-1"]
    assert kept.secrets(0) == (FOURTH, THIRD, SECOND)


def test_a_secret_that_leaked_signs_no_more() -> None:
    """Replaced at once, it is of no use to anybody, nor is any that was replaced before."""
    before = e.WebhookSecretRotated("hook-1", SECOND, 1000)
    at_once = e.WebhookSecretRotated("hook-1", THIRD, 500)
    hook = tenant.given(ADDED, before, at_once).state.webhooks["hook-1"]
    assert hook.secrets(499.0) == (THIRD, SECOND, SECRET)
    assert hook.secrets(500.0) == (THIRD,)


def test_a_webhook_is_disabled_and_enabled() -> None:
    """Each has an effect once, and the reason is kept while it lasts."""
    disable = c.DisableWebhook(ID, "hook-1", "gone")
    enable = c.EnableWebhook(ID, "hook-1")
    state = tenant.given(ADDED).when(disable).then(DISABLED).state
    assert state.webhooks["hook-1"].disabled == "gone"
    tenant.given(ADDED, DISABLED).when(disable).then()
    enabled = e.WebhookEnabled("hook-1")
    state = tenant.given(ADDED, DISABLED).when(enable).then(enabled).state
    assert state.webhooks["hook-1"].disabled == ""
    tenant.given(ADDED).when(enable).then()


def test_a_webhook_is_disabled_at_the_address_that_was_meant() -> None:
    """Whoever answers for an address of before does not answer for it."""
    here = c.DisableWebhook(ID, "hook-1", "gone", URL)
    there = c.DisableWebhook(ID, "hook-1", "gone", f"{URL}/2")
    tenant.given(ADDED).when(here).then(DISABLED)
    tenant.given(ADDED).when(there).then_refused("not_found")


def test_a_webhook_is_removed() -> None:
    """It is gone with its secrets."""
    remove = c.RemoveWebhook(ID, "hook-1")
    state = tenant.given(ADDED).when(remove).then(e.WebhookRemoved("hook-1")).state
    assert state.webhooks == {}


@pytest.mark.parametrize(
    "command",
    [
        c.ChangeWebhook(ID, "hook-1", URL),
        c.RotateWebhookSecret(ID, "hook-1", SECRET, 0),
        c.DisableWebhook(ID, "hook-1", "gone"),
        c.EnableWebhook(ID, "hook-1"),
        c.RemoveWebhook(ID, "hook-1"),
    ],
    ids=lambda command: type(command).__name__,
)
def test_a_webhook_must_be_there(command: TenantCommand) -> None:
    """Nothing happens to one that does not exist, or does no more."""
    tenant.given().when(command).then_refused("not_found")
    tenant.given(ADDED, e.WebhookRemoved("hook-1")).when(command).then_refused("not_found")


@pytest.mark.parametrize(
    "url",
    [
        "shop.example/hook",
        "ftp://shop.example/hook",
        "https:///hook",
        "https://shop.example:0/hook",
        "https://shop.example:99999/hook",
        "https://ann:secret@shop.example/hook",
        "https://shop.example/hook#top",
        "https://shop.example/a hook",
        "https://shop.example/h\nHost: other",
        "https://größe.example/hook",
        "https://[::1/hook",
        "https://shop.example/" + "x" * MAX_URL,
    ],
)
def test_an_address_is_one(url: str) -> None:
    """What could never be asked, or only with a trick in it, is refused where it is written."""
    tenant.given().when(replace(ADD, url=url)).then_refused("bad_request")
    tenant.given(ADDED).when(c.ChangeWebhook(ID, "hook-1", url)).then_refused("bad_request")


@pytest.mark.parametrize(
    "different",
    [
        {"format": "slack"},
        {"types": ("message.postet",)},
        {"types": ("agent.created",)},
        {"types": ("page.viewed",)},
        {"format": "chatwoot", "types": ("message.read",)},
        {"secret": "secret"},
        {"secret": "whsec_" + "A" * 20},
        {"secret": "whsec_no base64"},
        {"secret": signing.secret_of(b"x" * 65)},
    ],
)
def test_wishes_can_be_fulfilled(different: dict[str, object]) -> None:
    """An unknown format, an event that is never sent in it, a secret that is none: refused."""
    tenant.given().when(replace(ADD, **different)).then_refused("bad_request")
