"""While somebody talks: files, emoji, odd texts, marks, keys, and a rating in the end."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.async_api import Page, expect

from tests.browser.axe import complaints
from tests.browser.conftest import Open, page_of
from tests.browser.sites import Shop, an_owner, say, who
from tests.fixtures.client import Client, agent_session
from tests.fixtures.server import Server

DROP = """([name, type, bytes]) => {
  const data = new DataTransfer();
  data.items.add(new File([new Uint8Array(bytes)], name, {type}));
  const root = document.querySelector("parley-chat").shadowRoot;
  const to = root.querySelector(KIND === "paste" ? "textarea" : ".window");
  const more = {bubbles: true, cancelable: true, composed: true, clipboardData: data};
  if (KIND === "paste") to.dispatchEvent(new ClipboardEvent("paste", more));
  else for (const kind of ["dragover", "drop"]) {
    to.dispatchEvent(new DragEvent(kind, {...more, dataTransfer: data}));
  }
}"""


def picture(width: int = 320, height: int = 200) -> bytes:
    """A small image."""
    made = io.BytesIO()
    Image.new("RGB", (width, height), (30, 90, 160)).save(made, "PNG")
    return made.getvalue()


async def hand(page: Page, kind: str, name: str, media_type: str, content: bytes) -> None:
    """Drop a file on the window, or paste it, as a browser tells of that."""
    await page.evaluate(DROP.replace("KIND", f'"{kind}"'), [name, media_type, list(content)])


async def an_agent_socket(server: Server) -> Client:
    """The first of the demo's agents, on a socket of its own."""
    account = server.credentials["agents"][0]
    return Client(await agent_session(server.url, server.credentials["tenant"], account))


async def test_files(browser: Open, shop: Shop, server: Server, pictures: Path) -> None:
    """By button, drop and paste; a thumbnail and a download; what is refused says why."""
    owner = await an_owner(server)
    page = await page_of(await browser("files"))
    await shop.open(page, await owner.site("Files"))
    await page.get_by_test_id("launcher").click()
    notes: Any = {
        "name": "notes.pdf",
        "mimeType": "application/pdf",
        "buffer": b"%PDF-1.4\n%x" * 99,
    }
    await page.get_by_test_id("file-input").set_input_files([notes])
    files = page.get_by_test_id("file")
    await expect(files).to_have_count(1)
    await expect(files).to_contain_text("notes.pdf")
    await hand(page, "drop", "photo.png", "image/png", picture())
    await expect(page.get_by_test_id("thumbnail")).to_have_count(1)
    await hand(page, "paste", "clip.png", "image/png", picture(90, 300))
    await expect(page.get_by_test_id("thumbnail")).to_have_count(2)
    assert await page.get_by_test_id("thumbnail").first.evaluate("one => one.naturalWidth > 0")
    async with page.expect_download() as downloading:
        await files.first.click()
    downloaded = await downloading.value
    assert downloaded.suggested_filename == "notes.pdf"
    assert (await downloaded.path()).read_bytes() == notes["buffer"]
    await hand(page, "drop", "false.png", "image/png", b"MZ\x90\x00 this is no picture")
    await expect(page.get_by_test_id("upload-fault")).to_be_visible()
    assert await complaints(page) == []
    await page.screenshot(path=pictures / "widget-files.png")
    await page.get_by_test_id("upload-cancel").click()
    await expect(page.get_by_test_id("tray")).to_have_count(0)
    # The next page shows them from the log.
    await page.reload()
    await expect(files).to_have_count(3)
    await expect(page.get_by_test_id("thumbnail")).to_have_count(2)


async def test_an_upload_goes_on_and_can_be_stopped(
    browser: Open, shop: Shop, server: Server
) -> None:
    """The network fails in the middle: the file arrives all the same; another is called off."""
    owner = await an_owner(server)
    page = await page_of(await browser("uploads"))
    await shop.open(page, await owner.site("Uploads"))
    await page.get_by_test_id("launcher").click()
    failing = {"left": 1}

    async def cut(route: Any) -> None:
        if route.request.method == "PUT" and failing["left"]:
            failing["left"] -= 1
            await route.abort()
        else:
            await route.continue_()

    await page.route("**/v1/files/**", cut)
    await hand(page, "drop", "long.txt", "text/plain", b"words " * 50_000)
    await expect(page.get_by_test_id("file")).to_contain_text("long.txt")
    assert failing["left"] == 0
    failing["left"] = 1_000_000
    await hand(page, "drop", "never.txt", "text/plain", b"words")
    await expect(page.get_by_test_id("upload")).to_have_attribute("data-state", "sending")
    await page.get_by_test_id("upload-cancel").click()
    await expect(page.get_by_test_id("upload")).to_have_count(0)
    await expect(page.get_by_test_id("file")).to_have_count(1)


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
    await expect(page.get_by_test_id("limit")).to_have_text("1 characters too many")
    await expect(page.get_by_test_id("send")).to_be_disabled()


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
