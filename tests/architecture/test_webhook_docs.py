"""What developers of receivers are told: the tables are the code's, and the examples verify."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from domain.webhooks import signing
from domain.webhooks.catalogue import CHATWOOT_NAMES, SENDABLE
from domain.webhooks.obstacles import ALARMING, WISHED
from domain.webhooks.ports import NO_ANSWER

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "webhooks.md").read_text(encoding="utf-8")
SECRET, OTHER = (signing.secret_of(bytes([n]) * 32) for n in range(2))
BODY = '{"text":"Grüße 🦜"}'.encode()


def example(name: str, language: str) -> str:
    """The source of a marked example."""
    found = re.search(rf"<!-- example:{name} -->\n```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found
    return found[1]


def signed(at: int, *secrets: str) -> dict[str, str]:
    """Headers as they are sent."""
    return signing.headers("018c-1", at, BODY, secrets)


def test_the_events_of_each_format_are_those_of_the_code() -> None:
    """Type by type, with Chatwoot's name for it."""
    found = re.search(r"<!-- table:sendable -->\n(.*?)<!-- end -->", PAGE, re.DOTALL)
    assert found
    rows = [re.findall(r"`([^`]+)`|\| (yes|nothing) ", line) for line in found[1].splitlines()[2:]]
    documented = {row[0][0]: (row[-1][0] or None) for row in rows}
    assert set(documented) == SENDABLE["standard"]
    named = {name: chatwoot for name, chatwoot in documented.items() if chatwoot}
    assert named == CHATWOOT_NAMES


def test_every_word_for_a_failure_is_explained() -> None:
    """What `parley webhook deliveries` shows."""
    for word in (*NO_ANSWER, *WISHED, *ALARMING, "internal"):
        assert f"`{word}`" in PAGE


Case = tuple[Callable[[int], dict[str, str]], bytes, bool]

CASES: dict[str, Case] = {
    "good": (lambda now: signed(now, SECRET), BODY, True),
    "rotated": (lambda now: signed(now, OTHER, SECRET), BODY, True),
    "other secret": (lambda now: signed(now, OTHER), BODY, False),
    "other body": (lambda now: signed(now, SECRET), BODY + b" ", False),
    "old": (lambda now: signed(now - 301, SECRET), BODY, False),
    "no time": (lambda now: {**signed(now, SECRET), "webhook-timestamp": "x"}, BODY, False),
    "other id": (lambda now: {**signed(now, SECRET), "webhook-id": "018c-2"}, BODY, False),
}


@pytest.mark.parametrize("case", CASES)
def test_the_python_example_verifies(case: str) -> None:
    """What we sign it takes, and nothing else."""
    make, body, good = CASES[case]
    defined: dict[str, Any] = {}
    exec(example("python", "python"), defined)  # noqa: S102  # our own document; running it is the point
    if good:
        defined["verify"](SECRET, make(int(time.time())), body)
    else:
        with pytest.raises(ValueError, match=r"."):
            defined["verify"](SECRET, make(int(time.time())), body)


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no Node here")
def test_the_node_example_verifies(tmp_path: Path) -> None:
    """The same of the other language, all cases in one process."""
    (tmp_path / "verify.mjs").write_text(example("node", "js"), encoding="utf-8")
    (tmp_path / "run.mjs").write_text(
        """
        import { readFileSync } from "node:fs";
        import { verify } from "./verify.mjs";
        const { secret, cases } = JSON.parse(readFileSync(0, "utf-8"));
        console.log(JSON.stringify(cases.map(([headers, body]) => {
          try { verify(secret, headers, Buffer.from(body, "utf-8")); return true; }
          catch { return false; }
        })));
        """,
        encoding="utf-8",
    )
    now = int(time.time())
    cases = [(make(now), body.decode()) for make, body, _ in CASES.values()]
    done = subprocess.run(
        ["node", str(tmp_path / "run.mjs")],
        input=json.dumps({"secret": SECRET, "cases": cases}),
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == [good for _, _, good in CASES.values()]
