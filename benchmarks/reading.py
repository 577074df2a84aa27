"""How fast pages are read, by source, against bare lxml parsing the same bytes.

Run `python -m benchmarks.reading [--shared DIR]`.

A ratio of 10 means that a reader takes ten times what lxml needs to parse the body into a tree and
do nothing with it.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import lxml.html

from almanac.flows.harvest.saved_captures import SavedLook, listing
from almanac.spiders import base
from almanac.spiders.page import Page
from tests.support.recorded import CAPTURES

MOST = 12
"""Pages of a source that are timed."""


def seconds(work: Callable[[], object], least: float = 0.05) -> float:
    """Return the shortest time of one call, over enough calls to fill `least` seconds."""
    best, spent = float("inf"), 0.0
    while spent < least:
        started = time.perf_counter()
        work()
        took = time.perf_counter() - started
        best, spent = min(best, took), spent + took
    return best


def measured(capture: SavedLook) -> tuple[int, int, float, float]:
    """Return (bytes, claims, seconds to read, seconds for lxml to parse) of one page."""
    reader, body = base.source(capture.source), capture.body()

    def read() -> base.Reading:
        return base.read_page(reader, Page(capture.source, capture.url, body, capture.fetched_at))

    return (
        len(body),
        len(read().claims),
        seconds(read),
        seconds(lambda: lxml.html.document_fromstring(body)),
    )


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument(
        "--shared",
        type=Path,
        default=CAPTURES,
        help="a folder of saved captures; default: the recorded pages",
    )
    pages: dict[str, list[SavedLook]] = defaultdict(list)
    for capture in listing(options.parse_args().shared).looks:
        pages[capture.source].append(capture)
    print(
        f"{'source':24} {'pages':>5} {'kB':>8} {'claims':>7} {'read, ms':>9} {'MB/s':>7}"
        f" {'lxml, ms':>9} {'ratio':>7}"
    )
    total_read = total_lxml = 0.0
    for source in sorted(pages):
        timed = pages[source][:MOST]
        times = [measured(capture) for capture in timed]
        size, claims, read, parsed = (sum(column) for column in zip(*times, strict=True))
        total_read, total_lxml = total_read + read, total_lxml + parsed
        print(
            f"{source:24} {len(timed):5} {size / 1e3:8.0f} {claims:7} {read * 1e3:9.1f}"
            f" {size / read / 1e6:7.2f} {parsed * 1e3:9.1f} {read / parsed:7.1f}"
        )
    print(
        f"all: {total_read:.1f} s reading, {total_lxml:.1f} s lxml,"
        f" ratio {total_read / total_lxml:.1f}"
    )


if __name__ == "__main__":
    main()
