"""The console: who gets in, reports as pictures and numbers, in both languages, on a phone."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import expect

from tests.browser.answers import answer
from tests.browser.axe import complaints
from tests.browser.conftest import Open, page_of
from tests.browser.people import AdminPage, an_admin
from tests.fixtures.server import Server

BEYOND = """() => {
    const edge = document.querySelector(".chart").getBoundingClientRect().right;
    const texts = [...document.querySelectorAll(".chart svg text")];
    return texts.filter((one) => one.getBoundingClientRect().right > edge)
        .map((one) => one.textContent);
}"""
"""What is written in the chart, and cut off at its right edge."""


async def test_only_administrators_get_in(browser: Open, server: Server, pictures: Path) -> None:
    """An agent is told so in plain words, and led to the desk; its own account is its own."""
    agent = AdminPage(await page_of(await browser("agent")))
    await agent.sign_in(server.url, server.credentials["agents"][0], "#/settings/account")
    await expect(agent.part("own-account")).to_contain_text("Your account")
    await expect(agent.part("old")).to_be_visible()
    assert await complaints(agent.page, "") == []
    await agent.page.screenshot(path=pictures / "console-own-account.png")
    await agent.page.goto(f"{server.url}/admin")
    await expect(agent.part("no-admin")).to_contain_text("administrators")
    await agent.page.reload()
    await expect(agent.part("no-admin").get_by_role("link")).to_have_attribute("href", "/desk")
    await agent.part("sign-out").click()
    await answer(agent.page)
    door = await agent.page.locator(".door-card").bounding_box()
    window = agent.page.viewport_size
    assert door is not None
    assert window is not None
    assert abs(2 * door["y"] + door["height"] - window["height"]) < 2  # in its middle
    await agent.sign_in(server.url, server.credentials["admin"], "#/reports/overview")
    await agent.shows_report("overview")


async def test_a_report_is_a_picture_and_its_numbers(browser: Open, server: Server) -> None:
    """A chart is drawn under the page's policy, and the table behind it sorts, and can be taken.

    On paper too it says of what it is, and its total stands once, below the last row.
    """
    admin = await an_admin(browser, server, "#/reports/volume?range=7d&tag=vip")
    await admin.shows_report("volume")
    bars = admin.part("chart").locator('svg path[fill="#2f5bea"]')
    await expect(bars).to_have_count(7)
    rows = admin.part("table").locator("tbody tr")
    await expect(rows).to_have_count(7)
    await expect(admin.part("table").locator("tfoot")).to_contain_text("28")
    await admin.part("sort-conversations").click()
    await expect(rows.first.locator("td").first).to_have_text("7")
    await expect(admin.part("as-of")).to_contain_text("position 4711")
    await admin.page.emulate_media(media="print")
    await expect(admin.part("as-of").locator("strong")).to_contain_text(", Tag: vip")
    await expect(admin.part("table").locator("tfoot")).to_have_css("display", "table-row-group")
    await expect(admin.part("sort-start")).to_have_css("display", "contents")
    await admin.page.emulate_media(media="screen")
    async with admin.page.expect_download() as download:
        await admin.part("csv").click()
    assert (await (await download.value).path()).read_bytes() == b"start,conversations\r\n"
    await admin.part("definitions").locator("summary").click()
    await expect(admin.part("definitions")).to_contain_text("Notes do not count")
    assert {"path": "/v1/analytics/volume", "format": "csv"}.items() <= admin.asked[-1].items()
    admin.held()


async def test_the_address_is_all_that_is_shown(browser: Open, server: Server) -> None:
    """What was chosen is in it, leads there again, and Back leads back."""
    admin = await an_admin(browser, server, "#/reports/overview")
    await admin.shows_report("overview")
    await admin.part("nav-volume").click()
    await admin.part("range").select_option("last-month")
    await admin.part("by").select_option("agent")
    await admin.part("compare").check()
    await admin.shows_report("volume")
    await expect(admin.part("chart")).to_have_attribute("data-kind", "ranks")
    await expect(admin.part("table").locator("tbody th")).to_have_text(["Anna", "=Luis"])
    address = admin.page.url
    assert address.endswith("#/reports/volume?range=last-month&by=agent&compare=1")
    first, second = admin.asked[-2:]
    assert first["from"] == second["to"]
    await admin.page.go_back()
    await expect(admin.part("compare")).not_to_be_checked()
    await admin.page.goto(address)
    await expect(admin.part("compare")).to_be_checked()
    await admin.page.go_back()
    await admin.page.keyboard.press("Tab")
    await expect(admin.page.locator(":focus-visible")).to_have_count(1)


async def test_the_console_speaks_chinese_on_a_phone(
    browser: Open, server: Server, pictures: Path
) -> None:
    """By the browser's wish; another choice is kept. Nothing is wider than the screen."""
    admin = await an_admin(browser, server, "#/reports/heatmap", phone=True, locale="zh-CN")
    await admin.shows_report("heatmap")
    await expect(admin.page.get_by_role("heading", level=1)).to_have_text("繁忙时段")
    await expect(admin.part("heat-cell")).to_have_count(168)
    await expect(admin.part("heat-cell").last).to_have_class("shade-7")
    assert await admin.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await admin.page.screenshot(path=pictures / "admin-phone.png")
    days = "from=2025-10-01&to=2025-10-12&every=day"  # where the last label has the least room
    await admin.page.goto(f"{server.url}/admin#/reports/volume?{days}")
    await admin.shows_report("volume")
    await expect(admin.part("chart").locator("svg text").last).to_be_visible()
    assert await admin.page.evaluate(BEYOND) == []
    await admin.part("menu").click()
    await admin.part("language").select_option("en")
    await admin.part("nav-overview").click()
    await admin.shows_report("overview")
    await expect(admin.part("nav-overview")).to_be_hidden()
    await admin.page.reload()
    await expect(admin.page.get_by_role("heading", level=1)).to_have_text("Overview")
    admin.held()


async def test_a_report_that_cannot_be_loaded_can_be_asked_again(
    browser: Open, server: Server
) -> None:
    """The page says what is wrong, and a button asks again."""
    admin = await an_admin(browser, server, "#/reports/overview")
    await admin.shows_report("overview")
    await admin.page.route(
        "**/v1/analytics/overview?**", lambda route: route.abort("connectionrefused")
    )
    await admin.page.reload()
    await expect(admin.part("failed")).to_contain_text("cannot be reached")
    await admin.page.unroute("**/v1/analytics/overview?**")
    await admin.part("retry").click()
    await admin.shows_report("overview")
