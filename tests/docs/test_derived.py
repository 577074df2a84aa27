"""Pages that are derived are what they are derived from; the command reference is the help."""

from __future__ import annotations

import pytest
import typer
from typer.testing import CliRunner

from almanac.app import app
from docs.tools.build import HERE, PAGES
from docs.tools.commands import commands

COMMANDS = commands()


@pytest.mark.parametrize("name", PAGES)
def test_a_derived_page_is_its_source(name: str) -> None:
    assert (HERE / name).read_text(encoding="utf-8") == PAGES[name](), "run `make docs`"


@pytest.mark.parametrize("name", COMMANDS)
def test_the_reference_says_what_help_says(name: str) -> None:
    """What `almanac NAME --help` prints, word for word, is in the section of its name."""
    printed = CliRunner().invoke(app, [name, "--help"], env={"COLUMNS": "80"}, prog_name="almanac")
    assert printed.exit_code == 0, printed.output
    page = (HERE / "commands.md").read_text(encoding="utf-8")
    section = page.split(f"## `{name}`\n")[1].split("\n## ")[0].replace("\\|", "|")
    plain = set(section.replace("`", "").split())
    own = "Usage: Arguments: Options: Example: --help Show this message and exit."
    words = printed.output.replace("`", "").split()
    assert [word for word in words if word not in plain and word not in own.split()] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_word_and_option_is_explained_and_every_command_has_an_example(name: str) -> None:
    command = COMMANDS[name]
    assert "Example: almanac " in (command.help or "") or "=" in (command.help or "")
    words = [p for p in command.params if isinstance(p, typer.core.TyperArgument)]
    assert [p.name for p in words if not p.help] == []
    options = [p for p in command.params if isinstance(p, typer.core.TyperOption)]
    assert [p.name for p in options if not p.help] == []
    assert len(words) + len(options) == len(command.params)


def test_help_tells_of_words_too() -> None:
    """From click 8.5 on, typer before 0.24 loses the help of arguments."""
    printed = CliRunner().invoke(app, ["explain", "--help"], env={"COLUMNS": "80"}).output
    assert "A model, or provider:model for an offer." in " ".join(printed.split())
