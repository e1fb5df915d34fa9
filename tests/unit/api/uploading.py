"""Files as a client sends them, and some to send."""

from __future__ import annotations

import io
from typing import Any

import httpx
from PIL import Image

from tests.unit.api.conftest import bearer

FILES = "/v1/files"
TEXT = b"Dear shop,\r\nthe kettle leaks.\r\n" * 100


def picture(form: str = "PNG", size: tuple[int, int] = (60, 40), **saving: Any) -> bytes:
    """An image; its top left corner is red, the rest is blue."""
    image = Image.new("RGB", size, "blue")
    image.paste("red", (0, 0, size[0] // 4, size[1] // 4))
    raw = io.BytesIO()
    image.save(raw, form, **saving)
    return raw.getvalue()


async def begin(
    client: httpx.AsyncClient, token: str, name: str, size: int, **fields: Any
) -> httpx.Response:
    """Say that a file is to come."""
    body = {"name": name, "size": size, **fields}
    return await client.post(FILES, json=body, headers=bearer(token))


async def put(
    client: httpx.AsyncClient, token: str, file: str, offset: int, data: bytes
) -> httpx.Response:
    """Send a chunk."""
    where = f"{FILES}/{file}"
    return await client.put(where, params={"offset": offset}, content=data, headers=bearer(token))


async def send(
    client: httpx.AsyncClient, token: str, name: str, raw: bytes, **fields: Any
) -> httpx.Response:
    """Send a file; the answer to its last chunk."""
    begun = await begin(client, token, name, len(raw), **fields)
    assert begun.status_code == 201, begun.text
    said = begun.json()
    chunk, answer = said["chunk_bytes"], begun
    for offset in range(0, len(raw), chunk):
        answer = await put(client, token, said["file"], offset, raw[offset : offset + chunk])
    return answer


async def fetch(
    client: httpx.AsyncClient, token: str, file: str, part: str = "", **headers: str
) -> httpx.Response:
    """Download a file, or its thumbnail."""
    return await client.get(f"/files/{file}{part}", headers={**bearer(token), **headers})
