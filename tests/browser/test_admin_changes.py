"""The console's changes: each lasts and has its effect; of two who change one thing one is told."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import PIPE

import httpx
from playwright.async_api import FilePayload, expect

from tests.browser.conftest import Open, page_of
from tests.browser.people import AdminPage, VisitorPage, an_admin, an_agent, unique
from tests.browser.sites import an_owner, open_shop
from tests.browser.test_admin_settings import SAVED, a_page_with, saves, visit
from tests.fixtures.server import Server


async def anew(admin: AdminPage) -> None:
    """The page, as the server has it now."""
    await admin.page.reload()
    await expect(admin.part("settings")).to_have_attribute("data-state", "ready")


async def test_of_two_who_change_one_thing_the_second_is_told(
    browser: Open, server: Server
) -> None:
    """Who was quicker, with what; one looks at it, has one's own back, and saves all the same."""
    key = unique("team").replace(" ", "-").lower()
    await (await an_owner(server)).department(key, "Team")
    place = f"#/settings/departments/{key}"
    first = await an_admin(browser, server, place)
    second = AdminPage(await page_of(await browser("second")))
    await second.sign_in(server.url, server.credentials["admin"], place)
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
    """By its name only; whoever is there is sent off, and comes back to what was said."""
    name = unique("Short Shop")
    site = await (await an_owner(server)).site(name)
    async with open_shop(server) as shop:
        visitor = VisitorPage(await page_of(await browser("visitor")))
        await shop.open(visitor.page, site)
        await visitor.open_chat()
        await visitor.say("Hello")
        await visitor.sent(1)
        admin = await an_admin(browser, server, f"#/settings/sites/{site}")
        await rotates(admin, server, site)
        await admin.part("remove-site").click()
        await admin.part("confirm-name").fill(name[:-1])
        await expect(admin.part("confirm-yes")).to_be_disabled()
        await admin.part("confirm-name").fill(name)
        await admin.part("confirm-yes").click()
        gone = admin.part("removed-site").filter(has_text=name)
        await expect(gone).to_be_visible()
        await expect(admin.part("row").filter(has_text=name)).to_have_count(0)
        away = visitor.page.get_by_text("Chat is not available right now.")
        await expect(away).to_be_visible()
        await gone.get_by_test_id("restore").click()
        await expect(admin.part("row").filter(has_text=name)).to_be_visible()
        await expect(gone).to_have_count(0)
        await shop.open(visitor.page, site)
        await visitor.open_chat()
        await visitor.shows("Hello")
        await visitor.say("Again")
        await visitor.sent(2)
    admin.held()


async def rotates(admin: AdminPage, server: Server, site: str) -> None:
    """Draw a new secret, which is shown once; what is shown beside it signs a user."""
    await admin.part("rotate").click()
    await admin.part("confirm-yes").click()
    secret = str(await admin.part("site-secret-text").text_content())
    program = str(await admin.part("signing").text_content()) + '\nprint(identity("ada"))'
    signer = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, env={"PARLEY_SITE_SECRET": secret}, stdout=PIPE
    )
    told, _ = await signer.communicate()
    asked = {"site": site, "identity": json.loads(told)}
    async with httpx.AsyncClient() as http:
        known = await http.post(f"{server.url}/v1/visitor/sessions", json=asked)
    assert known.status_code == 200, known.text
    await admin.part("site-secret-done").click()
    await expect(admin.part("site-secret-text")).to_have_count(0)


async def adds(admin: AdminPage, section: str, said: dict[str, str], *ticked: str) -> None:
    """Add one of a section with these texts, which is still there when it is loaded anew."""
    await visit(admin, f"settings/{section}/+")
    for part, text in said.items():
        await admin.part(part).fill(text)
    for part in ticked:
        await admin.part(part).check()
    await admin.part("save").click()
    name = next(iter(said.values()))
    await admin.part("row").filter(has_text=name).get_by_role("link").click()
    await anew(admin)
    for part, text in said.items():
        await expect(admin.part(part)).to_have_value(text)


async def test_what_is_saved_stays_and_has_its_effect(browser: Open, server: Server) -> None:
    """A welcome, texts, a status, a reply and routing: loaded anew they are there, and hold."""
    site = await (await an_owner(server)).site(unique("Corner Shop"))
    admin = await an_admin(browser, server, "#/settings/sites")
    hello, title, lunch = unique("Good day"), unique("We are here"), unique("Lunch")
    await adds(admin, "welcomes", {"name": hello, "text-en": f"{hello}!"}, f"site-{site}")
    await adds(admin, "statuses", {"name-en": lunch})
    short = unique("w").replace(" ", "")
    await adds(admin, "replies", {"shortcut": short, "title": "Dear", "text": "{{visitor.name}}!"})
    await gives_file(admin)
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
    await keeps_capacity(admin)
    agent = await an_agent(browser, server, server.url)
    await agent.page.get_by_test_id("me").click()
    await expect(agent.page.get_by_test_id("status-choice").filter(has_text=lunch)).to_have_count(1)
    admin.held()


async def gives_file(admin: AdminPage) -> None:
    """Put a file beside a reply, which is still there when it is loaded anew, and take it away."""
    given: FilePayload = {
        "name": "prices.txt",
        "mimeType": "text/plain",
        "buffer": b"Shoes: 80",
    }
    await admin.part("file-input").set_input_files(given)
    await expect(admin.part("file-name")).to_have_text("prices.txt")
    await saves(admin)
    await anew(admin)
    await expect(admin.part("file-name")).to_have_text("prices.txt")
    await admin.part("file-remove").click()
    await saves(admin)
    await expect(admin.part("file-choose")).to_be_visible()


async def keeps_capacity(admin: AdminPage) -> None:
    """Another capacity is there when the page is loaded anew; then it is as before."""
    await visit(admin, "settings/routing")
    before = await admin.part("capacity").input_value()
    for value in ("17", before):
        await admin.part("capacity").fill(value)
        await saves(admin)
        await anew(admin)
        await expect(admin.part("capacity")).to_have_value(value)
