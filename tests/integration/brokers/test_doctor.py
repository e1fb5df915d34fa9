"""The self-check of RabbitMQ."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

import pytest

from ops.doctor import broker as doctor_broker
from ops.doctor.broker import examine_broker
from ops.doctor.findings import Finding, State
from ops.settings import Settings


async def found(url: str | None) -> list[Finding]:
    """What is found."""
    return [each async for each in examine_broker(Settings(broker_url=url))]


async def test_one_that_is_well_is_told_with_its_version(broker_url: str) -> None:
    """Where it is, and which, without who signs in."""
    (finding,) = await found(broker_url)
    assert (finding.part, finding.state) == ("RabbitMQ", State.OK)
    assert finding.detail.startswith(f"127.0.0.1:{urlsplit(broker_url).port} is 3.")


async def test_without_one_there_is_nothing_to_find() -> None:
    """It is no part of a small site."""
    assert await found(None) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("password", "does not let us in"),
        ("port", "cannot be used (AMQPConnectionError)"),
        ("path", "cannot be used (InvalidFrameError)"),
    ],
)
async def test_what_is_wrong_is_said(broker_url: str, change: str, said: str) -> None:
    """In a few words, without the password."""
    parts = urlsplit(broker_url)
    port = 1 if change == "port" else parts.port
    password = "wrong" if change == "password" else parts.password
    path = "/no-such-host" if change == "path" else parts.path
    login = f"{parts.username}:{password}@127.0.0.1:{port}"
    (finding,) = await found(urlunsplit(parts._replace(netloc=login, path=path)))
    assert finding == Finding("RabbitMQ", State.FAIL, f"127.0.0.1:{port} {said}")


async def test_an_old_one_is_refused(broker_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything that it does not know is asked of it."""
    monkeypatch.setattr(doctor_broker, "OLDEST", (99, 0))
    (finding,) = await found(broker_url)
    assert finding.state is State.FAIL
    assert finding.detail.endswith("older than 99.0")
