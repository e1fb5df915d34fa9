"""The list of views in ``docs/analysts.md``, made from the comments beside the views.

``python -m ops.analysts_doc`` prints it; a test holds the page in the repository to it.
"""

from __future__ import annotations

import re
import sys

from ops.settings import CHECKOUT
from projections.projection import statement

FILE = CHECKOUT / "docs" / "analysts.md"

_COMMENT = re.compile(r"COMMENT ON (VIEW|COLUMN) analytics\.(\w+)(?:\.(\w+))? IS '((?:[^']|'')*)';")


def document() -> str:
    """A table for each view."""
    lines: list[str] = []
    for kind, view, column, text in _COMMENT.findall(statement("projections.analysts", "views")):
        meaning = text.replace("''", "'")
        if kind == "VIEW":
            lines += ["", f"### {view}", "", meaning, "", "| column | meaning |", "|---|---|"]
        else:
            lines.append(f"| `{column}` | {meaning} |")
    return "\n".join([*lines[1:], ""])


if __name__ == "__main__":
    sys.stdout.write(document())
