"""The command line on real processes: beside a running product, on a stopped one, and refused."""

from __future__ import annotations

import base64
import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from ops.master_key import HEAD
from tests.fixtures.client import Client, visitor_session
from tests.fixtures.product import copied
from tests.fixtures.server import CHECKOUT, Server, clean_environment, data_directory


def parley(data: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "ops", *arguments, "--data", str(data)],
        cwd=CHECKOUT,
        env=clean_environment(**environment),
        capture_output=True,
        text=True,
        timeout=60,
    )


def answer(done: subprocess.CompletedProcess[str]) -> Any:
    """The JSON that a command printed."""
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def refusal(done: subprocess.CompletedProcess[str]) -> str:
    """The one sentence with which a command refused."""
    assert done.returncode == 1, (done.stdout, done.stderr)
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("parley: ")
    return lines[0]


def url_of(data: Path) -> str:
    """The superuser's URL of a directory with a demonstration."""
    url: str = json.loads((data / "credentials.json").read_text())["database_url"]
    return url


async def execute(url: str, *statements: str) -> None:
    """Do something to the database that only its superuser can."""
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture(scope="module")
def stopped(demonstration: Path) -> Iterator[Path]:
    """A directory with a demonstration that nothing runs on."""
    with copied(demonstration) as data:
        yield data


@pytest.fixture
def damaged(own_data: Path) -> Path:
    """A directory of its own for a test that harms it."""
    return own_data


# --- stopped and running --------------------------------------------------------------------


def test_a_stopped_product_is_read_and_left_stopped(stopped: Path) -> None:
    """A command starts PostgreSQL for itself, and nothing of it is left behind."""
    head = answer(parley(stopped, "log", "head", "--tenant", "demo", "--json"))
    assert set(head) == {"tenant", "position", "hash"}
    assert head["tenant"] == "demo"
    assert len(bytes.fromhex(head["hash"])) == 32
    assert not (stopped / "postgres" / "data" / "postmaster.pid").exists()


def test_beside_a_running_product_commands_join_it(server: Server) -> None:
    """A tenant and an agent made beside it can sign in at once, without a restart."""
    made = answer(server.parley("tenant", "create", "beside", "--json"))
    agent = answer(
        server.parley("agent", "create", "--tenant", "beside", "--email", "a@b.example", "--json")
    )
    given = {"tenant": "beside", "email": "a@b.example", "password": agent["password"]}
    signed_in = httpx.post(f"{server.url}/v1/agent/sessions", json=given)
    assert signed_in.status_code == 200
    assert signed_in.json()["agent"] == agent["agent"]
    visitor = httpx.post(f"{server.url}/v1/visitor/sessions", json={"site": made["site"]})
    assert visitor.status_code == 200
    key = {"Authorization": f"Bearer {made['api_key']}"}
    assert httpx.get(f"{server.url}/v1/conversations", headers=key).status_code == 200


