"""The console's settings: what an administrator changes holds at once, and is not lost."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser.axe import complaints
from tests.browser.conftest import Open, page_of
from tests.browser.people import AdminPage, AgentPage, an_admin, unique
from tests.fixtures.server import Server

SAVED = "Saved. It is in force now."
TEAL = "rgb(15, 118, 110)"
PAGES = [
    "live",
    "settings/sites",
    "settings/sites/SITE",
    "settings/sites/SITE/look",
    "settings/sites/SITE/texts",
    "settings/sites/SITE/forms",
    "settings/departments",
    "settings/departments/+",
    "settings/agents",
    "settings/agents/+",
    "settings/hours",
    "settings/welcomes/+",
    "settings/receptions/+",
    "settings/routing",
    "settings/replies/+",
    "settings/tags",
    "settings/statuses/+",
    "settings/account",
]

PHONE_PAGES = [
    "live",
    "settings/sites/SITE/look",
    "settings/sites/SITE/forms",
    "settings/agents",
    "settings/hours",
    "settings/welcomes/+",
]


async def saves(admin: AdminPage) -> None:
    """Save, and see that it is saved."""
    await admin.part("save").click()
    await expect(admin.part("outcome")).to_have_text(SAVED)


async def visit(admin: AdminPage, place: str) -> None:
    """Go to a part of the settings by its address."""
    await admin.page.goto(f"{admin.page.url.split('#')[0]}#/{place}")


async def a_page_with(browser: Open, server: Server, snippet: str, name: str) -> Page:
    """Somebody's page with the chat on it, opened by a visitor who was never there."""
    page = await page_of(await browser(name))
    body = f"<!doctype html><title>Shop</title><h1>Shop</h1>{snippet}"
    await page.route("**/shop", lambda route: route.fulfill(body=body, content_type="text/html"))
    await page.goto(f"{server.url}/shop")
    return page


async def changes_password(agent: AgentPage, server: Server, old: str) -> str:
    """Choose a password of one's own, for which one is then asked at the door."""
    await agent.page.goto(f"{server.url}/admin")
    await agent.page.get_by_test_id("own-password").click()
    fresh = unique("four words of mine")
    for part, text in [("old", "not this one"), ("fresh", fresh), ("again", fresh)]:
        await agent.page.get_by_test_id(part).fill(text)
    await agent.page.get_by_test_id("save").click()
    await expect(agent.page.get_by_test_id("problem")).to_have_text("This is not your password.")
    await agent.page.get_by_test_id("old").fill(old)
    await agent.page.get_by_test_id("save").click()
    await expect(agent.page.get_by_test_id("login-password")).to_be_visible()
    return fresh


async def test_a_site_is_what_its_snippet_shows(browser: Open, server: Server) -> None:
    """A colour, a form and hours that are chosen here are the next visitor's, without a restart."""
    admin = await an_admin(browser, server, "#/settings/sites")
    await admin.part("add").click()
    await admin.part("name").fill(unique("Nordic Shop"))
    await admin.part("save").click()
    secret = str(await admin.part("site-secret-text").text_content())
    await expect(admin.part("signing")).to_contain_text("hmac.digest")
    await admin.part("site-secret-done").click()
    await expect(admin.page.get_by_text(secret)).to_have_count(0)
    snippet = str(await admin.part("snippet").text_content())
    assert re.search(r'<script src=".*/widget.js" data-site="[\w-]+" async></script>', snippet)
    await admin.part("tab-look").click()
    await admin.part("color").fill("#ffee88")
    await expect(admin.part("contrast")).to_have_attribute("data-verdict", "hidden")
    await admin.part("color").fill("#0f766e")
    await expect(admin.part("contrast")).to_have_attribute("data-verdict", "good")
    await expect(admin.part("preview")).to_have_attribute("data-color", "#0f766e")
    await saves(admin)
    await expect(admin.part("changed")).to_contain_text("by ")
    await admin.part("tab-forms").click()
    await admin.part("offline-on").check()
    await expect(admin.part("offline-field")).to_have_count(3)
    await saves(admin)
    page = await a_page_with(browser, server, snippet, "before")
    await expect(page.get_by_test_id("launcher")).to_have_css("background-color", TEAL)
    await page.get_by_test_id("launcher").click()
    await expect(page.get_by_test_id("composer")).to_be_visible()
    await visit(admin, "settings/hours")
    try:
        await admin.part("hours-week").check()
        while await admin.part("remove-shift").count():
            await admin.part("remove-shift").first.click()
        await saves(admin)
        await expect(admin.part("open-now")).to_have_text("Closed now")
        late = await a_page_with(browser, server, snippet, "after")
        await late.get_by_test_id("launcher").click()
        await expect(late.get_by_label("E-mail")).to_be_visible()
        await expect(late.get_by_test_id("composer")).to_have_count(0)
    finally:
        await admin.part("hours-always").check()
        await saves(admin)
    await expect(admin.part("open-now")).to_have_text("Open now")
    admin.held()


