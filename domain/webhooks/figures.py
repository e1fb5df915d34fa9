"""The figures of webhooks."""

from __future__ import annotations

from typing import Final

from domain.telemetry import Figure

DELIVERIES: Final = Figure(
    "parley_webhook_deliveries_total",
    "counter",
    "what came of deliveries to webhooks: `delivered`, `failed` (is tried again) or `dead`",
    ("outcome",),
)

ANSWER_S: Final = Figure(
    "parley_webhook_answer_seconds",
    "histogram",
    "how long requests to webhooks took, whatever came of them",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 15.0, 30.0),
)

DUE: Final = Figure(
    "parley_webhook_due_lines",
    "gauge",
    "conversations in which something is due to a webhook and nobody works on it",
)
