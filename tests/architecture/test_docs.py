"""The documents say what the code does: tables, examples, commands and links are held to it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import click
import msgspec
import pytest
from msgspec.structs import fields as fields_of

from adapters.websocket.closing import CLOSE_CODES
from adapters.websocket.frames import MAX_ID
from adapters.websocket.settings import SocketSettings
from api.deps import ApiSettings
from domain import chain, digests, ids, limits
from domain.errors import CODES
from domain.event_types import REGISTRY
from domain.handling.door_settings import DoorSettings
from domain.handling.identities import MAX_NONCE
from domain.passwords import MAX_PASSWORD
from domain.permissions import OPS, ROUTES, SCOPES
from domain.visibility import VISIBLE
from ops.cli import COMMANDS, parley

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
PROTOCOL = (DOCS / "protocol.md").read_text(encoding="utf-8")
SHARED = {"--data", "--config"}

Cells = list[str]


def table(name: str) -> list[Cells]:
    """The rows of one marked table in the protocol, without its head."""
    found = re.search(rf"<!-- table:{name} -->\n(.*?)<!-- end -->", PROTOCOL, re.DOTALL)
    assert found, f"docs/protocol.md has no table {name}"
    lines = [line for line in found[1].splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line[1:-1].split("|")] for line in lines[2:]]


def example(name: str) -> dict[str, Any]:
    """What a marked Python example in the protocol defines."""
    found = re.search(rf"<!-- example:{name} -->\n```python\n(.*?)```", PROTOCOL, re.DOTALL)
    assert found, f"docs/protocol.md has no example {name}"
    defined: dict[str, Any] = {}
    exec(found[1], defined)  # noqa: S102  # it is our own document, and running it is the point
    return defined


def quoted(cell: str) -> tuple[str, ...]:
    """The words in backticks of a cell, in order."""
    return tuple(re.findall(r"`([^`]+)`", cell))


# --- tables -----------------------------------------------------------------------------------


def test_who_sees_what_is_as_in_the_code() -> None:
    """Every type, every field, for visitors and for agents."""

    def shown(cell: str) -> tuple[str, ...] | None:
        if cell == "nothing":
            return None
        return () if cell == "that it happened" else quoted(cell)

    documented = {
        quoted(kind)[0]: (shown(visitor), shown(agent), inbox == "yes")
        for kind, visitor, agent, inbox in table("visible")
    }
    assert documented == {
        name: (each.visitor, each.agent, each.inbox) for name, each in VISIBLE.items()
    }


def test_events_are_those_of_the_registry() -> None:
    """Every type with its fields, those that may be missing marked, and whether it decides."""
    documented = {
        quoted(kind)[0]: (decides == "yes", re.findall(r"`(\w+)`(\??)", data))
        for kind, _, decides, data in table("events")
    }
    assert documented == {
        each.name: (
            each.deciding,
            [(field.name, "" if field.required else "?") for field in fields_of(each.cls)],
        )
        for each in REGISTRY
    }
    assert "Every schema version is 1 today." in PROTOCOL
    assert {each.schema_version for each in REGISTRY} == {1}


def test_errors_are_those_of_the_code() -> None:
    """Every code, its status and its sentence."""
    documented = {
        quoted(code)[0]: (int(status), sentence) for code, status, sentence in table("errors")
    }
    assert documented == CODES


@pytest.mark.parametrize(("name", "code"), [("ops", OPS), ("routes", ROUTES)])
def test_permissions_are_those_of_the_code(name: str, code: dict[str, frozenset[str]]) -> None:
    """Every operation and route, and who may ask for it."""
    documented = {quoted(what)[0]: frozenset(who.split(", ")) for what, who in table(name)}
    assert documented == code


def test_scopes_are_those_of_the_code() -> None:
    """Every scope of an API key, and what it opens."""
    documented = {quoted(name)[0]: frozenset(quoted(routes)) for name, routes in table("scopes")}
    assert documented == SCOPES


def test_limits_are_those_of_the_code() -> None:
    """Every limit of the contract."""
    sockets, api, doors = SocketSettings(), ApiSettings(), DoorSettings()
    numbers = {
        what: int(re.sub(r"\D", "", most.partition(" ")[0])) for what, most in table("limits")
    }
    assert numbers == {
        "a message or note": limits.MAX_TEXT,
        "a rating's comment": limits.MAX_COMMENT,
        "a tag": limits.MAX_TAG,
        "tags of a conversation": limits.MAX_TAGS,
        "a page's address, and its referrer": limits.MAX_URL,
        "a page's title": limits.MAX_TITLE,
        "pages told with a session": limits.MAX_PASSED,
        "a user, and an agent's name": limits.MAX_NAME,
        "a nonce": MAX_NONCE,
        "a password": MAX_PASSWORD,
        "a webhook's address": limits.MAX_URL,
        "webhooks of a tenant": limits.MAX_WEBHOOKS,
        "sites of a tenant": limits.MAX_SITES,
        "origins of a site": limits.MAX_ORIGINS,
        "departments of a tenant": limits.MAX_DEPARTMENTS,
        "canned replies of a tenant": limits.MAX_REPLIES,
        "rules of welcome, and of reception": limits.MAX_RULES,
        "statuses of a tenant's own": limits.MAX_STATUSES,
        "suggested tags": limits.MAX_SUGGESTED_TAGS,
        "languages of a text": limits.MAX_LANGUAGES,
        "a welcome's text": limits.MAX_WELCOME,
        "fields of a form": limits.MAX_FIELDS,
        "options of a field": limits.MAX_OPTIONS,
        "skills of an agent, or a rule": limits.MAX_SKILLS,
        "a skill": limits.MAX_TAG,
        "a shortcut": limits.MAX_WORD,
        "an agent's capacity": limits.MAX_CAPACITY,
        "goals of a tenant": limits.MAX_GOALS,
        "shifts of a day in the opening hours": limits.MAX_SHIFTS,
        "holidays in the opening hours": limits.MAX_HOLIDAYS,
        "an id that is answered": MAX_ID,
        "a client's frame": sockets.frame_bytes,
        "a request's body": api.body_bytes,
        "the time until `hello`": sockets.hello_timeout_s,
        "feeds of a socket": sockets.feeds,
        "how far behind an inbox is replayed": sockets.inbox_replay_events,
        "a signed identity's time, off ours": doors.identity_window_s,
        "the wait for `min_position`": api.min_position_wait_s,
    }


def test_close_codes_are_those_of_the_code() -> None:
    """Every code and what it means; and the sockets close with no other."""
    assert {int(code): meaning for code, meaning in table("closing")} == CLOSE_CODES
    sources = (ROOT / "adapters" / "websocket").glob("*.py")
    closing = re.compile(r"\b44\d\d\b|\b101[23]\b")
    used = {int(code) for path in sources for code in closing.findall(path.read_text())}
    assert used <= set(CLOSE_CODES)


# --- command line -----------------------------------------------------------------------------


def leaves(command: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, by its whole name."""
    if not isinstance(command, click.Group):
        yield name, command
        return
    context = click.Context(command)
    for word in command.list_commands(context):
        child = command.get_command(context, word)
        assert child is not None
        yield from leaves(child, f"{name} {word}")


