"""Where the chat stands: as a button, in the page, as a page of its own, on a phone; its size."""

from __future__ import annotations

import gzip
from pathlib import Path

import httpx
from playwright.async_api import expect

from tests.browser.axe import complaints
from tests.browser.conftest import Open, page_of
from tests.browser.people import an_agent, unique
from tests.browser.sites import Shop, an_owner, say, who
from tests.fixtures.client import Client, agent_session
from tests.fixtures.server import Server

SHIFTS = """() => new Promise(done => {
  let sum = 0;
  new PerformanceObserver(list => list.getEntries().forEach(one => (sum += one.value)))
    .observe({type: "layout-shift", buffered: true});
  requestAnimationFrame(() => requestAnimationFrame(() => done(sum)));
})"""
BUTTON_BYTES = 25_000
"""What may come to a page before its button is painted, compressed."""


async def test_the_button_comes_first(browser: Open, shop: Shop, server: Server) -> None:
    """Under 25 kB before it is painted, in the owner's colours, on the next page at once."""
    owner = await an_owner(server)
    texts = {"en": {"launcher": "Ask the binder"}}
    site = await owner.site("Size", color="#7a1f5c", launcher="bar", texts=texts)
    page = await page_of(await browser("size"))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.route("**/assets/chat-*.js", lambda route: route.abort())
    await shop.open(page, site)
    button = page.get_by_test_id("launcher")
    await expect(button).to_have_text("Ask the binder")
    await expect(button).to_have_css("background-color", "rgb(122, 31, 92)")
    ours = [url for url in asked if url.startswith(server.url) and "/assets/" not in url]
    assert [url.removeprefix(server.url) for url in ours] == [
        "/widget.js",
        f"/v1/sites/{site}/widget",
    ]
    async with httpx.AsyncClient() as http:
        bodies = [(await http.get(url)).content for url in ours]
    assert sum(len(gzip.compress(body)) for body in bodies) < BUTTON_BYTES
    assert await page.evaluate(SHIFTS) == 0
    # The chat cannot be had: the button says so, and is as good as before once it can.
    await button.click()
    await expect(button).to_have_attribute(
        "aria-label", "Open chat. It could not be loaded; press to try again"
    )
    await page.unroute("**/assets/chat-*.js")
    await button.click()
    await expect(page.get_by_test_id("window")).to_be_visible()
    # What the owner changes is seen on the next page; what was known is there before any answer.
    await page.route("**/v1/sites/*/widget", lambda route: route.abort())
    await page.get_by_test_id("close").click()
    await page.reload()
    await expect(button).to_have_text("Ask the binder")
    # On a page that the owner has not named there is none, and its author is told.
    await page.unroute("**/v1/sites/*/widget")
    foreign = await owner.site("Foreign")
    await owner.origins(foreign, ["https://elsewhere.example"])
    async with page.expect_console_message(lambda said: "not among the addresses" in said.text):
        await shop.open(page, foreign)
    await expect(button).to_have_count(0)
    # As soon as the owner has named it, there is one: what was refused is asked anew.
    await owner.origins(foreign, [shop.url])
    await page.reload()
    await expect(button).to_have_count(1)
    async with page.expect_console_message(lambda said: "no site nowhere" in said.text):
        await shop.open(page, "nowhere")
    await expect(button).to_have_count(0)


