"""`almanac`: every command takes --json and --help; exit 0 done, 1 "no" or refused, 2 wrong usage."""

from __future__ import annotations

import os
import sys

import typer

from almanac import out

app = typer.Typer(
    name="almanac", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None,
    help="The open record of what every language model is, costs and can do.",
)  # fmt: skip


def _commands() -> None:
    from almanac import ask, compare, do, export, fuse, learn, past, price, review, scaffold, serve, site  # noqa: F401  each command registers itself


def main() -> None:
    """Run the command line; an error is one plain line, a traceback only with ALMANAC_DEBUG=1."""
    _commands()
    from warehouse.reader import NotThere

    try:
        app()
    except BrokenPipeError:
        sys.stderr.close()
    except Exception as error:
        if os.environ.get("ALMANAC_DEBUG"):
            raise
        out.fail(*_told(error, NotThere))


def _told(error: Exception, not_there: type[Exception]) -> tuple[str, int]:
    """Return the line and the exit code for an error: 2 where the words of the call were wrong, else 1."""
    said = (str(error.args[0] if error.args else error).strip().splitlines() or [type(error).__name__])[0]
    if isinstance(error, (out.Refused, not_there, LookupError)):
        return said, 1
    if isinstance(error, ValueError):
        return str(error).splitlines()[0], 2
    if type(error).__module__.startswith("sqlalchemy"):
        from warehouse.place import database_url, shown

        return f"the database at {shown(database_url())} cannot be used: {getattr(error, 'orig', None) or said} (ALMANAC_DEBUG=1 shows where)", 1
    if isinstance(error, OSError):
        return f"{error.strerror or error}: {error.filename}" if error.filename else str(error), 1
    return f"{type(error).__name__}: {said} (ALMANAC_DEBUG=1 shows where)", 1