def test_commands_are_those_of_the_program() -> None:
    """Every command with all its options."""
    documented = {quoted(name)[0]: set(quoted(options)) for name, options, _ in table("commands")}
    assert documented == {
        name: {
            max(each.opts, key=len) if isinstance(each, click.Option) else each.human_readable_name
            for each in command.params
        }
        - SHARED
        for name, command in leaves(cast("click.Command", parley), "parley")
    }


# --- examples ---------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["README.md", "CHANGELOG.md"])
def test_every_group_of_commands_is_told_of(page: str) -> None:
    """Whoever reads only the first page knows what the program can do."""
    text = (ROOT / page).read_text(encoding="utf-8")
    named = {f"parley {name}" for name in COMMANDS} - {"parley serve", "parley init"}
    assert {name for name in named if f"`{name}" not in text} == set()


def test_commands_for_contributors_run_as_typed() -> None:
    """No tool is taken from a PATH that a checkout does not set."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert re.findall(r"(?:^|`|then )(?:python|tox|pytest|ruff|mypy) \S+", text, re.MULTILINE) == []


def test_the_identity_example_signs_as_the_server_checks() -> None:
    """The Python example, and the worked example beside it."""
    made = example("identity")["identity"]("site", "secret", "ann")
    assert made["signature"] == digests.identity_signature(
        "secret", "site", "ann", made["timestamp"], made["nonce"]
    )
    worked = {name: quoted(value)[0] for name, value in table("identity")}
    assert worked["signature"] == digests.identity_signature(
        worked["secret"], worked["site"], worked["user"], int(worked["timestamp"]), worked["nonce"]
    )


def test_the_chain_example_computes_the_golden_vectors() -> None:
    """The layouts in the document are those of the code, to the byte."""
    made = example("chain")
    golden = msgspec.json.decode((ROOT / "tests/unit/golden/chain.json").read_bytes())
    log = UUID(golden["log"])
    previous = made["genesis"](log)
    assert previous.hex() == golden["genesis"]
    for event in golden["events"]:
        link = msgspec.convert(
            {**event, "metadata": b"", "data": b""}, chain.Link, builtin_types=(bytes,)
        )
        values = {
            **msgspec.structs.asdict(link),
            "metadata": bytes.fromhex(event["metadata"]),
            "data": bytes.fromhex(event["data"]),
        }
        previous = made["next_hash"](previous, *values.values())
        assert previous.hex() == event["hash"]
    command = UUID("018c0000-0000-7000-8000-00000000001a")
    for n in (0, 15):
        assert made["event_id"](log, "visitor", "ann", command, n) == ids.event_id(
            log, "visitor", "ann", command, n
        )


# --- pages ------------------------------------------------------------------------------------


def anchors(page: Path) -> set[str]:
    """What a link may name on a page: its headings, as the usual renderers spell them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each.lower()).strip().replace(" ", "-") for each in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link of every page, headings included."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{page.name}: {link}"
        assert target.is_relative_to(ROOT), f"{page.name}: {link} leaves the repository"
        if anchor:
            assert anchor in anchors(target), f"{page.name}: {link}"


