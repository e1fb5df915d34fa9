"""The example of the documents, run as a reader would: beside a running product, on real chats."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

from tests.fixtures.client import Client, new_id, visitor_session
from tests.fixtures.server import CHECKOUT, Server, clean_environment, running_server

Counts = dict[str, int]


def run_example(server: Server, counts: Path) -> subprocess.CompletedProcess[str]:
    """Run the example to the log's present end."""
    command = [sys.executable, "-m", "docs.examples.follow_log", "--data", str(server.data)]
    return subprocess.run(
        [*command, "--counts", str(counts)],
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


def test_the_example_counts_messages_once(tmp_path: Path) -> None:
    """It counts what was said, goes on where it was when run again, and counts nothing twice."""
    counts = tmp_path / "counts.db"
    with running_server() as server:
        expected = asyncio.run(chat(server, 3)) | asyncio.run(chat(server, 1))
        assert follow(server, counts) == expected
        expected |= asyncio.run(chat(server, 2))
        assert follow(server, counts) == expected
        server.stop()
        ran = run_example(server, counts)
    assert ran.returncode == 1
    assert "Parley does not run on" in ran.stderr
