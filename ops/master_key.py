"""The master key: where it is kept, and when a new one may be made.

It wraps every other key, so it is never made anew beside data that needs another one, and never
written to the database, its backups, or the log. A file holds one key a line, the current first.
"""

from __future__ import annotations

import base64
import hmac
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from ops.errors import CannotRun
from ops.files import make_directory, replace_file
from ops.settings import MASTER_KEY_BYTES, Settings, master_keys_of

NAME = "master.key"
HEAD = (
    "# Parley's master key. Without it nothing that people wrote can be read: keep a copy apart.\n"
)
TOKEN_PURPOSE = b"parley.token_key.1"
RATE_PURPOSE = b"parley.rate_key.1"


def path_of(settings: Settings) -> Path:
    """The file that holds the key when no setting does."""
    return settings.data / NAME


def read(settings: Settings) -> tuple[bytes, ...] | None:
    """The keys, the current one first; None where there are none yet.

    Raises:
        CannotRun: the file is there and is not what it should be.
    """
    if settings.master_key is not None:
        return settings.master_key
    path = path_of(settings)
    try:
        return master_keys_of(path.read_text(encoding="ascii"))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CannotRun(
            f"The master key's file {path} cannot be read: {error.strerror}."
        ) from error
    except ValueError as error:
        raise CannotRun(
            f"The master key's file {path} is damaged: it holds 32 bytes in base64 or hex a line."
        ) from error


def make(settings: Settings) -> tuple[bytes, ...]:
    """A first key, in its file; that of another node when it was quicker."""
    make_directory(settings.data)
    write(path_of(settings), [fresh()], replace=False)
    keys = read(settings)
    assert keys is not None
    return keys


def fresh() -> bytes:
    """A new key."""
    return os.urandom(MASTER_KEY_BYTES)


def write(path: Path, keys: Sequence[bytes], *, replace: bool) -> None:
    """Write the keys, whole or not at all; without ``replace`` an existing file stays."""
    lines = "".join(f"{base64.b64encode(key).decode()}\n" for key in keys)
    replace_file(path, (HEAD + lines).encode(), keep_existing=not replace)


def missing(settings: Settings) -> CannotRun:
    """What is said where data needs a key and there is none."""
    return CannotRun(
        f"The master key is missing: put its file back to {path_of(settings)}, or set"
        " PARLEY_MASTER_KEY; without it nothing that people wrote can be read."
    )


def wrong(settings: Settings, needed: Iterable[str], given: Iterable[str]) -> CannotRun:
    """What is said where data needs other keys than those given; keys are told by fingerprints."""
    names, others = " and ".join(needed), ", ".join(sorted(given))
    if settings.master_key is None:
        return CannotRun(
            f"This database needs the master key {names}, and {path_of(settings)} holds {others}:"
            " put the right one back; without it nothing that people wrote can be read."
        )
    file = path_of(settings)
    beside = f"; {file} is not looked at while it is set" if file.exists() else ""
    return CannotRun(
        f"PARLEY_MASTER_KEY is not the key that this database needs, which is {names}: it holds"
        f" {others}{beside}."
    )


def token_keys(keys: Sequence[bytes]) -> list[bytes]:
    """Keys that sign tokens, one of each master key: the same on every node and after restarts."""
    return [hmac.digest(key, TOKEN_PURPOSE, "sha256") for key in keys]


def rate_key(keys: Sequence[bytes]) -> bytes:
    """What hides, in Redis, whom a rate is counted for: the same on every node."""
    return hmac.digest(keys[0], RATE_PURPOSE, "sha256")