SOURCE = re.compile(
    r"`((?:domain|adapters|projections|brokers|api|ops|web|tests|requirements|docs)/[\w./-]*)`"
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_files_that_are_named_are_there(page: Path) -> None:
    """A page that names a file of ours names one that exists; `web/dist` is made by the build."""
    named = set(SOURCE.findall(page.read_text(encoding="utf-8"))) - {"web/dist"}
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_the_glossary_has_each_word_once() -> None:
    """In alphabetical order, so that a second meaning finds the first."""
    glossary = (DOCS / "glossary.md").read_text(encoding="utf-8")
    words = re.findall(r"^\| ([^|]+?) \|", glossary, re.MULTILINE)
    words = [word.lower() for word in words if word not in {"word", "---"}]
    assert words == sorted(set(words))


def test_decisions_are_numbered_and_listed() -> None:
    """The records count from 1 without a gap, each has its sections; the index has each in turn."""
    index = (DOCS / "adr" / "README.md").read_text(encoding="utf-8")
    records = sorted((DOCS / "adr").glob("[0-9]*.md"))
    assert [int(each.name[:4]) for each in records] == list(range(1, len(records) + 1))
    for record in records:
        text = record.read_text(encoding="utf-8")
        assert text.startswith(f"# {record.name[:4]}. ")
        for section in ("Date: ", "Status: ", "## Context", "## Decision", "## Consequences"):
            assert section in text, f"{record.name} has no {section}"
    assert re.findall(r"^- \[.+\]\((.+)\)$", index, re.MULTILINE) == [each.name for each in records]
