"""While somebody talks: emoji, odd texts, marks, keys, and a rating in the end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.async_api import FilePayload, expect

from tests.browser.axe import complaints
from tests.browser.conftest import Open, page_of
from tests.browser.sites import Shop, an_agent_socket, an_owner, say, who
from tests.fixtures.server import Server


async def test_what_is_written_is_shown_as_sent(browser: Open, shop: Shop, server: Server) -> None:
    """Markup, marks of direction, 10,000 characters, emoji made of several signs; not one more."""
    owner = await an_owner(server)
    page = await page_of(await browser("texts"))
    await shop.open(page, await owner.site("Texts"))
    await page.get_by_test_id("launcher").click()
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466\U0001f1e9\U0001f1ea"
    texts = [
        "<img src=x onerror=alert(1)> &amp; </div>",
        "\u202eright to left\u202c \u200f\u05e9\u05dc\u05d5\u05dd",
        family,
        "x" * 9_999 + "\U0001f600",
    ]
    for text in texts:
        await say(page, text)
    shown = page.get_by_test_id("message-text")
    assert [await one.text_content() for one in await shown.all()] == texts
    await expect(shown.nth(2)).to_have_css("font-size", "38px")
    await page.get_by_test_id("composer").fill("x" * 10_001)
    await expect(page.get_by_test_id("limit")).to_have_text("1 character too many")
    await expect(page.get_by_test_id("send")).to_be_disabled()


async def test_a_clock_that_is_wrong(browser: Open, shop: Shop, server: Server) -> None:
    """Two days ahead: the order is the log's, and one session is enough for several files."""
    owner = await an_owner(server)
    page = await page_of(await browser("clock"))
    sessions: list[str] = []
    page.on("request", lambda one: sessions.append(one.url) if "/sessions" in one.url else None)
    await page.clock.install(time=datetime.now(UTC) + timedelta(days=2))
    await shop.open(page, await owner.site("Clock"))
    await page.get_by_test_id("launcher").click()
    await say(page, "first")
    conversation = (await who(page))["conversation"]
    async with await an_agent_socket(server) as agent:
        await agent.follow(f"conversation:{conversation}")
        await agent.ack("post", conversation=conversation, body={"text": "second"})
    shown = page.get_by_test_id("message-text")
    await expect(shown).to_have_text(["first", "second"])
    await say(page, "third")
    notes: list[FilePayload] = [
        {"name": f"{n}.txt", "mimeType": "text/plain", "buffer": b"words"} for n in "ab"
    ]
    await page.get_by_test_id("file-input").set_input_files(notes)
    await expect(page.get_by_test_id("file")).to_contain_text(["a.txt", "b.txt"])
    await page.reload()
    await expect(shown).to_have_text(["first", "second", "third"])
    assert len([url for url in sessions if "visitor/sessions" in url]) <= 3


async def test_by_keys_alone(browser: Open, shop: Shop, server: Server, pictures: Path) -> None:
    """Open, choose an emoji, send, read, rate and close without a mouse; each mark in its turn."""
    owner = await an_owner(server)
    page = await page_of(await browser("keys"))
    await shop.open(page, await owner.site("Keys", theme="dark", color="#1e8e5a"))
    await page.get_by_test_id("launcher").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("composer")).to_be_focused()
    await page.keyboard.type("Hello ")
    await page.keyboard.press("Tab")
    await expect(page.get_by_test_id("emoji")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("emoji-picker")).to_be_visible()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("Enter")
    assert await complaints(page) == []
    await page.screenshot(path=pictures / "widget-emoji-dark.png")
    await page.keyboard.press("Escape")
    await expect(page.get_by_test_id("composer")).to_be_focused()
    await page.keyboard.press("Enter")
    message = page.get_by_test_id("message").first
    await expect(message).to_have_attribute("data-state", "sent")
    sent = await page.get_by_test_id("message-text").text_content()
    assert sent is not None
    assert sent.startswith("Hello ")
    assert len(sent) == len("Hello ") + 1
    conversation = (await who(page))["conversation"]
    async with await an_agent_socket(server) as agent:
        await agent.follow(f"conversation:{conversation}")
        await agent.ack("assign", conversation=conversation)
        await agent.ack("read", conversation=conversation, upto=2)
        await expect(message).to_have_attribute("data-state", "read")
        await agent.send("typing", conversation=conversation, on=True)
        await expect(page.get_by_test_id("typing")).to_be_visible()
        await page.keyboard.type("more")
        await agent.until(lambda: agent.saw("signal", kind="typing", on=True))
        await agent.ack("post", conversation=conversation, body={"text": "Hello"})
        await expect(page.get_by_test_id("typing")).to_have_count(0)
        await agent.ack("close", conversation=conversation)
    await page.get_by_test_id("rate-1").focus()
    for _ in range(3):
        await page.keyboard.press("ArrowRight")
    assert await complaints(page) == []
    await page.screenshot(path=pictures / "widget-rating-dark.png")
    await page.get_by_test_id("rate-send").press("Enter")
    await expect(page.get_by_test_id("rated")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_test_id("window")).to_have_count(0)
