"""An agent's work from a visitor's first word to the last, mostly by keyboard."""

from __future__ import annotations

import asyncio
import base64
import re
from pathlib import Path
from typing import Any

import httpx
from playwright.async_api import FilePayload, Page, Route, WebSocketRoute, expect

from tests.browser.axe import complaints
from tests.browser.conftest import Open, page_of
from tests.browser.people import AgentPage, VisitorPage, a_visitor, unique
from tests.browser.workspace import SETTINGS, settle
from tests.fixtures.client import Client, agent_session, visitor_session
from tests.fixtures.proxy import Network
from tests.fixtures.server import Server
from tests.fixtures.uploading import send

PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAEAAAAAwCAIAAAAuKetIAAAARElEQVR42u3PQQkAAAgEsGtkIPt/TGEFv8JgBZbq"
    "eS0CAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAlcLXWRxABXoggcAAAAASUVORK5CYII="
)
"""64 by 48 pixels of one colour."""


async def at_the_desk(
    browser: Open, server: Server, url: str, number: int = 0, **options: Any
) -> AgentPage:
    """An agent of a workspace with departments, canned replies and tags."""
    profile, changed = options.pop("profile", f"agent{number}"), options.pop("changed", {})
    held: Held | None = options.pop("held", None)
    page = await page_of(await browser(profile, **options))
    await settle(page, **changed)
    if held is not None:
        await held.watch(page)
    agent = AgentPage(page)
    await agent.sign_in(url, server.credentials["agents"][number])
    await page.get_by_test_id("list").wait_for()
    return agent


async def asked(browser: Open, url: str, text: str) -> tuple[VisitorPage, str]:
    """A visitor, and what it asked."""
    visitor = await a_visitor(browser, url)
    question = unique(text)
    await visitor.say(question)
    await visitor.sent(1)
    return visitor, question


async def test_from_the_first_word_to_the_last(browser: Open, server: Server) -> None:
    """Name, canned reply, note, tags, leaving, a department, taking over, closing, undo, reply."""
    visitor, question = await asked(browser, server.url, "where is my parcel")
    agent = await at_the_desk(browser, server, server.url)
    page, keys = agent.page, agent.page.keyboard
    await agent.open_conversation(question)
    await expect(page.get_by_test_id("origin")).to_contain_text("/demo")
    name = unique("Vera")
    await page.get_by_test_id("contact-name").fill(name)
    await keys.press("Enter")
    row = page.locator('[data-testid="list-item"][aria-current="true"]')
    await expect(row).to_contain_text(name)
    await page.get_by_test_id("composer").focus()
    await keys.type("/hel")
    await expect(page.get_by_test_id("reply")).to_have_count(1)
    await keys.press("Enter")
    greeting = f"Hello {name}, I am Mia."
    await expect(page.get_by_test_id("composer")).to_have_value(greeting)
    await keys.press("Enter")
    await visitor.shows(question, greeting)
    await keys.press("Escape")
    await keys.press("q")
    await expect(page.get_by_test_id("composer")).to_have_value("/")
    await keys.press("Escape")
    await expect(page.get_by_test_id("composer")).to_have_value("")
    await keys.press("Escape")
    await keys.press("n")
    await agent.say("She has ordered twice.")
    await expect(page.get_by_test_id("note")).to_have_attribute("data-state", "sent")
    await keys.press("Escape")
    await keys.press("#")
    await expect(page.get_by_test_id("tag-input")).to_be_focused()
    suggested = page.get_by_test_id("tag-choices").locator('option[value="vip"]')
    await expect(suggested).to_have_count(1)
    await agent.page.get_by_test_id("tag-input").fill("vip")
    await keys.press("Enter")
    await expect(page.get_by_test_id("tag")).to_contain_text("vip")
    await keys.press("Escape")
    await keys.press("l")
    await expect(page.get_by_test_id("take")).to_be_visible()
    await keys.press("z")
    await expect(page.get_by_test_id("leave")).to_be_visible()
    await keys.press("f")
    await page.get_by_test_id("department-choice").filter(has_text="Sales").click()
    await expect(row).to_contain_text("Sales")
    await keys.press("t")
    await expect(row).to_contain_text("You")
    await ended(agent, visitor)