async def test_agents_are_let_in_and_go(browser: Open, server: Server) -> None:
    """A drawn password is shown once and opens the desk; whoever is deactivated stays out."""
    admin = await an_admin(browser, server, "#/settings/agents/+")
    address = f"{unique('ben').replace(' ', '-')}@shop.example"
    await admin.part("save").click()
    await expect(admin.part("email")).to_be_focused()
    await admin.part("email").fill(address)
    await admin.part("name").fill("Ben Berg")
    await admin.part("role-limited").check()
    await admin.part("save").click()
    password = await admin.part("secret-password").text_content()
    await admin.part("secret-done").click()
    row = admin.part("row").filter(has_text=address)
    await expect(row).to_contain_text("Limited agent")
    await expect(admin.page.get_by_text(str(password))).to_have_count(0)
    ben = AgentPage(await page_of(await browser("ben")))
    await ben.sign_in(server.url, {"email": address, "password": password})
    await expect(ben.page.get_by_test_id("list")).to_be_visible()
    password = await changes_password(ben, server, str(password))
    await ben.sign_in(server.url, {"email": address, "password": password})
    await expect(ben.page.get_by_test_id("list")).to_be_visible()
    await row.get_by_role("link").click()
    await expect(admin.part("role-limited")).to_be_checked()
    await expect(admin.part("changed")).to_contain_text("by Alex Admin")
    await admin.part("deactivate").click()
    await admin.part("confirm-yes").click()
    await expect(admin.part("told")).to_contain_text("Ben Berg is deactivated")
    await expect(row).to_have_count(0)
    await ben.page.context.clear_cookies()
    await ben.sign_in(server.url, {"email": address, "password": password})
    await expect(ben.page.get_by_test_id("login-error")).not_to_be_empty()
    admin.held()


async def test_nothing_written_is_lost_or_taken_wrongly(browser: Open, server: Server) -> None:
    """What is wrong stands at its field; whoever goes is asked; keys save; a rule is a sentence."""
    admin = await an_admin(browser, server, "#/settings/departments/+")
    await admin.part("save").click()
    await expect(admin.part("name")).to_be_focused()
    await expect(admin.part("problem")).to_have_text(["This is missing."])
    team = unique("Returns")
    await admin.part("name").fill(team)
    await admin.part("nav-receptions").click()
    await admin.part("leaving-stay").click()
    await expect(admin.part("name")).to_have_value(team)
    await admin.page.go_back()
    await admin.part("leaving-save").click()
    await expect(admin.page).to_have_url(re.compile("#/settings/receptions$"))
    await visit(admin, "settings/receptions/+")
    await admin.part("name").fill(unique("Trouble"))
    await admin.part("then-department").select_option(label=team)
    await admin.part("when-page").fill("checkout")
    await admin.part("when-page").press("Tab")
    await expect(admin.part("problem")).to_contain_text(["A path such as"])
    await admin.part("when-page").fill("/checkout*")
    sentence = f"Conversations on pages that begin with /checkout: go to {team}."
    await expect(admin.part("sentence")).to_have_text(sentence)
    await admin.page.keyboard.press("Control+s")
    row = admin.part("row").filter(has_text=sentence)
    await row.get_by_test_id("row-enabled").uncheck()
    await expect(admin.part("told")).to_have_text(SAVED)
    await row.get_by_role("link").click()
    await expect(admin.part("enabled")).not_to_be_checked()
    await admin.page.reload()  # the address is all that is shown
    await admin.part("save").click()
    await expect(admin.part("outcome")).to_have_text("Nothing was changed.")
    await admin.part("remove").click()
    await admin.part("confirm-yes").click()
    await expect(row).to_have_count(0)
    admin.held()


@pytest.mark.parametrize(("language", "pages"), [("en-GB", PAGES), ("zh-CN", PHONE_PAGES)])
async def test_everybody_can_use_it(
    browser: Open, server: Server, pictures: Path, language: str, pages: list[str]
) -> None:
    """Axe finds nothing, in both languages; on a phone nothing is wider than the screen."""
    phone = pages is PHONE_PAGES
    admin = await an_admin(browser, server, phone=phone, locale=language, reduced_motion="reduce")
    site = server.credentials["site"]
    for place in pages:
        await visit(admin, place.replace("SITE", site))
        await expect(admin.page.locator("main [aria-busy=true], .skeleton")).to_have_count(0)
        assert (place, await complaints(admin.page, "")) == (place, [])
        assert await admin.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        name = place.replace("/", "-")
        await admin.page.screenshot(path=pictures / f"admin-{name}-{language}.png", full_page=True)
    admin.held()
