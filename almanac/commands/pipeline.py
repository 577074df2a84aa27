"""Commands that run the line, each ending in a release: refresh, backfill, replay."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from almanac import clock, run_report, runs
from almanac.app import app
from almanac.out import Json


@app.command()
def refresh(
    sources: Annotated[
        Optional[list[str]],
        typer.Argument(metavar="[SOURCE]...", help="Only these sources. Default: all."),
    ] = None,
    replay: Annotated[
        Optional[Path],
        typer.Option(metavar="DIR", help="Read saved captures instead of the live web."),
    ] = None,
    installed: Annotated[
        bool, typer.Option("--installed", help="Also take the data that installed packages carry.")
    ] = False,
    prefect: Annotated[
        bool,
        typer.Option(
            "--prefect", help="Run as a Prefect flow (starts its embedded server if none is set)."
        ),
    ] = False,
    workers: Annotated[
        int,
        typer.Option(
            "--workers",
            metavar="N",
            help="Map reading and resolving over so many Dask processes (implies --prefect).",
        ),
    ] = 0,
    strict: Annotated[
        bool,
        typer.Option(
            "--strict",
            help=(
                "Exit 1 if any source could not be looked at or believed;"
                " without it, only if none could."
            ),
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Run the whole line, ending in a release: harvest, read, link, resolve, validate, publish.

    Sources that could not be looked at are named, kept and told (webhooks, feed); where none could,
    the command exits 1.

    Example: almanac refresh --replay tests/captures --installed
    """
    from almanac.flows.harvest.plan import Order
    from almanac.flows.pipeline.pipeline import line

    order = Order(clock.now(), tuple(sources or ()), replay, installed)
    report = runs.published(
        lambda: runs.as_flow(order, workers) if prefect or workers else line(order, runs.caller())
    )
    run_report.show(report, as_json)
    if report.blind or (strict and report.stale):
        raise SystemExit(1)


@app.command()
def backfill(
    source: Annotated[
        str, typer.Argument(metavar="SOURCE", help="Whose history: `almanac sources` lists them.")
    ],
    git: Annotated[
        str,
        typer.Option(
            "--git",
            metavar="REPO",
            help=(
                "A git repository that keeps the source's files: a folder, or an address to clone."
            ),
        ),
    ] = "",
    releases: Annotated[
        bool,
        typer.Option(
            "--releases", help="The published versions of the package that carries its data."
        ),
    ] = False,
    warc: Annotated[
        Optional[list[Path]],
        typer.Option(
            "--warc", metavar="FILE", help="A WARC or WET file; may be given several times."
        ),
    ] = None,
    manifest: Annotated[
        Optional[Path],
        typer.Option(
            "--manifest", metavar="DIR", help="A folder of dated files, or with a MANIFEST.jsonl."
        ),
    ] = None,
    since: Annotated[
        str, typer.Option("--from", metavar="D", help="Nothing before this day.")
    ] = "",
    until: Annotated[str, typer.Option("--to", metavar="D", help="Nothing after this day.")] = "",
    files: Annotated[
        str,
        typer.Option(
            "--files",
            metavar="PATTERN",
            help="With --git: the paths that keep it. Default: what its card says.",
        ),
    ] = "",
    page: Annotated[
        str,
        typer.Option(
            "--page",
            metavar="URL",
            help="With --git --files: the page that each state of the file is a copy of.",
        ),
    ] = "",
    of: Annotated[
        str,
        typer.Option(
            "--of",
            metavar="URL",
            help="With --git FOLDER: the repository that you know it to be a copy of.",
        ),
    ] = "",
    every: Annotated[
        int,
        typer.Option(
            "--every", metavar="DAYS", help="With --releases: at most one version in so many days."
        ),
    ] = 7,
    as_json: Json = False,
) -> None:
    """Take in what is missing of a source's history, and publish what follows.

    The same range twice changes nothing.

    A commit, a package version, a record is a look at the moment it was made: backfill fills valid
    time, and the release that results knows it as of today. A killed run goes on where it stopped.

    Example: almanac backfill models_dev --git https://github.com/anomalyco/models.dev
    --from 2026-01-01
    """
    from almanac.flows.harvest.plan import Order
    from almanac.flows.pipeline.backfill import Past
    from almanac.flows.pipeline.backfill import backfill as fill
    from almanac.schemas import moment
    from almanac.schemas.dates import utc

    if sum((bool(git), releases, bool(warc), manifest is not None)) != 1:
        raise ValueError(
            "say where the history is, in one of four ways:"
            " --git REPO, --releases, --warc FILE or --manifest DIR"
        )
    first, last = (
        utc(moment.stamp(since)) if since else None,
        moment.until(until) if until else None,
    )
    past = Past(
        source, git, releases, tuple(warc or ()), manifest, first, last, files, page, every, of
    )
    report = runs.published(lambda: fill(past, Order(clock.now()), runs.caller()))
    run_report.show(report, as_json)


@app.command()
def replay(
    sources: Annotated[
        Optional[list[str]],
        typer.Argument(metavar="[SOURCE]...", help="Only these sources. Default: all."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Read again what the archive keeps, with today's readers, and resolve every subject anew.

    Publish if that says anything else.

    It also brings back a warehouse that was lost: the archive is the evidence, the warehouse
    follows from it.

    Example: almanac replay litellm
    """
    from almanac.flows.harvest.plan import Order
    from almanac.flows.pipeline.replay import replay as again
    from almanac.spiders import base

    for name in sources or ():
        base.source(name)
    order = Order(clock.now(), tuple(sources or ()))
    run_report.show(runs.published(lambda: again(order, runs.caller())), as_json)
