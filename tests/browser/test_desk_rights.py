"""An agent whose rights end somewhere: what may not be read any more leaves the screen."""

from __future__ import annotations

import asyncio
import json

from playwright.async_api import expect

from tests.browser.conftest import Open, page_of
from tests.browser.people import AgentPage, a_visitor, an_agent, unique
from tests.fixtures.server import Server


async def test_a_conversation_that_is_lost_leaves_the_desk(browser: Open, server: Server) -> None:
    """It goes to somebody else: its tab is shut with a word, and the list forgets what was said."""
    email = f"{unique('lea').replace(' ', '-')}@demo.example"
    made = await asyncio.to_thread(
        server.parley,
        *("agent", "create", "--tenant", "demo", "--email", email, "--role", "limited", "--json"),
    )
    limited = AgentPage(await page_of(await browser("limited")))
    await limited.sign_in(server.url, json.loads(made.stdout))
    visitor = await a_visitor(browser, server.url)
    question = unique("whose is it")
    await visitor.say(question)
    boss = await an_agent(browser, server, server.url)
    await boss.open_conversation(question)
    await boss.page.get_by_test_id("assign").click()
    lea = json.loads(made.stdout)["agent"]
    await boss.page.locator(f'[data-testid="agent-choice"][data-agent="{lea}"]').click()
    await limited.open_conversation(question)
    await limited.shows(question)
    await boss.page.get_by_test_id("take").click()
    await expect(
        limited.page.get_by_test_id("toast").filter(has_text="no longer read")
    ).to_be_visible()
    await expect(limited.page.get_by_test_id("tab")).to_have_count(0)
    await expect(limited.page.get_by_text(question)).to_have_count(0)
