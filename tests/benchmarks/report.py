"""A run as Markdown: what was measured, on which machine, with which versions, at which commit."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import psutil

from adapters.postgres.embedded_binaries import find_binaries
from tests.benchmarks.measuring import Options, Table, number
from tests.benchmarks.programs import environment
from tests.benchmarks.socket_io import PLACE
from tests.fixtures.server import CHECKOUT

PACKAGES = ("uvloop", "uvicorn", "starlette", "websockets", "asyncpg", "msgspec", "cryptography")
GB = 2**30


def write(
    path: Path,
    tables: Sequence[Table],
    failures: Sequence[str],
    options: Options,
    load: float,
) -> None:
    """Write it; what failed stands in it too. ``load`` is the machine's before anything was run."""
    parts = ["# Measurements", "", *_facts(options, load), ""]
    for table in tables:
        parts += [f"## {table.title}", "", *table.markdown(), ""]
    if failures:
        parts += ["## Not measured", "", *(f"- {each}" for each in failures), ""]
    path.write_text("\n".join(parts))


def _facts(options: Options, load: float) -> Iterator[str]:
    """One fact a line, as a table."""
    rounds = f"{options.rounds} rounds of {options.seconds:g} s, {options.people} pairs"
    facts = {
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "commit": _commit(),
        "command": " ".join(["python -m tests.benchmarks", *sys.argv[1:]]),
        "measured": f"{rounds}; the median (least..most)",
        "machine": f"{_processor()}, {os.cpu_count()} cores, {_memory_gb():.0f} GB",
        "load average before": number(load),
        "system": f"{_system()}, kernel {platform.release()}",
        "Python": f"{platform.python_version()}, {', '.join(_packages())}",
        "PostgreSQL": _output(str(find_binaries().program("postgres")), "--version"),
        "Node": f"{_output('node', '--version')}, {', '.join(_node_packages())}",
    }
    yield "| | |"
    yield "|---|---|"
    for name, fact in facts.items():
        yield f"| {name} | {fact} |"


def _commit() -> str:
    """The checkout's, and whether anything in it differs."""
    changed = " with changes" if _output("git", "status", "--porcelain") else ""
    return _output("git", "rev-parse", "--short=12", "HEAD") + changed


def _output(*command: str) -> str:
    """What a program says of itself, or that it is not there."""
    try:
        done = subprocess.run(
            command, cwd=CHECKOUT, env=environment(), capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return done.stdout.strip()


def _processor() -> str:
    """The name that Linux has for it, else Python's."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _memory_gb() -> float:
    return psutil.virtual_memory().total / GB


def _system() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        return platform.system()


def _packages() -> Iterator[str]:
    for name in PACKAGES:
        yield f"{name} {version(name)}"


def _node_packages() -> Iterator[str]:
    pinned: dict[str, str] = json.loads((PLACE / "package.json").read_text())["dependencies"]
    for name, exact in pinned.items():
        yield f"{name} {exact}"
