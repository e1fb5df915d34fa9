"""What things of a file are called: for people, in the store of files, and to the cipher."""

from __future__ import annotations

import unicodedata
from uuid import UUID

from domain.errors import Refused
from domain.limits import MAX_FILE_NAME

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Kinds of characters that a name does without: with some of them ``fdp.exe`` looks like a PDF.

Of the invisible ones only the joiner is kept, which emoji and some scripts are written with.
"""

_JOINERS = "\u200c\u200d"


def clean(name: str) -> str:
    """A file's name without its folders and what nobody sees. Refused where nothing is left."""
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(c for c in last if c in _JOINERS or unicodedata.category(c) not in _UNSEEN)
    kept = kept.strip()
    if not kept.strip(".") or len(kept) > MAX_FILE_NAME:
        raise Refused("bad_request", f"A file's name has 1 to {MAX_FILE_NAME} characters.")
    return kept


def folder(log: UUID, file: UUID) -> str:
    """Below which all that is kept of a file lies."""
    return f"{log}/{file}"


def chunk(log: UUID, file: UUID, number: int, token: str) -> str:
    """Where a chunk lies. With its token it is written once, whoever else sends the like of it."""
    return f"{folder(log, file)}/{number}-{token}"


def thumbnail(log: UUID, file: UUID, token: str) -> str:
    """Where a thumbnail lies."""
    return f"{folder(log, file)}/thumbnail-{token}"


def chunk_purpose(file: UUID, number: int, count: int) -> str:
    """What a chunk's ciphertext is bound to, beside log and subject.

    None can take another's place, and none can be left out at the end.
    """
    return f"file {file} chunk {number} of {count}"


def thumbnail_purpose(file: UUID) -> str:
    """What a thumbnail's ciphertext is bound to."""
    return f"file {file} thumbnail"


def name_purpose(file: UUID) -> str:
    """What the ciphertext of a name is bound to, while the file is on its way."""
    return f"file {file} name"
