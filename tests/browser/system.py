"""The system around a page: what it would show and sound is noted, and a tab can be hidden."""

from __future__ import annotations

from playwright.async_api import Page, expect

# What a page asks of the system, noted instead of done; and a tab that can be hidden.
SYSTEM = """
window.told = []; window.tones = 0;
class Told {
    constructor(title, more) { window.told.push({ title, ...more, click: () => this.onclick() }); }
    close() {}
}
Told.permission = localStorage.getItem("allowed") ?? "default";
Told.requestPermission = async () => {
    localStorage.setItem("allowed", "granted");
    return (Told.permission = "granted");
};
window.Notification = Told;
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (when) { window.tones++; start.call(this, when); };
let seen = "visible";
Object.defineProperty(document, "visibilityState", { get: () => seen });
window.look = (how) => { seen = how; document.dispatchEvent(new Event("visibilitychange")); };
"""


async def wishes(page: Page, **wanted: bool) -> None:
    """Set what may call."""
    await page.get_by_test_id("alerts").click()
    for testid, on in wanted.items():
        switch = page.get_by_test_id(testid.replace("_", "-"))
        if await switch.is_checked() != on:
            await switch.click()
        await expect(switch).to_be_checked(checked=on)
    await page.keyboard.press("Escape")
