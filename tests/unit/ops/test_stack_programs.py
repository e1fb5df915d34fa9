"""Which plugins a RabbitMQ node is shown: what it needs, by the releases' own words."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops.stack.errors import ProgramsMissing
from ops.stack.rabbitmq_programs import closure, find_release, link_release, needed_by

APPLICATION = """{application, 'rabbit', [
    {description, "RabbitMQ"},
    {registered, [rabbit_sup]},
    {applications, [kernel,
        stdlib, 'rabbit_common',
        ra]},
    {mod, {rabbit, []}}
]}.
"""


def application(*needed: str) -> str:
    """An `.app` file that needs these."""
    return f"{{application, x, [{{applications,[{','.join(needed)}]}}]}}."


def release(path: Path, **applications: str) -> Path:
    """A release with plugins, each of some version."""
    for name in ("sbin", "escript"):
        (path / name).mkdir(parents=True)
    (path / "sbin" / "rabbitmq-server").touch()
    for name, text in applications.items():
        ebin = path / "plugins" / f"{name}-1.0" / "ebin"
        ebin.mkdir(parents=True)
        (ebin / f"{name}.app").write_text(text)
    return path


def test_needed_applications_are_read() -> None:
    """Over several lines, quoted or not, and no other list is taken for them."""
    assert needed_by(APPLICATION) == ["kernel", "stdlib", "rabbit_common", "ra"]


def test_everything_needed_is_found_in_turn() -> None:
    """Also in a circle; Erlang's own, which are not here, are left out."""
    applications = {
        "rabbit": application("kernel", "ra"),
        "ra": application("aten"),
        "aten": application("rabbit"),
        "amqp_client": application("rabbit"),
    }
    assert closure(applications, ["rabbit"]) == {"rabbit", "ra", "aten"}


def test_the_tree_shows_only_what_is_needed(tmp_path: Path) -> None:
    """A start with other plugins leaves none of the last one's."""
    installed = release(
        tmp_path / "installed",
        rabbit=application("ra"),
        rabbitmq_prelaunch=application("rabbit"),
        ra=application(),
        rabbitmq_management=application("cowboy"),
        cowboy=application(),
        rabbitmq_mqtt=application(),
    )
    node = {"rabbit-1.0", "rabbitmq_prelaunch-1.0", "ra-1.0"}
    tree = tmp_path / "tree"
    for plugins, more in (
        (["rabbitmq_management"], {"rabbitmq_management-1.0", "cowboy-1.0"}),
        ([], set()),
    ):
        link_release(installed, tree, plugins)
        assert {path.name for path in (tree / "plugins").iterdir()} == node | more
        assert (tree / "sbin" / "rabbitmq-server").exists()


def test_no_release_is_said(tmp_path: Path) -> None:
    """With what to install."""
    with pytest.raises(ProgramsMissing, match="on Debian install rabbitmq-server"):
        find_release(tmp_path)
    made = release(tmp_path / "rabbitmq_server-3.10.8")
    assert find_release(tmp_path) == made
