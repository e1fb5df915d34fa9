"""The main job, as people do it: demo page and desk in Chromium, against the running product."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

import psutil
from playwright.async_api import expect

from tests.browser.conftest import Open, page_of
from tests.browser.people import AgentPage, VisitorPage, a_visitor, an_agent, unique
from tests.fixtures.proxy import Network, network
from tests.fixtures.server import Server


async def test_message_both_ways(
    browser: Open, server: Server, wire: Network, pictures: Path
) -> None:
    """A visitor asks, an agent answers, each sees the other's words, and how far they got."""
    visitor = await a_visitor(browser, wire.url)
    question = "Do you ship to Norway?"
    await visitor.say(question)
    agent = await an_agent(browser, server, wire.url)
    await agent.open_conversation(question)
    await agent.shows(question)
    await agent.say("Yes, in two days.")
    await visitor.shows(question, "Yes, in two days.")
    await agent.shows(question, "Yes, in two days.")
    await expect(visitor.page.locator('[data-state="read"]')).to_have_count(1)
    await visitor.page.screenshot(path=pictures / "demo.png")
    await agent.page.screenshot(path=pictures / "desk.png")
    await visitor.page.get_by_test_id("close").click()
    await agent.say("Which size is it?")
    asked = agent.page.get_by_test_id("message").filter(has_text="Which size")
    await expect(asked).to_have_attribute("data-state", "delivered")
    await agent.page.get_by_test_id("tab-close").click()
    await visitor.open_chat()
    await visitor.say("The large one")
    said = visitor.messages.filter(has_text="The large one")
    await expect(said).to_have_attribute("data-state", "delivered")
    await agent.open_conversation("The large one")
    await expect(asked).to_have_attribute("data-state", "read")
    await expect(said).to_have_attribute("data-state", "read")


async def test_on_a_phone(browser: Open, server: Server, wire: Network, pictures: Path) -> None:
    """Widget and desk on a phone: usable, and nothing wider than the screen."""
    visitor = VisitorPage(await page_of(await browser("phone-visitor", phone=True)))
    await visitor.open(wire.url)
    question = unique("On my phone")
    await visitor.say(question)
    await visitor.sent(1)
    await visitor.page.screenshot(path=pictures / "demo-phone.png")
    agent = AgentPage(await page_of(await browser("phone-agent", phone=True)))
    await agent.sign_in(wire.url, server.credentials["agents"][1])
    await agent.page.get_by_test_id("list-item").first.wait_for()
    await agent.page.screenshot(path=pictures / "desk-list-phone.png")
    await agent.open_conversation(question)
    await agent.say("On mine too")
    await visitor.shows(question, "On mine too")
    await agent.page.screenshot(path=pictures / "desk-phone.png")
    for page in (visitor.page, agent.page):
        width = await page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390


async def test_in_chinese(browser: Open, wire: Network, pictures: Path) -> None:
    """A Chinese browser gets the widget and the desk in Chinese."""
    context = await browser("chinese", locale="zh-CN")
    visitor = VisitorPage(await page_of(context))
    await visitor.open(wire.url)
    placeholder = await visitor.page.get_by_test_id("composer").get_attribute("placeholder")
    assert placeholder is not None
    assert any("\u4e00" <= sign <= "\u9fff" for sign in placeholder)
    await visitor.page.screenshot(path=pictures / "demo-zh.png")
    await visitor.page.goto(f"{wire.url}/desk")
    button = visitor.page.get_by_test_id("login-submit")
    assert any("\u4e00" <= sign <= "\u9fff" for sign in await button.inner_text())
    await visitor.page.screenshot(path=pictures / "desk-zh.png")


async def test_the_network_is_cut_and_comes_back(
    browser: Open, server: Server, wire: Network, pictures: Path
) -> None:
    """What is written in a tunnel waits, says so, and goes out once, in order."""
    visitor = await a_visitor(browser, wire.url)
    first = unique("before")
    await visitor.say(first)
    await visitor.sent(1)
    agent = await an_agent(browser, server, server.url)
    await agent.open_conversation(first)
    wire.cut()
    await visitor.say("in the tunnel, one")
    await visitor.say("in the tunnel, two")
    await expect(visitor.page.locator('[data-state="sending"]')).to_have_count(2)
    await agent.say("are you there?")
    await agent.sent(1)
    await visitor.page.screenshot(path=pictures / "demo-offline.png")
    wire.restore()
    await visitor.sent(3)
    texts = [first, "are you there?", "in the tunnel, one", "in the tunnel, two"]
    await visitor.shows(*texts)
    await agent.shows(*texts)


async def test_reload_with_a_message_unsent(browser: Open, wire: Network) -> None:
    """A message that had not left when the page was reloaded is sent, once."""
    visitor = await a_visitor(browser, wire.url)
    await visitor.say("first")
    await visitor.sent(1)
    wire.cut()
    await visitor.say("unsent")
    await expect(visitor.page.locator('[data-state="sending"]')).to_have_count(1)
    wire.restore()
    await visitor.page.reload()
    await visitor.open_chat()
    await visitor.shows("first", "unsent")
    await visitor.sent(2)


