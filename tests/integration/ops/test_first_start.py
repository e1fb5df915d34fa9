"""The first start on an empty directory and an empty database, by several programs at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ops import core, master_key
from ops.core import opened
from ops.errors import CannotRun
from ops.settings import Settings


async def test_a_key_that_another_made_meanwhile_is_taken(
    empty_postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between our look into the directory and ours at the database another node was quicker."""
    settings = Settings(data=tmp_path, database_url=empty_postgres_url)
    has_keys = core._has_keys

    async def later(url: str) -> bool:
        monkeypatch.setattr(core, "_has_keys", has_keys)
        async with opened(settings, url) as first:
            made.append(first.keys)
        return await has_keys(url)

    made: list[Any] = []
    monkeypatch.setattr(core, "_has_keys", later)
    async with opened(settings, empty_postgres_url) as second:
        assert [second.keys] == made


async def test_a_key_is_not_made_beside_data(empty_postgres_url: str, tmp_path: Path) -> None:
    """With its file gone, the database's key is missing: it is asked for, and no other made."""
    settings = Settings(data=tmp_path, database_url=empty_postgres_url)
    async with opened(settings, empty_postgres_url):
        pass
    master_key.path_of(settings).unlink()
    with pytest.raises(CannotRun, match="master key is missing"):
        async with opened(settings, empty_postgres_url):
            pass
    assert not master_key.path_of(settings).exists()