async def test_a_page_of_its_own(browser: Open, server: Server, pictures: Path) -> None:
    """A link with a language, a code for the phone, and a conversation that knows its channel."""
    owner = await an_owner(server)
    site = await owner.site("Papier & Sohn")
    page = await page_of(await browser("link"))
    await page.goto(f"{server.url}/chat/{site}?lang=zh")
    await expect(page.get_by_test_id("composer")).to_have_attribute("placeholder", "输入消息…")
    assert await page.title() == "Papier & Sohn"
    assert await page.locator("html").get_attribute("lang") == "zh"
    code = page.get_by_test_id("take-along").locator("img")
    assert await code.evaluate("one => one.complete && one.naturalWidth > 0")
    assert await complaints(page, "") == []
    await page.screenshot(path=pictures / "widget-page-zh.png")
    await page.get_by_test_id("language").select_option("en")
    await expect(page.get_by_test_id("composer")).to_have_attribute(
        "placeholder", "Write a message…"
    )
    await say(page, "By the link")
    await page.reload()
    await expect(page.get_by_test_id("composer")).to_have_attribute(
        "placeholder", "Write a message…"
    )
    await expect(page.get_by_test_id("message-text")).to_have_text(["By the link"])
    feed = f"conversation:{(await who(page))['conversation']}"
    account = server.credentials["agents"][0]
    session = await agent_session(server.url, server.credentials["tenant"], account)
    async with Client(session) as agent:
        await agent.follow(feed)
        assert agent.events[feed][0]["data"]["channel"] == "link"
    missing = await page.goto(f"{server.url}/chat/nowhere?lang=zh")
    assert missing is not None
    assert missing.status == 404
    await expect(page.get_by_role("heading", name="此聊天不存在")).to_be_visible()
    assert await complaints(page, "") == []
    await page.screenshot(path=pictures / "widget-nowhere-zh.png")


async def test_in_the_page(browser: Open, shop: Shop, server: Server, pictures: Path) -> None:
    """Inline it takes no more than its place, cannot be closed, and moves nothing around it."""
    owner = await an_owner(server)
    page = await page_of(await browser("inline"))
    await shop.open(page, await owner.site("Inline"), attributes='data-target="#chat"')
    await expect(page.get_by_test_id("window")).to_be_visible()
    await expect(page.get_by_test_id("launcher")).to_have_count(0)
    await expect(page.get_by_test_id("close")).to_have_count(0)
    assert await complaints(page, "") == []
    await say(page, "In the page")
    await page.screenshot(path=pictures / "widget-inline.png")


async def test_on_a_phone(browser: Open, shop: Shop, server: Server, pictures: Path) -> None:
    """The whole screen, from which Tab does not lead out; fields that no phone zooms into."""
    owner = await an_owner(server)
    context = await browser("phone", phone=True, locale="zh-CN", color_scheme="dark")
    page = await page_of(context)
    await shop.open(page, await owner.site("Phone"))
    await page.get_by_test_id("launcher").click()
    window = page.get_by_test_id("window")
    await window.evaluate("one => Promise.all(one.getAnimations().map(each => each.finished))")
    assert await window.bounding_box() == {"x": 0, "y": 0, "width": 390, "height": 844}
    await expect(window).to_have_attribute("aria-modal", "true")
    await expect(page.get_by_test_id("launcher")).to_be_hidden()
    await expect(page.get_by_test_id("composer")).to_have_css("font-size", "16px")
    await say(page, "在手机上")
    inside = "() => document.activeElement === document.querySelector('parley-chat')"
    for key in ("Tab", "Shift+Tab"):
        for _ in range(12):
            await page.keyboard.press(key)
            assert await page.evaluate(inside)
    assert await complaints(page) == []
    await page.screenshot(path=pictures / "widget-phone-dark.png")
    await page.get_by_test_id("close").click()
    await expect(page.get_by_test_id("launcher")).to_be_focused()


async def test_a_landing_page_that_was_left_at_once(
    browser: Open, shop: Shop, server: Server
) -> None:
    """Its campaign and the path are the visit's, though the chat was first loaded on the next."""
    owner = await an_owner(server)
    site = await owner.site("Landing")
    page = await page_of(await browser("landing"))
    await page.route("**/assets/chat-*.js", lambda route: route.abort())
    await shop.open(page, site, "/a?utm_source=letter&utm_campaign=spring-sale")
    await page.get_by_test_id("launcher").wait_for()
    await page.unroute("**/assets/chat-*.js")
    await shop.open(page, site, "/b")
    await page.get_by_test_id("launcher").click()
    text = unique("I came by a letter")
    await say(page, text)
    desk = await an_agent(browser, server, server.url)
    await desk.open_conversation(text)
    await expect(desk.page.get_by_test_id("visit")).to_contain_text("spring-sale")
    seen = desk.page.get_by_test_id("pages").get_by_role("listitem")
    await expect(seen).to_have_count(2)
    assert [("/a" in one, "/b" in one) for one in await seen.all_inner_texts()] == [
        (False, True),
        (True, False),
    ]
