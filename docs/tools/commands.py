"""The command reference, from the command line's own help: part of `make docs`."""

from __future__ import annotations

import re

import click
import typer

from almanac.app import app
from almanac.cli import register_commands

HEAD = """\
# Commands

Derived from the command line's own help: what stands here, `almanac COMMAND --help` says too.
Exit 0 is done, 1 the answer is "no" or data was refused, 2 wrong usage; an error is one plain line.
"""


def commands() -> dict[str, click.Command]:
    """Return every command that is shown, by name, in alphabetical order."""
    register_commands()
    group = typer.main.get_command(app)
    assert isinstance(group, click.Group)
    return {name: c for name, c in sorted(group.commands.items()) if not c.hidden}


def commands_page() -> str:
    """Return the reference as Markdown: usage, what it does, words and options of each command."""
    return "\n".join([HEAD, *(_section(name, c) for name, c in commands().items())])


def _section(name: str, command: click.Command) -> str:
    above = click.Context(click.Group("almanac"), info_name="almanac")
    context = click.Context(command, info_name=name, parent=above)
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    rows = [row for p in command.params if (row := p.get_help_record(context))]
    lines = [f"## `{name}`", "", "```", usage, "```", "", *_text(command.help or ""), ""]
    if rows:
        lines += ["| | |", "|---|---|"]
        lines += [f"| `{_cell(words)}` | {_cell(text)} |" for words, text in rows]
        lines.append("")
    return "\n".join(lines)


def _text(text: str) -> list[str]:
    """Return a help text as paragraphs; what it shows as an example stands as code."""
    paragraphs = [" ".join(p.split()) for p in re.split(r"\n\s*\n", text.strip())]
    lines: list[str] = []
    for paragraph in paragraphs:
        before, example, call = paragraph.partition("Example: ")
        lines += [before.strip(), ""] * bool(before.strip())
        lines += ["```", call, "```", ""] * bool(example)
    return lines[:-1]


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
