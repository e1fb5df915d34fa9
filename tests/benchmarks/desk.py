"""The desk with a thousand conversations: how long until all are listed, and what typing holds up.

In Chromium, on the whole product. A frame is held for as long as the longest task that a key sets
off; the longest pause between two frames is told beside it, and beside that without a key.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

import httpx
from playwright.async_api import Browser, Page, async_playwright

from tests.benchmarks.measuring import Figure, MeasurementFailed, Options, Table, spread
from tests.fixtures.client import Client
from tests.fixtures.server import Server, data_directory

T = TypeVar("T")

CONVERSATIONS = 1_000
AT_ONCE = 20
TALKED_S = 300.0
"""Seconds in which the conversations are begun, at the latest; on a quiet machine it takes ten."""
ANSWER_S = 60.0
"""Seconds for a session, of one client for all: a new one each costs more than the answer."""
TRIES, AGAIN_S = 120, 0.5
ROUND_S = 180.0
"""Seconds that a round takes at most: a minute for the list, and the same for what is typed."""
TEXT = "The table will be with you on Thursday, and the lamp a day later. " * 3
OPENED = """async (wanted) => {
    const all = () => Number(document.querySelector('[data-testid="list"]')?.dataset.count);
    const drawn = () => document.querySelectorAll('[data-testid="list-item"]').length;
    const end = performance.now() + 60_000;
    const pause = () => new Promise((go) => setTimeout(go, 5));
    while (!(all() >= wanted) && performance.now() < end) await pause();
    return [performance.now(), drawn(), all()];
}"""
WATCH = """() => {
    window.held = { pause: 0, task: 0 };
    let last = performance.now();
    const frame = (now) => {
        window.held.pause = Math.max(window.held.pause, now - last);
        last = now;
        window.watching && requestAnimationFrame(frame);
    };
    window.watching = true;
    requestAnimationFrame(frame);
    window.observer ??= new PerformanceObserver((list) => {
        const tasks = list.getEntries().map((each) => each.processingEnd - each.processingStart);
        window.held.task = Math.max(window.held.task, ...tasks);
    });
    window.observer.observe({ type: "event", durationThreshold: 16 });
}"""
STOP = "() => { window.watching = false; window.observer.disconnect(); return window.held; }"


async def desk(options: Options) -> Table:
    """One product with the conversations; every round the desk is opened anew, and typed in."""
    with data_directory() as data:
        server = Server(data).start()
        try:
            await within(TALKED_S, "beginning the conversations", _talk(server))
            rounds_s = ROUND_S * (options.rounds + 1)
            return await within(rounds_s, "opening the desk and typing", _measured(server, options))
        finally:
            server.end()


async def within(limit_s: float, what: str, work: Awaitable[T]) -> T:
    """What comes of the work. A page whose program stands still would be waited for without end."""
    try:
        async with asyncio.timeout(limit_s):
            return await work
    except TimeoutError:
        raise MeasurementFailed(f"{what} was not done in {limit_s:.0f} s") from None


async def _talk(server: Server) -> None:
    """So many visitors, each with a question."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(http: httpx.AsyncClient, number: int) -> None:
        async with turns, Client(await _session(http, server)) as visitor:
            await _begin(visitor, f"Question {number}: {TEXT}")

    try:
        async with httpx.AsyncClient(timeout=ANSWER_S) as http, asyncio.TaskGroup() as begun:
            for number in range(CONVERSATIONS):
                begun.create_task(one(http, number))
    except* MeasurementFailed as failed:
        raise failed.exceptions[0] from None


async def _session(http: httpx.AsyncClient, server: Server) -> dict[str, Any]:
    """A visitor's, asked for again while the server is too busy."""
    body, status = {"site": server.credentials["site"]}, 0
    for _ in range(TRIES):
        answer = await http.post(f"{server.url}/v1/visitor/sessions", json=body)
        status = answer.status_code
        if status == httpx.codes.OK:
            session: dict[str, Any] = answer.json()
            return session
        await asyncio.sleep(AGAIN_S)
    raise MeasurementFailed(f"a visitor got no session: {status}")


async def _begin(visitor: Client, text: str) -> None:
    """As a widget does it: what is refused for the moment is sent again."""
    refused: dict[str, Any] = {}
    for _ in range(TRIES):
        answer = await visitor.call("start", body={"text": text})
        if answer["op"] == "ack":
            return
        refused = answer
        await asyncio.sleep(AGAIN_S)
    raise MeasurementFailed(f"a conversation was not begun: {refused.get('code')}")


async def _measured(server: Server, options: Options) -> Table:
    kept: dict[str, list[float]] = {}
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(
            executable_path="/usr/bin/chromium-headless-shell",
            args=["--no-sandbox", "--disable-gpu"],
        )
        page = await _signed_in(chromium, server)
        for _ in range(options.rounds):
            for name, value in (await _round(page, server)).items():
                kept.setdefault(name, []).append(value)
        await chromium.close()
    table = Table(f"desk: {CONVERSATIONS:,} open conversations", ("", "measured"))
    for name, values in kept.items():
        table.add(name, spread(values))
    table.keep(Figure.DESK_OPEN, [each / 1000 for each in kept["until all are listed, ms"]])
    table.keep(Figure.DESK_TYPING, kept["longest task of a key, ms"])
    return table


async def _signed_in(chromium: Browser, server: Server) -> Page:
    page = await chromium.new_page(viewport={"width": 1440, "height": 900})
    account = server.credentials["agents"][0]
    await page.goto(f"{server.url}/desk")
    await page.get_by_test_id("login-email").fill(account["email"])
    await page.get_by_test_id("login-password").fill(account["password"])
    await page.get_by_test_id("login-submit").click()
    await page.get_by_test_id("list-item").first.wait_for()
    return page


async def _round(page: Page, server: Server) -> dict[str, float]:
    await page.goto(f"{server.url}/desk")
    opened, drawn, listed = await page.evaluate(OPENED, CONVERSATIONS)
    if listed != CONVERSATIONS:
        raise MeasurementFailed(f"only {listed} are listed after a minute")
    if drawn >= CONVERSATIONS:
        raise MeasurementFailed("the list draws what nobody sees")
    await page.get_by_test_id("list-item").first.click()
    await page.get_by_test_id("composer").wait_for()
    still = await _held(page, "")
    typing = await _held(page, TEXT)
    await page.get_by_test_id("composer").fill("")
    return {
        "until all are listed, ms": opened,
        "rows drawn": drawn,
        "longest task of a key, ms": typing["task"],
        "longest pause between frames while typing, ms": typing["pause"],
        "the same while nothing is done, ms": still["pause"],
    }


async def _held(page: Page, text: str) -> dict[str, Any]:
    await page.evaluate(WATCH)
    if text:
        await page.get_by_test_id("composer").press_sequentially(text, delay=10)
    else:
        await page.wait_for_timeout(2_000)
    held: dict[str, Any] = await page.evaluate(STOP)
    return held
