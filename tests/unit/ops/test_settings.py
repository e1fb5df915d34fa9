"""Settings: where they come from, who wins, and what is refused in which words."""

from __future__ import annotations

import base64
import inspect
from pathlib import Path
from typing import Any

import pytest

from domain.rate_limits import Rate
from ops.errors import BadSetting, CannotRun
from ops.roles import ALL, Role
from ops.settings import Settings, hosts_of
from ops.settings_doc import doc_of
from ops.settings_entries import entries, shown
from ops.settings_source import load

KEY = bytes(range(32))


def test_without_anything_the_defaults_hold() -> None:
    """An empty environment gives the defaults, without a warning."""
    assert load({}) == (Settings(), [])


def test_the_command_line_wins_over_the_environment_over_the_file(tmp_path: Path) -> None:
    """Three sources for one setting: the nearest to the operator's hand holds."""
    file = tmp_path / "parley.toml"
    file.write_text('port = 1\nhost = "0.0.0.0"\nlog_level = "error"\n[sockets]\nfeeds = 7\n')
    environment = {"PARLEY_CONFIG": str(file), "PARLEY_PORT": "2", "PARLEY_HOST": "::"}
    settings, warnings = load(environment, {"port": 3})
    assert (settings.port, settings.host, settings.log_level) == (3, "::", "error")
    assert settings.sockets.feeds == 7
    assert warnings == []


def test_the_checkouts_data_directory_gives_way_to_every_setting(tmp_path: Path) -> None:
    """What ./dev names holds only where neither option nor variable nor file says anything."""
    file = tmp_path / "parley.toml"
    file.write_text('data = "from the file"\n')
    checkout = {"PARLEY_DEFAULT_DATA": "/checkout/.parley"}
    variable = {**checkout, "PARLEY_DATA": "from the variable"}
    assert load(checkout) == (Settings(data=Path("/checkout/.parley")), [])
    assert load({**checkout, "PARLEY_DATA": ""})[0].data == Path("/checkout/.parley")
    assert load(checkout, {"config": file})[0].data == Path("from the file")
    assert load(variable, {"config": file})[0].data == Path("from the variable")
    assert load(variable, {"data": Path("option")})[0].data == Path("option")


@pytest.mark.parametrize(
    ("variable", "text", "expected"),
    [
        ("PARLEY_PORT", "0", 0),
        ("PARLEY_LIMITS_ENABLED", "false", False),
        ("PARLEY_LIMITS_ENABLED", "On", True),
        ("PARLEY_DATA", "/var/lib/parley", Path("/var/lib/parley")),
        ("PARLEY_ROLES", "relay, projector", frozenset({Role.RELAY, Role.PROJECTOR})),
        ("PARLEY_ROLES", "", ALL),
        ("PARLEY_TRUSTED_PROXIES", "10.0.0.1, ::1", ("10.0.0.1", "::1")),
        ("PARLEY_TRUSTED_PROXIES", "10.0.0.0/8,fd00::/8", ("10.0.0.0/8", "fd00::/8")),
        ("PARLEY_MASTER_KEY", KEY.hex(), (KEY,)),
        ("PARLEY_MASTER_KEY", base64.b64encode(KEY).decode(), (KEY,)),
        ("PARLEY_MASTER_KEY", base64.urlsafe_b64encode(KEY).decode().rstrip("="), (KEY,)),
        ("PARLEY_MASTER_KEY", f"# new\n{bytes(32).hex()}\n{KEY.hex()}", (bytes(32), KEY)),
    ],
)
def test_texts_become_values(variable: str, text: str, expected: Any) -> None:
    """Each kind of setting is read from the text that an environment can hold."""
    settings, _ = load({variable: text})
    assert getattr(settings, variable.removeprefix("PARLEY_").lower()) == expected


def test_a_groups_setting_is_named_after_its_group() -> None:
    """Variables reach into the rooms' own settings, rates included."""
    settings, _ = load({"PARLEY_HANDLING_BACKOFF_S": "0.5", "PARLEY_API_SESSIONS": "3,9"})
    assert settings.handling.backoff_s == 0.5
    assert (settings.api.sessions.per_second, settings.api.sessions.burst) == (3.0, 9)


