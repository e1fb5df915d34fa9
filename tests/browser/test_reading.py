"""Reading a long conversation: a reader's place is not lost, on either side."""

from __future__ import annotations

from playwright.async_api import Locator, expect

from tests.browser.conftest import Open
from tests.browser.people import a_visitor, an_agent, unique
from tests.browser.sites import who
from tests.fixtures.client import Client, agent_session
from tests.fixtures.proxy import Network
from tests.fixtures.server import Server

KEPT = 300
"""Lines of a conversation that a browser keeps."""

BOOKS = """async () => {
  const name = Object.keys(localStorage).find(key => key.endsWith(":visit")).slice(0, -6);
  const db = await new Promise(done => {
    const asked = indexedDB.open(name);
    asked.onsuccess = () => done(asked.result);
  });
  const rows = await new Promise(done => {
    const asked = db.transaction("feeds").objectStore("feeds").getAll();
    asked.onsuccess = () => done(asked.result);
  });
  db.close();
  return rows.map(row => row.view.lines.length);
}"""


async def fill(server: Server, talk: str, lines: int) -> None:
    """Let an agent say so many things, with no page that would draw each."""
    account = server.credentials["agents"][0]
    session = await agent_session(server.url, server.credentials["tenant"], account)
    async with Client(session) as agent:
        for n in range(lines):
            await agent.ack("post", conversation=talk, body={"text": f"line {n}"})


async def scroll_up(log: Locator) -> None:
    """Go to the beginning of what is shown, and wait until the page has noticed."""
    await log.evaluate(
        """log => new Promise((noticed) => {
            log.addEventListener("scroll", () => noticed(), { once: true });
            log.scrollTop = 0;
        })"""
    )


async def held_place(log: Locator, more: Locator, total: int) -> None:
    """Earlier messages come in above what is read, and do not move it."""
    await scroll_up(log)
    read = log.get_by_text(await log.get_by_test_id("message-text").first.inner_text(), exact=True)
    before = await read.bounding_box()
    await more.click()
    await expect(log.get_by_test_id("message")).to_have_count(total)
    after = await read.bounding_box()
    assert before is not None
    assert after is not None
    assert abs(after["y"] - before["y"]) < 2


async def test_earlier_messages_do_not_move_what_is_read(
    browser: Open, server: Server, wire: Network
) -> None:
    """Whoever asks for earlier messages goes on reading where they were."""
    visitor = await a_visitor(browser, wire.url)
    first = unique("first")
    await visitor.say(first)
    await visitor.sent(1)
    talk = (await who(visitor.page))["conversation"]
    await visitor.page.goto("about:blank")
    await fill(server, talk, 320)
    agent = await an_agent(browser, server, wire.url)
    await agent.open_conversation("line 319")
    lines = agent.page.get_by_test_id("lines")
    await expect(lines.get_by_test_id("message")).to_have_count(300)
    await held_place(lines, agent.page.get_by_test_id("earlier"), 321)
    await visitor.open(wire.url)
    await expect(visitor.messages).to_have_count(321)
    while KEPT not in await visitor.page.evaluate(BOOKS):
        pass
    await visitor.page.reload()
    await visitor.open_chat()
    log = visitor.page.get_by_test_id("log")
    await expect(visitor.messages).to_have_count(KEPT)
    await held_place(log, log.get_by_role("button"), 321)


async def test_a_typist_is_not_a_new_message(browser: Open, server: Server, wire: Network) -> None:
    """Somebody typing while one reads further up is not announced as a new message."""
    visitor = await a_visitor(browser, wire.url)
    first = unique("first")
    await visitor.say(first)
    await visitor.sent(1)
    await fill(server, (await who(visitor.page))["conversation"], 40)
    agent = await an_agent(browser, server, wire.url)
    await agent.open_conversation("line 39")
    lines = agent.page.get_by_test_id("lines")
    await expect(lines.get_by_test_id("message")).to_have_count(41)
    await scroll_up(lines)
    await visitor.page.get_by_test_id("composer").press_sequentially("hm")
    await expect(agent.page.get_by_test_id("typing")).to_have_count(1)
    pill = agent.page.locator(".pill")
    await expect(pill).to_have_count(0)
    await visitor.page.get_by_test_id("composer").press("Enter")
    await expect(pill).to_have_count(1)
