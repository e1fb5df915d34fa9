"""The eventsourcing library's PostgreSQL recorder, in the mode that keeps its log's order.

Its driver is none of the project's packages; where it is missing, there is nothing to compare.
"""

from __future__ import annotations

import importlib.util
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

THREADS = 8
STATE_BYTES = 250
"""About what an event of ours holds."""


class Recorder:
    """The recorder, and how many single-event commands a second it takes from threads."""

    def __init__(self, recorder: Any, stored: Any) -> None:
        self._recorder = recorder
        self._stored = stored

    def rate(self, events: int) -> float:
        """Events a second."""
        each = events // THREADS
        begin = time.perf_counter()
        with ThreadPoolExecutor(THREADS) as pool:
            for future in [pool.submit(self._insert, each) for _ in range(THREADS)]:
                future.result()
        return each * THREADS / (time.perf_counter() - begin)

    def _insert(self, count: int) -> None:
        originator = uuid4()
        for version in range(1, count + 1):
            event = self._stored(originator, version, "message.posted", bytes(STATE_BYTES))
            self._recorder.insert_events([event])


def recording(url: str) -> Recorder | None:
    """The recorder on a table of its own; None without its driver."""
    if importlib.util.find_spec("psycopg") is None:
        return None
    persistence = importlib.import_module("eventsourcing.persistence")
    postgres = importlib.import_module("eventsourcing.postgres")
    parts = urlsplit(url)
    datastore = postgres.PostgresDatastore(
        dbname=parts.path.lstrip("/"),
        host=parts.hostname,
        port=str(parts.port),
        user=parts.username,
        password=parts.password,
        pool_size=THREADS,
        max_overflow=THREADS,
    )
    recorder = postgres.PostgresApplicationRecorder(datastore, events_table_name="recorder_events")
    recorder.create_table()
    return Recorder(recorder, persistence.StoredEvent)
