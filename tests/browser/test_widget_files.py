"""Files that a visitor sends: every way in, back out, refused, gone on with, called off."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.async_api import Page, Response, Route, expect

from tests.browser.axe import complaints
from tests.browser.conftest import DESKTOP, PHONE, Open, page_of
from tests.browser.sites import Shop, an_agent_socket, an_owner, who
from tests.fixtures.proxy import Network
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


async def look_at(page: Page, pictures: Path) -> None:
    """A picture opens large before everything; Esc gives the focus back, the chat stays open."""
    files = page.get_by_test_id("file")
    await files.nth(1).press("Enter")
    viewer = page.get_by_test_id("viewer")
    large = viewer.get_by_test_id("viewer-image")
    await expect(large).to_have_js_property("naturalWidth", 320)
    await expect(viewer.get_by_test_id("viewer-save")).to_have_attribute("download", "photo.png")
    await viewer.evaluate("one => Promise.all(one.getAnimations().map(each => each.finished))")
    assert await complaints(page) == []
    await page.screenshot(path=pictures / "widget-viewer.png")
    await page.keyboard.press("Escape")
    await expect(viewer).to_have_count(0)
    await expect(files.nth(1)).to_be_focused()
    await files.nth(2).click()
    await expect(large).to_have_js_property("naturalHeight", 300)
    await viewer.get_by_test_id("viewer-close").click()
    await expect(files.nth(2)).to_be_focused()


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
    await look_at(page, pictures)
    # What is refused takes a line each, and one when there are many: a phone keeps its composer.
    await page.set_viewport_size(PHONE)
    await hand(page, "drop", "false.png", "image/png", b"MZ\x90\x00 this is no picture")
    await expect(page.get_by_test_id("upload-fault")).to_have_text("Not what its name says")
    assert await complaints(page) == []
    await page.screenshot(path=pictures / "widget-files.png")
    empty: Any = [{"name": f"{n}.txt", "mimeType": "text/plain", "buffer": b""} for n in range(4)]
    await page.get_by_test_id("file-input").set_input_files(empty)
    await expect(page.get_by_test_id("upload-sum")).to_have_text("5 files were not sent")
    await expect(page.get_by_test_id("composer")).to_be_in_viewport(ratio=1)
    await page.get_by_test_id("upload-list").click()
    await expect(page.get_by_test_id("upload-fault")).to_have_count(5)
    await expect(page.get_by_test_id("composer")).to_be_in_viewport(ratio=1)
    for left in (4, 3, 2, 1, 0):
        await page.get_by_test_id("upload-cancel").first.click()
        await expect(page.get_by_test_id("upload")).to_have_count(left)
    await expect(page.get_by_test_id("tray")).to_have_count(0)
    # The next page shows them from the log.
    await page.set_viewport_size(DESKTOP)
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


PIECE = 262_144
PATIENCE_S = 30


class Gate:
    """Lets so many pieces of files pass, and holds the others for ever; notes what arrived."""

    def __init__(self) -> None:
        self.room = 2
        self.held: asyncio.Queue[int] = asyncio.Queue()
        self.arrived: list[int] = []

    async def pass_on(self, route: Route) -> None:
        """A piece that is not passed on stays under way, as on a line that has gone dead."""
        if self.room:
            self.room -= 1
            await route.continue_()
        else:
            self.held.put_nowait(_offset(route.request.url))

    async def waits(self) -> int:
        """Where the next piece begins that is held."""
        async with asyncio.timeout(PATIENCE_S):
            return await self.held.get()

    def hear(self, response: Response) -> None:
        """Note a piece that the server has."""
        if "offset=" in response.url and response.ok:
            self.arrived.append(_offset(response.url))


def _offset(url: str) -> int:
    return int(url.rpartition("=")[2])


async def test_an_upload_outlives_its_page(
    browser: Open, shop: Shop, server: Server, wire: Network, pictures: Path
) -> None:
    """Reloaded, closed beside a second tab, cut off: each piece goes once, in one message."""
    owner = await an_owner(server)
    site = await owner.site("Outlives")
    context = await browser("outlives")
    gate = Gate()
    await context.route("**/v1/files/*?offset=*", gate.pass_on)
    context.on("response", gate.hear)
    first = await page_of(context)
    through = f'data-server="{wire.url}"'
    await shop.open(first, site, attributes=through)
    await first.get_by_test_id("launcher").click()
    film: Any = {"name": "long.txt", "mimeType": "text/plain", "buffer": b"words " * 170_000}
    await first.get_by_test_id("file-input").set_input_files([film])
    bar = first.get_by_test_id("upload").get_by_role("progressbar")
    await expect(bar).to_have_attribute("value", "51")
    assert await gate.waits() == 2 * PIECE
    await first.reload()
    await expect(bar).to_have_attribute("value", "51")
    assert await gate.waits() == 2 * PIECE
    # One more page shows it, and leaves it to the first one; when that is closed it goes on.
    second = await context.new_page()
    await second.goto(first.url)
    await second.get_by_test_id("launcher").click()
    upload = second.get_by_test_id("upload").filter(has_text="long.txt")
    await expect(upload).to_have_attribute("data-state", "sending")
    await expect(second.get_by_test_id("conn-state")).to_have_attribute("data-state", "online")
    await second.screenshot(path=pictures / "widget-upload.png")
    assert gate.held.empty()
    await first.close()  # by which Chromium lets go of the piece that was held
    assert await gate.waits() >= 2 * PIECE
    # The line is lost, and the page with it: the next page begins without one.
    wire.cut()
    gate.room = 100
    await second.goto("about:blank")
    wire.restore()
    await shop.open(second, site, attributes=through)
    await expect(second.get_by_test_id("file").filter(has_text="long.txt")).to_be_visible()
    await expect(second.get_by_test_id("message")).to_have_count(1)
    await expect(second.get_by_test_id("message")).to_have_attribute("data-state", "sent")
    assert gate.arrived == sorted(set(gate.arrived))
    assert {0, PIECE, 3 * PIECE} <= set(gate.arrived)
    conversation = f"conversation:{(await who(second))['conversation']}"
    async with await an_agent_socket(server) as agent:
        await agent.follow(conversation)
        said = [one for one in agent.events[conversation] if one["type"] == "message.posted"]
    assert [one["data"]["file"]["size"] for one in said] == [len(film["buffer"])]
