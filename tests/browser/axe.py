"""What axe-core, run in the page, has to complain of."""

from __future__ import annotations

from functools import cache
from typing import Any

from playwright.async_api import Page

from tests.fixtures.server import CHECKOUT

SOURCE = CHECKOUT / "web" / "node_modules" / "axe-core" / "axe.min.js"
RUN = """async part => {
  const found = await axe.run(part ? {include: [[part]]} : document);
  const where = node => node.failureSummary + " " + node.html;
  return found.violations.map(one => [one.id, one.nodes.map(where)]);
}"""


@cache
def _source() -> str:
    return SOURCE.read_text(encoding="utf-8")


async def complaints(page: Page, part: str = "parley-chat") -> list[Any]:
    """The rules that this part of the page breaks, with where; an empty ``part`` is the whole."""
    await page.evaluate(_source())
    found: list[Any] = await page.evaluate(RUN, part)
    return found