@pytest.mark.parametrize("place", ["first", "between", "last"])
def test_the_directory_may_be_named_anywhere(stopped: Path, place: str) -> None:
    """``--data`` is understood before a command, between its words, and behind its arguments."""
    words = ["log", "head", "--tenant", "demo", "--json"]
    at = {"first": 0, "between": 1, "last": len(words)}[place]
    words[at:at] = ["--data", str(stopped)]
    done = subprocess.run(
        [sys.executable, "-m", "ops", *words],
        cwd=CHECKOUT,
        env=clean_environment(PARLEY_DATA="/nowhere"),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert answer(done)["tenant"] == "demo"


# --- tenants and agents ---------------------------------------------------------------------


def test_what_exists_is_not_made_again(stopped: Path) -> None:
    """A second tenant or agent of one name is refused in a sentence."""
    assert parley(stopped, "tenant", "create", "twice").returncode == 0
    assert "'twice' already" in refusal(parley(stopped, "tenant", "create", "twice"))
    agent = ("agent", "create", "--tenant", "twice", "--email", "a@b.example")
    assert parley(stopped, *agent).returncode == 0
    assert "exists already" in refusal(parley(stopped, *agent))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("tenant", "create", "a b"), "tenant's name"),
        (("tenant", "create", ""), "tenant's name"),
        (("agent", "create", "--tenant", "demo", "--email", "nobody"), "e-mail"),
        (
            ("agent", "create", "--tenant", "demo", "--email", "a@b.c", "--department", "4 sales"),
            "department",
        ),
        (("site", "add", "--tenant", "demo", "--name", "x", "--origins", "x.example"), "origin"),
        (("site", "add", "--tenant", "demo", "--name", "Halden & Rye"), "already"),
        (("site", "set", "--tenant", "demo", "--site", "x", "--name", "y"), "no site 'x'"),
        (("site", "set", "--tenant", "demo", "--site", "x"), "Nothing to change"),
        (("key", "revoke", "--tenant", "demo", "x"), "no such key"),
        (("agent", "create", "--tenant", "nil", "--email", "a@b.c"), "no tenant 'nil'"),
        (("agent", "set", "--tenant", "demo", "--email", "a@b.c", "--deactivate"), "no agent"),
        (("agent", "set", "--tenant", "demo", "--email", "a@b.c"), "Nothing to change"),
        (("log", "head", "--tenant", "nil"), "no tenant 'nil'"),
        (("audit", "verify", "--tenant", "nil"), "no tenant 'nil'"),
        (("serve", "--roles", "visitor,chef"), "no role 'chef'"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(
    stopped: Path, arguments: tuple[str, ...], words: str
) -> None:
    """Bad names and unknown ones: status 1, one sentence on stderr, nothing on stdout."""
    done = parley(stopped, *arguments)
    assert words in refusal(done)
    assert done.stdout == ""


def test_wrong_usage_is_status_2(stopped: Path) -> None:
    """A word that is no command, or an option that is missing, is the caller's mistake."""
    assert parley(stopped, "fly").returncode == 2
    assert parley(stopped, "log", "head").returncode == 2
    both = ("--department", "sales", "--no-departments")
    done = parley(stopped, "agent", "set", "--tenant", "demo", "--email", "mia@demo.example", *both)
    assert (done.returncode, "not both" in done.stderr) == (2, True)


def test_agents_change_at_once(server: Server) -> None:
    """A new password signs the old one out; an agent that was ended cannot sign in."""
    answer(server.parley("tenant", "create", "changing", "--json"))
    who = ("--tenant", "changing", "--email", "a@b.example")
    old = answer(server.parley("agent", "create", *who, "--json"))["password"]
    new = answer(server.parley("agent", "set", *who, "--password", "--json"))["password"]
    changed = answer(
        server.parley("agent", "set", *who, "--role", "limited", "--department", "x", "--json")
    )
    assert (changed["role"], changed["departments"]) == ("limited", ["x"])

    def sign_in(password: str) -> httpx.Response:
        given = {"tenant": "changing", "email": "a@b.example", "password": password}
        return httpx.post(f"{server.url}/v1/agent/sessions", json=given)

    assert sign_in(old).status_code == 401
    assert sign_in(new).json()["role"] == "limited"
    answer(server.parley("agent", "set", *who, "--deactivate", "--json"))
    assert sign_in(new).status_code == 401
    said = refusal(server.parley("agent", "create", *who))
    assert "'a@b.example' was deactivated" in said
    assert refusal(server.parley("agent", "set", *who, "--role", "admin")) == said
    assert answer(server.parley("agent", "set", *who, "--deactivate", "--json"))["active"] is False


# --- sites and keys -------------------------------------------------------------------------


def test_sites_and_their_origins(server: Server) -> None:
    """A site is added with its secret told once; its origins change, and hold at once."""
    of = ("--tenant", "sites", "--json")
    first = answer(server.parley("tenant", "create", "sites", "--json"))
    shop = ("--name", "Shop", "--origins", "https://shop.example, https://www.shop.example")
    added = answer(server.parley("site", "add", *of, *shop))
    assert added["origins"] == ["https://shop.example", "https://www.shop.example"]
    listed = server.parley("site", "list", *of)
    assert [each["site"] for each in answer(listed)] == [first["site"], added["site"]]
    assert added["site_secret"] not in listed.stdout

    def visit(origin: str) -> int:
        url, headers = f"{server.url}/v1/visitor/sessions", {"Origin": origin}
        return httpx.post(url, json={"site": added["site"]}, headers=headers).status_code

    assert (visit("https://shop.example"), visit("https://evil.example")) == (200, 403)
    there = ("--site", added["site"])
    changed = answer(server.parley("site", "set", *of, *there, "--origins", "https://new.example"))
    assert (changed["name"], changed["origins"]) == ("Shop", ["https://new.example"])
    assert (visit("https://shop.example"), visit("https://new.example")) == (403, 200)
    answer(server.parley("site", "set", *of, *there, "--origins", ""))
    assert visit("https://evil.example") == 200
    rotated = answer(server.parley("site", "rotate", *of, *there))
    assert rotated["site_secret"] != added["site_secret"]
    assert answer(server.parley("site", "remove", *of, *there))["removed"] == added["site"]
    assert visit("https://evil.example") == 404
    assert "no site" in refusal(server.parley("site", "rotate", *of, *there))
    assert answer(server.parley("site", "restore", *of, *there))["name"] == "Shop"
    assert visit("https://evil.example") == 200


def test_hours_and_goals(server: Server) -> None:
    """A tenant says when it is there and which pages count; both are shown as they were said."""
    of = ("--tenant", "hours", "--json")
    answer(server.parley("tenant", "create", "hours", "--json"))
    week = "mon-fri 09:00-18:00, sat 22:00-06:00"
    said = ("--zone", "Europe/Berlin", "--week", week, "--holiday", "2026-12-25")
    answer(server.parley("tenant", "hours", *of, *said))
    shown = answer(server.parley("tenant", "show", *of))
    assert (shown["zone"], shown["week"]) == ("Europe/Berlin", week)
    assert shown["holidays"] == ["2026-12-25"]
    nowhere = ("--zone", "Mars/Base", "--week", week)
    assert "time zone" in refusal(server.parley("tenant", "hours", *of, *nowhere))
    added = answer(server.parley("goal", "add", *of, "--name", "Bought", "--url", "/done"))
    which = ("--goal", added["goal"])
    changed = answer(server.parley("goal", "change", *of, *which, "--url", "/done/*"))
    assert changed == {**added, "url": "/done/*"}
    assert answer(server.parley("goal", "list", *of)) == [changed]
    answer(server.parley("goal", "remove", *of, *which))
    assert "parley goal list" in refusal(server.parley("goal", "remove", *of, *which))


def test_keys_are_made_and_revoked(server: Server) -> None:
    """A key is good for its scopes until it is revoked, by its id or whole; others stay."""
    of = ("--tenant", "keys", "--json")
    first = answer(server.parley("tenant", "create", "keys", "--json"))
    made = answer(server.parley("key", "create", *of, "--scope", "agents:read"))

    def status(path: str, key: str) -> int:
        headers = {"Authorization": f"Bearer {key}"}
        return httpx.get(f"{server.url}{path}", headers=headers).status_code

    assert status("/v1/agents", made["api_key"]) == 200
    assert status("/v1/conversations", made["api_key"]) == 403
    listed = answer(server.parley("key", "list", *of))
    assert made["key"] in {each["key"] for each in listed}
    assert answer(server.parley("key", "revoke", *of, made["key"]))["revoked"] == made["key"]
    assert status("/v1/agents", made["api_key"]) == 401
    assert status("/v1/conversations", first["api_key"]) == 200
    answer(server.parley("key", "revoke", *of, first["api_key"]))
    assert status("/v1/conversations", first["api_key"]) == 401
    assert "already" in refusal(server.parley("tenant", "create", "keys"))


# --- what only reads ------------------------------------------------------------------------

READING = [
    ("log", "head", "--tenant", "demo"),
    ("log", "read", "--tenant", "demo"),
    ("conversation", "show", "--tenant", "demo", str(UUID(int=1))),
    ("audit", "verify", "--tenant", "demo"),
    ("site", "list", "--tenant", "demo"),
    ("key", "list", "--tenant", "demo"),
]


@pytest.mark.parametrize("command", READING, ids=lambda words: "-".join(words[:2]))
def test_reading_makes_nothing(command: tuple[str, ...]) -> None:
    """Where nothing was made yet, the sentence says what makes it, and nothing is."""
    with data_directory() as data:
        assert "parley init" in refusal(parley(data, *command))
        assert not data.exists()


OLDER = (
    "UPDATE es.migration SET number = -number WHERE number = (SELECT max(number) FROM es.migration)"
)
NEWER = (
    "INSERT INTO es.migration (room, number, name, checksum) VALUES ('es', 9999, 'tomorrow', '')"
)
SCHEMAS = [
    (OLDER, "older", "UPDATE es.migration SET number = -number WHERE number < 0"),
    (NEWER, "newer", "DELETE FROM es.migration WHERE number = 9999"),
    ("ALTER SCHEMA es RENAME TO gone", "parley init", "ALTER SCHEMA gone RENAME TO es"),
]
"""What is done to a schema, what is said of it, and how it is undone."""


async def test_reading_changes_no_schema(damaged: Path) -> None:
    """A schema that is older, newer or absent is refused as it is, and left as it is."""
    server = Server(damaged).start()
    try:
        url = url_of(damaged)
        for change, words, back in SCHEMAS:
            await execute(url, change)
            for command in READING:
                assert words in refusal(server.parley(*command))
            await execute(url, back)
        assert server.parley(*READING[0]).returncode == 0
    finally:
        server.end()


def test_the_chain_is_verified_without_a_key(damaged: Path) -> None:
    """Whoever is to prove a log needs none of its secrets."""
    (damaged / "master.key").rename(damaged / "elsewhere")
    assert answer(parley(damaged, "audit", "verify", "--tenant", "demo", "--json"))["ok"]
    assert "master key is missing" in refusal(parley(damaged, "log", "read", "--tenant", "demo"))
    assert not (damaged / "master.key").exists()


# --- the log --------------------------------------------------------------------------------


def test_the_log_is_read_in_order_and_without_secrets(stopped: Path) -> None:
    """Every event once, in order, in the documented form; what opens doors is left out."""
    done = parley(stopped, "log", "read", "--tenant", "demo", "--json")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert [event["position"] for event in events] == list(range(1, len(events) + 1))
    assert set(events[0]) == {
        "position", "stream", "version", "type", "schema_version", "id", "at",
        "actor", "metadata", "data", "erased", "damaged",
    }  # fmt: skip
    created = [event for event in events if event["type"] == "agent.created"]
    assert {event["data"]["email"] for event in created} >= {"mia@demo.example"}
    credentials = json.loads((stopped / "credentials.json").read_text())
    assert "argon2" not in done.stdout
    assert credentials["site_secret"] not in done.stdout


def test_a_part_of_the_log_and_its_envelopes_only(stopped: Path) -> None:
    """``--from``, ``--to`` and ``--stream`` choose; ``--encrypted`` leaves out what was written."""
    read = ("log", "read", "--tenant", "demo", "--json", "--encrypted")
    some = parley(stopped, *read, "--from", "2", "--to", "3").stdout.splitlines()
    assert [json.loads(line)["position"] for line in some] == [2, 3]
    stream = parley(stopped, *read, "--stream", "tenant").stdout.splitlines()
    events = [json.loads(line) for line in stream]
    assert [event["version"] for event in events] == list(range(1, len(events) + 1))
    assert all("data" not in event and "name" not in event["actor"] for event in events)


async def test_a_conversation_as_it_is_and_as_it_was(server: Server) -> None:
    """Its view and transcript; with ``--at`` nothing of later; what is not there is said."""
    session = await visitor_session(server.url, server.credentials["site"])
    async with Client(session) as visitor:
        started = await visitor.ack("start", body={"text": "good day"})
        talk = started["conversation"]
        await visitor.ack("post", conversation=talk, body={"text": "anybody there?"})
    show = ("conversation", "show", "--tenant", "demo", talk)
    told = server.parley(*show)
    assert told.returncode == 0, told.stderr
    assert "good day" in told.stdout
    assert "anybody there?" in told.stdout
    view, *events = map(json.loads, server.parley(*show, "--json").stdout.splitlines())
    assert (view["conversation"], view["last"]["text"]) == (talk, "anybody there?")
    assert [event["version"] for event in events] == [1, 2, 3]
    before = ("--at", str(events[1]["position"]), "--json")
    then, *earlier = map(json.loads, server.parley(*show, *before).stdout.splitlines())
    assert (then["last"]["text"], then["version"]) == ("good day", 2)
    assert then["at"] == {
        "position": events[1]["position"], "time": events[1]["at"], "latest": False
    }  # fmt: skip
    assert earlier == events[:2]
    assert "had not begun" in refusal(server.parley(*show, "--at", "1"))
    nobodys = ("conversation", "show", "--tenant", "demo", str(UUID(int=1)))
    assert "no conversation" in refusal(server.parley(*nobodys))
    assert server.parley(*show, "--at", "yesterday").returncode == 2


def test_tail_follows_until_interrupted(server: Server) -> None:
    """An event that comes later is printed; an interrupt ends it with status 0."""
    answer(server.parley("tenant", "create", "tailed", "--json"))
    command = [sys.executable, "-m", "ops", "log", "tail", "--tenant", "tailed", "--json"]
    tail = subprocess.Popen(
        [*command, "--from", "1", "--data", str(server.data)],
        cwd=CHECKOUT,
        env=server.environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert tail.stdout is not None
    try:
        assert json.loads(tail.stdout.readline())["type"] == "tenant.created"
        who = ("--tenant", "tailed", "--email", "a@b.example")
        assert server.parley("agent", "create", *who).returncode == 0
        for line in tail.stdout:
            if json.loads(line)["type"] == "agent.created":
                break
        tail.send_signal(signal.SIGINT)
        assert tail.wait(10) == 0
    finally:
        tail.kill()
        tail.wait()
        tail.stdout.close()


def on_terminal(data: Path, *arguments: str) -> tuple[str, str]:
    """What a command prints, and what it says beside it on a terminal."""
    ours, theirs = pty.openpty()
    try:
        done = subprocess.run(
            [sys.executable, "-m", "ops", *arguments, "--data", str(data)],
            cwd=CHECKOUT,
            env=clean_environment(TERM="xterm"),
            stdout=subprocess.PIPE,
            stderr=theirs,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0
        return done.stdout, os.read(ours, 65536).decode()
    finally:
        os.close(ours)
        os.close(theirs)


def test_who_waits_at_a_terminal_sees_how_far_it_is(damaged: Path) -> None:
    """Events that go elsewhere, and keys, have a bar on a terminal; nowhere else is one."""
    read = ("log", "read", "--tenant", "demo", "--json")
    printed, beside = on_terminal(damaged, *read)
    assert "reading" in beside
    assert "100%" in beside
    plain = parley(damaged, *read)
    assert (plain.stdout, plain.stderr) == (printed, "")
    printed, beside = on_terminal(damaged, "keys", "rotate")
    assert "wrapping" in beside
    assert "keys are under the new master key" in printed


# --- the chain ------------------------------------------------------------------------------


def test_an_untouched_log_verifies(stopped: Path) -> None:
    """The chain holds, its end is the head, and progress goes to stderr when asked for."""
    head = answer(parley(stopped, "log", "head", "--tenant", "demo", "--json"))
    done = parley(stopped, "audit", "verify", "--tenant", "demo", "--json", "--progress")
    verdict = answer(done)
    assert verdict == {**head, "ok": True, "broken_at": None, "reason": None}
    assert "verified" in done.stderr


async def test_a_changed_event_is_found(damaged: Path) -> None:
    """One byte changed behind the triggers' back: status 1 and exactly that position."""
    server = Server(damaged).start()
    try:
        await execute(
            url_of(damaged),
            "ALTER TABLE es.event DISABLE TRIGGER USER",
            "UPDATE es.event SET data = set_byte(data, 20, (get_byte(data, 20) + 1) % 256)"
            " WHERE position = 3",
            "ALTER TABLE es.event ENABLE TRIGGER USER",
        )
        done = server.parley("audit", "verify", "--tenant", "demo", "--json")
        assert done.returncode == 1
        assert json.loads(done.stdout)["broken_at"] == 3
        done = server.parley("audit", "verify", "--tenant", "demo")
        assert done.returncode == 1
        assert "position 3" in done.stdout
    finally:
        server.end()


# --- keys -----------------------------------------------------------------------------------


def test_the_master_key_is_rotated_at_rest_only(damaged: Path) -> None:
    """Beside a running product it is refused; at rest all keys move, and everything still opens."""
    server = Server(damaged).start()
    try:
        assert "running" in refusal(server.parley("keys", "rotate"))
    finally:
        server.end()
    old = (damaged / "master.key").read_text()
    assert parley(damaged, "keys", "rotate", "--drop-old").returncode == 0
    new = (damaged / "master.key").read_text()
    assert old.splitlines()[-1] not in new
    done = parley(damaged, "log", "read", "--tenant", "demo", "--json")
    assert "mia@demo.example" in done.stdout


# --- what cannot start ----------------------------------------------------------------------


def test_without_the_master_key_nothing_starts(damaged: Path) -> None:
    """A lost key is said to be lost; no other is made in its place."""
    (damaged / "master.key").rename(damaged / "elsewhere")
    assert "master key is missing" in refusal(parley(damaged, "serve", "--port", "0"))
    assert not (damaged / "master.key").exists()
    (damaged / "elsewhere").rename(damaged / "master.key")
    assert parley(damaged, "log", "head", "--tenant", "demo").returncode == 0


def test_with_a_wrong_master_key_nothing_starts(damaged: Path) -> None:
    """Another key, a damaged file, a damaged variable: each is refused in a sentence."""
    kept = (damaged / "master.key").read_text()
    (damaged / "master.key").write_text(HEAD + base64.b64encode(bytes(32)).decode() + "\n")
    assert "master key" in refusal(parley(damaged, "serve", "--port", "0"))
    (damaged / "master.key").write_text("not a key\n")
    assert "is damaged" in refusal(parley(damaged, "serve", "--port", "0"))
    (damaged / "master.key").write_text(kept)
    done = parley(damaged, "serve", "--port", "0", PARLEY_MASTER_KEY="short")
    assert "PARLEY_MASTER_KEY" in refusal(done)
    for command in (("serve", "--port", "0"), ("log", "head", "--tenant", "demo")):
        said = refusal(parley(damaged, *command, PARLEY_MASTER_KEY=bytes(32).hex()))
        assert "PARLEY_MASTER_KEY is not the key" in said
        assert f"{damaged / 'master.key'} is not looked at" in said


async def test_a_newer_schema_is_left_alone(damaged: Path) -> None:
    """A program older than the database says so, and the doctor does too."""
    server = Server(damaged).start()
    try:
        await execute(
            url_of(damaged),
            "INSERT INTO es.migration (room, number, name, checksum)"
            " VALUES ('es', 9999, 'tomorrow', '')",
        )
    finally:
        server.end()
    assert "9999" in refusal(parley(damaged, "serve", "--port", "0"))
    report = json.loads(parley(damaged, "doctor", "--port", "0", "--json").stdout)
    (schema,) = [each for each in report["findings"] if each["part"] == "schema"]
    assert (schema["state"], report["ok"]) == ("FAIL", False)


def test_another_major_version_is_left_alone(damaged: Path) -> None:
    """Data of another PostgreSQL is named with both versions and the way out."""
    version = damaged / "postgres" / "data" / "PG_VERSION"
    version.write_text("14\n")
    said = refusal(parley(damaged, "serve", "--port", "0"))
    assert "PostgreSQL 14" in said
    assert "PARLEY_POSTGRES_BIN" in said


def test_a_directory_in_use_is_said_to_be(server: Server) -> None:
    """A second product on one directory is refused and harms nothing."""
    assert "in use by another Parley" in refusal(server.parley("serve", "--port", "0"))
    assert server.healthy()


@pytest.mark.skipif(os.geteuid() != 0, reason="root's server runs as another user")
def test_a_directory_that_cannot_be_entered_is_named() -> None:
    """Where PostgreSQL's user has no way in, the operator is told which directory is shut."""
    with data_directory() as data:
        shut = data.parent / "shut"
        shut.mkdir(mode=0o700)
        assert str(shut) in refusal(parley(shut / "data", "serve", "--port", "0"))


@pytest.mark.parametrize(
    "command",
    [("log", "head", "--tenant", "demo"), ("audit", "verify", "--tenant", "demo"), ("serve",)],
    ids=" ".join,
)
def test_a_file_is_no_data_directory(command: tuple[str, ...]) -> None:
    """A file given as --data is one sentence, whatever was asked."""
    with data_directory() as data:
        data.write_text("")
        assert f"{data} is not a directory" in refusal(parley(data, *command))


def test_a_port_in_use_is_named(server: Server, stopped: Path) -> None:
    """A port that another program has is named, with the option that helps."""
    done = parley(stopped, "serve", "--port", str(server.port))
    assert f"Port {server.port}" in refusal(done)


def test_a_second_start_names_the_first(server: Server) -> None:
    """On the same port and directory it is no other program that is in the way, but Parley."""
    assert server.process is not None
    said = refusal(server.parley("serve", "--port", str(server.port)))
    assert f"Parley runs on {server.data} already (process {server.process.pid})" in said
    assert server.healthy()


def test_a_database_that_does_not_answer_is_said_to_be_away(stopped: Path) -> None:
    """With a URL where nothing listens the sentence names PostgreSQL, and no password."""
    url = "postgresql://parley:hidden-word@127.0.0.1:9/parley"
    said = refusal(parley(stopped, "log", "head", "--tenant", "x", PARLEY_DATABASE_URL=url))
    assert "PostgreSQL at 127.0.0.1:9 does not answer" in said
    assert "hidden-word" not in said
    assert refusal(parley(stopped, "serve", "--port", "0", PARLEY_DATABASE_URL=url)) == said


def test_unknown_settings_are_warned_of(stopped: Path) -> None:
    """A misspelt variable is told on stderr, and the command goes on."""
    done = parley(stopped, "log", "head", "--tenant", "demo", PARLEY_HAERTBEAT="3")
    assert done.returncode == 0
    assert "PARLEY_HAERTBEAT" in done.stderr


# --- doctor ---------------------------------------------------------------------------------

PARTS = [
    "settings", "data directory", "disk", "web files", "port", "user",
    "PostgreSQL", "schema", "master key", "epoch", "clock", "read models",
]  # fmt: skip


def test_the_doctor_finds_a_running_product_well(server: Server) -> None:
    """A line for each part, and the port is known to be Parley's own."""
    done = server.parley("doctor", "--port", str(server.port))
    assert done.returncode == 0, done.stdout
    lines = done.stdout.splitlines()
    assert [line[6:20].strip() for line in lines] == PARTS
    assert "Parley answers" in lines[4]


def test_the_doctor_finds_the_port_of_a_running_product(server: Server) -> None:
    """Without --port it looks where the directory's product says it is."""
    found = {each["part"]: each for each in answer(server.parley("doctor", "--json"))["findings"]}
    assert f"Parley answers on 127.0.0.1:{server.port}" in found["port"]["detail"]


def test_the_doctor_changes_nothing() -> None:
    """On a directory that nothing was made in, all is well and nothing is made."""
    with data_directory() as data:
        done = parley(data, "doctor", "--port", "0", "--json")
        assert answer(done)["ok"]
        assert not data.exists()


def test_the_doctor_finds_what_is_wrong(damaged: Path) -> None:
    """A key that others may read, and a lost key, each fail that part and the whole."""
    (damaged / "credentials.json").chmod(0o644)
    (damaged / "master.key").unlink()
    done = parley(damaged, "doctor", "--port", "0", "--json")
    assert done.returncode == 1
    states = {each["part"]: each["state"] for each in json.loads(done.stdout)["findings"]}
    assert states["data directory"] == states["master key"] == "FAIL"
    assert states["PostgreSQL"] == "OK"


def test_the_doctor_survives_a_file_as_directory() -> None:
    """Each part that needs the directory says what is wrong with it."""
    with data_directory() as data:
        data.write_text("")
        done = parley(data, "doctor", "--port", "0", "--json")
        found = {each["part"]: each for each in json.loads(done.stdout)["findings"]}
        assert f"{data} is not a directory" in found["data directory"]["detail"]
        assert (done.returncode, found["PostgreSQL"]["state"], done.stderr) == (1, "FAIL", "")


@pytest.mark.skipif(os.geteuid() != 0, reason="root's server runs as another user")
def test_the_doctor_finds_a_shut_way() -> None:
    """What will keep the start from PostgreSQL's user is found before, and nothing is made."""
    with data_directory() as data:
        data.parent.chmod(0o700)
        done = parley(data, "doctor", "--port", "0", "--json")
        found = {each["part"]: each for each in json.loads(done.stdout)["findings"]}
        assert done.returncode == 1
        assert found["user"]["state"] == "FAIL"
        assert found["user"]["detail"].startswith(f"{data.parent} cannot be entered by user nobody")
        assert not data.exists()


def test_the_doctor_survives_bad_settings(stopped: Path) -> None:
    """A setting that is refused is a failed part, not a crash."""
    done = parley(stopped, "doctor", PARLEY_HEARTBEAT_S="0")
    assert done.returncode == 1
    assert done.stdout.startswith("FAIL  settings")
