"""``docs/settings.md``, made from the settings themselves.

``python -m ops.settings_doc`` prints it; a test holds the file in the repository to it.
"""

from __future__ import annotations

import sys
from itertools import groupby

from ops.settings import CHECKOUT
from ops.settings_entries import CONFIG, Entry, entries, shown

FILE = CHECKOUT / "docs" / "settings.md"

HEAD = f"""\
# Settings

Made by `python -m ops.settings_doc`; the texts stand beside the settings in the code.

Each setting is an environment variable, or a key of one TOML file named by `--config` or
`{CONFIG}`; the variable wins. `sockets.feeds`, say, is `feeds` in the table `[sockets]`. An unknown
name is warned of, a value that cannot be is refused.
"""


TABLE = """\
| variable | key | default | meaning |
|---|---|---|---|
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


def _line(entry: Entry) -> str:
    default = shown(entry.default).removeprefix(f"{CHECKOUT}/")
    doc = entry.doc.replace("``", "`").replace("|", "\\|")
    shown_default = f"`{default}`" if default else "none"
    return f"| `{entry.variable}` | `{entry.key}` | {shown_default} | {doc} |\n"


if __name__ == "__main__":
    sys.stdout.write(document())
