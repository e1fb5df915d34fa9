"""The command line's manners: sentences, statuses, and help everywhere."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from domain.errors import Refused, StoreUnavailable
from ops import cli
from ops.commands.common import Command, Group
from ops.errors import BadSetting, CannotRun, sentence
from ops.version import program_version


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (CannotRun("It is so."), "It is so."),
        (Refused("exists"), "This exists already."),
        (StoreUnavailable("OSError"), "PostgreSQL does not answer (OSError)."),
        (CannotRun("lower case"), "Lower case."),
        (BadSetting("port in x.toml", "is not it"), "port in x.toml is not it."),
    ],
)
def test_an_error_is_a_sentence(error: Exception, expected: str) -> None:
    """Whatever its source wrote, the operator reads one with a capital and an end."""
    assert sentence(error) == expected


def commands(group: click.Group, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every command's words."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from commands(command, (*above, name))
        else:
            yield (*above, name)


@pytest.mark.parametrize("words", list(commands(cli.parley)), ids=" ".join)
def test_every_command_explains_itself_and_takes_the_directory(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """``-h`` works behind every command and tells of ``--data``."""
    assert cli.run([*words, "-h"]) == 0
    assert "--data" in capsys.readouterr().out


@pytest.mark.parametrize("words", sorted({words[:-1] for words in commands(cli.parley)}))
def test_a_list_of_commands_says_whole_sentences(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """What is cut off may be just what one looks for."""
    assert cli.run([*words, "-h"]) == 0
    assert "..." not in capsys.readouterr().out.partition("Commands:")[2]


@pytest.mark.parametrize("kind", [Command, Group])
def test_what_is_run_by_itself_first_takes_h_too(kind: type[click.Command]) -> None:
    """As tests run them, in whatever order; click keeps what it has made of help then."""
    assert CliRunner().invoke(kind("alone", callback=lambda: None), ["-h"]).exit_code == 0


def test_a_command_does_not_load_the_others() -> None:
    """The operator's are there at once: what only serving needs is not loaded for them."""
    code = "import sys; from ops import cli; cli.run(['site', '-h']); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "ops.commands.site" in done.stdout.split()
    assert not {"uvicorn", "ops.node", "ops.commands.serve"} & {*done.stdout.split()}


def test_nobody_looks_for_garbage_in_what_was_loaded() -> None:
    """A command that runs has a collector, which passes over the program itself."""
    code = """if True:
        import gc, sys
        sys.argv = ["parley"]
        import ops.__main__
        from ops import cli
        loaded = gc.isenabled()
        cli.run(["site", "-h"])
        print(loaded, gc.isenabled(), gc.get_freeze_count() > 10_000)"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False True True"


def test_it_says_which_version_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    """The first thing that whoever helps will ask."""
    assert cli.run(["--version"]) == 0
    assert capsys.readouterr().out == f"parley {program_version()}\n"


def test_wrong_usage_is_two(capsys: pytest.CaptureFixture[str]) -> None:
    """What is no command gets status 2 and a hint on stderr."""
    assert cli.run(["fly"]) == 2
    assert "No such command" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--config", "--data"])
def test_an_empty_name_is_no_file(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    """An empty text is a variable that was not set, and not the caller's directory."""
    assert cli.run(["settings", option, ""]) == 2
    assert "must not be empty" in capsys.readouterr().err
