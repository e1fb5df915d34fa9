"""The built web files: whether they are there. What is in them is the browser's side's affair."""

from __future__ import annotations

from pathlib import Path

WEB_FILES = ("widget.js",)


def not_built(web: Path) -> str | None:
    """What is said where pages are missing; None where they are there."""
    if all((web / name).is_file() for name in WEB_FILES):
        return None
    return f"{web} is not built"
