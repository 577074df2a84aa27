"""`almanac site`: every page of a release as files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from almanac import out
from almanac.app import app
from almanac.out import Json
from almanac.snapshots import AsOf, InRelease, opened


@app.command()
def site(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="DIR", help="Where to. A site of ours that is there is replaced as a whole."
        ),
    ],
    comparisons: Annotated[
        int,
        typer.Option(
            "--comparisons",
            metavar="N",
            help="How many comparisons: those of the models that most providers serve.",
        ),
    ] = 500,
    at: Annotated[
        Optional[list[str]],
        typer.Option(
            "--at",
            metavar="DATE",
            help="Also as of this day, below at/DATE/, with a switch on every page. Repeatable.",
        ),
    ] = None,
    bodies: Annotated[
        bool,
        typer.Option(
            "--bodies",
            help=(
                "Also write the archived bodies, as plain text."
                " They are others' words: mind whom you show them."
            ),
        ),
    ] = False,
    as_of: AsOf = None,
    in_release: InRelease = None,
    as_json: Json = False,
) -> None:
    """Write the pages of a release as files.

    Open index.html from the disk, or put the folder on any web server.

    Models, providers, offers, comparisons, and for every figure the page that says who says it.
    Nothing on them loads from elsewhere.

    Example: almanac site build/site --comparisons 100 --at 2026-05-19
    """
    import time

    from almanac.about import archived, sources
    from almanac.comparisons.pages.build import build
    from almanac.schemas.moment import stamp
    from almanac.warehouse.paths import home

    if comparisons < 0:
        raise ValueError("--comparisons must not be negative")
    days = [stamp(day) for day in at or ()]
    snapshot = opened(as_of, in_release)
    started = time.perf_counter()
    done = build(
        snapshot,
        folder,
        comparisons=comparisons,
        sources=sources(snapshot),
        also=days,
        body=archived(home()) if bodies else None,
    )
    seconds = time.perf_counter() - started
    if as_json:
        out.as_json(
            {
                "release": snapshot.known,
                "as_of": snapshot.valid or "now",
                "folder": str(folder),
                "pages": dict(done.pages),
                "bytes": done.bytes,
                "seconds": round(seconds, 1),
            }
        )
        return
    print(
        ", ".join(
            f"{n:,} {kind} {'page' if n == 1 else 'pages'}"
            for kind, n in done.pages.items()
            if kind not in ("asset", "body")
        )
    )
    print(f"{done.bytes / 1e6:,.0f} MB in {seconds:.0f} s: {folder / 'index.html'}")
