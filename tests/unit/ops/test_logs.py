"""Log lines: one event a line, whatever is in it."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ops.logs import JsonLines, TextLines, configure, name_node


def record(message: str, **extra: object) -> logging.LogRecord:
    """A record as a logger makes it."""
    return logging.getLogger("parley.test").makeRecord(
        "parley.test", logging.WARNING, "", 0, message, (), None, extra=extra
    )


def test_a_line_is_fields() -> None:
    """Time, level, logger, event, then what the call added; texts are quoted where they must be."""
    line = TextLines().format(record("a new\nline", migration="es 0001", count=3))
    assert "\n" not in line
    assert line.startswith("at=20")
    assert line.endswith(
        'level=warning logger=parley.test event="a new\\nline" migration="es 0001" count=3'
    )


def test_the_same_as_json() -> None:
    """The JSON form has the same fields."""
    form = json.loads(JsonLines().format(record("x", count=3)))
    assert (form["level"], form["event"], form["count"]) == ("warning", "x", 3)


@pytest.mark.parametrize("lines", [TextLines(), JsonLines()])
def test_a_failure_stays_on_its_line(lines: logging.Formatter) -> None:
    """A traceback is a field, so that a log reader never sees half an event."""
    entry = record("x")
    try:
        int("inside")
    except ValueError:
        entry.exc_info = sys.exc_info()
    line = lines.format(entry)
    assert "\n" not in line
    assert "ValueError: invalid literal" in line


@contextmanager
def configured() -> Iterator[None]:
    """Logging as the product has it."""
    root = logging.getLogger()
    before = root.handlers[:]
    levels = {
        name: logging.getLogger(name).level for name in (None, *logging.root.manager.loggerDict)
    }
    try:
        configure("info", "text")
        yield
    finally:
        root.handlers[:] = before
        for name in (None, *logging.root.manager.loggerDict):
            logging.getLogger(name).setLevel(levels.get(name, logging.NOTSET))


def test_a_named_node_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    """Of several that share one stderr, each line tells whose it is."""
    with configured():
        name_node("relay-1")
        logging.getLogger("parley.test").info("here")
    assert capsys.readouterr().err.endswith("event=here node=relay-1\n")


def test_what_our_own_rooms_say_is_not_said_again(capsys: pytest.CaptureFixture[str]) -> None:
    """The client library tells each try as an error while RabbitMQ is away."""
    with configured():
        logging.getLogger("aiormq.connection").error("no transport")
        logging.getLogger("aio_pika.robust_connection").warning("reconnecting")
    assert capsys.readouterr().err == ""
