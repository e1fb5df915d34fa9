"""The console's changes: each lasts and has its effect; of two who change one thing one is told."""

from __future__ import annotations

import re

from playwright.async_api import expect

from tests.browser.conftest import Open
from tests.browser.people import AdminPage, an_admin, an_agent, unique
from tests.browser.sites import an_owner
from tests.browser.test_admin_settings import SAVED, a_page_with, saves, visit
from tests.fixtures.server import Server


async def anew(admin: AdminPage) -> None:
    """The page, as the server has it now."""
    await admin.page.reload()
    await expect(admin.part("settings")).to_have_attribute("data-state", "ready")


async def test_of_two_who_change_one_thing_the_second_is_told(
    browser: Open, server: Server
) -> None:
    """Who was quicker and with what; one looks at it, has one's own back, and saves all the same."""
    key = unique("team").replace(" ", "-").lower()
    await (await an_owner(server)).department(key, "Team")
    place = f"#/settings/departments/{key}"
    first, second = [await an_admin(browser, server, place) for _ in range(2)]
    await second.part("name").fill("Second")
    await first.part("name").fill("First")
    await saves(first)
    await second.part("save").click()
    told = second.part("overtaken")
    await expect(told).to_contain_text("after you began")
    await expect(told).to_contain_text("What is new: name.")
    await expect(second.part("name")).to_have_value("Second")
    await second.part("overtaken-look").click()
    await expect(second.part("name")).to_have_value("First")
    await second.part("overtaken-back").click()
    await expect(second.part("name")).to_have_value("Second")
    await saves(second)
    await first.part("name").fill("Third")
    await first.part("save").click()
    await first.part("overtaken-insist").click()
    await expect(first.part("outcome")).to_have_text(SAVED)
    await anew(second)
    await expect(second.part("name")).to_have_value("Third")
    await first.part("remove").click()
    await first.part("confirm-yes").click()
    await expect(first.part("told")).to_have_text("Removed")
    await second.part("name").fill("Fourth")
    await second.part("save").click()
    await expect(told).to_contain_text("removed this")
    second.held()


async def test_a_site_is_removed_and_restored(browser: Open, server: Server) -> None:
    """By its name only; whoever is there is sent off, and the chat is back as it was."""
    name = unique("Short Shop")
    site = await (await an_owner(server)).site(name)
    snippet = f'<script src="{server.url}/widget.js" data-site="{site}" async></script>'
    page = await a_page_with(browser, server, snippet, "visitor")
    await page.get_by_test_id("launcher").click()
    await expect(page.get_by_test_id("composer")).to_be_visible()
    admin = await an_admin(browser, server, f"#/settings/sites/{site}")
    await admin.part("rotate").click()
    await admin.part("confirm-yes").click()
    await expect(admin.part("site-secret-text")).to_have_text(re.compile(r"^[\w-]{43}$"))
    await admin.part("site-secret-done").click()
    await admin.part("remove-site").click()
    await admin.part("confirm-name").fill(name[:-1])
    await expect(admin.part("confirm-yes")).to_be_disabled()
    await admin.part("confirm-name").fill(name)
    await admin.part("confirm-yes").click()
    await expect(admin.part("row").filter(has_text=name)).to_have_count(0)
    await expect(page.get_by_text("Chat is not available right now.")).to_be_visible()
    gone = admin.part("removed-site").filter(has_text=name)
    await gone.get_by_test_id("restore").click()
    await expect(admin.part("row").filter(has_text=name)).to_be_visible()
    await expect(gone).to_have_count(0)
    await page.reload()
    await expect(page.get_by_test_id("launcher")).to_be_visible()
    admin.held()


async def test_what_is_saved_stays_and_has_its_effect(browser: Open, server: Server) -> None:
    """A welcome, routing, a reply, a status and texts: loaded anew they are there, and hold."""
    site = await (await an_owner(server)).site(unique("Corner Shop"))
    admin = await an_admin(browser, server, "#/settings/welcomes/+")
    hello, title = unique("Good day"), unique("We are here")
    await admin.part("name").fill(hello)
    await admin.part("text-en").fill(f"{hello}!")
    await admin.part(f"site-{site}").check()
    await admin.part("save").click()
    row = admin.part("row").filter(has_text=hello)
    await row.get_by_role("link").click()
    await anew(admin)
    await expect(admin.part("text-en")).to_have_value(f"{hello}!")
    await visit(admin, f"settings/sites/{site}/texts")
    await admin.part("text-title").fill(title)
    await expect(admin.part("preview-hint")).to_contain_text("not saved yet")
    await saves(admin)
    await expect(admin.part("preview-hint")).to_contain_text("how visitors see it now")
    await anew(admin)
    await expect(admin.part("text-title")).to_have_value(title)
    snippet = f'<script src="{server.url}/widget.js" data-site="{site}" async></script>'
    page = await a_page_with(browser, server, snippet, "visitor")
    await expect(page.get_by_text(f"{hello}!")).to_be_visible()
    await page.get_by_test_id("launcher").click()
    await expect(page.get_by_text(title)).to_be_visible()
    await visit(admin, "settings/statuses/+")
    lunch = unique("Lunch")
    await admin.part("name-en").fill(lunch)
    await admin.part("save").click()
    await admin.part("row").filter(has_text=lunch).get_by_role("link").click()
    await anew(admin)
    await expect(admin.part("name-en")).to_have_value(lunch)
    await visit(admin, "settings/replies/+")
    short = unique("w").replace(" ", "")
    for part, text in [("shortcut", short), ("title", short), ("text", "Dear {{visitor.name}}")]:
        await admin.part(part).fill(text)
    await admin.part("save").click()
    await admin.part("row").filter(has_text=short).first.get_by_role("link").click()
    await anew(admin)
    await expect(admin.part("text")).to_have_value("Dear {{visitor.name}}")
    await visit(admin, "settings/routing")
    before = await admin.part("capacity").input_value()
    await admin.part("capacity").fill("7")
    try:
        await saves(admin)
        await anew(admin)
        await expect(admin.part("capacity")).to_have_value("7")
    finally:
        await admin.part("capacity").fill(before)
        await saves(admin)
    agent = await an_agent(browser, server, server.url)
    await expect(agent.page.get_by_test_id("list")).to_be_visible()
    chosen = agent.page.get_by_test_id("status").locator("option", has_text=lunch)
    await expect(chosen).to_have_count(1)
    admin.held()
