"""`almanac export`: a release as files that other programs load."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from almanac import out
from almanac.app import app
from almanac.out import Json
from almanac.snapshots import AsOf, InRelease, opened


@app.command()
def export(
    form: Annotated[
        str,
        typer.Argument(
            metavar="FORMAT",
            help=(
                "parquet, csv, json (a document a line), sqlite (one file), litellm,"
                " genai-prices or models.dev."
            ),
        ),
    ],
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="DIR", help="Where to. An export that is there is replaced as a whole."
        ),
    ],
    as_of: AsOf = None,
    in_release: InRelease = None,
    as_json: Json = False,
) -> None:
    """Write a release as files, with a manifest of row counts and hashes.

    The first four have a file or table for each documented view: docs/warehouse.md says what every
    column means, docs/consumers.md how DuckDB, Datasette and pandas load them. The last three are
    in the shape that tool loads, beside a list of where we differ from its own data and why; what
    we do not know is left out, never zero.

    Example: almanac export parquet build/almanac
    """
    from almanac.comparisons.shapes import SHAPES
    from almanac.comparisons.shapes import export as shaped
    from almanac.warehouse.read.export import FORMS
    from almanac.warehouse.read.export import export as write

    if form not in {*FORMS, *SHAPES}:
        raise ValueError(f"no format {form!r}; there are: {', '.join([*FORMS, *SHAPES])}")
    manifest = (shaped if form in SHAPES else write)(opened(as_of, in_release), form, folder)
    if as_json:
        out.as_json(manifest)
        return
    out.table(
        ["file", "rows", "bytes", "SHA-256"],
        [
            [
                f["file"],
                ", ".join(
                    f"{n:,} {v}" if len(f["views"]) > 1 else f"{n:,}" for v, n in f["views"].items()
                ),
                f"{f['bytes']:,}",
                f["sha256"][:16],
            ]
            for f in manifest["files"]
        ],
    )
    print(f"release {manifest['release']} in {folder}, with manifest.json")