def test_what_rooms_share_is_said_once() -> None:
    """The heartbeat and the switch of the limits are the same in every room, and not theirs."""
    settings, _ = load(
        {
            "PARLEY_HEARTBEAT_S": "7",
            "PARLEY_LIMITS_ENABLED": "no",
            "PARLEY_PUBLIC_URL": "https://chat.example",
        }
    )
    assert settings.sockets.heartbeat_s == settings.api.heartbeat_s == 7
    assert not settings.sockets.limits_enabled
    assert not settings.api.limits_enabled
    assert settings.api.public_url == "https://chat.example"
    assert "PARLEY_SOCKETS_HEARTBEAT_S" not in {each.variable for each in entries()}


@pytest.mark.parametrize(
    ("variable", "text", "words"),
    [
        ("PARLEY_PORT", "http", "PARLEY_PORT is not a whole number"),
        ("PARLEY_PORT", "65536", "PARLEY_PORT must be at least 0 and at most 65535"),
        ("PARLEY_HEARTBEAT_S", "0", "PARLEY_HEARTBEAT_S must be more than 0"),
        ("PARLEY_HEARTBEAT_S", "1.5", "PARLEY_HEARTBEAT_S is not a whole number"),
        ("PARLEY_HANDLING_BACKOFF_S", "nan", "PARLEY_HANDLING_BACKOFF_S is not a number"),
        ("PARLEY_HANDLING_BACKOFF_S", "inf", "PARLEY_HANDLING_BACKOFF_S is not a number"),
        ("PARLEY_LIMITS_ENABLED", "maybe", "PARLEY_LIMITS_ENABLED is neither true nor false"),
        ("PARLEY_LOG_LEVEL", "loud", "PARLEY_LOG_LEVEL is none of debug"),
        ("PARLEY_PUBLIC_URL", "chat.example", "PARLEY_PUBLIC_URL is not a web address"),
        ("PARLEY_API_SESSIONS", "fast", "PARLEY_API_SESSIONS is no rate"),
        ("PARLEY_API_SESSIONS", "0,1", "PARLEY_API_SESSIONS is no rate"),
        (
            "PARLEY_SERVER_BACKLOG",
            "9" * 12,
            "PARLEY_SERVER_BACKLOG must be more than 0 and at most",
        ),
        ("PARLEY_SERVER_BACKLOG", "9" * 400, "PARLEY_SERVER_BACKLOG is far too large"),
        ("PARLEY_HANDLING_BACKOFF_S", "1e300", "PARLEY_HANDLING_BACKOFF_S must be more than 0"),
        ("PARLEY_TRUSTED_PROXIES", "::1,nope", "PARLEY_TRUSTED_PROXIES is neither an address"),
        ("PARLEY_TRUSTED_PROXIES", "10.0.0.0/33", "PARLEY_TRUSTED_PROXIES is neither an address"),
        ("PARLEY_TRUSTED_PROXIES", "10.0.0.1/8", "PARLEY_TRUSTED_PROXIES is neither an address"),
        ("PARLEY_DATABASE_URL", "mysql://a:hidden@b/c", "PARLEY_DATABASE_URL is no URL of a"),
        ("PARLEY_DATABASE_URL", "b:5432", "PARLEY_DATABASE_URL is no URL of a"),
        ("PARLEY_DATABASE_URL", "postgresql://a:hidden@b:x/c", "PARLEY_DATABASE_URL is no URL"),
        ("PARLEY_ROLES", "chef", "There is no role 'chef'"),
    ],
)
def test_what_cannot_be_is_refused_by_the_name_it_was_given(
    variable: str, text: str, words: str
) -> None:
    """A bad value is refused in a sentence that begins with the variable."""
    with pytest.raises(CannotRun) as refused:
        load({variable: text})
    assert str(refused.value).startswith(words)
    assert str(refused.value).endswith(".")
    assert "hidden" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "hosts"),
    [
        ("postgresql://u:p@db.example:5432/parley", ["db.example:5432"]),
        ("postgres://u:p%40@[::1]:5432,b/parley?sslmode=require", ["[::1]:5432", "b"]),
        ("postgresql://u:p@/parley?host=%2Frun%2Fpg&port=5433", ["/run/pg"]),
        ("postgresql:///parley", ["localhost"]),
    ],
)
def test_the_hosts_of_a_database(url: str, hosts: list[str]) -> None:
    """Every form that asyncpg takes is taken, and who signs in is no part of the answer."""
    assert load({"PARLEY_DATABASE_URL": url})[0].database_url == url
    assert hosts_of(url) == hosts


