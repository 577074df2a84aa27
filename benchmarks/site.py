"""How long the pages take: `ALMANAC_HOME=HOME python -m benchmarks.site`.

The home has a release (`almanac refresh --replay ../shared/captures --installed`).

All model pages and the 500 most asked comparisons, then single comparisons from SQLite to HTML with
nothing at hand but the lists. The baseline in the same run is the bare SQL of the same comparisons.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable

from almanac import warehouse
from almanac.comparisons.pages import links as at
from almanac.comparisons.pages.router import page
from almanac.comparisons.pages.site import Site

PAIR = ("google/gemini-3.1-flash-lite", "mistral/mistral-nemo")


def main() -> None:
    snapshot = warehouse.open()
    started = time.perf_counter()
    site = Site(snapshot)
    pairs = site.pairs(500)
    print(
        f"release {site.release.id}: {len(site.rows):,} models;"
        f" lists read in {time.perf_counter() - started:.1f} s"
    )
    started = time.perf_counter()
    size = sum(len(page(site, f"models/{at.model_path(m)}.html")) for m in site.rows)
    models = time.perf_counter() - started
    started = time.perf_counter()
    size += sum(len(page(site, at.compare_path(p))) for p in pairs)
    compared = time.perf_counter() - started
    print(
        f"{len(site.rows):,} model pages {models:.1f} s, {len(pairs)} comparisons {compared:.1f} s,"
        f" {size / 1e6:.0f} MB: {models + compared:.1f} s in all"
    )
    random.seed(1)
    any_two = [tuple(random.sample(sorted(site.rows), 2)) for _ in range(200)]
    for name, chosen in (
        ("S0", [PAIR] * 40),
        ("any two models", any_two),
        ("of the 500", random.sample(pairs, 60)),
    ):
        html = _each(chosen, lambda p: _cold(site, p))
        sql = _each(chosen, lambda p: [snapshot.figures(model=m) for m in p])
        print(f"one comparison, {name}: median {html:.1f} ms, of which SQL {sql:.1f} ms")


def _cold(site: Site, pair: tuple[str, ...]) -> None:
    site.shared.forget_sides()
    page(site, at.compare_path(pair))


def _each(pairs: list[tuple[str, ...]], run: Callable[[tuple[str, ...]], object]) -> float:
    run(pairs[0])
    taken = []
    for pair in pairs:
        started = time.perf_counter()
        run(pair)
        taken.append((time.perf_counter() - started) * 1e3)
    return statistics.median(taken)


if __name__ == "__main__":
    main()
