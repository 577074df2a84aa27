"""What a run of the line did, as the commands that run it print it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from almanac import out, warehouse

if TYPE_CHECKING:
    from almanac.flows.pipeline.pipeline import Report


def show(report: Report, as_json: bool) -> None:
    """Print what a run did, with the counts of the release that it ended in."""
    counts = warehouse.open().release(report.release).counts
    if as_json:
        _print_json(report, counts)
    else:
        _print_text(report, counts)


def _print_json(report: Report, counts: Mapping[str, int]) -> None:
    out.as_json(
        {
            "release": report.release,
            "new": report.fresh,
            "counts": counts,
            "outlived_corrections": report.outlived,
            "due": report.due,
            "stale": report.stale,
            "undelivered": report.undelivered,
            "unread": [{"file": file, "why": why} for file, why in report.unread],
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


def _print_text(report: Report, counts: Mapping[str, int]) -> None:
    _print_unread(report)
    out.table(
        ["source", "new looks", "unchanged", "claims", "new claims", "refused", "pages failed"],
        [
            [s.source, s.looks, s.unchanged, s.claims, s.new_claims, s.refused, len(s.failed)]
            for s in report.sources
        ],
    )
    for source, why in report.stale.items():
        print(f"stale: {source}: {out.clean(why)}")
    for note in [note for s in report.sources for note in s.layout] + report.outlived:
        print(note)
    print(
        f"Release {report.release} {'published' if report.fresh else 'unchanged'}:"
        f" {counts['claims']:,} claims,"
        f" {counts['models']:,} models, {counts['offers']:,} offers, {counts['figures']:,} figures,"
        f" {counts['conflicts']:,} conflicts, {counts['refusals']:,} refusals."
    )
    if report.stale:
        print(out.clean(report.outage))


def _print_unread(report: Report) -> None:
    """Print the files that could not be read, and the pages that could not be believed."""
    for file, why in report.unread:
        print(f"not read: {out.clean(file)}: {why}")
    for source in report.sources:
        for page, why in source.failed.items():
            print(f"refused: {source.source}: {out.clean(page)}: {out.clean(why)}")
