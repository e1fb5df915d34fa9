"""The program's version: of the installed package, or of the checkout that it runs from."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from ops.settings import CHECKOUT


@cache
def program_version() -> str:
    """As in ``pyproject.toml``."""
    try:
        return version("parley")
    except PackageNotFoundError:
        project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
        return str(project["project"]["version"])
