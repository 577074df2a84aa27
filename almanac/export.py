"""`almanac export`: a release as files that other programs load."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from almanac import out
from almanac.ask import AsOf, Known, opened
from almanac.cli import app
from almanac.out import Json


@app.command()
def export(
    form: Annotated[str, typer.Argument(metavar="FORMAT", help="parquet, csv, json (a document a line) or sqlite (one file).")],
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to. An export that is there is replaced as a whole.")],
    as_of: AsOf = None, known: Known = None, as_json: Json = False,
) -> None:  # fmt: skip
    """Write a release as files, one for each documented view, with a manifest of row counts and hashes.

    docs/warehouse.md says what every column means, docs/consumers.md how DuckDB, Datasette and pandas load them.

    Example: almanac export parquet build/almanac
    """
    from warehouse.export import export as write

    manifest = write(opened(as_of, known), form, folder)
    if as_json:
        out.as_json(manifest)
        return
    out.table(["file", "rows", "bytes", "SHA-256"], [[f["file"], ", ".join(f"{n:,} {v}" if len(f["views"]) > 1 else f"{n:,}" for v, n in f["views"].items()),
                                                     f"{f['bytes']:,}", f["sha256"][:16]] for f in manifest["files"]])  # fmt: skip
    print(f"release {manifest['release']} in {folder}, with manifest.json")
