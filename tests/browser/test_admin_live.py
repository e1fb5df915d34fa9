"""The console's first page: who waits, who is served, who is there, as it happens."""

from __future__ import annotations

from playwright.async_api import expect

from tests.browser.conftest import Open
from tests.browser.people import a_visitor, an_admin, an_agent, unique
from tests.fixtures.server import Server


async def test_what_happens_is_seen_as_it_happens(browser: Open, server: Server) -> None:
    """A visitor waits, an agent comes and serves; without the server the last look stays."""
    admin = await an_admin(browser, server)
    await expect(admin.part("live")).to_have_attribute("data-state", "ready")
    visitor = await a_visitor(browser, server.url)
    question = unique("is anybody there")
    await visitor.say(question)
    await visitor.sent(1)
    agent = await an_agent(browser, server, server.url)
    await agent.open_conversation(question)
    shown = agent.page.get_by_test_id("conversation")
    id_ = await shown.get_attribute("data-conversation")
    here = admin.page.locator(f'[data-conversation="{id_}"]')
    await expect(admin.part("waiting-row").and_(here)).to_contain_text("No department")
    me = admin.part("agent-row").and_(admin.page.locator('[data-online="true"]'))
    await expect(me.first).to_contain_text("Online")
    await expect(admin.part("figure-present").locator(".tile-value")).not_to_have_text("0")
    await agent.page.get_by_test_id("take").click()
    await agent.say("Yes, I am")
    row = admin.part("serving-row").and_(here)
    await expect(row).to_contain_text("by ")
    await expect(admin.part("waiting-row").and_(here)).to_have_count(0)
    await visitor.say("Good!")
    await expect(row.locator("time")).to_contain_text("waits")
    await admin.page.route("**/v1/live", lambda route: route.abort("connectionrefused"))
    await expect(admin.part("stale")).to_contain_text("You see what was so at")
    await expect(row).to_be_visible()
    await admin.page.unroute("**/v1/live")
    await expect(admin.part("stale")).to_have_count(0)
    await row.get_by_role("link").click()
    await expect(admin.part("past")).to_have_attribute("data-conversation", str(id_))
    admin.held()
