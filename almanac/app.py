"""The Typer application, below its commands: each command registers itself here."""

from __future__ import annotations

import typer

app = typer.Typer(
    name="almanac",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="The open record of what every language model is, costs and can do.",
)
