"""The projector: keeps every projection of every log up to date, until it is cancelled.

It is woken by the broker and looks at all heads each second besides, so that a broker that is away
costs a second at most. The work on one log by one projection never runs twice at a time here;
elsewhere it may, and the checkpoint's compare-and-set sorts that out.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

import msgspec
from msgspec import Struct

from domain import figures
from domain.broker import Broker, Heads
from domain.envelope import MARK_BYTES
from domain.errors import StoreUnavailable, UnknownEvent, described
from domain.lag import Lag
from domain.ports import Clock, EventStore, LogHead
from domain.shards import AllShards, Shards, shard_of
from domain.telemetry import NO_TELEMETRY, Reading, Telemetry
from projections.controls import Control, Controls, NoControls, Trouble
from projections.engine import PAGE_EVENTS, Engine
from projections.ports import NOTHING, Checkpoint
from projections.recent import RecentEvents

_logger = logging.getLogger("parley.projections")

_Key = tuple[str, UUID]

LONGEST_REST = 5
"""How many times ``rest_s`` a busy log's projections rest at most: what comes meanwhile is kept in
memory (``recent_events``), and views grow older by that."""


@dataclass(frozen=True, slots=True)
class ProjectorSettings:
    """How often the projector looks, how much it does at once, how long it waits."""

    poll_s: float = 1.0
    """Seconds between two looks at all heads."""

    backoff_s: float = 10.0
    """The longest pause after failures; they begin at ``poll_s`` and double."""

    rest_s: float = 0.1
    """Seconds between two turns on a log that keeps growing: larger pages, fewer transactions."""

    share: float = 0.1
    """The part of the time that turns on one log may take before they rest longer, up to five times
    ``rest_s``: whoever chats goes first. Only after turns of a full page: else views would grow
    older, and hardly anything be saved."""

    recent_events: int = 5_000
    """Events of a log that are kept in memory until every projection has them; beyond it they are
    read from the store."""

    sweep_s: float = 60.0
    """Seconds between two looks whether an older generation, or a build that was cut off, has what
    was erased since: such a one is thrown away."""

    concurrency: int = 2
    """Logs worked on at a time; no more than the projector has connections."""


class Progress(Struct, frozen=True):
    """How far one projection is in one log.

    ``stopped``: the log holds an event that this program is too old for; ``reason`` names it.
    ``failing``: the last attempt failed for another reason, and will be repeated.
    """

    checkpoint: Checkpoint = NOTHING
    state: Literal["following", "failing", "stopped"] = "following"
    reason: str = ""


_BEGINNING = Progress()
_STATES = ("following", "paused", "failing", "stopped")
_NO_WISH = Control()
_WORDS = {True: "is paused", False: "goes on"}


class Projector:
    """Runs engines over all logs. ``run`` works until cancelled."""

    def __init__(  # noqa: PLR0913  # the composition root wires it once, by name
        self,
        store: EventStore,
        engines: Iterable[Engine],
        broker: Broker,
        clock: Clock,
        settings: ProjectorSettings | None = None,
        *,
        recent: RecentEvents | None = None,
        shards: Shards | None = None,
        telemetry: Telemetry = NO_TELEMETRY,
        controls: Controls | None = None,
    ) -> None:
        self._recent = recent or RecentEvents()
        self._controls = controls or NoControls()
        self._wanted: dict[str, Control] = {}
        self._told: dict[_Key, Trouble] = {}
        self._shards = shards or AllShards()
        self._sweeps_at = 0.0
        self._known: frozenset[int] = frozenset()  # shards; of their logs the checkpoints are known
        self._store = store
        self._engines = {engine.projection.name: engine for engine in engines}
        self._unsubscribe = broker.on_signal(self._hear)
        self._clock = clock
        self._settings = settings or ProjectorSettings()
        self._turns = asyncio.Semaphore(self._settings.concurrency)
        self._progress: dict[_Key, Progress] = {}
        self._retry_at: dict[_Key, tuple[float, float]] = {}
        self._again: set[_Key] = set()
        self._tasks: dict[_Key, asyncio.Task[None]] = {}
        self._telemetry = telemetry
        self._lags = {name: Lag(clock) for name in self._engines}

    async def run(self) -> None:
        """Follow all logs until cancelled."""
        self._be_seen()
        try:
            await self._follow_heads()
        finally:
            self._unsubscribe()
            await self._stop()

    def progress(self, log: UUID) -> dict[str, Progress]:
        """How far each projection is in this log, as far as this process knows."""
        return {name: self._progress.get((name, log), _BEGINNING) for name in self._engines}

    # --- what operators see -------------------------------------------------------------------

    def _be_seen(self) -> None:
        measures, lags = self._telemetry.measures, self._lags
        for name in self._engines:
            measures.count(figures.PROJECTOR_EVENTS, name, amount=0)
            measures.count(figures.PARKED_EVENTS, name, amount=0)
        measures.read(
            figures.PROJECTOR_LAG_EVENTS, lambda: {(name,): lags[name].events for name in lags}
        )
        measures.read(
            figures.PROJECTOR_LAG_SECONDS, lambda: {(name,): lags[name].seconds for name in lags}
        )
        measures.read(figures.PROJECTOR_LOGS, self._logs)

    def _logs(self) -> Reading:
        """In how many logs each projection is in each state."""
        found = Counter[tuple[str, str]](
            (name, "paused" if self._is_paused(name) else each.state)
            for (name, _), each in self._progress.items()
        )
        return {(name, state): found[name, state] for name in self._engines for state in _STATES}

    # --- who has grown ------------------------------------------------------------------------

    def _hear(self, heads: Heads) -> None:
        for log, head in heads:
            for name in self._engines:
                position = self._position((name, log))
                if self._is_ours(log) and head > position:
                    self._lags[name].note(log, position, head)
                    self._wake((name, log))

    def _is_ours(self, log: UUID) -> bool:
        shard = shard_of(log)
        return shard in self._known and shard in self._shards.owned

    async def _follow_heads(self) -> None:
        pause = 0.0
        while True:
            try:
                await self._share()
                await self._obey()
                await self._sweep()
                self._compare(await self._store.heads())
            except StoreUnavailable:
                if not pause:
                    _logger.warning("the store is away; the projector waits for it")
                pause = min(self._settings.backoff_s, max(self._settings.poll_s, 2 * pause))
            else:
                pause = 0.0
            await self._clock.sleep(pause or self._settings.poll_s)

    async def _obey(self) -> None:
        """Do as operators have asked since the last look."""
        found = await self._controls.controls()
        for name in self._engines:
            wanted = found.get(name, _NO_WISH)
            if wanted.paused != self._is_paused(name):
                _logger.warning("projection %s %s", name, _WORDS[wanted.paused])
            self._wanted[name] = wanted

    async def _sweep(self) -> None:
        """What was erased goes also from where nobody folds any more."""
        if self._clock.monotonic() < self._sweeps_at:
            return
        for which in await self._controls.forget_erased():
            _logger.warning("%s is thrown away: it had what was erased since", which)
        self._sweeps_at = self._clock.monotonic() + self._settings.sweep_s

    def _is_paused(self, name: str) -> bool:
        return self._wanted.get(name, _NO_WISH).paused

    async def _tell(self, key: _Key) -> None:
        """Let operators see why a log is not followed, or that it is again."""
        name, log = key
        progress = self._progress.get(key, _BEGINNING)
        trouble = None
        if progress.state in {"failing", "stopped"}:
            trouble = msgspec.convert(progress, Trouble, from_attributes=True)
        if self._told.get(key) == trouble:
            return
        try:
            await self._controls.tell((self._engines[name].identifier, log), trouble)
        except StoreUnavailable:
            return  # then that is the trouble, and everybody sees it
        if trouble is None:
            del self._told[key]
        else:
            self._told[key] = trouble

    async def _share(self) -> None:
        """Keep this process's share; what others have, or are to have, ends here first."""
        leaving = await self._shards.share()
        staying = self._shards.owned - leaving
        if staying != self._known:
            self._known &= staying
            await self._forget_all_but(staying)
        if leaving:
            await self._shards.give_up(leaving)
        if staying != self._known:
            await self._begin(staying)
        self._known = staying

    async def _begin(self, shards: frozenset[int]) -> None:
        """Ask once how far everything is, so that logs at rest cost nothing at a start.

        And what was told of it by whoever had it before: it is taken back where it is so no more.
        """
        troubles = await self._controls.troubles()
        for name, engine in self._engines.items():
            for log, checkpoint in (await engine.checkpoints()).items():
                if shard_of(log) in shards:
                    self._progress.setdefault((name, log), Progress(checkpoint))
            for (which, log), trouble in troubles.items():
                if which == engine.identifier and shard_of(log) in shards:
                    self._told.setdefault((name, log), trouble)

    async def _forget_all_but(self, shards: frozenset[int]) -> None:
        """Whoever has the others moves their checkpoints from now on."""
        known = (*self._progress, *self._tasks, *self._told)
        going = [key for key in known if shard_of(key[1]) not in shards]
        await _end([self._tasks[key] for key in going if key in self._tasks])
        for key in going:
            self._tasks.pop(key, None)  # one that had not begun could not do so itself
            self._progress.pop(key, None)
            self._retry_at.pop(key, None)
            self._told.pop(key, None)
            self._lags[key[0]].forget(key[1])
            self._recent.forget(key[1])

    def _compare(self, heads: Iterable[LogHead]) -> None:
        for head in heads:
            if not self._is_ours(head.log):
                continue
            stands = Checkpoint(head.position, head.hash[:MARK_BYTES]) if head.position else NOTHING
            for name in self._engines:
                checkpoint = self._progress.get((name, head.log), _BEGINNING).checkpoint
                self._lags[name].note(head.log, checkpoint.position, head.position)
                if checkpoint != stands or (name, head.log) in self._told:
                    self._wake((name, head.log))

    # --- the work -----------------------------------------------------------------------------

    def _position(self, key: _Key) -> int:
        return self._progress.get(key, _BEGINNING).checkpoint.position

    def _wake(self, key: _Key) -> None:
        """Let a projection look at a log, unless it is doing so: then again when it has."""
        if self._progress.get(key, _BEGINNING).state == "stopped" or self._is_paused(key[0]):
            return
        if key in self._tasks:
            self._again.add(key)
            return
        if not self._waits(key):
            self._tasks[key] = asyncio.get_running_loop().create_task(self._work(key))

    def _waits(self, key: _Key) -> bool:
        """Whether it failed a while ago, and is to be left alone still."""
        return self._clock.monotonic() < self._retry_at.get(key, (0.0, 0.0))[0]

    async def _work(self, key: _Key) -> None:
        """Take turns until nobody has called again; no await between seeing that and ending."""
        try:
            while True:
                self._again.discard(key)
                async with self._turns:
                    begun, before = self._clock.monotonic(), self._position(key)
                    await self._turn(key)
                    await self._tell(key)
                    took = self._clock.monotonic() - begun
                await self._clock.sleep(self._rest(took, self._position(key) - before))
                if key not in self._again or self._waits(key):
                    return
        finally:
            del self._tasks[key]

    def _rest(self, took_s: float, events: int) -> float:
        """Seconds after a turn; the least of them where a longer rest would gain no larger page."""
        rest_s = self._settings.rest_s
        if events < PAGE_EVENTS:
            return rest_s
        return min(LONGEST_REST * rest_s, max(rest_s, took_s / self._settings.share - took_s))

    async def _turn(self, key: _Key) -> None:
        name, log = key
        upto = self._lags[name].head(log)  # what comes meanwhile is for the next turn
        try:
            await self._engines[name].follow(
                log, lambda reached: self._note(key, Progress(reached)), upto
            )
        except UnknownEvent as error:
            self._stop_following(key, error)
        except Exception as error:  # noqa: BLE001  # one log's trouble is no other's
            self._fail(key, error)
        else:
            self._retry_at.pop(key, None)
            # Others' events, behind what was committed here, or more than there was time for.
            if self._lags[name].is_behind(log) and not self._is_paused(name):
                self._again.add(key)

    def _note(self, key: _Key, progress: Progress) -> None:
        name, log = key
        self._progress[key] = progress
        self._lags[name].note(log, progress.checkpoint.position)
        self._recent.done(log, min(self._position((each, log)) for each in self._engines))

    def _stop_following(self, key: _Key, error: UnknownEvent) -> None:
        """Better a view that stands still than one that leaves out what it does not understand."""
        checkpoint = self._progress.get(key, _BEGINNING).checkpoint
        self._note(key, Progress(checkpoint, "stopped", str(error)))
        _logger.error(
            "alarm: projection %s of log %s stands still at position %d: %s; a newer program wrote"
            " on, so upgrade this one",
            *key,
            checkpoint.position,
            error,
        )

    def _fail(self, key: _Key, error: Exception) -> None:
        """Leave a log alone for a while that doubles; others go on."""
        if not isinstance(error, StoreUnavailable):
            _logger.error("alarm: projection %s of log %s fails: %s", *key, described(error))
        checkpoint = self._progress.get(key, _BEGINNING).checkpoint
        self._note(key, Progress(checkpoint, "failing", type(error).__name__))
        _, pause = self._retry_at.get(key, (0.0, 0.0))
        pause = min(self._settings.backoff_s, max(self._settings.poll_s, 2 * pause))
        self._retry_at[key] = (self._clock.monotonic() + pause, pause)
        self._again.discard(key)

    async def _stop(self) -> None:
        await _end(list(self._tasks.values()))


async def _end(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Cancel these and wait until they have ended."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
