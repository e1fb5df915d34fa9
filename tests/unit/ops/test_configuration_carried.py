"""A plan carried out: what is told once is told at once, and no more is asked than is needed."""

from __future__ import annotations

from typing import Any

import pytest

from domain.errors import Refused
from domain.tenant.webhooks import Webhook
from ops.configuration import document as d
from ops.configuration.carry import Carrier
from ops.configuration.steps import Step
from tests.doubles.appends import uuid

LOG = uuid(1)
URL = "https://hooks.example/a"


class Asked:
    """Webhooks of which only what was asked is kept. ``broken``: nothing can be switched."""

    def __init__(self, *, broken: bool = False) -> None:
        self.asked: list[str] = []
        self.broken = broken

    async def add(self, log: object, url: str, format_: str, types: tuple[str, ...]) -> Webhook:
        self.asked.append("add")
        return Webhook("w1", url, "whsec", format_, types)

    async def change(self, log: object, webhook: str, wishes: object) -> None:
        self.asked.append("change")

    async def switch(self, log: object, webhook: str, *, on: bool) -> None:
        self.asked.append("enable" if on else "disable")
        if self.broken:
            raise Refused("unavailable")


async def carried(webhooks: Any, step: Step) -> list[dict[str, str]]:
    """What is told while one step is taken."""
    told: list[dict[str, str]] = []
    nobody: Any = None
    carrier = Carrier(LOG, nobody, webhooks, nobody)
    try:
        await carrier.carry([step], lambda _, secrets: told.append(secrets))
    except Refused:
        told.append({"then": "refused"})
    return told


async def test_a_new_secret_is_told_whatever_comes_then() -> None:
    """It is told this once: an error of what follows must not swallow it."""
    step = Step("add", "webhook", URL, item=d.Webhook(URL, enabled=False))
    made = {"webhook": "w1", "secret": "whsec"}
    assert await carried(Asked(broken=True), step) == [made, {"then": "refused"}]


@pytest.mark.parametrize(
    ("step", "asked"),
    [
        (Step("add", "webhook", URL, item=d.Webhook(URL)), ["add"]),
        (Step("add", "webhook", URL, item=d.Webhook(URL, enabled=False)), ["add", "disable"]),
        (Step("change", "webhook", URL, ("types",), "w1", d.Webhook(URL)), ["change"]),
        (Step("change", "webhook", URL, ("enabled",), "w1", d.Webhook(URL)), ["enable"]),
        (
            Step("change", "webhook", URL, ("url", "enabled"), "w1", d.Webhook(URL, enabled=False)),
            ["disable", "change"],
        ),
        (
            Step("change", "webhook", URL, ("url", "enabled"), "w1", d.Webhook(URL)),
            ["change", "enable"],
        ),
    ],
)
async def test_only_what_differs_is_asked(step: Step, asked: list[str]) -> None:
    """And one that is not to be told is so before its wishes change."""
    webhooks = Asked()
    await carried(webhooks, step)
    assert webhooks.asked == asked