async def ended(agent: AgentPage, visitor: VisitorPage) -> None:
    """Close it, take that back, close it again, and open it with a reply."""
    page, keys = agent.page, agent.page.keyboard
    await keys.press("e")
    await expect(page.get_by_test_id("reopen")).to_be_visible()
    await page.get_by_test_id("toast-act").last.click()
    await expect(page.get_by_test_id("close")).to_be_visible()
    await expect(page.get_by_test_id("system").last).to_contain_text("reopened")
    await keys.press("e")
    await page.get_by_test_id("mode-message").click()
    await expect(page.get_by_test_id("send")).to_contain_text("Reopen and send")
    await agent.say("One more thing.")
    await expect(page.get_by_test_id("close")).to_be_visible()
    await expect(visitor.messages.filter(has_text="One more thing.")).to_be_visible()


async def test_work_goes_on_without_a_network(
    browser: Open, server: Server, wire: Network, pictures: Path
) -> None:
    """What is said and done shows with honest marks, arrives later, and on all devices alike."""
    _, question = await asked(browser, server.url, "can you hear me")
    session = await visitor_session(server.url, server.credentials["site"])
    async with Client(session) as visitor:
        await visitor.ack("introduce", name=unique("Vera"))
        unopened = unique("never looked at")
        await visitor.ack("start", body={"text": unopened})
    agent = await at_the_desk(browser, server, wire.url)
    other = await at_the_desk(browser, server, server.url, profile="tablet")
    page = agent.page
    for each in (agent, other):
        await each.open_conversation(question)
        await each.shows(question)
    wire.cut()
    await expect(page.get_by_test_id("conn-state")).not_to_have_attribute("data-state", "online")
    await agent.say("Yes, I can.")
    said = page.get_by_test_id("message").last
    await expect(said).to_have_attribute("data-state", "sending")
    await page.get_by_test_id("tag-input").fill("later")
    await page.get_by_test_id("tag-input").press("Enter")
    await expect(page.get_by_test_id("tag")).to_have_count(1)
    await expect(page.get_by_test_id("unsettled")).to_be_visible()
    await page.screenshot(path=pictures / "desk-offline.png")
    await expect(other.page.get_by_test_id("tag")).to_have_count(0)
    unread = other.page.get_by_test_id("list-item").filter(has_text=unopened)
    await expect(unread).to_have_attribute("data-unread", "true")
    await agent.open_conversation(unopened)
    await expect(page.get_by_test_id("not-loaded")).to_be_visible()
    wire.restore()
    await agent.shows(unopened)
    await expect(page.get_by_test_id("visit")).to_be_visible()
    await expect(unread).to_have_attribute("data-unread", "false")
    await page.get_by_test_id("tab").first.click()
    await expect(said).not_to_have_attribute("data-state", "sending")
    await expect(page.get_by_test_id("unsettled")).to_have_count(0)
    await other.shows(question, "Yes, I can.")
    await expect(other.page.get_by_test_id("tag")).to_contain_text("later")


async def test_what_was_said_is_found_and_shown(browser: Open, server: Server) -> None:
    """By words anywhere in a conversation, also an ended one; the place itself comes into sight."""
    visitor, question = await asked(browser, server.url, "the walnut table wobbles")
    for n in range(25):
        await visitor.say(f"line {n}")
    await visitor.sent(26)
    agent = await at_the_desk(browser, server, server.url)
    page = agent.page
    await agent.open_conversation("line 24")
    await page.get_by_test_id("close").click()
    await page.get_by_test_id("tab-close").click()
    await page.keyboard.press("/")
    await page.keyboard.type(question)
    hit = page.get_by_test_id("found-one").filter(has_text=question)
    await hit.first.click()
    place = page.get_by_test_id("message").filter(has_text=question)
    await expect(place).to_be_in_viewport()
    await expect(page.get_by_test_id("message").filter(has_text="line 24")).not_to_be_in_viewport()
    await page.reload()
    await expect(page.get_by_test_id("filter-all")).to_have_attribute("aria-pressed", "true")
    await page.get_by_test_id("filter-mine").click()
    await page.get_by_test_id("filter-department").select_option("support")
    await page.reload()
    await expect(page.get_by_test_id("filter-mine")).to_have_attribute("aria-pressed", "true")
    await expect(page.get_by_test_id("filter-department")).to_have_value("support")


