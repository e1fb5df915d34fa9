"""The unit files: systemd takes them, and what they run exists."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from ops.commands.run import run

ROOT = Path(__file__).resolve().parents[3]
UNITS = ROOT / "ops" / "deploy" / "systemd"
OPERATIONS = ROOT / "docs" / "operations.md"
LINE = re.compile(r"^(\w+)=(.*)$", re.MULTILINE)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
def test_systemd_finds_nothing_wrong_with_the_units(tmp_path: Path) -> None:
    """With a program that is there in the place of the one that is installed."""
    program = tmp_path / "parley"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    for unit in UNITS.iterdir():
        text = unit.read_text().replace("/opt/parley/bin/parley", str(program))
        (tmp_path / unit.name).write_text(text)
    units = [tmp_path / unit.name for unit in UNITS.iterdir()]
    done = subprocess.run(
        ["systemd-analyze", "verify", *units], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_prometheus_is_told_where_it_may_read() -> None:
    """By one name in the unit, in Prometheus' example and in the documents."""
    unit = dict(LINE.findall((UNITS / "parley.service").read_text()))
    (place,) = re.findall(r"^PARLEY_SUPERVISOR_TARGETS=(\S+)$", unit["Environment"])
    assert place == f"/run/{unit['RuntimeDirectory']}/prometheus.json"
    assert unit["RuntimeDirectoryMode"] == "0755"
    for file in (UNITS.parent / "prometheus" / "prometheus.yml", OPERATIONS):
        named = set(re.findall(r"/[\w/]+/prometheus\.json", file.read_text()))
        assert named == {place}, file


def test_the_unit_runs_what_there_is() -> None:
    """The command and each of its options."""
    text = (UNITS / "parley.service").read_text()
    (line,) = re.findall(r"^ExecStart=\S+/parley (.*)$", text, re.MULTILINE)
    name, *words = line.split()
    known = {option for each in run.params for option in each.opts}
    assert name == run.name
    assert {word for word in words if word.startswith("--")} <= known
