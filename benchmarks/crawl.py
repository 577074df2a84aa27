"""Crawl throughput on loopback with the archive on, against `scrapy bench` in the same run.

Run `python -m benchmarks.crawl`.

Both fetch from Scrapy's own bench server, at the concurrency Scrapy has by default. Ours asks
robots.txt, checks hosts, and keeps every body in the archive; `scrapy bench` extracts the links of
every page and keeps nothing.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time

from almanac.spiders.crawling.crawl_order import CrawlOrder, Pace

PACE = Pace(delay=0, throttle=False, concurrency=16)


def scrapy_bench() -> float:
    """Return pages a second of `scrapy bench`, from its own counts."""
    done = subprocess.run(
        [sys.executable, "-m", "scrapy", "bench"],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    pages = int(re.findall(r"'response_received_count': (\d+)", done.stderr)[-1])
    return pages / float(re.findall(r"'elapsed_time_seconds': ([\d.]+)", done.stderr)[-1])


def ours(count: int) -> float:
    """Return pages a second of our crawl, from its first page to its last."""
    server = subprocess.Popen(
        [sys.executable, "-u", "-m", "scrapy.utils.benchserver"], stdout=subprocess.PIPE
    )
    try:
        assert server.stdout is not None
        server.stdout.readline()
        with tempfile.TemporaryDirectory() as folder:
            urls = tuple(f"http://127.0.0.1:8998/?total=100000&show=20&n={n}" for n in range(count))
            order = CrawlOrder(
                "bench", folder, urls, ("127.0.0.1",), None, PACE, started="2026-01-01T00:00:00Z"
            )
            child = subprocess.Popen(
                [sys.executable, "-m", "almanac.spiders.crawling.spider"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            assert child.stdin is not None and child.stdout is not None
            child.stdin.write(order.as_json())
            child.stdin.close()
            child.stdout.readline()
            started = time.perf_counter()
            *_, last = child.stdout
            took = time.perf_counter() - started
            child.wait()
            kept = len(json.loads(last)["looks"])
            if kept != count:
                raise SystemExit(f"only {kept} of {count} pages were kept")
            return (count - 1) / took
    finally:
        server.kill()
        server.wait()


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--pages", type=int, default=3000)
    options.add_argument("--times", type=int, default=3)
    asked = options.parse_args()
    pairs = [(scrapy_bench(), ours(asked.pages)) for _ in range(asked.times)]
    for bench, crawl in pairs:
        print(
            f"scrapy bench {bench:6.0f} pages/s   ours, archive on {crawl:6.0f} pages/s"
            f"   ratio {crawl / bench:.2f}"
        )
    print(f"median ratio {statistics.median(crawl / bench for bench, crawl in pairs):.2f}")


if __name__ == "__main__":
    main()
