"""The example of the documents, run as a reader would: beside a running product, on real chats."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

from tests.fixtures.client import Client, new_id, visitor_session
from tests.fixtures.product import running_copy
from tests.fixtures.server import CHECKOUT, Server, clean_environment

Counts = dict[str, int]


def command(server: Server, counts: Path, *more: str) -> list[str]:
    """The example's command line."""
    example = [sys.executable, "-m", "docs.examples.follow_log", "--data", str(server.data)]
    return [*example, "--counts", str(counts), *more]


def run_example(server: Server, counts: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """Run the example to the log's present end."""
    return subprocess.run(
        command(server, counts, *more),
        cwd=CHECKOUT,
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


def follow(server: Server, counts: Path) -> Counts:
    """What the example prints: the messages of each conversation."""
    ran = run_example(server, counts)
    assert ran.returncode == 0, ran.stderr
    lines = [line.split() for line in ran.stdout.splitlines()]
    return {stream: int(messages) for messages, stream in lines}


async def chat(server: Server, messages: int) -> Counts:
    """Say so much in a new conversation: what is to be counted."""
    session = await visitor_session(server.url, server.credentials["site"])
    async with Client(session) as client:
        started = await client.ack("start", body={"text": "hello"})
        conversation = started["conversation"]
        for number in range(messages - 1):
            await client.ack(
                "post", id=new_id(), conversation=conversation, body={"text": str(number)}
            )
    return {f"conversation-{conversation}": messages}


def test_the_example_counts_messages_once(tmp_path: Path, demonstration: Path) -> None:
    """It counts what was said, goes on where it was when run again, and counts nothing twice."""
    counts = tmp_path / "counts.db"
    with running_copy(demonstration) as server:
        expected = asyncio.run(chat(server, 3)) | asyncio.run(chat(server, 1))
        assert follow(server, counts) == expected
        expected |= asyncio.run(chat(server, 2))
        assert follow(server, counts) == expected
        assert follow_until_interrupted(server, tmp_path / "others.db") == (0, "")
        no_tenant = run_example(server, counts, "--tenant", "nil")
        assert (no_tenant.returncode, no_tenant.stderr) == (
            1,
            "follow_log: There is no tenant 'nil'.\n",
        )
        server.stop()
        ran = run_example(server, counts)
    assert ran.returncode == 1
    assert ran.stderr.startswith("follow_log: Parley does not run on")
    assert len(ran.stderr.splitlines()) == 1


def follow_until_interrupted(server: Server, counts: Path) -> tuple[int, str]:
    """Run it for ever, and interrupt it once it has counted: its status, and what it complains."""
    process = subprocess.Popen(
        command(server, counts, "--forever"),
        cwd=CHECKOUT,
        env=clean_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while process.poll() is None and not has_counted(counts):
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, complaint = process.communicate(timeout=30)
    return process.returncode, complaint


def has_counted(counts: Path) -> bool:
    """Whether the example has counted anything yet."""
    with contextlib.suppress(sqlite3.OperationalError), closing(sqlite3.connect(counts)) as file:
        return bool(file.execute("SELECT count(*) FROM message_count").fetchone()[0])
    return False
