"""Snapshots: the state of a long stream at a version, so that nobody folds all of it again.

A snapshot is a cache and never the only copy of anything. It is written behind the work, may be
lost, and is believed only where form, place and chain hash are those of the log that is there. It
must decide nothing: with it and without it, the same state comes out.
"""

from __future__ import annotations

import asyncio
import logging
from hashlib import sha256
from typing import Any, get_args, get_origin
from uuid import UUID

import msgspec
from msgspec import Struct
from msgspec.structs import fields

from domain import streams
from domain.conversation.state import Conversation
from domain.envelope import RecordedEvent
from domain.errors import ParleyError
from domain.ports import Snapshot, Snapshots

LOOK_AFTER_EVENTS = 100
"""Events of a stream that are read before anybody asks for a snapshot: about a millisecond, which
the question costs too. So a usual conversation never pays for it."""

_WAITING = 1_000
"""Snapshots that wait to be written; more are left out, and made once their streams have grown."""

MEANINGS = {"conversation": 1, "visitor": 1, "agent": 1, "tenant": 2}
"""The kinds of streams that have snapshots, the others being short for ever. The number is raised
when ``evolve`` makes something else of events though the fields of the state stay as they are."""

_logger = logging.getLogger("parley.handling")
_encoder = msgspec.msgpack.Encoder()


def form_of(kind: str, state: type[Struct]) -> int:
    """The number of a state's form: another one for other fields, or for another meaning.

    It follows from the fields themselves, so that nobody has to think of it when one is added.
    """
    described = f"{kind} {MEANINGS[kind]} {_described(state)}"
    return int.from_bytes(sha256(described.encode()).digest()[:7])


def _described(form: Any) -> str:
    """A type in words, down to its last field."""
    if isinstance(form, type) and issubclass(form, Struct):
        inside = ", ".join(f"{each.encode_name}: {_described(each.type)}" for each in fields(form))
        return f"{form.__name__}({inside})"
    arguments = get_args(form)
    if not arguments:
        return repr(form)
    return f"{get_origin(form)}[{', '.join(map(_described, arguments))}]"


class Form:
    """How the states of a kind of stream become bytes, and bytes a state."""

    def __init__(self, kind: str, state: type[Struct]) -> None:
        self.number = form_of(kind, state)
        self._decoder = msgspec.msgpack.Decoder(state)

    def decode(self, raw: bytes) -> Any:
        """The state, or None for bytes that are none."""
        try:
            return self._decoder.decode(raw)
        except msgspec.MsgspecError:
            return None


class Keeper:
    """Finds snapshots, and writes them behind the work, one at a time.

    ``initial`` are the states before the first event, by kind; ``every`` is how many events lie
    between two snapshots of a stream.
    """

    def __init__(self, snapshots: Snapshots, initial: dict[str, Any], every: int) -> None:
        self._snapshots = snapshots
        self._forms = {kind: Form(kind, type(initial[kind])) for kind in MEANINGS}
        self._waiting: dict[tuple[UUID, str], tuple[Any, RecordedEvent]] = {}
        self._task: asyncio.Task[None] | None = None
        self.every = every
        self.look_after = min(LOOK_AFTER_EVENTS, every)

    def has(self, stream: str) -> bool:
        """Whether streams of this kind have snapshots."""
        return streams.kind(stream) in self._forms

    async def find(self, log: UUID, stream: str) -> tuple[Any, int] | None:
        """The state and its version, where there is a snapshot that is good. Else None.

        Raises StoreUnavailable.
        """
        form = self._forms[streams.kind(stream)]
        found = await self._snapshots.find_snapshot(log, stream, form.number)
        state = None if found is None else form.decode(found.state)
        return None if found is None or state is None else (state, found.version)

    def keep(self, log: UUID, state: Any, event: RecordedEvent) -> None:
        """Have the state after this event written some time soon, or not at all."""
        if len(self._waiting) >= _WAITING or not self.has(event.stream):
            return
        self._waiting[log, event.stream] = (state, event)
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._work())

    def forget(self) -> None:
        """What waits is of a history that may be no more."""
        self._waiting.clear()

    async def _work(self) -> None:
        """Write until nothing waits; no await between seeing that and saying so."""
        try:
            while self._waiting:
                log, stream = next(iter(self._waiting))
                state, event = self._waiting.pop((log, stream))
                await self._write(log, state, event)
        finally:
            self._task = None

    async def _write(self, log: UUID, state: Any, event: RecordedEvent) -> None:
        subject = subject_of(event.stream, state)
        if not subject:
            return
        form = self._forms[streams.kind(event.stream)].number
        raw = _encoder.encode(state)
        snapshot = Snapshot(event.stream, event.version, event.hash, form, subject, raw)
        try:
            await self._snapshots.keep_snapshot(log, snapshot)
        except ParleyError as error:  # the stream is as long as before, and nothing else is lost
            _logger.debug("a snapshot was not written: %s", error)


def subject_of(stream: str, state: Any) -> str:
    """Under whose key a stream's state is; empty where nobody's is known.

    A conversation's is its visitor's; the other streams bear their subject's name.
    """
    if not isinstance(state, Conversation):
        return stream
    return streams.visitor(state.visitor) if state.visitor else ""