@pytest.mark.parametrize(
    ("value", "said"), [(2_592_000.0, "2592000"), (0.2, "0.2"), (1 / 6, "0.166667")]
)
def test_numbers_are_shown_as_one_writes_them(value: float, said: str) -> None:
    """A whole one with every digit; and what is shown can be given."""
    assert shown(value) == said
    assert shown(Rate("per", value, 4)) == f"{said},4"
    given = load({"PARLEY_WEBHOOKS_DEAD_KEEP_S": said})[0].webhooks.dead_keep_s
    assert given == pytest.approx(value, rel=1e-5)


def test_bounds_are_told_as_one_writes_them() -> None:
    """The largest number is one that can be copied, and no 2e+09."""
    with pytest.raises(BadSetting, match=r"and at most 2147483647: 999999999999\."):
        load({"PARLEY_SERVER_BACKLOG": "9" * 12})


@pytest.mark.parametrize("text", ["short", "é" * 44, bytes(31).hex(), "#", KEY.hex() + ",x"])
def test_a_bad_master_key_is_refused_without_being_repeated(text: str) -> None:
    """The sentence names the variable and not the secret."""
    with pytest.raises(BadSetting, match="PARLEY_MASTER_KEY") as refused:
        load({"PARLEY_MASTER_KEY": text})
    assert text not in str(refused.value).replace("#", "")


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ("port = '1'", "port in .* is not a whole number"),
        ("port = true", "port in .* is not a whole number"),
        ("limits_enabled = 1", "limits_enabled in .* is not true or false"),
        ("trusted_proxies = [1]", "trusted_proxies in .* is not a list of texts"),
        ("host = 3", "host in .* is not a text"),
        ("log_level = 'loud'", "log_level in .* is none of"),
        ("port = ", "is not a TOML file"),
    ],
)
def test_a_bad_file_is_refused(tmp_path: Path, toml: str, words: str) -> None:
    """A file's values have types; one that does not fit is named with its file."""
    file = tmp_path / "parley.toml"
    file.write_text(toml)
    with pytest.raises(CannotRun, match=words):
        load({}, {"config": file})


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """A configuration that was named must be readable."""
    with pytest.raises(CannotRun, match="cannot be read"):
        load({}, {"config": tmp_path / "none.toml"})


def test_lists_stand_in_a_file_as_lists(tmp_path: Path) -> None:
    """Roles and addresses may be written as TOML lists."""
    file = tmp_path / "parley.toml"
    file.write_text('roles = ["relay"]\ntrusted_proxies = ["::1"]\n')
    settings, _ = load({}, {"config": file})
    assert settings.roles == {Role.RELAY}
    assert settings.trusted_proxies == ("::1",)


def test_the_unknown_is_warned_of_and_the_tests_own_are_not(tmp_path: Path) -> None:
    """Misspelt variables and keys are named; others' variables are left alone."""
    file = tmp_path / "parley.toml"
    file.write_text("prot = 1\n[sockets]\nfeds = 2\n")
    environment = {"PARLEY_PROT": "1", "PARLEY_TEST_X": "1", "PATH": "/bin"}
    _, warnings = load(environment, {"config": file})
    assert len(warnings) == 3
    assert any("PARLEY_PROT" in warning for warning in warnings)
    assert any("sockets.feds" in warning for warning in warnings)


