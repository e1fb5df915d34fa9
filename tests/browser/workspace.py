"""A workspace's settings, as a desk is told them."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Page, Route

SETTINGS: dict[str, Any] = {
    "version": 1,
    "open": True,
    "departments": [
        {"department": "sales", "name": "Sales"},
        {"department": "support", "name": "Support"},
    ],
    "replies": [
        {
            "reply": "01a203d1-a35b-7b90-a7a6-000000000001",
            "shortcut": "hello",
            "title": "Greeting",
            "text": "Hello {{visitor.name}}, I am {{agent.name}}.",
            "department": None,
            "file": None,
        },
        {
            "reply": "01a203d1-a35b-7b90-a7a6-000000000002",
            "shortcut": "ship",
            "title": "Shipping times",
            "text": "We ship within two days.",
            "department": "sales",
            "file": None,
        },
    ],
    "statuses": [{"status": "lunch", "name": {"en": "At lunch", "zh": "午餐"}, "available": False}],
    "routing": {
        "strategy": "manual",
        "capacity": 5,
        "release_after_s": 300,
        "remind_after_s": 0,
        "missed_after_s": 300,
        "away_after_s": 0,
    },
    "tags": {"tags": ["vip", "refund"]},
    "hours": None,
    "sites": [],
}


async def settle(page: Page, **changed: Any) -> dict[str, Any]:
    """Answer the desk's question for settings; what is changed in the answer later, it hears."""
    settings = {**SETTINGS, **changed}

    async def reply(route: Route) -> None:
        await route.fulfill(json=settings)

    await page.route("**/v1/settings", reply)
    return settings