async def walked(page: Page, what: str, question: str) -> None:
    """Axe finds nothing in the list, in a conversation, in what opens over it, and beside it."""
    assert await complaints(page, "") == [], f"{what}: list"
    await page.get_by_test_id("list-item").filter(has_text=question).first.click()
    await page.get_by_test_id("lines").wait_for()
    await page.get_by_test_id("composer").fill("/")
    await page.get_by_test_id("replies").wait_for()
    assert await complaints(page, "") == [], f"{what}: canned replies"
    await page.get_by_test_id("composer").fill("")
    await page.get_by_test_id("transfer").click()
    assert await complaints(page, "") == [], f"{what}: colleagues"
    await page.keyboard.press("Escape")
    await page.get_by_test_id("emoji").click()
    await page.get_by_test_id("emojis").get_by_role("button").first.wait_for()
    assert await complaints(page, "") == [], f"{what}: emoji"
    await page.keyboard.press("Escape")


async def test_axe_finds_nothing(browser: Open, server: Server, pictures: Path) -> None:
    """On a wide screen in English by light, on a phone in Chinese by dark."""
    _, question = await asked(browser, server.url, "is it for everybody")
    wide = await at_the_desk(browser, server, server.url)
    await walked(wide.page, "wide", question)
    await wide.page.get_by_test_id("help-open").click()
    assert await complaints(wide.page, "") == [], "wide: help"
    await wide.page.keyboard.press("Escape")
    await wide.page.get_by_test_id("alerts").click()
    assert await complaints(wide.page, "") == [], "wide: alerts"
    phone = await at_the_desk(
        browser, server, server.url, 1, phone=True, locale="zh-CN", color_scheme="dark"
    )
    await walked(phone.page, "phone", question)
    await phone.page.get_by_test_id("info-toggle").click()
    assert await complaints(phone.page, "") == [], "phone: details"
    await phone.page.screenshot(path=pictures / "desk-phone-details.png")
    await phone.page.get_by_test_id("info-close").click()
    await phone.page.get_by_test_id("back").click()
    await phone.page.get_by_test_id("view-guests").click()
    assert await complaints(phone.page, "") == [], "phone: visitors on the site"


async def test_who_is_on_the_site_is_found_and_invited(
    browser: Open, server: Server, pictures: Path
) -> None:
    """With page, device and source; found by what is known of them; asked, and that is shown."""
    visitor = VisitorPage(await page_of(await browser("visitor")))
    table = unique("oak").replace(" ", "-")
    await visitor.page.goto(f"{server.url}/demo?table={table}&utm_source=letter")
    await visitor.open_chat()
    agent = await at_the_desk(browser, server, server.url)
    page = agent.page
    await page.keyboard.press("v")
    await page.get_by_test_id("guest-filter").fill(table)
    guest = page.get_by_test_id("guest")
    await expect(guest).to_have_count(1)
    await expect(guest).to_contain_text("Chrome")
    await expect(guest).to_contain_text("letter")
    await guest.get_by_test_id("guest-invite").click()
    await guest.get_by_test_id("invite-text").fill("May I help you with the table?")
    await guest.get_by_test_id("invite-send").click()
    await expect(page.get_by_test_id("toast").filter(has_text="was invited")).to_be_visible()
    await expect(guest).to_contain_text("Invited")
    await visitor.say("Yes, please")
    await expect(guest).to_contain_text("With you")
    await page.screenshot(path=pictures / "desk-guests.png")
    await page.get_by_test_id("guest-filter").fill("nobody is called so")
    await expect(page.get_by_test_id("guests-empty")).to_be_visible()
    await page.keyboard.press("Escape")
    await page.keyboard.press("Escape")
    await expect(page.get_by_test_id("list")).to_be_visible()


