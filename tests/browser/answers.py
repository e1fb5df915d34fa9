"""Answers of the server to the console's questions, so that reports and hits are known numbers.

What a test is about is the page; that the server gives such answers is held by the server's own
tests.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from playwright.async_api import Page, Route

METRICS = {
    "overview": {
        "conversations": "count",
        "first_response_p50": "seconds",
        "missed_share": "share",
    },
    "volume": {"conversations": "count", "messages": "count"},
    "heatmap": {"conversations": "count"},
}
AGENTS = {"a1": "Anna", "a2": "=Luis"}
VISITOR = "0192f000-0000-7000-8000-00000000f001"
CONVERSATION = "0192f000-0000-7000-8000-00000000c001"
MARKUP = "<img src=x onerror=alert(1)>"


async def answer(page: Page) -> list[dict[str, str]]:
    """Answer the page's questions; each that it asked is put on the list."""
    asked: list[dict[str, str]] = []

    async def reply(route: Route) -> None:
        url = urlsplit(route.request.url)
        query = dict(parse_qsl(url.query))
        asked.append({"path": url.path, **query})
        name = url.path.removeprefix("/v1/analytics").strip("/")
        if url.path == "/v1/search":
            await route.fulfill(json=hits(query))
        elif query.get("format") == "csv":
            await route.fulfill(body="start,conversations\r\n", content_type="text/csv")
        else:
            await route.fulfill(json=report(name, query) if name else catalogue())

    await page.route("**/v1/analytics**", reply)
    await page.route("**/v1/search?**", reply)
    return asked


def _metrics(name: str) -> list[dict[str, str]]:
    return [{"name": metric, "unit": unit} for metric, unit in METRICS[name].items()]


def catalogue() -> dict[str, Any]:
    """What reports there are."""
    every = ["hour", "day", "week", "month", "all"]
    reports = [
        {"name": name, "metrics": _metrics(name), "by": ["agent", "tag"], "every": every}
        for name in METRICS
    ]
    return {"as_of": 4711, "mark": "0" * 16, "zone": "Asia/Shanghai", "reports": reports}


def report(name: str, query: dict[str, str]) -> dict[str, Any]:
    """A report: of the n-th day n of everything, or of each agent a hundred more."""
    groups: list[dict[str, str]] = []
    if name == "heatmap":
        rows = [_row(name, 7 * h + d, weekday=d, hour=h) for d in range(1, 8) for h in range(24)]
    elif query.get("by") == "agent":
        groups = [{"key": key, "label": label} for key, label in AGENTS.items()]
        rows = [_row(name, 100 * n, start=query["from"], group=g) for n, g in enumerate(AGENTS, 1)]
    else:
        first, last = (date.fromisoformat(query[each]) for each in ("from", "to"))
        days = [str(first + timedelta(n)) for n in range((last - first).days)]
        rows = [_row(name, n, start=day, group=None) for n, day in enumerate(days, 1)]
    total = {metric: sum(row["values"][metric] for row in rows) for metric in METRICS[name]}
    keys = {"from": query["from"], "to": query["to"], "every": query.get("every", "all")}
    hours = query.get("hours", "all")
    about = {"report": name, "zone": "Asia/Shanghai", "by": query.get("by"), "hours": hours}
    seen = {"as_of": 4711, "mark": "0" * 16, "at": None}
    parts = {"metrics": _metrics(name), "groups": groups, "rows": rows, "total": total}
    return {**about, **seen, **keys, **parts}


def _row(name: str, value: int, **place: Any) -> dict[str, Any]:
    return {**place, "values": dict.fromkeys(METRICS[name], value)}


def hits(query: dict[str, str]) -> dict[str, Any]:
    """Two pages of hits: the first stopped at a limit, and its text is somebody's markup."""
    text, number = ("😀 退款 please", 1) if "cursor" in query else (f"退款 {MARKUP}", 2)
    start = text.index("退款")
    found = {
        "conversation": CONVERSATION,
        "version": number,
        "position": number,
        "at": "2026-11-20T10:00:00Z",
        "kind": "message",
        "sender": {"role": "visitor", "id": VISITOR, "name": None},
        "visitor": VISITOR,
        "visitor_name": "Vera",
        "snippet": {"text": text, "marks": [[start, start + 2]]},
    }
    last = "cursor" in query
    page = {"items": [found], "next": None if last else "further", "complete": last}
    return {"as_of": 4711, "mark": "0" * 16, **page}
