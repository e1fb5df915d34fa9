"""Group commit: appends that arrive while a batch is on its way form the next one.

There is no timer: a lone append goes at once, and under load batches grow by themselves. One
batch of a log is on its way at a time, so what this node commits comes out in order.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from uuid import UUID

from msgspec.structs import replace

from domain import figures
from domain.append import Answer, Append, Appended, Conflict, LookupFailed, SubjectErased
from domain.envelope import RecordedEvent, Slice
from domain.errors import BatchRefused, StoreUnavailable
from domain.history import ANOTHER_HISTORY
from domain.ports import Commits, EventStore
from domain.telemetry import APPEND, NO_TELEMETRY, Span, Telemetry

_logger = logging.getLogger("parley.store")

_ERRORS: dict[type, str] = {
    Conflict: "conflict",
    SubjectErased: "erased",
    LookupFailed: "unavailable",
}
"""What a span says of an append that added nothing; a repeat (``Known``) is no error."""


Outcome = Answer | StoreUnavailable | BatchRefused
"""What becomes of an append: its answer, or why it has none (as EventStore.append_batch says)."""

Answered = Callable[[Outcome], None]
"""Is told what has become of an append, once. Must not wait."""


class _Waiting:
    """An append that has no answer yet, and the step of its trace, if that is recorded."""

    __slots__ = ("_answered", "_span", "append")

    def __init__(self, append: Append, answered: Answered, span: Span | None = None) -> None:
        self.append = append
        self._answered: Answered | None = answered
        self._span = span

    def answer(self, answer: Answer, batch: int) -> None:
        """Give its answer, which a batch of so many commands has brought."""
        if self._tell(answer) and self._span is not None:
            self._span.end(_ERRORS.get(type(answer)), batch=batch)

    def fail(self, error: StoreUnavailable | BatchRefused) -> None:
        """Say why it has none."""
        if self._tell(error) and self._span is not None:
            self._span.end("refused" if isinstance(error, BatchRefused) else "unavailable")

    def _tell(self, outcome: Outcome) -> bool:
        """False: it was told before. One who cannot bear to be told keeps no other from it."""
        answered, self._answered = self._answered, None
        if answered is None:
            return False
        try:
            answered(outcome)
        except Exception:
            _logger.exception("an answer could not be given")
        return True


class _Told:
    """What has become of a batch, told in the turn after this one at the latest, and once.

    So the next batch goes out first, and the store works while its answers are given.
    """

    __slots__ = ("_handle", "_tell")

    def __init__(self) -> None:
        self._tell: list[Callable[[], None]] = []
        self._handle: asyncio.Handle | None = None

    def soon(self, tell: Callable[[], None]) -> None:
        """Tell this, once the present turn is over. What was to be told before has been."""
        self._tell = [tell]
        self._handle = asyncio.get_running_loop().call_soon(self.now)

    def then(self, work: Callable[[], None]) -> None:
        """Do this when all is told; at once if it is."""
        if self._tell:
            self._tell.append(work)
        else:
            work()

    def now(self) -> None:
        """Tell what is still to be told."""
        tell, self._tell = self._tell, []
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
        for each in tell:
            try:
                each()
            except Exception:
                _logger.exception("what was committed could not be told")


class GroupCommit:
    """The one way into the log. ``batch_commands`` bounds a batch, ``queue_commands`` the queue."""

    def __init__(
        self,
        store: EventStore,
        committed: Commits,
        *,
        batch_commands: int = 256,
        queue_commands: int = 8192,
        telemetry: Telemetry = NO_TELEMETRY,
    ) -> None:
        self._store = store
        self._committed = committed
        self._batch_commands = batch_commands
        self._queue_commands = queue_commands
        self._telemetry = telemetry
        self._queues: dict[UUID, deque[_Waiting]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopped = False
        self._histories = 0
        telemetry.measures.read(figures.APPEND_WAITING, lambda: {(): self.waiting})

    @property
    def waiting(self) -> int:
        """Commands that wait for a batch; those of a batch on its way do no more."""
        return sum(map(len, self._queues.values()))

    def submit(self, log: UUID, append: Append) -> asyncio.Future[Answer]:
        """Queue an append; the future has its answer once that is durable.

        Appends of one log are committed in the order submitted. The future raises
        StoreUnavailable or BatchRefused as :meth:`EventStore.append_batch` does.
        """
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self.put(log, append, partial(_resolve, future))
        return future

    def put(self, log: UUID, append: Append, answered: Answered) -> None:
        """Queue an append, as :meth:`submit` does, for one who is told at once, without a turn."""
        if self._stopped:
            answered(StoreUnavailable("the server is stopping"))
            return
        queue = self._queues.get(log)
        if queue is None:
            queue = self._queues[log] = deque()
            self._start(log, queue)
        if len(queue) >= self._queue_commands:
            answered(StoreUnavailable("the store's queue is full"))
        else:
            queue.append(self._waiting(append, answered))

    def forget(self) -> None:
        """The store's history may be another one: nothing decided before goes into that, or counts.

        What waits fails now, what is on its way when its answer is here: that is of the one before.
        """
        self._histories += 1
        for queue in list(self._queues.values()):
            waiting = list(queue)
            queue.clear()
            _fail(waiting, StoreUnavailable(ANOTHER_HISTORY))

    def _waiting(self, append: Append, answered: Answered) -> _Waiting:
        """The append; if its trace is recorded as a step of that, which its events will name."""
        if append.trace is None:
            return _Waiting(append, answered)
        span = self._telemetry.tracer.start(APPEND, append.trace)
        trace = None if span is None else span.context
        return _Waiting(replace(append, trace=trace), answered, span)

    def _start(self, log: UUID, queue: deque[_Waiting]) -> None:
        task = asyncio.get_running_loop().create_task(self._drain(log, queue))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _drain(self, log: UUID, queue: deque[_Waiting]) -> None:
        """Send batches until the queue is empty.

        Whether a log is busy is whether it has a queue: between finding the queue empty and
        removing it there is no await, so no append can be left behind.
        """
        told = _Told()
        try:
            while queue:
                batch = [queue.popleft() for _ in range(min(len(queue), self._batch_commands))]
                interrupted = partial(_fail, batch, StoreUnavailable("the append was interrupted"))
                try:
                    await self._send(log, batch, told, self._histories)
                except asyncio.CancelledError:
                    if _is_cancelled():
                        raise
                    _logger.exception("the store gave up a batch that nobody had cancelled")
                except Exception:
                    _logger.exception("the store failed in a way that has no name")
                finally:  # whatever became of it, nobody is left waiting
                    told.then(interrupted)
                if not queue:
                    told.now()
        except asyncio.CancelledError:
            self._stopped = True
            raise
        finally:
            told.now()
            del self._queues[log]
            _fail(queue, StoreUnavailable("the server is stopping"))

    async def _send(
        self, log: UUID, batch: Sequence[_Waiting], told: _Told, histories: int
    ) -> None:
        """Append a batch. What has become of it is told when the next one is on its way."""
        if histories != self._histories:  # half a batch; the other half took its time
            told.now()
            _fail(batch, StoreUnavailable(ANOTHER_HISTORY))
            return
        begun = self._telemetry.clock.monotonic()
        try:
            answers = await self._store.append_batch(log, [each.append for each in batch])
        except BatchRefused as error:
            told.now()
            await self._halve(log, batch, error, told, histories)
        except StoreUnavailable as error:
            told.now()
            _fail(batch, error)
        else:
            seconds = self._telemetry.clock.monotonic() - begun
            told.now()
            told.soon(partial(self._tell, log, batch, answers, seconds, histories))

    def _tell(
        self,
        log: UUID,
        batch: Sequence[_Waiting],
        answers: Sequence[Answer],
        seconds: float,
        histories: int,
    ) -> None:
        if histories != self._histories:
            _fail(batch, StoreUnavailable(ANOTHER_HISTORY))
            return
        self._publish(log, answers)
        for waiting, answer in zip(batch, answers, strict=True):
            waiting.answer(answer, len(batch))
        self._measure(answers, seconds)

    async def _halve(
        self,
        log: UUID,
        batch: Sequence[_Waiting],
        error: BatchRefused,
        told: _Told,
        histories: int,
    ) -> None:
        """Find the command that the store will not take; it fails alone, the others go on."""
        if len(batch) == 1:
            _fail(batch, error)
            return
        middle = len(batch) // 2
        await self._send(log, batch[:middle], told, histories)
        await self._send(log, batch[middle:], told, histories)

    def _publish(self, log: UUID, answers: Sequence[Answer]) -> None:
        events: list[RecordedEvent] = []
        for answer in answers:
            if isinstance(answer, Appended):
                events.extend(answer.events)
        if events:
            after, upto = events[0].position - 1, events[-1].position
            self._committed(Slice(log, after, upto, tuple(events)))

    def _measure(self, answers: Sequence[Answer], seconds: float) -> None:
        measures = self._telemetry.measures
        measures.observe(figures.APPEND_SECONDS, seconds)
        measures.observe(figures.APPEND_BATCH_COMMANDS, len(answers))
        events = sum(len(each.events) for each in answers if isinstance(each, Appended))
        measures.observe(figures.APPEND_BATCH_EVENTS, events)
        conflicts = sum(isinstance(each, Conflict) for each in answers)
        if conflicts:
            measures.count(figures.APPEND_CONFLICTS, amount=conflicts)


def _is_cancelled() -> bool:
    """Whether this task is to end, and not only something that it waited for."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _resolve(future: asyncio.Future[Answer], outcome: Outcome) -> None:
    if future.done():
        return
    if isinstance(outcome, Exception):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)


def _fail(waiting: Iterable[_Waiting], error: StoreUnavailable | BatchRefused) -> None:
    """Answer those that have no answer yet."""
    for each in waiting:
        each.fail(error)