async def test_the_browser_is_killed_with_a_message_unsent(browser: Open, wire: Network) -> None:
    """Kill -9 of Chromium: the message was on disk before anything else, and is sent, once."""
    context = await browser("killed")
    visitor = VisitorPage(await page_of(context))
    await visitor.open(wire.url)
    await visitor.say("first")
    await visitor.sent(1)
    wire.cut()
    await visitor.say("unsent")
    await expect(visitor.page.locator('[data-state="sending"]')).to_have_count(1)
    await kill_browser("killed")
    wire.restore()
    again = await a_visitor(browser, wire.url, "killed")
    await again.shows("first", "unsent")
    await again.sent(2)


async def kill_browser(profile: str) -> None:
    """Kill -9 of every process of this test's own Chromium on a profile, until none is left."""
    while ours := [each for each in psutil.Process().children(recursive=True) if on(each, profile)]:
        for process in ours:
            with suppress(psutil.Error):
                process.kill()
        await asyncio.sleep(0.01)


def on(process: psutil.Process, profile: str) -> bool:
    """Whether this is a living process of a test's Chromium on a profile."""
    try:
        command = " ".join(process.cmdline())
    except psutil.Error:
        return False
    return f"/{profile}" in command and "parley-browser-" in command


async def test_two_tabs(browser: Open, wire: Network) -> None:
    """Two tabs of one visitor show one conversation; what either writes is there once in both."""
    context = await browser("tabs")
    one = VisitorPage(await page_of(context))
    two = VisitorPage(await context.new_page())
    await one.open(wire.url)
    await one.say("from one")
    await one.sent(1)
    await two.open(wire.url)
    await two.shows("from one")
    await two.say("from two")
    await one.shows("from one", "from two")
    wire.cut()
    await one.say("cut, one")
    await two.say("cut, two")
    wire.restore()
    await one.sent(4)
    await two.sent(4)
    await expect(one.messages).to_have_count(4)
    shown = await one.page.get_by_test_id("message-text").all_inner_texts()
    assert set(shown) == {"from one", "from two", "cut, one", "cut, two"}
    await two.shows(*shown)


async def test_the_server_is_killed_while_they_talk(browser: Open, own_server: Server) -> None:
    """Somebody types, an agent answers, while the server is being killed; twice."""
    async with network(own_server.port) as wire:
        visitor = await a_visitor(browser, wire.url)
        await visitor.say("hello")
        await visitor.sent(1)
        agent = await an_agent(browser, own_server, wire.url)
        await agent.open_conversation("hello")
        said = ["hello"]
        for n in (1, 2):
            own_server.kill()
            await visitor.say(f"visitor {n}")
            await agent.say(f"agent {n}")
            await asyncio.to_thread(own_server.start)
            await visitor.sent(1 + n)
            await agent.sent(n)
            await expect(agent.page.get_by_test_id("message-text")).to_have_count(1 + 2 * n)
            said += [f"visitor {n}", f"agent {n}"]
        shown = await agent.page.get_by_test_id("message-text").all_inner_texts()
        assert sorted(shown) == sorted(said)
        await visitor.shows(*shown)


async def test_the_desk_survives_a_reload(browser: Open, server: Server, wire: Network) -> None:
    """The cookie signs the agent in again, and an unsent answer goes out."""
    visitor = await a_visitor(browser, server.url)
    question = unique("reload the desk")
    await visitor.say(question)
    agent = await an_agent(browser, server, wire.url)
    await agent.open_conversation(question)
    wire.cut()
    await agent.say("written while away")
    await expect(agent.page.locator('[data-state="sending"]')).to_have_count(1)
    wire.restore()
    await agent.page.reload()
    await visitor.shows(question, "written while away")
    await agent.open_conversation("written while away")
    await agent.shows(question, "written while away")


async def test_markup_is_text(browser: Open, server: Server, wire: Network) -> None:
    """What looks like HTML is shown as written, on both sides, and runs nowhere."""
    visitor = await a_visitor(browser, wire.url)
    text = unique("<img src=x onerror=document.title='hacked'> <b>bold</b> & \u202eright to left")
    await visitor.say(text)
    await visitor.shows(text)
    agent = await an_agent(browser, server, wire.url)
    await agent.open_conversation("onerror")
    await agent.shows(text)
    for page in (visitor.page, agent.page):
        assert "hacked" not in await page.title()


async def test_a_link_of_the_site_is_followed(browser: Open, wire: Network) -> None:
    """The next page shows the chat as it was left, half-written words too, and keeps its focus."""
    visitor = await a_visitor(browser, wire.url)
    page = visitor.page
    await page.get_by_test_id("composer").fill("half written")
    await page.goto(f"{wire.url}/demo?page=2")
    await expect(page.get_by_test_id("composer")).to_have_value("half written")
    assert await page.evaluate("document.activeElement === document.body")
    await page.get_by_test_id("close").click()
    await page.reload()
    await expect(page.get_by_test_id("launcher")).to_be_visible()
    await expect(page.get_by_test_id("window")).to_have_count(0)


async def test_a_link_is_followed_on_a_phone(browser: Open, wire: Network) -> None:
    """Where the chat would cover the page that was asked for, it waits with what was written."""
    visitor = VisitorPage(await page_of(await browser("phone-visitor", phone=True)))
    await visitor.open(wire.url)
    page = visitor.page
    await page.get_by_test_id("composer").fill("half written")
    await page.goto(f"{wire.url}/demo?page=2")
    await expect(page.get_by_test_id("launcher")).to_be_visible()
    await expect(page.get_by_test_id("window")).to_have_count(0)
    await visitor.open_chat()
    await expect(page.get_by_test_id("composer")).to_have_value("half written")
