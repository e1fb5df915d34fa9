"""What people ask of a large store, by HTTP and by socket, in turn with a nearly empty one.

The nearly empty one has a page of conversations in its list too: what is compared is what the size
of the store costs, not what the answer's does.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any

import httpx

from ops.dataset.words.chinese import CHINESE
from ops.dataset.words.english import ENGLISH
from projections.analytics.metrics import REPORTS
from tests.benchmarks.kept import Figures
from tests.benchmarks.loaded import Loaded
from tests.benchmarks.measuring import MeasurementFailed, milliseconds
from tests.benchmarks.people import Person, conversation_of
from tests.benchmarks.resume import come_back, conversations
from tests.benchmarks.sessions import visitors
from tests.fixtures.client import agent_session
from tests.fixtures.server import Server, running_server

PAGE = 50
ANSWER_S = 60.0
SPAN = {"from": "2022-11-01", "to": "2026-11-01"}
MONTHS, WHOLE = {**SPAN, "every": "month"}, {**SPAN, "every": "all"}
MANY = "page"
"""A dimension of which there are too many for months of four years: that is refused."""


class Tenanted(Server):
    """The product on a loaded store: whoever comes, comes to its largest tenant."""

    site = ""

    @property
    def credentials(self) -> dict[str, Any]:
        return {**super().credentials, "site": self.site}


@dataclass(frozen=True)
class Place:
    """A product, and a signed-in administrator's way to ask it."""

    server: Server
    http: httpx.AsyncClient

    async def ask(self, path: str, **query: str) -> tuple[float, dict[str, Any]]:
        """Seconds until the answer is there, and the answer."""
        begin = time.perf_counter()
        answer = await self.http.get(path, params=query)
        taken = time.perf_counter() - begin
        if answer.status_code != 200:
            raise MeasurementFailed(f"{path} {query}: {answer.status_code} {answer.text[:200]}")
        form: dict[str, Any] = answer.json()
        return taken, form


async def asked(store: Loaded, figures: Figures, rounds: int) -> None:
    """Reports, searches, the list, coming back: those that are not known yet."""
    account = {"email": f"admin@{store.largest}.example"}
    said = await store.parley(
        *("agent", "set", "--tenant", store.largest, "--email", account["email"]),
        *("--password", "--json"),
    )
    account["password"] = said["password"]
    sites = await store.parley("site", "list", "--tenant", store.largest, "--json")
    large = Tenanted(store.data, None, PARLEY_DATABASE_URL=store.url, PARLEY_LOG_LEVEL="error")
    large.site = sites[0]["site"]
    try:
        await asyncio.to_thread(large.start)
        with running_server() as small:
            credentials = small.credentials
            async with (
                _asking(large, store.largest, account) as ours,
                _asking(small, "demo", credentials["admin"]) as theirs,
            ):
                pair = Place(large, ours), Place(small, theirs)
                await _all(pair, figures, rounds)
    finally:
        large.end()


@contextlib.asynccontextmanager
async def _asking(
    server: Server, tenant: str, account: dict[str, str]
) -> AsyncIterator[httpx.AsyncClient]:
    """A client that has signed in."""
    session = await agent_session(server.url, tenant, account)
    headers = {"Authorization": f"Bearer {session['token']}"}
    async with httpx.AsyncClient(base_url=server.url, headers=headers, timeout=ANSWER_S) as client:
        yield client


async def _all(pair: tuple[Place, Place], figures: Figures, rounds: int) -> None:
    large, small = pair
    for name in REPORTS:
        await figures.once(f"ask report {name}", lambda name=name: _report(pair, name, rounds))  # type: ignore[misc]  # the name of this turn
    for kind, q in _searches():
        await figures.once(
            f"ask search, {kind}",
            lambda q=q: _both(pair, rounds, "/v1/search", q=q),  # type: ignore[misc]  # of this turn
        )
    if "ask list" not in figures:
        await _fill(small.server)
        await figures.once(
            "ask list", lambda: _both(pair, rounds, "/v1/conversations", limit=str(PAGE))
        )
    await figures.once("ask resume 10 x 1,000 messages", lambda: _resumed(large, small, rounds))


def _searches() -> Iterator[tuple[str, str]]:
    for language, words in (("English", ENGLISH.looked_for), ("Chinese", CHINESE.looked_for)):
        yield f"a rare word, {language}", words.rare
        yield f"a common word, {language}", words.common
        yield f"two common, rarely together, {language}", " ".join(words.apart)


async def _both(pair: tuple[Place, Place], rounds: int, path: str, **query: str) -> list[float]:
    """Milliseconds of the large and of the small one, medians of rounds after one to warm up."""
    taken = [[(await place.ask(path, **query))[0] for place in pair] for _ in range(rounds + 1)]
    ours, theirs = zip(*taken[1:], strict=True)
    return [1000 * median(ours), 1000 * median(theirs)]


async def _report(pair: tuple[Place, Place], name: str, rounds: int) -> list[float]:
    """Of the slowest way to cut it."""
    path = f"/v1/analytics/{name}"
    if not (await pair[0].ask(path, **MONTHS))[1]["rows"]:
        raise MeasurementFailed(f"the report {name} is empty")
    cuts = [{"by": each, **(WHOLE if each == MANY else MONTHS)} for each in REPORTS[name].by]
    return max([await _both(pair, rounds, path, **cut) for cut in (MONTHS, *cuts)])


async def _fill(server: Server) -> None:
    """A page of conversations, which the list has."""
    for session in await visitors(server, PAGE):
        visitor = await Person().arrive(session)
        await conversation_of(visitor)
        visitor.leave()


async def _resumed(large: Place, small: Place, rounds: int) -> list[float]:
    """Ten come back to 1,000 messages each, at once."""
    known = [await conversations(place.server) for place in (large, small)]
    taken = []
    for _ in range(rounds + 1):
        turn = []
        for place, each in zip((large, small), known, strict=True):
            assert place.server.process is not None
            turn.append((await come_back(each, place.server.process.pid)).seconds)
        taken.append(turn)
    ours, theirs = zip(*taken[1:], strict=True)
    return [median(milliseconds(ours)), median(milliseconds(theirs))]