async def test_files_go_along_with_words(
    browser: Open, server: Server, wire: Network, pictures: Path
) -> None:
    """By button, paste, drop, canned reply; what is refused says why; both sides see."""
    visitor, question = await asked(browser, server.url, "do you have a picture")
    common = {**SETTINGS["replies"][1], "file": await common_file(server, "prices.txt")}
    agent = await at_the_desk(browser, server, wire.url, changed={"replies": [common]})
    page = agent.page
    await agent.open_conversation(question)
    await page.get_by_test_id("lines").wait_for()
    attached = page.get_by_test_id("attachment")
    picture: FilePayload = {"name": "table.png", "mimeType": "image/png", "buffer": PICTURE}
    false: FilePayload = {**picture, "name": "false.png", "buffer": b"no picture at all"}
    await page.get_by_test_id("file-input").set_input_files([picture, false])
    await expect(attached.first).to_have_attribute("data-state", "ready")
    await expect(attached.last).to_have_attribute("data-state", "refused")
    await expect(page.get_by_test_id("send")).to_be_disabled()
    await attached.last.get_by_role("button").last.click()
    await bring(page, "composer", "paste", "price.txt")
    await bring(page, "lines", "drop", "offer.txt")
    await page.get_by_test_id("composer").press_sequentially("/ship")
    await page.get_by_test_id("reply").wait_for()
    await page.get_by_test_id("composer").press("Enter")
    await expect(attached.filter(has_text="prices.txt")).to_have_count(1)
    await expect(page.locator('[data-testid="attachment"][data-state="ready"]')).to_have_count(4)
    await page.screenshot(path=pictures / "desk-attached.png")
    await agent.say("Here it is.")
    await expect(attached).to_have_count(0)
    files = page.get_by_test_id("file")
    await expect(files).to_have_count(4)
    await expect(files.first.locator("img")).to_be_visible()
    for side, name in ((page, "offer.txt"), (visitor.page, "prices.txt")):
        async with side.expect_download() as download:
            await side.get_by_test_id("file").filter(has_text=name).click()
        assert (await download.value).suggested_filename == name
    await expect(visitor.messages).to_have_count(6)
    await goes_when_it_is_there(page, visitor, {**picture, "name": "late.png"})
    await page.screenshot(path=pictures / "desk-files.png")
    await looks_at_pictures(page, pictures)


async def looks_at_pictures(page: Page, pictures: Path) -> None:
    """A picture opens in large, arrows lead through all, and back to where it stands."""
    opened = page.locator('[data-testid="viewer"][data-state="ready"]')
    files, keys = page.get_by_test_id("file"), page.keyboard
    await files.filter(has_text="table.png").get_by_test_id("picture").click()
    large = opened.get_by_role("img", name="table.png")
    await expect(large).to_have_attribute("src", re.compile("^blob:"))
    await expect(large).to_have_js_property("naturalWidth", 64)
    async with page.expect_download() as download:
        await opened.get_by_test_id("picture-save").click()
    assert (await download.value).suggested_filename == "table.png"
    for key in ("ArrowRight", "ArrowRight", "ArrowLeft"):
        await keys.press(key)
    await expect(opened).to_contain_text("late.png")
    await expect(opened).to_contain_text("2 of 2")
    assert await complaints(page, "") == []
    await page.screenshot(path=pictures / "desk-picture.png")
    await page.set_viewport_size({"width": 390, "height": 844})
    assert await complaints(page, "") == []
    await page.screenshot(path=pictures / "desk-picture-phone.png")
    await keys.press("Escape")
    await expect(page.get_by_test_id("viewer")).to_have_count(0)
    await expect(files.filter(has_text="late.png").get_by_test_id("picture")).to_be_focused()
    await keys.press("Enter")
    await page.get_by_test_id("viewer-close").click()
    await expect(page.get_by_test_id("viewer")).to_have_count(0)


async def goes_when_it_is_there(page: Page, visitor: VisitorPage, file: FilePayload) -> None:
    """What waits for its file goes with it, but not once it was made something else."""
    gate = asyncio.Event()

    async def held(route: Route) -> None:
        await gate.wait()
        await route.continue_()

    await page.route("**/v1/files/*?offset=*", held)
    await page.get_by_test_id("file-input").set_input_files(file)
    soon, words = page.get_by_text("Goes as soon as the files are there"), unique("from behind")
    await page.get_by_test_id("composer").fill(words)
    await page.get_by_test_id("composer").press("Enter")
    await expect(soon).to_be_visible()
    await page.get_by_test_id("mode-note").click()  # an answer is no note
    await page.get_by_test_id("mode-message").click()
    await expect(soon).to_have_count(0)
    await page.get_by_test_id("composer").press("Enter")
    await expect(soon).to_be_visible()
    gate.set()
    await expect(page.get_by_test_id("file").filter(has_text=file["name"])).to_have_count(1)
    await expect(visitor.messages.filter(has_text=words)).to_have_count(1)
    await expect(page.get_by_test_id("note")).to_have_count(0)


