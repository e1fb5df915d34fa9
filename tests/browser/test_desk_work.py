"""An agent's work from a visitor's first word to the last, mostly by keyboard."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

from playwright.async_api import FilePayload, Page, expect

from tests.browser.axe import complaints
from tests.browser.conftest import Open, page_of
from tests.browser.people import AgentPage, VisitorPage, a_visitor, unique
from tests.browser.workspace import settle
from tests.fixtures.proxy import Network
from tests.fixtures.server import Server

PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAEAAAAAwCAIAAAAuKetIAAAARElEQVR42u3PQQkAAAgEsGtkIPt/TGEFv8JgBZbq"
    "eS0CAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAlcLXWRxABXoggcAAAAASUVORK5CYII="
)
"""64 by 48 pixels of one colour."""


async def at_the_desk(
    browser: Open, server: Server, url: str, number: int = 0, **options: Any
) -> AgentPage:
    """An agent of a workspace with departments, canned replies and tags."""
    profile = options.pop("profile", f"agent{number}")
    page = await page_of(await browser(profile, **options))
    await settle(page)
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
    """Name, canned reply, note, tags, leaving, a department, taking over, closing, and undo."""
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
    await keys.press("e")
    await expect(page.get_by_test_id("reopen")).to_be_visible()
    await page.get_by_test_id("toast-act").last.click()
    await expect(page.get_by_test_id("close")).to_be_visible()
    await expect(page.get_by_test_id("system").last).to_contain_text("reopened")


async def test_work_goes_on_without_a_network(
    browser: Open, server: Server, wire: Network, pictures: Path
) -> None:
    """What is said and done shows with honest marks, arrives later, and on all devices alike."""
    _, question = await asked(browser, server.url, "can you hear me")
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
    wire.restore()
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


async def test_who_is_on_the_site_is_found_and_invited(browser: Open, server: Server) -> None:
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
    await page.get_by_test_id("guest-filter").fill("nobody is called so")
    await expect(page.get_by_test_id("guests-empty")).to_be_visible()
    await page.keyboard.press("Escape")
    await page.keyboard.press("Escape")
    await expect(page.get_by_test_id("list")).to_be_visible()


async def test_files_go_along_with_words(
    browser: Open, server: Server, wire: Network, pictures: Path
) -> None:
    """By button, by paste and by drop, with progress; what is refused says why; both sides see."""
    visitor, question = await asked(browser, server.url, "do you have a picture")
    agent = await at_the_desk(browser, server, wire.url)
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
    await expect(attached).to_have_count(3)
    await expect(page.locator('[data-testid="attachment"][data-state="ready"]')).to_have_count(3)
    await page.screenshot(path=pictures / "desk-attached.png")
    await agent.say("Here it is.")
    await expect(attached).to_have_count(0)
    files = page.get_by_test_id("file")
    await expect(files).to_have_count(3)
    await expect(files.first.locator("img")).to_be_visible()
    async with page.expect_download() as download:
        await files.last.click()
    assert (await download.value).suggested_filename == "offer.txt"
    await expect(visitor.messages).to_have_count(5)
    await page.screenshot(path=pictures / "desk-files.png")


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
