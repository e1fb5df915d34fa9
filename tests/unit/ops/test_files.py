"""Small files: whole, ours alone, and never replaced by accident; the master key's above all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from ops import credentials, master_key
from ops.credentials import Account, Credentials
from ops.errors import CannotRun
from ops.files import EVERYBODYS, replace_file
from ops.settings import Settings


def test_a_file_is_replaced_whole_and_is_ours_alone(tmp_path: Path) -> None:
    """The new content stands under the name, mode 0600, and nothing else is left."""
    path = tmp_path / "file"
    replace_file(path, b"old")
    replace_file(path, b"new")
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_may_be_everybodys(tmp_path: Path) -> None:
    """Whatever our umask hides."""
    path = tmp_path / "file"
    before = os.umask(0o077)
    try:
        replace_file(path, b"", mode=EVERYBODYS)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_an_existing_file_may_be_kept(tmp_path: Path) -> None:
    """Of two who make it at once, the first one's stays for both."""
    path = tmp_path / "file"
    replace_file(path, b"first", keep_existing=True)
    replace_file(path, b"second", keep_existing=True)
    assert path.read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [path]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """The refusal is a sentence with the path."""
    with pytest.raises(CannotRun, match="nowhere/file cannot be written"):
        replace_file(tmp_path / "nowhere" / "file", b"")


def test_a_made_master_key_is_read_again(tmp_path: Path) -> None:
    """What is made is what the next start finds, and a second making changes nothing."""
    settings = Settings(data=tmp_path)
    assert master_key.read(settings) is None
    made = master_key.make(settings)
    assert master_key.read(settings) == made == master_key.make(settings)
    assert len(made[0]) == 32


def test_a_key_of_the_settings_wins_over_the_file(tmp_path: Path) -> None:
    """Who sets the key needs no file, and none is read."""
    settings = Settings(data=tmp_path, master_key=(bytes(32),))
    (tmp_path / master_key.NAME).write_text("damaged")
    assert master_key.read(settings) == (bytes(32),)


def test_token_keys_follow_from_the_master_keys() -> None:
    """The same on every node, in the ring's order, and never the master key itself."""
    ring = [bytes(32), bytes(range(32))]
    keys = master_key.token_keys(ring)
    assert keys == master_key.token_keys(ring)
    assert len(set(keys)) == 2
    assert not set(keys) & set(ring)


def test_credentials_are_read_as_written_and_hide_their_passwords(tmp_path: Path) -> None:
    """The document survives its file; printed, it tells no secret."""
    document = Credentials(
        url="http://x",
        tenant="demo",
        site="s",
        site_secret="word-1",
        api_key="word-2",
        database_url="postgresql://u:word-3@h/d",
        admin=Account("a@b.c", "word-4"),
        agents=(Account("d@e.f", "word-5"),),
    )
    path = credentials.path_of(tmp_path)
    credentials.write(path, document)
    assert credentials.read(path) == document
    assert "word" not in repr(document) + repr(document.admin)


def test_damaged_credentials_are_refused(tmp_path: Path) -> None:
    """A file that cannot be read is never written over with other secrets unasked."""
    path = credentials.path_of(tmp_path)
    path.write_text('{"url": 3}')
    with pytest.raises(CannotRun, match="is damaged"):
        credentials.read(path)
