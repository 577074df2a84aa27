"""Commands that do: refresh, backfill, replay, read, link, doctor."""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Optional

import typer

from almanac import clock, out
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
    report = _published(
        lambda: _flow(order, workers) if prefect or workers else line(order, _caller())
    )
    _show(report, as_json)
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
    _show(_published(lambda: fill(past, Order(clock.now()), _caller())), as_json)


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
    _show(_published(lambda: again(Order(clock.now(), tuple(sources or ())), _caller())), as_json)


def _caller() -> Any:
    """Return plain calls that say on stderr how far they are."""
    from almanac.flows.pipeline.pipeline import Plain

    return Plain(lambda text: print(text, file=sys.stderr))


def _published(run: Callable[[], Any]) -> Any:
    """Return what a run reports; a draft that does not hold is a refusal, not an error."""
    from almanac.flows.validation.expectations import Rejected

    try:
        return run()
    except Rejected as error:
        raise out.Refused(f"not published; the former release, if any, stands: {error}") from None


def _flow(order: Any, workers: int) -> Any:
    """Run the line as the Prefect flow.

    If Prefect's server does not start, say so and run the same line directly.
    """
    from importlib.util import find_spec

    if workers and not find_spec("prefect_dask"):
        raise ValueError('--workers needs Dask: pip install "model-almanac[dask]"')
    from almanac.flows.orchestration import environment

    # The server is a process of its own, and is spoken to past any proxy.
    os.environ.update(environment.SAFE | environment.straight(os.environ))
    for key, value in (
        ("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "120"),
        ("PREFECT_LOGGING_TO_API_ENABLED", "false"),
        ("PREFECT_HOME", str(order.home / "prefect")),
    ):
        os.environ.setdefault(key, value)
    # The server does not make its own folder.
    (order.home / "prefect").mkdir(parents=True, exist_ok=True)
    from almanac.flows.pipeline.pipeline import line

    try:
        from almanac.flows.orchestration import prefect_flows
        from almanac.flows.pipeline.pipeline import Report

        said = {
            "sources": list(order.sources),
            "replay": str(order.replay) if order.replay else None,
            "installed": order.installed,
            "as_of": order.as_of,
        }
        return Report.of(
            prefect_flows.partitioned(workers, **said) if workers else prefect_flows.refresh(**said)
        )
    except RuntimeError as error:
        if "server" not in str(error).lower():
            raise
        print(
            f"almanac: Prefect's server did not start ({str(error).splitlines()[0]});"
            " running the same line directly",
            file=sys.stderr,
        )
        return line(order, _caller())


def _show(report: Any, as_json: bool) -> None:
    from almanac import warehouse

    counts = warehouse.open().release(report.release).counts
    if as_json:
        out.as_json(
            {
                "release": report.release,
                "new": report.fresh,
                "counts": counts,
                "outlived_corrections": report.outlived,
                "due": report.due,
                "stale": report.stale,
                "undelivered": report.undelivered,
                "unread": [{"file": f, "why": w} for f, w in report.unread],
                "seconds": report.seconds,
                "sources": [
                    {
                        "source": s.source,
                        "looks": s.looks,
                        "unchanged": s.unchanged,
                        "claims": s.claims,
                        "new_claims": s.new_claims,
                        "refused": s.refused,
                        "failed": s.failed,
                        "layout": s.layout,
                    }
                    for s in report.sources
                ],
            }
        )
        return
    for file, why in report.unread:
        print(f"not read: {out.clean(file)}: {why}")
    for source in report.sources:
        for page, why in source.failed.items():
            print(f"refused: {source.source}: {out.clean(page)}: {out.clean(why)}")
    out.table(
        ["source", "new looks", "unchanged", "claims", "new claims", "refused", "pages failed"],
        [
            [s.source, s.looks, s.unchanged, s.claims, s.new_claims, s.refused, len(s.failed)]
            for s in report.sources
        ],
    )
    for source_name, why in report.stale.items():
        print(f"stale: {source_name}: {out.clean(why)}")
    for said in [note for s in report.sources for note in s.layout] + report.outlived:
        print(said)
    what = "published" if report.fresh else "unchanged"
    print(
        f"Release {report.release} {what}: {counts['claims']:,} claims,"
        f" {counts['models']:,} models, {counts['offers']:,} offers, {counts['figures']:,} figures,"
        f" {counts['conflicts']:,} conflicts, {counts['refusals']:,} refusals."
    )
    if report.stale:
        print(out.clean(report.outage))


@app.command()
def read(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A saved page; .gz is unpacked.")],
    source: Annotated[
        str, typer.Option("--source", metavar="S", help="The source whose page it is.")
    ],
    url: Annotated[
        str,
        typer.Option(
            "--url", metavar="U", help="Where it came from; some readers need it to know the model."
        ),
    ] = "",
    fetched_at: Annotated[
        str, typer.Option("--fetched-at", metavar="T", help="When; default now.")
    ] = "",
    refusals: Annotated[
        bool, typer.Option("--refusals", help="Print what was refused instead.")
    ] = False,
) -> None:
    """Print the claims of one saved page as JSON lines; write nothing.

    Example: almanac read page.md --source anthropic_pricing
    """
    from almanac.flows.harvest.saved_captures import unpacked
    from almanac.schemas.dates import utc
    from almanac.spiders import base
    from almanac.spiders.page import Page

    reader = base.source(source)
    if not file.is_file():
        raise out.Refused(f"{file}: no such file")
    try:
        body = unpacked(file)
    except ValueError as error:
        raise out.Refused(f"{file}: {error}") from None
    page = Page(
        source,
        url
        or (
            f"file:{file.name}"
            if reader.named_by_url or not reader.start_urls
            else reader.start_urls[0]
        ),
        body,
        utc(fetched_at) if fetched_at else clock.now(),
    )
    reading = base.read_page(reader, page)
    if refusals:
        out.json_lines(
            r.model_dump(include={"reason", "printed", "locator", "model", "provider", "field"})
            for r in reading.refusals
        )
    else:
        out.json_lines(claim_json(c) for c in reading.claims)
    if reading.failed:
        raise out.Refused(f"{file}: {reading.failed}")
    if reading.refusals and not refusals:
        print(f"almanac: {len(reading.refusals)} refused; --refusals lists them", file=sys.stderr)


def claim_json(c: Any) -> dict[str, Any]:
    """Return a claim as `almanac read` prints it.

    Prices are in currency a unit, intervals a low and a high.
    """
    from decimal import Decimal

    def number(x: Any) -> Any:
        return (
            Decimal(x) / 10**9
            if c.field == "price" and isinstance(x, int) and not isinstance(x, bool)
            else list(x)
            if isinstance(x, tuple)
            else x
        )

    return {
        "provider": c.provider,
        "model": c.model,
        "field": c.field,
        "meter": c.meter,
        "terms": dict(c.terms),
        "value": number(c.value),
        "low": number(c.low),
        "high": number(c.high),
        "state": str(c.state),
        "unit": c.unit,
        "printed": c.printed,
        "locator": c.locator,
    }


@app.command()
def link(
    file: Annotated[
        Path, typer.Argument(metavar="FILE.csv", help="Columns name[,provider][,date].")
    ],
    as_json: Json = False,
) -> None:
    """Link names to models, as CSV: name, provider, model, score, reason.

    The model is empty where a name is not linked.

    Example: almanac link names.csv
    """
    from datetime import date

    from almanac.flows.entity_resolution.bulk import link_all
    from almanac.flows.entity_resolution.providers import provider_id
    from almanac.schemas.rulings import load
    from almanac.warehouse.paths import home
    from almanac.warehouse.read.reader import NotThere

    try:
        from almanac import warehouse

        known = warehouse.open().model_ids()
    except NotThere:
        known = []
    with file.open(encoding="utf-8-sig", newline="") as handle:
        rows = csv.DictReader(handle)
        if not rows.fieldnames or "name" not in rows.fieldnames:
            raise ValueError(f"{file}: no column `name` in {rows.fieldnames}")
        lines = list(rows)
    today = clock.now().date()
    asked = []
    for number, row in enumerate(lines, 2):
        try:
            on = date.fromisoformat(row["date"][:10]) if row.get("date") else today
        except ValueError:
            raise ValueError(
                f"{file}, line {number}: {row['date']!r} is no date such as 2026-05-19"
            ) from None
        said = row.get("provider") or ""
        asked.append((row["name"] or "", provider_id(said) if said else "", on))
    made = link_all(asked, known, load(home() / "rulings.yaml").names)
    found = [
        {
            "name": row["name"],
            "provider": row.get("provider") or "",
            "model": link.model,
            "score": link.score,
            "reason": link.reason,
        }
        for row, link in zip(lines, made, strict=True)
    ]
    if as_json:
        out.as_json(found)
        return
    writer = csv.DictWriter(sys.stdout, ["name", "provider", "model", "score", "reason"])
    writer.writeheader()
    writer.writerows(found)


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

    found = checks(deep, lambda text: print(text, file=sys.stderr))
    if as_json:
        out.as_json([{"check": n, "ok": ok, "said": said} for n, ok, said in found])
    else:
        for name, ok, said in found:
            print(f"{'ok ' if ok else 'NOT OK'} {name}: {out.clean(said)}")
    if not all(ok for _, ok, _ in found):
        raise SystemExit(1)
