"""Logging: one line an event, ``key=value`` or JSON, to stderr.

What people write, tokens, passwords and keys are never handed to a logger, here or anywhere.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message"}
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:/_-+@,%")

_NOISE = ("Invalid HTTP request received.", "Invalid UTF-8 sequence", "Unsupported upgrade request")
"""What uvicorn says of clients that send rubbish: anybody could fill the log with it."""


class Fields(logging.Formatter):
    """Formats a record as fields; ``extra`` of the call adds its own."""

    def fields(self, record: logging.LogRecord) -> dict[str, object]:
        """The record's fields, in order."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        own = {name: value for name, value in vars(record).items() if name not in _STANDARD}
        told: dict[str, object] = {
            "at": at.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            **own,
        }
        if record.exc_info:
            told["error"] = self.formatException(record.exc_info)
        return told


class TextLines(Fields):
    """``at=… level=… logger=… event="…"``."""

    def format(self, record: logging.LogRecord) -> str:
        return " ".join(f"{name}={_quoted(value)}" for name, value in self.fields(record).items())


class JsonLines(Fields):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(self.fields(record), default=str, ensure_ascii=False)


def configure(level: str, form: str) -> None:
    """Send every logger's lines to stderr. Called once, by the command line."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if form == "json" else TextLines())
    handler.addFilter(_is_no_noise)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # These tell of every connection, with its path: too much, and too personal.
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "websockets", "asyncio"):
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    # These say again and again, while their server is away, what our own rooms say once.
    for name in ("aio_pika", "aiormq", "opentelemetry"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


def name_node(name: str) -> None:
    """Have every line say which of the nodes that share this stderr it comes from."""

    def named(record: logging.LogRecord) -> bool:
        record.node = name
        return True

    for handler in logging.getLogger().handlers:
        handler.addFilter(named)


def quieter() -> None:
    """For a command that a person waits for: only what is wrong."""
    root = logging.getLogger()
    root.setLevel(max(logging.WARNING, root.level))


def _is_no_noise(record: logging.LogRecord) -> bool:
    return not (record.name.startswith("uvicorn") and str(record.msg).startswith(_NOISE))


def _quoted(value: object) -> str:
    text = str(value)
    return text if text and _PLAIN.issuperset(text) else json.dumps(text, ensure_ascii=False)