async def common_file(server: Server, name: str) -> str:
    """A file that an admin has stored for every conversation; its id."""
    session = await agent_session(server.url, "demo", server.credentials["admin"])
    async with httpx.AsyncClient(base_url=server.url) as http:
        sent = await send(http, session["token"], name, b"A table: three hundred.")
    assert sent.status_code == 200, sent.text
    file: str = sent.json()["file"]
    return file


async def bring(page: Page, testid: str, event: str, name: str) -> None:
    """Paste a file, or drop it."""
    await page.get_by_test_id(testid).evaluate(
        """(place, [event, name]) => {
            const data = new DataTransfer();
            data.items.add(new File(["Three hundred, delivered."], name, { type: "text/plain" }));
            const more = { bubbles: true, cancelable: true };
            place.dispatchEvent(
                event === "paste" ? new ClipboardEvent(event, { clipboardData: data, ...more })
                                  : new DragEvent(event, { dataTransfer: data, ...more }));
        }""",
        [event, name],
    )


class Held:
    """What the server says on a desk's socket, which can be kept back for a while."""

    def __init__(self) -> None:
        self._kept: list[str | bytes] | None = None
        self._socket: WebSocketRoute | None = None

    async def watch(self, page: Page) -> None:
        """To be called before the page is opened."""

        def heard(said: str | bytes) -> None:
            if self._kept is not None:
                self._kept.append(said)
            elif self._socket is not None:
                self._socket.send(said)

        async def opened(socket: WebSocketRoute) -> None:
            self._socket = socket
            socket.connect_to_server().on_message(heard)

        await page.route_web_socket("**/ws/agent", opened)

    def hold(self) -> None:
        """From now on the page hears nothing."""
        self._kept = []

    def release(self) -> None:
        """It hears what was kept back, and all that comes."""
        assert self._socket is not None
        kept, self._kept = self._kept or [], None
        for said in kept:
            self._socket.send(said)


async def test_of_two_who_take_it_at_once_one_has_it(browser: Open, server: Server) -> None:
    """The other is told by whom; it is passed on, and stands beside what is asked later."""
    held, question = Held(), unique("who will help me")
    async with Client(await visitor_session(server.url, server.credentials["site"])) as visitor:
        await visitor.ack("start", body={"text": question})
        mia = await at_the_desk(browser, server, server.url)
        noah = await at_the_desk(browser, server, server.url, 1, held=held)
        for each in (mia, noah):
            await each.open_conversation(question)
            await each.shows(question)
            await each.page.get_by_test_id("lines").focus()
        held.hold()
        await mia.page.keyboard.press("t")
        taken = mia.page.get_by_test_id("system").filter(has_text="You took")
        await expect(taken).to_have_count(1)
        await noah.page.keyboard.press("t")
        await expect(noah.page.get_by_test_id("leave")).to_be_visible()
        held.release()
        late = noah.page.get_by_test_id("toast").filter(has_text="Mia has just taken it")
        await expect(late).to_be_visible()
        await expect(noah.page.get_by_test_id("take")).to_contain_text("Take over")
        await mia.page.keyboard.press("f")
        await mia.page.get_by_test_id("agent-choice").filter(has_text="Noah").click()
        given = noah.page.get_by_test_id("system").filter(has_text="Mia transferred it to you")
        await expect(given).to_be_visible()
        await expect(noah.page.get_by_test_id("leave")).to_be_visible()
        await noah.page.keyboard.press("Escape")
        await noah.page.keyboard.press("e")
        await expect(mia.page.get_by_test_id("reopen")).to_be_visible()
        later = unique("and another thing")
        await visitor.ack("start", body={"text": later})
    await noah.open_conversation(later)
    earlier = noah.page.get_by_test_id("earlier-conversation").filter(has_text=question)
    await earlier.click()
    await noah.shows(question)
    await expect(noah.page.get_by_test_id("tab")).to_have_count(2)
