"""`almanac doctor`: whether the installation is well."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from almanac import out
from almanac.app import app
from almanac.out import Json


@app.command()
def doctor(
    deep: Annotated[
        bool,
        typer.Option(
            "--deep",
            help=(
                "Read every record of the archive and all of the database;"
                " verify lengths and digests."
            ),
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Check the installation: pins, home folder, database, archive, sources, releases.

    Exit 1 where something is damaged.

    Example: almanac doctor --deep
    """
    from almanac.health import checks

    results = checks(deep, lambda text: print(text, file=sys.stderr))
    if as_json:
        out.as_json([{"check": name, "ok": ok, "said": finding} for name, ok, finding in results])
    else:
        for name, ok, finding in results:
            print(f"{'ok ' if ok else 'NOT OK'} {name}: {out.clean(finding)}")
    if not all(ok for _, ok, _ in results):
        raise SystemExit(1)
