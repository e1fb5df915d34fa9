"""The way of spans to the collector: what became of them is counted, and said once.

The collector may be slow, ill or away for days. That is nobody's trouble but the trace's: spans go
in a thread of the library's, and those that are not taken are gone.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

_logger = logging.getLogger("parley.tracing")


class CountedExporter(SpanExporter):
    """An exporter, with the number of spans that it has ``exported`` and ``failed`` to export."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter
        self._failing = False
        self.exported = 0
        self.failed = 0

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        try:
            result = self._exporter.export(spans)
        except Exception:  # noqa: BLE001  # whatever it is, these spans are lost
            result = SpanExportResult.FAILURE
        if result is SpanExportResult.SUCCESS:
            self.exported += len(spans)
        else:
            self.failed += len(spans)
        self._say(failing=result is not SpanExportResult.SUCCESS)
        return result

    def shutdown(self) -> None:
        self._exporter.shutdown()

    def _say(self, *, failing: bool) -> None:
        if failing and not self._failing:
            _logger.warning("the collector does not take spans; they are lost until it does")
        elif self._failing and not failing:
            _logger.warning("the collector takes spans again")
        self._failing = failing
