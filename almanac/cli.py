"""`almanac`: every command takes --json and --help.

Exit 0 is done, 1 "no" or refused, 2 wrong usage.
"""

from __future__ import annotations

import os
import sys

from almanac import out
from almanac.app import app


def register_commands() -> None:
    """Load every command: each registers itself, and `--help` lists them in this order."""
    # isort: off
    from almanac.commands import explain, query, compare, export, fuse  # noqa: F401
    from almanac.commands import history, releases, learn, new_source  # noqa: F401
    from almanac.commands import pipeline, read, link, doctor  # noqa: F401
    from almanac.commands import price, review, serve, site  # noqa: F401
    # isort: on


def main() -> None:
    """Run the command line; an error is one plain line, a traceback only with ALMANAC_DEBUG=1."""
    register_commands()
    from almanac.warehouse.read.reader import NotThere

    try:
        app()
    except BrokenPipeError:
        sys.stderr.close()
    except Exception as error:
        if os.environ.get("ALMANAC_DEBUG"):
            raise
        out.fail(*_outcome(error, NotThere))


def _outcome(error: Exception, not_there: type[Exception]) -> tuple[str, int]:
    """Return the line and the exit code for an error.

    The code is 2 where the words of the call were wrong, else 1.
    """
    line = (
        str(error.args[0] if error.args else error).strip().splitlines() or [type(error).__name__]
    )[0]
    if isinstance(error, (out.Refused, not_there, LookupError)):
        return line, 1
    if isinstance(error, ValueError):
        return str(error).splitlines()[0], 2
    if type(error).__module__.startswith("sqlalchemy"):
        from almanac.warehouse.paths import database_url, shown

        return (
            (
                f"the database at {shown(database_url())} cannot be used:"
                f" {getattr(error, 'orig', None) or line} (ALMANAC_DEBUG=1 shows where)"
            ),
            1,
        )
    if isinstance(error, OSError):
        return f"{error.strerror or error}: {error.filename}" if error.filename else str(error), 1
    return f"{type(error).__name__}: {line} (ALMANAC_DEBUG=1 shows where)", 1
