"""The desk by keyboard, by the browser's own buttons, and where the server cannot be reached."""

from __future__ import annotations

from playwright.async_api import expect

from tests.browser.conftest import Open, page_of
from tests.browser.people import AgentPage, a_visitor, an_agent, unique
from tests.fixtures.proxy import Network
from tests.fixtures.server import Server


async def test_back_leads_to_the_list_and_a_reload_to_the_same_tabs(
    browser: Open, server: Server
) -> None:
    """Back goes from a conversation to the list, and what was open is open after a reload."""
    questions = [unique("one"), unique("two")]
    for question in questions:
        visitor = await a_visitor(browser, server.url, question)
        await visitor.say(question)
        await visitor.sent(1)
    agent = AgentPage(await page_of(await browser("agent0", phone=True)))
    await agent.sign_in(server.url, server.credentials["agents"][0])
    page = agent.page
    await agent.open_conversation(questions[0])
    await agent.shows(questions[0])
    await page.go_back()
    await expect(page.get_by_test_id("list")).to_be_visible()
    await agent.open_conversation(questions[1])
    await page.reload()
    await agent.shows(questions[1])
    await expect(page.get_by_test_id("tab")).to_have_count(2)


async def test_help_is_a_dialog(browser: Open, server: Server) -> None:
    """While the help is shown no shortcut works behind it, and afterwards the focus is back."""
    visitor = await a_visitor(browser, server.url)
    question = unique("help")
    await visitor.say(question)
    agent = await an_agent(browser, server, server.url)
    await agent.open_conversation(question)
    await agent.shows(question)
    keys = agent.page.keyboard
    await agent.page.get_by_test_id("lines").focus()
    await keys.press("?")
    await expect(agent.page.get_by_test_id("help")).to_be_visible()
    await keys.press("x")
    await expect(agent.page.get_by_test_id("tab")).to_have_count(1)
    await keys.press("Escape")
    await expect(agent.page.get_by_test_id("help")).to_have_count(0)
    await expect(agent.page.get_by_test_id("lines")).to_be_focused()


async def test_a_key_held_down_closes_once(browser: Open, server: Server) -> None:
    """A finger that lies too long on a key does not close and reopen all the while."""
    visitor = await a_visitor(browser, server.url)
    question = unique("held")
    await visitor.say(question)
    agent = await an_agent(browser, server, server.url)
    await agent.open_conversation(question)
    await agent.page.get_by_test_id("lines").focus()
    await agent.page.keyboard.down("e")
    await expect(agent.page.get_by_test_id("reopen")).to_be_visible()
    await agent.page.keyboard.down("e")
    await agent.page.keyboard.up("e")
    await agent.page.keyboard.press("n")
    await agent.say("after it")
    await expect(agent.page.get_by_test_id("note")).to_have_attribute("data-state", "sent")
    await expect(agent.page.get_by_test_id("reopen")).to_be_visible()


async def test_the_arrows_move_through_a_menu(browser: Open, server: Server) -> None:
    """One assigns, and says how one is, without a mouse; Escape leads back; one's account opens."""
    visitor = await a_visitor(browser, server.url)
    question = unique("menu")
    await visitor.say(question)
    agent = await an_agent(browser, server, server.url)
    await agent.open_conversation(question)
    page, keys = agent.page, agent.page.keyboard
    await page.get_by_test_id("assign").focus()
    await keys.press("Enter")
    await expect(page.get_by_test_id("agent-choice").first).to_be_focused()
    await keys.press("ArrowUp")
    await expect(page.get_by_test_id("agent-choice").last).to_be_focused()
    await keys.press("ArrowDown")
    await expect(page.get_by_test_id("agent-choice").first).to_be_focused()
    await keys.press("Escape")
    await expect(page.get_by_test_id("agent-choice")).to_have_count(0)
    await expect(page.get_by_test_id("assign")).to_be_focused()
    await keys.press("s")
    choices = page.get_by_test_id("me-menu").get_by_role("menuitemradio")
    await expect(choices.filter(has_text="Online")).to_be_focused()
    await keys.press("ArrowDown")
    await keys.press("Enter")
    await expect(page.get_by_test_id("status")).to_have_attribute("data-status", "busy")
    await expect(page.get_by_test_id("me")).to_be_focused()
    await keys.press("Enter")
    async with page.expect_popup() as account:
        await page.get_by_test_id("me-account").press("Enter")
    await expect((await account.value).get_by_text("Change password")).to_be_visible()


async def test_who_signs_out_without_a_network_is_out(
    browser: Open, server: Server, wire: Network
) -> None:
    """Signing out cannot fail: the door stays shut after a reload, and the cookie is given up."""
    agent = await an_agent(browser, server, wire.url)
    await agent.page.get_by_test_id("list").wait_for()
    wire.cut()
    await agent.page.get_by_test_id("me").click()
    await agent.page.get_by_test_id("sign-out").click()
    await expect(agent.page.get_by_test_id("login-submit")).to_be_visible()
    wire.restore()
    async with agent.page.expect_response(
        lambda answer: answer.request.method == "DELETE" and answer.status == 204
    ):
        await agent.page.reload()
    await agent.page.reload()
    await expect(agent.page.get_by_test_id("login-submit")).to_be_visible()


async def test_a_server_that_cannot_be_reached_is_told(browser: Open, wire: Network) -> None:
    """A desk that opens while the server is away says so, and comes by itself."""
    page = await page_of(await browser("early"))
    await page.route("**/v1/agent/sessions", lambda route: route.abort())
    await page.goto(f"{wire.url}/desk")
    await expect(page.get_by_role("status")).to_contain_text("cannot be reached")
    await page.unroute("**/v1/agent/sessions")
    await expect(page.get_by_test_id("login-submit")).to_be_visible()
