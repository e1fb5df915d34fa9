"""The SQL that Python sends by itself, one statement a file; migrations are in their own folder."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def statement(name: str) -> str:
    """The statement in ``<name>.sql``."""
    return files(__package__).joinpath(f"{name}.sql").read_text("utf-8")
