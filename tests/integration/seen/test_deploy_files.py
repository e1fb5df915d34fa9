"""The files for Prometheus and Grafana: whole, in the words of the figures, and true to docs."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from domain.figures import FIGURES
from tests.architecture.test_docs import anchors
from tests.fixtures.prometheus import ALERTS, DEPLOY, program

ROOT = Path(__file__).resolve().parents[3]
TESTS = Path(__file__).with_name("alerts_test.yml")
DASHBOARD: dict[str, Any] = json.loads((DEPLOY / "grafana" / "parley.json").read_text())
PANELS: list[dict[str, Any]] = [each for each in DASHBOARD["panels"] if each["type"] != "row"]
NOT_OURS = {"up", "ALERTS"}
LIBRARYS = re.compile(r"process_(cpu_seconds_total|resident_memory_bytes|open_fds|max_fds)")
NAMES = re.compile(r"(?<![\w\"$])(?:parley_\w+|process_\w+|python_\w+|up|ALERTS)(?=[{\[\s)]|$)")


def expressions() -> list[str]:
    """Every expression of dashboard and alerts."""
    alerts = re.findall(r"expr: (?:\|\n)?((?:.+\n)(?: {10,}.+\n)*)", ALERTS.read_text())
    return [target["expr"] for panel in PANELS for target in panel["targets"]] + alerts


def known() -> set[str]:
    """What Prometheus calls our figures."""
    names = {figure.name for figure in FIGURES}
    for figure in FIGURES:
        if figure.kind == "histogram":
            names |= {f"{figure.name}_{part}" for part in ("bucket", "sum", "count")}
    return names


def test_every_metric_that_is_asked_for_is_a_figure() -> None:
    """What is misspelt in a dashboard or an alert would be silent for ever."""
    asked = {name for each in expressions() for name in NAMES.findall(each)}
    assert len(asked) > 30
    ours = {name for name in asked - NOT_OURS if not LIBRARYS.fullmatch(name)}
    assert ours - known() == set()


def test_every_figure_is_shown() -> None:
    """What is worth a line in the table is worth a place on the dashboard."""
    asked = {name for each in expressions() for name in NAMES.findall(each)}
    shown = {re.sub(r"_(bucket|sum|count)$", "", name) for name in asked}
    assert {figure.name for figure in FIGURES} - shown == set()


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: str(panel["title"]))
def test_a_panel_says_what_it_shows(panel: dict[str, Any]) -> None:
    """A title, a sentence or two for whoever is woken at night, a unit, a place."""
    assert panel["title"]
    assert re.fullmatch(r"[A-Z1].{30,}\.", panel["description"])
    assert panel["fieldConfig"]["defaults"]["unit"]
    assert panel["targets"]
    assert all(target["legendFormat"] for target in panel["targets"])
    assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}


def test_panels_do_not_lie_on_each_other() -> None:
    """Each has its own place in the grid, within its width, and its own number."""
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        at = panel["gridPos"]
        place = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert at["x"] + at["w"] <= 24
        assert not place & taken, panel["title"]
        taken |= place
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(ids) == len(set(ids))


def test_the_dashboard_can_be_narrowed_to_some_processes() -> None:
    """Every expression about processes goes by the variable, which lists those that there are."""
    (instance,) = (v for v in DASHBOARD["templating"]["list"] if v["name"] == "instance")
    assert instance["definition"] == "label_values(parley_build_info, instance)"
    for panel in PANELS:
        for target in panel["targets"]:
            without = re.sub(r"ALERTS{[^}]*}|vector\(0\)", "", target["expr"])
            selectors = re.findall(r"(?:parley|process)_\w+({[^}]*})?", without)
            assert all('instance=~"$instance"' in each for each in selectors), target["expr"]


# --- alerts -------------------------------------------------------------------------------------


def alerts() -> dict[str, str]:
    """The text of each alert, by its name."""
    blocks = re.split(r"(?m)^ {6}- alert: ", ALERTS.read_text())[1:]
    return {block.split("\n", 1)[0]: block for block in blocks}


@pytest.mark.parametrize("name", alerts())
def test_an_alert_says_what_to_do(name: str) -> None:
    """Severity, summary, meaning, action, and a place in the documents that exists."""
    text = alerts()[name]
    assert re.search(r"severity: (critical|warning|info)\n", text)
    for said in ("summary", "meaning", "action"):
        assert re.search(rf" {said}: .{{10,}}", text), said
    runbook = re.search(r"runbook: (docs/operations\.md)#(\S+)", text)
    assert runbook
    assert runbook[2] in anchors(ROOT / runbook[1])


def test_the_rules_are_ones() -> None:
    """By Prometheus' own checker; the configuration too, which names them."""
    for what, file in (("rules", "alerts.yml"), ("config", "prometheus.yml")):
        command = [program("promtool"), "check", what, str(ALERTS.with_name(file))]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


def test_alerts_fire_when_they_should() -> None:
    """Each has its case in ``alerts_test.yml``, silent on what is well, then firing."""
    assert set(alerts()) == set(re.findall(r'alertname="(\w+)"', TESTS.read_text()))
    command = [program("promtool"), "test", "rules", str(TESTS)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", alerts())
def test_an_alerts_case_fails_without_it(name: str, tmp_path: Path) -> None:
    """A rule that never fires is found; so is one that does not wait, if it should."""
    text, block = ALERTS.read_text(), alerts()[name]
    head, *cases = re.split(r"(?m)^(?=  - name: )", TESTS.read_text())
    own = [case for case in cases if f'alertname="{name}"' in case]
    dead = re.sub(r"expr: (\|\n(?: {10,}.*\n)+|.*\n)", "expr: vector(0) > 1\n", block, count=1)
    hasty = re.sub(r" {8}for: .*\n", "", block)
    for wrong in {dead, hasty} - {block}:
        rules = tmp_path / "alerts.yml"
        rules.write_text(text.replace(block, wrong))
        tests = tmp_path / "alerts_test.yml"
        tests.write_text(re.sub(r"- \S+/alerts\.yml", f"- {rules}", head) + "".join(own))
        command = [program("promtool"), "test", "rules", str(tests)]
        assert subprocess.run(command, capture_output=True).returncode == 1