def test_secrets_hide() -> None:
    """Neither key nor URL, which holds a password, shows where settings are printed."""
    settings, _ = load(
        {
            "PARLEY_MASTER_KEY": KEY.hex(),
            "PARLEY_DATABASE_URL": "postgresql://u:pw@h",
            "PARLEY_BROKER_URL": "amqp://u:pw@h",
            "PARLEY_REDIS_URL": "redis://:pw@h",
            "PARLEY_TRACING_ENDPOINT": "https://u:pw@h/v1/traces",
            "PARLEY_FILES_ACCESS_KEY": "pw-name",
            "PARLEY_FILES_SECRET_KEY": "pw",
        }
    )
    assert "pw" not in repr(settings)
    assert repr(KEY) not in repr(settings)
    assert {each.key for each in entries() if each.secret} == {
        "master_key",
        "database_url",
        "broker_url",
        "redis_url",
        "tracing.endpoint",
        "files.access_key",
        "files.secret_key",
    }


@pytest.mark.parametrize("url", ["http://u:pw@h/", "pw", "amqp://", "amqp://u:pw@h:x/"])
def test_a_bad_broker_url_is_refused_without_being_repeated(url: str) -> None:
    """The sentence names the variable and shows what such a URL looks like, not the secret."""
    with pytest.raises(BadSetting, match="PARLEY_BROKER_URL") as refused:
        load({"PARLEY_BROKER_URL": url})
    assert "pw" not in str(refused.value)


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"PARLEY_FILES_URL": "/var/files"}, "PARLEY_FILES_URL is no bucket"),
        ({"PARLEY_FILES_URL": "s3://k:pw@bucket"}, "PARLEY_FILES_URL is no bucket"),
        ({"PARLEY_FILES_URL": "s3://bucket"}, "PARLEY_FILES_URL needs files.access_key"),
        ({"PARLEY_FILES_ENDPOINT": "s3.example.com"}, "PARLEY_FILES_ENDPOINT is not a web address"),
        ({"PARLEY_FILES_TYPES": "image/png,text/html"}, "PARLEY_FILES_TYPES has a type"),
    ],
)
def test_a_store_of_files_that_cannot_be_is_refused(
    environment: dict[str, str], words: str
) -> None:
    """So are types that nobody looks at; the sentence names the variable, and no secret."""
    with pytest.raises(BadSetting, match=words) as refused:
        load(environment)
    assert "pw" not in str(refused.value)


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"PARLEY_TRACING_SAMPLE": "0.01"}, "PARLEY_TRACING_SAMPLE is of no use without"),
        ({"PARLEY_TRACING_SAMPLE": "1.5"}, "PARLEY_TRACING_SAMPLE must be at least 0 and at most"),
        ({"PARLEY_TRACING_ENDPOINT": "pw@h:4318"}, "PARLEY_TRACING_ENDPOINT is not a web address"),
        (
            {"PARLEY_TRACING_BATCH_SPANS": "9", "PARLEY_TRACING_QUEUE_SPANS": "8"},
            "PARLEY_TRACING_BATCH_SPANS is more than",
        ),
    ],
)
def test_traces_that_cannot_be_are_refused(environment: dict[str, str], words: str) -> None:
    """Those that nobody takes too; the sentence names the variable, and no secret."""
    with pytest.raises(BadSetting, match=words) as refused:
        load(environment)
    assert "pw" not in str(refused.value)


def test_no_source_is_needed_to_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings are read where the program was installed without its sources."""

    def getsource(_: object) -> str:
        raise OSError("source code not available")

    monkeypatch.setattr(inspect, "getsource", getsource)
    entries.cache_clear()
    assert load({"PARLEY_PORT": "1"})[0].port == 1


def test_every_setting_says_what_it_means() -> None:
    """Each has a sentence, and no two share a variable."""
    assert [each.key for each in entries() if not doc_of(each).endswith(".")] == []
    variables = [each.variable for each in entries()]
    assert len(variables) == len(set(variables))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"PARLEY_PRESENCE_TTL_S": "19"}, "PARLEY_PRESENCE_TTL_S must be twice presence.beat_s"),
        ({"PARLEY_PRESENCE_BEAT_S": "16"}, "presence.ttl_s must be twice presence.beat_s"),
        ({"PARLEY_PRESENCE_GRACE_S": "31"}, "presence.ttl_s must be presence.grace_s or more"),
    ],
)
def test_times_under_which_people_would_seem_gone_are_refused(
    given: dict[str, str], said: str
) -> None:
    """A node's people must outlive the time until it says of them again that they are there."""
    with pytest.raises(CannotRun, match=said):
        load(given)
