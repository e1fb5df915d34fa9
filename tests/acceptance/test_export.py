"""What leaves the product and comes back in: conversations, and a tenant's configuration."""

from __future__ import annotations

import asyncio
import gzip
import json
from pathlib import Path
from typing import Any

import httpx

from tests.acceptance.test_cli import answer, refusal
from tests.fixtures.client import Client, agent_session, new_id, visitor_session
from tests.fixtures.server import Server
from tests.unit.exports.records import AWKWARD, csv_rows, json_lines, sqlite_rows

HTTP = "/v1/exports/conversations"


async def talk(server: Server) -> tuple[Client, str]:
    """A visitor begins; its socket, and the conversation."""
    session = await visitor_session(server.url, server.credentials["site"])
    client = await Client(session).__aenter__()
    ack = await client.ack("start", department="sales")
    return client, ack["conversation"]


async def told(server: Server) -> tuple[str, list[str]]:
    """A conversation with awkward texts in it, a note and a tag; and the texts."""
    client, conversation = await talk(server)
    texts = [text for text in AWKWARD if text.strip()]
    for text in texts:
        await client.ack("post", conversation=conversation, body={"text": text})
    session = await agent_session(
        server.url, server.credentials["tenant"], server.credentials["admin"]
    )
    async with Client(session) as agent:
        body = {"text": "for us only"}
        await agent.ack("post", conversation=conversation, body=body, note=True)
        await agent.ack("tag", conversation=conversation, tags=["=vip"])
    await client.__aexit__(None, None, None)
    return conversation, texts


async def caught_up(server: Server, conversation: str, version: int) -> None:
    """Wait until the views have a conversation's version."""
    headers = {"Authorization": f"Bearer {server.credentials['api_key']}"}
    async with httpx.AsyncClient(headers=headers, base_url=server.url) as http:
        for _ in range(200):
            view = await http.get(f"/v1/conversations/{conversation}")
            if view.status_code == 200 and view.json()["version"] >= version:
                return
            await asyncio.sleep(0.05)
    raise AssertionError("the views do not catch up")


async def test_conversations_leave_in_every_form_while_chat_goes_on(
    server: Server, tmp_path: Path
) -> None:
    """On the command line and by HTTP; all forms say the same, and say as of where."""
    conversation, texts = await told(server)
    await caught_up(server, conversation, len(texts) + 3)
    busy, _ = await talk(server)
    stop = asyncio.Event()

    async def chat() -> None:
        while not stop.is_set():
            await busy.ack("start", body={"text": f"still here {new_id()}"})

    chatting = asyncio.create_task(chat())
    tenant = server.credentials["tenant"]
    made: dict[str, Any] = {}
    words = ("conversation", "export", "--tenant", tenant, "--json", "--format")
    for name, form in (("a.jsonl.gz", "jsonl"), ("a.csv", "csv"), ("a.sql", "sql")):
        done = await asyncio.to_thread(server.parley, *words, form, "--to", str(tmp_path / name))
        made[form] = answer(done)
    by_http = await asyncio.to_thread(fetched, server, format="csv", table="messages")
    stop.set()
    await chatting
    await busy.__aexit__(None, None, None)
    lines = json_lines(gzip.decompress((tmp_path / "a.jsonl.gz").read_bytes()))
    assert len(lines) == made["jsonl"]["conversations"]
    assert {line["as_of"] for line in lines} == {made["jsonl"]["position"]}
    (line,) = [each for each in lines if each["id"] == conversation]
    assert [each["text"] for each in line["messages"]] == [*texts, "for us only"]
    assert (line["tags"], line["department"]) == (["=vip"], "sales")
    rows = csv_rows((tmp_path / "a-messages.csv").read_bytes())
    tables = sqlite_rows((tmp_path / "a.sql").read_bytes())
    for found in (rows, tables["messages"], csv_rows(by_http)):
        mine = [each["text"] for each in found if each["conversation"] == conversation]
        assert mine == [*texts, "for us only"]


def fetched(server: Server, **query: str) -> bytes:
    """An export by HTTP, with the tenant's own API key."""
    headers = {"Authorization": f"Bearer {server.credentials['api_key']}"}
    response = httpx.get(server.url + HTTP, params=query, headers=headers)
    assert response.status_code == 200, response.text
    assert int(response.headers["parley-as-of"]) > 0
    return response.content


def steps(output: str) -> dict[tuple[str, str], dict[str, Any]]:
    """What an import told of each thing."""
    told = [json.loads(line) for line in output.splitlines()]
    return {(each["kind"], each["name"]): each for each in told}


def test_a_configuration_goes_out_and_comes_in(server: Server, tmp_path: Path) -> None:
    """Out of one tenant, changed by hand, into that and into another; again, and nothing more."""
    assert server.parley("tenant", "create", "from").returncode == 0
    agent = ("agent", "create", "--tenant", "from", "--email", "ann@acme.example")
    assert server.parley(*agent, "--role", "admin", "--department", "sales").returncode == 0
    path = tmp_path / "from.toml"
    assert server.parley("config", "export", "--tenant", "from", "--to", str(path)).returncode == 0
    text = path.read_text()
    assert 'email = "ann@acme.example"' in text
    text += '\n[hours]\nzone = "Europe/Berlin"\nweek = "mon-fri 09:00-18:00"\n'
    text += '\n[[sites]]\nname = "Blog"\n'
    text += '\n[[goals]]\nname = "Bought"\nurl = "/done"\n'
    text += '\n[[welcomes]]\nid = "hello"\nname = "Hello"\n\n[welcomes.text]\nen = "Hello"\n'
    text += '\n[[agents]]\nemail = "bob@acme.example"\nname = "Bob"\ndepartments = ["sales"]\n'
    path.write_text(text)

    def brought(tenant: str, *more: str) -> dict[tuple[str, str], dict[str, Any]]:
        done = server.parley("config", "import", "--tenant", tenant, str(path), "--json", *more)
        assert done.returncode == 0, done.stderr
        return steps(done.stdout)

    would = brought("from", "--dry-run")
    assert {name: step["action"] for name, step in would.items()} == {
        ("hours", "Europe/Berlin"): "add",
        ("site", "Web site"): "leave",
        ("site", "Blog"): "add",
        ("goal", "Bought"): "add",
        ("agent", "ann@acme.example"): "leave",
        ("agent", "bob@acme.example"): "add",
        ("welcome rule", "Hello"): "add",
    }
    bob = brought("from")["agent", "bob@acme.example"]
    given = {"tenant": "from", "email": "bob@acme.example", "password": bob["password"]}
    assert httpx.post(f"{server.url}/v1/agent/sessions", json=given).status_code == 200
    assert {step["action"] for step in brought("from").values()} == {"leave"}
    assert server.parley("tenant", "create", "into").returncode == 0
    there = brought("into")
    assert there["hours", "Europe/Berlin"]["action"] == "add"
    assert there["site", "Blog"]["site_secret"]
    line = len(text.splitlines()) + 1
    path.write_text(text + 'role = "boss"\n')
    refused = refusal(server.parley("config", "import", "--tenant", "from", str(path)))
    assert f"{path}, line {line}: An agent's role is one of" in refused
