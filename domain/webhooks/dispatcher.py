"""The dispatcher: which line is worked on next, and how many at a time.

It looks at the rows each second, so nothing depends on being told; tasks from a queue only make it
sooner, and spread the work over processes. No webhook gets more than its places, one that is left
alone gets none, and whatever is refused here is found by a later look.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter

from domain import figures
from domain.errors import StoreUnavailable, described
from domain.ports import Clock, Ids
from domain.pulse import Pulse
from domain.telemetry import NO_MEASURES, Measures
from domain.webhooks.courier import Courier
from domain.webhooks.ports import Claim, Deliveries, Hook, Line, Wanted
from domain.webhooks.settings import WebhookSettings

_logger = logging.getLogger("parley.webhooks")


class Dispatcher:
    """Has lines worked off. ``run`` works until cancelled; ``take`` is for a queue's tasks."""

    def __init__(  # noqa: PLR0913  # the composition root wires it once
        self,
        deliveries: Deliveries,
        courier: Courier,
        clock: Clock,
        ids: Ids,
        settings: WebhookSettings,
        *,
        measures: Measures = NO_MEASURES,
    ) -> None:
        self._deliveries = deliveries
        self._courier = courier
        self._clock = clock
        self._ids = ids
        self._settings = settings
        self._measures = measures
        self._pulse = Pulse(clock)
        self._busy: Counter[Hook] = Counter()
        self._giving = asyncio.Lock()  # while places are counted, and those found are taken
        self._alone: dict[Hook, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._away = False

    async def run(self) -> None:
        """Look for what is due until cancelled."""
        # A rise from nothing is not seen.
        for outcome in ("delivered", "failed", "dead", "dropped"):
            self._measures.count(figures.WEBHOOK_DELIVERIES, outcome, amount=0)
        next_sweep = self._clock.monotonic()
        try:
            while True:
                await self._guarded_look()
                if self._clock.monotonic() >= next_sweep:
                    next_sweep = self._clock.monotonic() + self._settings.sweep_s
                    await self._guarded_sweep()
                await self._pulse.wait(self._settings.poll_s)
        finally:
            await self._stop()

    async def take(self, line: Line) -> None:
        """Work a line off if there is a place for it; returns when that has ended."""
        async with self._giving:
            if self._full(line.hook):
                return
            self._busy[line.hook] += 1
        try:
            claim = await self._deliveries.claim(line, self._wanted(1))
            if claim is not None:
                await self._work(claim)
        except StoreUnavailable:
            self._store_is_away()
        finally:
            self._leave(line.hook)

    # --- what is due --------------------------------------------------------------------------

    async def _guarded_look(self) -> None:
        try:
            async with self._giving:
                await self._look()
        except StoreUnavailable:
            self._store_is_away()
        else:
            self._away = False

    async def _look(self) -> None:
        free = self._settings.lines - self._busy.total()
        if free <= 0:
            return
        for claim in await self._deliveries.claim_due(self._wanted(free)):
            hook = claim.delivery.line.hook
            self._busy[hook] += 1
            task = asyncio.get_running_loop().create_task(self._run(claim))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _wanted(self, lines: int) -> Wanted:
        now, monotonic = self._clock.now(), self._clock.monotonic()
        self._alone = {hook: end for hook, end in self._alone.items() if end > monotonic}
        alone = dict.fromkeys(self._alone, self._settings.lines_of_webhook)
        return Wanted(
            now=now,
            until=now + self._settings.lease_s,
            lease=self._ids.uuid(),
            lines=lines,
            lines_of_webhook=self._settings.lines_of_webhook,
            busy={**self._busy, **alone},
        )

    def _full(self, hook: Hook) -> bool:
        """Whether there is no place for one more line of this webhook."""
        return (
            self._busy.total() >= self._settings.lines
            or self._busy[hook] >= self._settings.lines_of_webhook
            or self._alone.get(hook, 0.0) > self._clock.monotonic()
        )

    # --- the work -----------------------------------------------------------------------------

    async def _run(self, claim: Claim) -> None:
        try:
            await self._work(claim)
        finally:
            self._leave(claim.delivery.line.hook)

    async def _work(self, claim: Claim) -> None:
        hook = claim.delivery.line.hook
        try:
            if not await self._courier.work_off(claim):
                self._alone[hook] = self._clock.monotonic() + self._settings.rest_s
        except StoreUnavailable:
            self._store_is_away()
        except Exception as error:  # noqa: BLE001  # one line's trouble is no other's
            _logger.error(  # noqa: TRY400  # an error's text may quote what people wrote
                "alarm: webhook %s of log %s fails: %s", hook[1], hook[0], described(error)
            )

    def _leave(self, hook: Hook) -> None:
        """Give a place back; where it was wanted by others, look for them at once."""
        wanted = self._full(hook)
        self._busy[hook] -= 1
        if not self._busy[hook]:
            del self._busy[hook]
        if wanted:
            self._pulse.call()

    async def _guarded_sweep(self) -> None:
        try:
            await self._sweep()
        except StoreUnavailable:
            self._store_is_away()

    async def _sweep(self) -> None:
        """Delete what was kept long enough; tell how much is due."""
        settings, now = self._settings, self._clock.now()
        self._measures.level(figures.WEBHOOKS_DUE, await self._deliveries.due(now))
        while (
            await self._deliveries.sweep(
                now - settings.delivered_keep_s, now - settings.dead_keep_s, settings.sweep_rows
            )
            >= settings.sweep_rows
        ):
            await self._clock.sleep(settings.poll_s)

    def _store_is_away(self) -> None:
        if not self._away:
            _logger.warning("the store is away; webhooks wait for it")
        self._away = True

    async def _stop(self) -> None:
        """Cut off what is on its way: it goes out again, with the same ids."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
