"""Damage recorded pages and count what was believed that should not have been.

Run `python -m benchmarks.fuzz [--count 20000]`.

"past the reader": a reading says something the whole page does not, and refuses nothing more. "past
the line": neither does the line hold it, which knows what the page said at its last look. "moved":
among those, a figure of the page stands under another field or on another of its models; the rest
are damaged names and figures.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter

from tests.support.damage import Recorded, damages
from tests.support.recorded import RECORDED


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--count", type=int, default=20_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument(
        "--show", default="", help="print what slipped through by damage of this name"
    )
    asked = options.parse_args()
    pages = [Recorded(body) for body in RECORDED]
    tried: Counter[str] = Counter()
    slipped: Counter[str] = Counter()
    through: Counter[str] = Counter()
    moved: Counter[str] = Counter()
    crashes, slowest, started = 0, (0.0, ""), time.perf_counter()
    for n in range(asked.count):
        rng = random.Random(asked.seed * 1_000_003 + n)
        page = pages[n % len(pages)]
        damage = rng.choice(damages(page.text))
        body = damage(page.text, rng)
        before = time.perf_counter()
        try:
            reading = page.read(body)
        except Exception as error:
            crashes += 1
            print(f"CRASH {page.name} {damage.__name__} {n}: {error!r}", file=sys.stderr)
            continue
        slowest = max(slowest, (time.perf_counter() - before, f"{page.name} {damage.__name__}"))
        tried[damage.__name__] += 1
        if new := page.slipped(reading):
            slipped[damage.__name__] += 1
            if page.held(reading):
                continue
            through[damage.__name__] += 1
            moved[damage.__name__] += page.moved(reading)
            if asked.show and any(s in damage.__name__ for s in asked.show.split(",")):
                print(f"{page.name} {damage.__name__} {n}: {new[:3]}")
    print(f"{'damage':18} {'pages':>6} {'past the reader':>16} {'past the line':>14} {'moved':>6}")
    for name, count in sorted(tried.items()):
        print(f"{name:18} {count:6} {slipped[name]:16} {through[name]:14} {moved[name]:6}")
    print(
        f"{sum(tried.values())} damaged pages in {time.perf_counter() - started:.0f} s,"
        f" {crashes} crashes, slowest {slowest[0]:.2f} s ({slowest[1]})"
    )


if __name__ == "__main__":
    main()
