"""Where RabbitMQ's programs are, and a tree of links to as few of them as a node needs.

What a plugin needs stands in its `.app` file, in every version; nothing here knows their names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from ops.stack.errors import ProgramsMissing

RELEASES = Path("/usr/lib/rabbitmq/lib")
NODE = ("rabbit", "rabbitmq_prelaunch")
"""What a node is without any plugin."""

NEEDED = re.compile(r"\{\s*(?:included_)?applications\s*,\s*\[([^\]]*)\]")


def find_release(releases: Path = RELEASES) -> Path:
    """The directory of the installed RabbitMQ. Raises ProgramsMissing."""
    found = sorted(releases.glob("rabbitmq_server-*/sbin/rabbitmq-server"))
    if not found:
        raise ProgramsMissing("RabbitMQ", f"in {releases}", "rabbitmq-server")
    return found[-1].parents[1]


def link_release(release: Path, tree: Path, plugins: Iterable[str]) -> None:
    """Make `tree` look like the release with no more plugins than these and what they need."""
    (tree / "plugins").mkdir(parents=True, exist_ok=True)
    for left in (tree / "plugins").iterdir():
        left.unlink()
    for name in ("sbin", "escript"):
        (tree / name).unlink(missing_ok=True)
        (tree / name).symlink_to(release / name)
    here = {path.parents[1].name: path for path in release.glob("plugins/*/ebin/*.app")}
    applications = {path.stem: path.read_text() for path in here.values()}
    wanted = closure(applications, (*NODE, *plugins))
    for folder, path in here.items():
        if path.stem in wanted:
            (tree / "plugins" / folder).symlink_to(release / "plugins" / folder)


def closure(applications: Mapping[str, str], roots: Iterable[str]) -> set[str]:
    """The roots and all that they need, of what is here; the rest is Erlang's own."""
    wanted: set[str] = set()
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        if name in applications and name not in wanted:
            wanted.add(name)
            waiting += needed_by(applications[name])
    return wanted


def needed_by(application: str) -> list[str]:
    """The applications that one needs, by the text of its `.app` file."""
    return [
        name.strip(" \t\n'") for listed in NEEDED.findall(application) for name in listed.split(",")
    ]
