"""``docs/metrics.md``, made from the table of figures.

``python -m ops.metrics_doc`` prints it; a test holds the file in the repository to it.
"""

from __future__ import annotations

import sys

from domain.figures import FIGURES
from domain.telemetry import Figure
from ops.settings import CHECKOUT

FILE = CHECKOUT / "docs" / "metrics.md"

HEAD = """\
# Figures

Made by `python -m ops.metrics_doc`; the texts stand beside the figures in `domain/figures.py`.

`GET /metrics` answers these on every node, each process for itself, and besides them what
Prometheus' own library knows of any Python program (`process_…`, `python_…`). How to connect
Prometheus and Grafana, and what to watch, is in [operations](operations.md#watching-it). Counters
begin at 0 with their process. A figure of which a process knows nothing is left out there: one
without a relay says nothing of a relay's lag.

| figure | kind | labels | what it says | bounds |
|---|---|---|---|---|
"""


def document() -> str:
    """The whole page."""
    return HEAD + "".join(map(_line, FIGURES))


def _line(figure: Figure) -> str:
    labels = ", ".join(f"`{label}`" for label in figure.labels)
    bounds = ", ".join(f"{bound:g}" for bound in figure.buckets)
    return f"| `{figure.name}` | {figure.kind} | {labels} | {figure.meaning} | {bounds} |\n"


if __name__ == "__main__":
    sys.stdout.write(document())
