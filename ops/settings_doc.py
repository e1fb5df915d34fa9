"""``docs/settings.md``, made from the settings themselves.

``python -m ops.settings_doc`` prints it; a test holds the file in the repository to it.
"""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from functools import cache
from itertools import groupby

from ops.settings import CHECKOUT, Settings
from ops.settings_entries import CONFIG, Entry, entries, groups, shown

FILE = CHECKOUT / "docs" / "settings.md"

HEAD = f"""\
# Settings

Made by `python -m ops.settings_doc`; the texts stand beside the settings in the code.

Each setting is an environment variable, or a key of one TOML file named by `--config` or
`{CONFIG}`; the variable wins. `sockets.feeds`, say, is `feeds` in the table `[sockets]`. An unknown
name is warned of, a value that cannot be is refused.
"""


def document() -> str:
    """The whole page."""
    parts = [HEAD]
    for name, listed in groupby(entries(), lambda each: each.path[0] if each.path[1:] else ""):
        parts.append(
            f"\n## {name or 'The process'}\n\n| variable | key | default | |\n|---|---|---|---|\n"
        )
        parts.extend(_line(each) for each in listed)
    return "".join(parts)


def doc_of(entry: Entry) -> str:
    """What is said of a setting."""
    cls = groups()[entry.path[0]] if entry.path[1:] else Settings
    return _docs(cls).get(entry.path[-1], "")


@cache
def _docs(cls: type) -> dict[str, str]:
    """What stands below each field in the source."""
    described: dict[str, str] = {}
    source = textwrap.dedent(inspect.getsource(cls))
    (node,) = ast.parse(source).body
    assert isinstance(node, ast.ClassDef)
    for field, below in zip(node.body, node.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(below, ast.Expr):
            assert isinstance(field.target, ast.Name)
            described[field.target.id] = ast.literal_eval(below.value)
    return {name: " ".join(text.split()) for name, text in described.items()}


def _line(entry: Entry) -> str:
    default = shown(entry.default).removeprefix(f"{CHECKOUT}/")
    doc = doc_of(entry).replace("``", "`").replace("|", "\\|")
    shown_default = f"`{default}`" if default else "none"
    return f"| `{entry.variable}` | `{entry.key}` | {shown_default} | {doc} |\n"


if __name__ == "__main__":
    sys.stdout.write(document())
